"""Curves against compute with their bands."""

from __future__ import annotations

import numpy as np

from ..core.fit_result import Array, Curve
from .bootstrap import interval


def curve_of(flops: Array, value: Array, draws_KB: Array) -> Curve:
    """A quantity with its 95 % band from draws, shape (draw, compute); the band is NaN where there are none."""
    if not len(draws_KB):
        nothing = np.full_like(value, np.nan)
        return Curve(flops, value, nothing, nothing)
    bands = [interval(draws_KB[:, i], float(value[i])) for i in range(len(flops))]
    return Curve(flops, value, np.array([b.low for b in bands]), np.array([b.high for b in bands]))
