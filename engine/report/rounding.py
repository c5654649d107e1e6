"""Numbers as a report prints them: the one home of rounding.

A value with an uncertainty is rounded in the manner of the Particle Data Group: of the uncertainty's three leading
digits, 100 to 354 keep two, 355 to 949 keep one, 950 to 999 become 1000 and keep two; the value is cut at the same
decimal. The rule is written for standard errors; here the shorter side of the 95 % interval (but no less than a tenth
of the longer) takes their place, and a value that would be left with one digit keeps two.

Nothing here ever prints `nan`, `inf` or `None`: what is not known is a dash.

Reference: Particle Data Group, Review of Particle Physics, section 5.3 (rounding).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeGuard

from ..formatting import magnitude as counts

MISSING = "–"  # an en dash: a number that is not known

_PREFIXES = ((1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
#: Values outside [1e-4, 1e6) are written with an exponent.
_SMALL, _LARGE = 1e-4, 1e6
#: Numbers this far out overflow on the way to a percentage; none of ours is.
_HUGE = 1e300
_TINY = 1e-300
#: An interval over more than this factor is about orders of magnitude.
_DECADES = 100
#: An interval narrower than this share of its value has no width.
_NOTHING = 1e-9


def finite(x: Any) -> TypeGuard[float]:
    """Whether `x` is a number that can be printed."""
    return x is not None and not isinstance(x, str) and abs(x) < _HUGE


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


def _fixed(x: float, places: int) -> str:
    text = f"{round(x, places):.{max(places, 0)}f}"
    return text[1:] if text.startswith("-") and float(text) == 0 else text


def _scientific(values: Iterable[float], places: int) -> list[str]:
    """Numbers with one exponent of ten, that of the largest, cut at `places` decimals of the plain number."""
    values = list(values)
    power = math.floor(math.log10(max(abs(v) for v in values)))
    return [f"{_fixed(v / 10.0**power, max(places + power, 0))}e{power}" for v in values]


def measured(value: float, low: float | None, high: float | None) -> tuple[str, str]:
    """A value and its 95 % interval, `("0.53", "0.48 to 0.58")`; a dash for one that is not known, or of no width."""
    if not finite(value):
        return MISSING, MISSING
    if not finite(low) or not finite(high):
        return significant(value, 4), MISSING
    if low >= 0 and _DECADES * max(low, _TINY) < high and high >= _LARGE:
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
    if largest >= _LARGE or largest < _SMALL:
        v, a, b = _scientific((value, low, high), places)
    else:
        v, a, b = (_fixed(x, places) for x in (value, low, high))
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
    if abs(value) >= _LARGE or max(abs(value), error) < _SMALL:
        v, e = _scientific((value, error), places)
        return v, e
    return _fixed(value, places), _fixed(error, places)


def significant(x: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, trailing zeros kept: `0.0120`, `2.39e-7`."""
    if not finite(x):
        return MISSING
    if x == 0:
        return "0"
    power = math.floor(math.log10(abs(float(f"{x:.{digits - 1}e}"))))
    if not _SMALL <= abs(x) < _LARGE:
        mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return _fixed(x, digits - 1 - power)


def plain(x: Any) -> str:
    """A setting as someone would type it: `0.003`, `64`, `250k`; text as it is."""
    if isinstance(x, str):
        return x
    if not finite(x):
        return MISSING
    if abs(x) >= 10_000 and float(x).is_integer():
        return magnitude(x)
    return f"{float(x):.6g}"


def magnitude(x: float | None) -> str:
    """A count to three digits with a decimal magnitude as in studies: `512`, `262k`, `1.05M`, `2.1B`."""
    return counts.magnitude(x) if finite(x) else MISSING


def prefixed(x: float | None, unit: str) -> str:
    """A quantity to three digits with an SI prefix: `3.21 PFLOP`."""
    if not finite(x):
        return MISSING
    for size, letter in _PREFIXES:
        if abs(x) >= size * 0.9995:
            return f"{_short(x / size)} {letter}{unit}"
    return f"{_short(x)} {unit}"


def _short(x: float) -> str:
    """Three significant digits without trailing zeros of a fraction: `1.05`, `4`, `262`."""
    text = significant(x, 3)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text


def integer(x: float | None) -> str:
    """A count in full, thousands apart: `106,880`."""
    return f"{round(x):,}" if finite(x) else MISSING


def percent(x: float | None, digits: int = 2) -> str:
    """A share as a percentage; one that is nearly but not quite all (or nothing) is not rounded to it."""
    if not finite(x):
        return MISSING
    if 0 < x < 1 and (x < 0.0005 or x > 0.9995):
        return "<0.1 %" if x < 0.5 else ">99.9 %"
    if x in (0, 1):
        return f"{round(100 * x)} %"
    return f"{100 * x:.1f} %" if digits == 2 else f"{significant(100 * x, digits)} %"


def duration(seconds: float | None) -> str:
    """A time as people say it: `0.8 s`, `43 s`, `9 min 12 s`, `3 h 04 min`."""
    if not finite(seconds):
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def counted(n: int, noun: str, plural: str = "") -> str:
    """`1 run`, `12 runs`, `no runs`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {plural or noun + 's'}" if n else f"no {plural or noun + 's'}"


def span(values: Iterable[float], show: Any = magnitude) -> str:
    """Smallest to largest of some numbers: `23.1k to 325k`; one number where they are equal, a dash for none."""
    numbers = [float(v) for v in values if finite(v)]
    if not numbers:
        return MISSING
    low, high = show(min(numbers)), show(max(numbers))
    return str(low) if low == high else f"{low} to {high}"
