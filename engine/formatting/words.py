"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from scalingdsl.spec.vocabulary.base import Scalar

from .magnitude import MAGNITUDES
from .magnitude import magnitude as count


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 20 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def plural(number: int, noun: str) -> str:
    """`1 run`, `20 runs`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def span(values: Sequence[float]) -> str:
    """`12k` where all are equal, else `12k to 3.4M`."""
    low, high = count(min(values)), count(max(values))
    return low if low == high else f"{low} to {high}"


def size(number: int) -> str:
    """Bytes: `340 MB`, `1.2 GB`."""
    return f"{number / 1e9:.2g} GB" if number >= 1e9 else f"{max(1, round(number / 1e6))} MB"


def value(scalar: Scalar) -> str:
    """An axis value: names as they are, large whole numbers with a magnitude."""
    if isinstance(scalar, str):
        return scalar
    for unit, letter in MAGNITUDES:
        if abs(scalar) >= max(unit, 1e5):
            return f"{scalar / unit:.6g}{letter}"
    return f"{scalar:.6g}"
