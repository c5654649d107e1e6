"""Functions that expressions may call on numbers, and the reductions that claims may call on cells."""

from __future__ import annotations

import math
from collections.abc import Callable

Number = int | float


def rounded(value: Number) -> int:
    """The nearest whole number, halves away from zero: 2.5 is 3, where Python's own `round` gives the even 2."""
    whole = math.floor(abs(value))
    nearest = whole + (abs(value) - whole >= 0.5)
    return nearest if value >= 0 else -nearest


#: name -> (function, fewest arguments, most arguments)
FUNCTIONS: dict[str, tuple[Callable[..., Number], int, int]] = {
    "max": (max, 2, 64),
    "min": (min, 2, 64),
    "round": (rounded, 1, 1),
    "floor": (math.floor, 1, 1),
    "ceil": (math.ceil, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "log": (math.log, 1, 1),
    "exp": (math.exp, 1, 1),
    "abs": (abs, 1, 1),
}

#: Words of claims that make one number of the values of several panels or cells.
REDUCTIONS = ("mean", "median", "min", "max", "spread")
