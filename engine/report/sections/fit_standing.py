"""How far a fit can be trusted, in words: what its data tell of a parameter, and how its misses compare with noise."""

from __future__ import annotations

from ...fits.core.fit_result import Fit, Optimum
from ...fits.forms import declaration
from ...formatting import finite

#: Distance from a bound, relative to the range, at which an interval ends there.
TOUCH = 1e-6
UNIDENTIFIED = "unidentified"


def untold(found: Fit | Optimum, parameter: str) -> bool:
    """True where the data leave a parameter open: it has no interval, or one that ends at a bound."""
    if parameter in found.unidentified:
        return True
    low, high = found.intervals.get(parameter, (None, None))
    if not isinstance(found, Fit) or parameter in found.fixed or not finite(low) or not finite(high):
        return False
    for declared in declaration(found.law, found.variables).params_in(found.variables):
        if declared.name == parameter and declared.kind in ("exponent", "share", "shape"):
            room = TOUCH * (declared.high - declared.low)
            return high >= declared.high - room or low <= declared.low + room
    return False
