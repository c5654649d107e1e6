"""How far a fit can be trusted, in words: what its data tell of a parameter, and how its misses compare with noise."""

from __future__ import annotations

from ...fits.adequacy.lack_of_fit import UNLIKELY
from ...fits.core.fit_result import Fit, Optimum
from ...formatting import significant

UNIDENTIFIED = "unidentified"


def left_open(found: Fit | Optimum, parameter: str) -> str:
    """Words for a parameter that the data leave open: `unidentified`, or `above 1.7` from one side; else empty."""
    if parameter in found.unidentified:
        return UNIDENTIFIED
    told = found.told.get(parameter) if isinstance(found, Fit) else None
    return told.words if told is not None and told.status in ("above", "below", UNIDENTIFIED) else ""


def misses(fit: Fit) -> bool:
    """True for a law that misses the means of replicates by more than their noise."""
    return fit.misfit is not None and fit.misfit.p < UNLIKELY


def against_noise(fit: Fit) -> str:
    """`misses by 25 times the noise`, `sound, within the noise (0.9 of it)`; empty where no replicates tell."""
    if fit.misfit is None:
        return ""
    ratio = significant(fit.misfit.ratio, 2)
    if misses(fit):
        return f"misses by {ratio} times the noise"
    return f"sound, within the noise ({ratio} of it)"
