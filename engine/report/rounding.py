"""A value with its uncertainty as a report prints it.

It is rounded in the manner of the Particle Data Group: of the uncertainty's three leading
digits, 100 to 354 keep two, 355 to 949 keep one, 950 to 999 become 1000 and keep two; the value is cut at the same
decimal. The rule is written for standard errors; here the shorter side of the 95 % interval (but no less than a tenth
of the longer) takes their place, and a value that would be left with one digit keeps two. What is not known is a dash.

Reference: Particle Data Group, Review of Particle Physics, section 5.3 (rounding).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..formatting import LARGE, MISSING, SMALL, finite, fixed, significant

_TINY = 1e-300
#: An interval over more than this factor is about orders of magnitude.
_DECADES = 100
#: An interval narrower than this share of its value has no width.
_NOTHING = 1e-9


def decimals(error: float) -> int:
    """Decimal places that the uncertainty `error` > 0 leaves meaningful; negative where only tens or hundreds are."""
    power = math.floor(math.log10(error))
    leading = round(error / 10.0 ** (power - 2))
    if leading >= 1000:  # 9.996e-3 has rounded up to the next power
        leading, power = 100, power + 1
    if leading < 355:
        return 1 - power
    return -power  # 355 to 949 keep one digit; 950 to 999 become 1000 and keep two: the same decimal place


def _power(x: float) -> int:
    return math.floor(math.log10(abs(x)))


def _scientific(values: Iterable[float], places: int) -> list[str]:
    """Numbers with one exponent of ten, that of the largest, cut at `places` decimals of the plain number."""
    values = list(values)
    power = math.floor(math.log10(max(abs(v) for v in values)))
    return [f"{fixed(v / 10.0**power, max(places + power, 0))}e{power}" for v in values]


def measured(value: float, low: float | None, high: float | None) -> tuple[str, str]:
    """A value and its 95 % interval, `("0.53", "0.48 to 0.58")`; a dash for one that is not known, or of no width."""
    if not finite(value):
        return MISSING, MISSING
    if not finite(low) or not finite(high):
        return significant(value, 4), MISSING
    if low >= 0 and _DECADES * max(low, _TINY) < high and high >= LARGE:
        # A coefficient known to an order of magnitude at best: one decimal place cannot serve all three numbers.
        return significant(value, 2), f"{significant(low, 2)} to {significant(high, 2)}"
    sides = sorted((abs(value - low), abs(high - value)))
    error = max(sides[0], sides[1] / 10) if low <= value <= high else (high - low) / 2
    if error <= _NOTHING * abs(value):  # no scatter at all: the law has as many parameters as there are points
        return significant(value, 4), MISSING
    places = decimals(error)
    if value and places == -_power(value):  # one digit would be left
        places += 1
    largest = max(abs(value), abs(low), abs(high))
    if largest >= LARGE or largest < SMALL:
        v, a, b = _scientific((value, low, high), places)
    else:
        v, a, b = (fixed(x, places) for x in (value, low, high))
    if float(v) == 0 and low * high > 0:  # one end is so far out that its decimal place leaves nothing of the value
        return significant(value, 2), f"{significant(low, 2)} to {significant(high, 2)}"
    return v, f"{a} to {b}"


def bracketed(value: str, interval: str) -> str:
    """`0.53 (0.48 to 0.58)`; the value alone where there is no interval."""
    return value if interval == MISSING else f"{value} ({interval})"


def with_error(value: float, error: float | None) -> tuple[str, str]:
    """A value and its standard error, cut at the same decimal; five digits and a dash where there is no error."""
    if not finite(value):
        return MISSING, MISSING
    if not finite(error) or error < _TINY:
        return significant(value, 5), MISSING
    places = decimals(error)
    if abs(value) >= LARGE or max(abs(value), error) < SMALL:
        v, e = _scientific((value, error), places)
        return v, e
    return fixed(value, places), fixed(error, places)
