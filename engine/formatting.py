"""Numbers as people read them: counts, shares, spans, durations, sizes; in a report, on the console, in a figure.

Nothing here ever prints `nan`, `inf` or `None`: what is not known is a dash. A value with its uncertainty is rounded in
`report/rounding`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeGuard

from scalingdsl.spec.syntax.numbers import MAGNITUDES

MISSING = "–"  # an en dash: a number that is not known

#: Magnitudes of a count as in studies, and of a quantity with an SI prefix, large to small.
COUNTS, PREFIXES = "PTBMk", "EPTGMk"
#: Values outside [1e-4, 1e6) are written with an exponent.
SMALL, LARGE = 1e-4, 1e6
#: Numbers this far out overflow on the way to a percentage; none of ours is.
_HUGE = 1e300


def finite(x: Any) -> TypeGuard[float]:
    """Whether `x` is a number that can be printed."""
    return x is not None and not isinstance(x, str) and abs(x) < _HUGE


def fixed(x: float, places: int) -> str:
    """A number cut at a decimal place, at tens and hundreds where it is negative; never `-0`."""
    text = f"{round(x, places):.{max(places, 0)}f}"
    return text[1:] if text.startswith("-") and float(text) == 0 else text


def significant(x: float | None, digits: int = 3) -> str:
    """A number to so many significant digits, trailing zeros kept: `0.0120`, `2.39e-7`."""
    if not finite(x):
        return MISSING
    if x == 0:
        return "0"
    power = math.floor(math.log10(abs(float(f"{x:.{digits - 1}e}"))))
    if not SMALL <= abs(x) < LARGE:
        mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return fixed(x, digits - 1 - power)


def plain(x: Any) -> str:
    """A setting as someone would type it: `0.003`, `64`, `250k`; text as it is."""
    if isinstance(x, str):
        return x
    if not finite(x):
        return MISSING
    if abs(x) >= 10_000 and float(x).is_integer():
        return magnitude(x)
    return f"{float(x):.6g}"


def axis_value(x: Any) -> str:
    """A point of an axis, to six digits: text as it is, numbers from 100k on with a magnitude."""
    for letter in COUNTS:
        if not isinstance(x, str) and abs(x) >= max(MAGNITUDES[letter], 1e5):
            return f"{x / MAGNITUDES[letter]:.6g}{letter}"
    return x if isinstance(x, str) else f"{x:.6g}"


def _scaled(x: float, letters: str) -> tuple[float, str]:
    """A number over the largest magnitude it comes to when rounded to three digits, and that letter: 999,900 is 1M."""
    for letter in letters:
        if abs(x) >= 0.9995 * MAGNITUDES[letter]:
            return x / MAGNITUDES[letter], letter
    return x, ""


def magnitude(x: float | None) -> str:
    """A count to three digits: `950`, `12.3k`, `4.5M`, `2.1B`, `3P`; `21,300P` where there is no larger letter."""
    if not finite(x):
        return MISSING
    scaled, letter = _scaled(x, COUNTS)
    return f"{scaled:,.0f}{letter}" if letter and scaled >= 999.5 else f"{scaled:.3g}{letter}"


def prefixed(x: float | None, unit: str) -> str:
    """A quantity to three digits with an SI prefix: `3.21 PFLOP`, `4 TFLOP`."""
    if not finite(x):
        return MISSING
    scaled, letter = _scaled(x, PREFIXES)
    text = significant(scaled, 3)
    short = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return f"{short} {letter}{unit}"


def integer(x: float | None) -> str:
    """A count in full, thousands apart: `106,880`."""
    return f"{round(x):,}" if finite(x) else MISSING


def counted(n: int, noun: str, plural: str = "") -> str:
    """`1 run`, `12 runs`, `no runs`."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {plural or noun + 's'}" if n else f"no {plural or noun + 's'}"


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
    """A time, to a tenth of a second below ten, to seconds below an hour, to minutes below 100 hours, then to hours.

    `0.8 s`, `43 s`, `9 min 12 s`, `3 h 04 min`, `1,240 h`.
    """
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
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes < 6000 else f"{seconds / 3600:,.0f} h"


def size(number: int) -> str:
    """Bytes: `340 MB`, `1.2 GB`."""
    return f"{number / 1e9:.2g} GB" if number >= 1e9 else f"{max(1, round(number / 1e6))} MB"


def span(values: Iterable[float], show: Callable[[float], str] = magnitude) -> str:
    """Smallest to largest of some numbers: `23.1k to 325k`; one number where they are equal, a dash for none."""
    numbers = [float(v) for v in values if finite(v)]
    if not numbers:
        return MISSING
    low, high = show(min(numbers)), show(max(numbers))
    return low if low == high else f"{low} to {high}"
