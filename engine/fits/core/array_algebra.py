"""Expressions and conditions on arrays, elementwise: columns of a table, cells of a study, variables of a law."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.expressions.evaluate import OPERATIONS, Algebra
from scalingdsl.spec.vocabulary.functions import CELL_FUNCTIONS


def rounded(values: Any) -> Any:
    """The nearest whole numbers, halves away from zero, as `round` is of a number."""
    return np.copysign(np.floor(np.abs(values)) + (np.abs(values) % 1 >= 0.5), values)


def rank(values: Any) -> NDArray[np.float64]:
    """Place of each value from the smallest, counted from 1, ties in order of the rows; missing values come last."""
    places = np.argsort(np.asarray(values, dtype=np.float64), kind="stable")
    return np.asarray(np.argsort(places, kind="stable") + 1, dtype=np.float64)


#: The operations of the language elementwise. Python's operators do so already.
ELEMENTWISE: dict[str, Callable[..., Any]] = {
    **OPERATIONS,
    "not": np.logical_not,
    "max": lambda *values: reduce(np.maximum, values),
    "min": lambda *values: reduce(np.minimum, values),
    "round": rounded,
    "floor": np.floor,
    "ceil": np.ceil,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "abs": np.abs,
    "rank": rank,
}


class Arrays(Algebra[Any]):
    """The algebra of arrays; numbers alone stay numbers, so that a constant without a value raises."""

    functions = CELL_FUNCTIONS

    def apply(self, operation: str, *operands: Any) -> Any:
        arrays = any(isinstance(v, np.ndarray | np.generic) for v in operands)
        return (ELEMENTWISE if arrays else OPERATIONS)[operation](*operands)
