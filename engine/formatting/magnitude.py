"""Counts with a decimal magnitude, written as in studies: the one home of `262k` and `2.1B`."""

from __future__ import annotations

MAGNITUDES = ((1e15, "P"), (1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))


def magnitude(number: float) -> str:
    """Three digits: `950`, `12.3k`, `4.5M`, `2.1B`, `3P`; `21,300P` where there is no larger letter."""
    for unit, letter in MAGNITUDES:
        if abs(number) >= 0.9995 * unit:  # what rounds to 1000k is 1M
            return f"{number / unit:,.0f}{letter}" if number / unit >= 999.5 else f"{number / unit:.3g}{letter}"
    return f"{number:.3g}"
