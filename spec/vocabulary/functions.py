"""Functions that expressions may call on numbers, and the reductions that claims may call on panels or cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

Number = int | float


class Function(NamedTuple):
    """A function of numbers, and how many it takes; other algebras have an operation of the same name."""

    operation: Callable[..., Number]
    meaning: str
    fewest: int = 1
    most: int = 1


def rounded(value: Number) -> int:
    """The nearest whole number, halves away from zero: 2.5 is 3, where Python's own `round` gives the even 2."""
    whole = math.floor(abs(value))
    nearest = whole + (abs(value) - whole >= 0.5)
    return nearest if value >= 0 else -nearest


FUNCTIONS: dict[str, Function] = {
    "max": Function(max, "the largest of several numbers", 2, 64),
    "min": Function(min, "the smallest of several numbers", 2, 64),
    "round": Function(rounded, "the nearest whole number, halves away from zero"),
    "floor": Function(math.floor, "the next whole number below"),
    "ceil": Function(math.ceil, "the next whole number above"),
    "sqrt": Function(math.sqrt, "square root"),
    "log": Function(math.log, "natural logarithm"),
    "exp": Function(math.exp, "e to a power"),
    "abs": Function(abs, "absolute value"),
}

#: Functions of conditions on cells: a place among all cells too.
CELL_FUNCTIONS: dict[str, Function] = {
    **FUNCTIONS,
    "rank": Function(lambda value: 1, "place among all cells or rows, from 1 for the smallest"),
}

#: Of columns of a table: the place of each row along a principal axis of them. What that axis explains is its share.
PCA, SHARE = "pca", "share"

#: Functions of a law that is written out: those that the engine knows the derivatives of.
DIFFERENTIABLE = ("log", "exp", "sqrt")

#: Functions by the names that others have for them, in small letters, and how they are written with their arguments.
FUNCTIONS_ELSEWHERE = {
    # `{0}` is all that stands in the parentheses, `{1}` and `{2}` its first and second value.
    **dict.fromkeys(("ln", "log1p"), "log({0})"),
    "log10": "log({0})/log(10)",
    "log2": "log({0})/log(2)",
    **dict.fromkeys(("pow", "power", "powf"), "({1})^({2})"),
    **dict.fromkeys(("square", "sq"), "({1})^2"),
    **dict.fromkeys(("int", "trunc", "floordiv"), "floor({0})"),
    **dict.fromkeys(("ceiling",), "ceil({0})"),
    **dict.fromkeys(("rint",), "round({0})"),
    **dict.fromkeys(("maximum", "fmax"), "max({0})"),
    **dict.fromkeys(("minimum", "fmin"), "min({0})"),
    **dict.fromkeys(("float", "str", "number"), "{0}"),
    "tanh": "(exp(2*{1}) - 1)/(exp(2*{1}) + 1)",
    "sigmoid": "1/(1 + exp(-{1}))",
    "clamp": "max({2}, {1})",
}

#: Words of claims that make one number of the values of several panels or cells.
REDUCTIONS: dict[str, str] = {
    "mean": "mean of the panels' or cells' values",
    "median": "median of the panels' or cells' values",
    "min": "smallest of the panels' or cells' values",
    "max": "largest of the panels' or cells' values",
    "spread": "difference between the largest and the smallest of the panels' or cells' values",
}


class Curve(NamedTuple):
    """A number of a fitted law that is none of its parameters."""

    meaning: str
    #: Whether it is read at sizes given by name.
    at_sizes: bool
    #: Whether only a law in one quantity has it.
    one_variable: bool


#: Numbers that claims may ask of a fit besides its parameters and statistics.
CURVES: dict[str, Curve] = {
    "L": Curve("loss that a law predicts at the sizes given: `L(chinchilla, N=1B, D=20B)`", True, False),
    "slope": Curve("mean exponent of a law over its cells, a straight line through it in log and log", False, True),
    "loss": Curve("`L` under another name", True, False),
}

#: The word of claims that compares cells with those of exchanged sizes.
ASYMMETRY = "asymmetry"
ASYMMETRY_MEANING = (
    "how far a measurement differs between cells with two sizes exchanged, as a share: `asymmetry(loss, N, D)`"
)
