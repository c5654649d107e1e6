"""Functions that expressions may call on numbers, and the reductions that claims may call on panels or cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Number = int | float


class Function(NamedTuple):
    """A function of numbers, and how many it takes; other algebras have an operation of the same name."""

    operation: Callable[..., Number]
    fewest: int = 1
    most: int = 1


def rounded(value: Number) -> int:
    """The nearest whole number, halves away from zero: 2.5 is 3, where Python's own `round` gives the even 2."""
    whole = math.floor(abs(value))
    nearest = whole + (abs(value) - whole >= 0.5)
    return nearest if value >= 0 else -nearest


FUNCTIONS: dict[str, Function] = {
    "max": Function(max, 2, 64),
    "min": Function(min, 2, 64),
    "round": Function(rounded),
    "floor": Function(math.floor),
    "ceil": Function(math.ceil),
    "sqrt": Function(math.sqrt),
    "log": Function(math.log),
    "exp": Function(math.exp),
    "abs": Function(abs),
}

#: Functions of conditions on cells: a place among all cells too, from 1 for the smallest.
CELL_FUNCTIONS: dict[str, Function] = {**FUNCTIONS, "rank": Function(lambda value: 1)}

#: Functions of a law that is written out: those that the engine knows the derivatives of.
DIFFERENTIABLE = ("log", "exp", "sqrt")

#: Words of claims that make one number of the values of several panels or cells.
REDUCTIONS = ("mean", "median", "min", "max", "spread")
