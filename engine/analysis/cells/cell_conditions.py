"""Which cells a condition keeps: `where kept`, `where width <= 128 and tokens <= 4M`, `where rank(-loss) > 5`.

In a condition D is the D that was asked for, so that `D >= 4M` keeps the cell asked at 4M whatever its last step
rounded to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import ScalingDSLError
from scalingdsl.spec.expressions.evaluate import evaluate
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_test

from ...fits.tables.table_mapping import rounded
from ..analysis_result import CellTable

#: Names of run quantities -> the column they are read from in a condition.
COLUMNS = {"D": "D_asked", "tokens": "D_asked", "compute": "C", "kl": "excess", "excess_loss": "excess"}

ELEMENTWISE: dict[str, Callable[..., Any]] = {
    "sqrt": np.sqrt, "log": np.log, "exp": np.exp, "abs": np.abs, "round": rounded, "floor": np.floor, "ceil": np.ceil,
}  # fmt: skip
PAIRWISE: dict[str, Callable[[Any, Any], Any]] = {"max": np.maximum, "min": np.minimum}


class UnansweredError(ScalingDSLError):
    """A condition or quantity that these cells have no value for. Always caught: its text is the reason shown."""


def values_of(cells: CellTable, name: str) -> NDArray[Any] | None:
    """A column by the name a study uses for it: an axis first, then a run quantity."""
    if name in cells.axes:
        return cells.columns[name]
    return cells.columns.get(COLUMNS.get(name, name), cells.columns.get(name))


def mask(cells: CellTable, condition: str | None) -> NDArray[np.bool_]:
    """Whether each cell satisfies the condition; every cell does where there is none.

    Raises:
        UnansweredError: It cannot be read off these cells.
    """
    if condition is None:
        return np.ones(cells.n, dtype=bool)
    try:
        kept = evaluate(parse_test(condition), lambda node: _look_up(cells, node))
    except (ArithmeticError, TypeError, ValueError) as error:
        # A label was compared with a number (the cells have no column of that name), or a constant has no value.
        raise UnansweredError(f"`{condition}` cannot be read off these cells") from error
    return np.broadcast_to(np.asarray(kept, dtype=bool), (cells.n,)).copy()


def _look_up(cells: CellTable, node: ast.Name | ast.Call) -> Any:
    if isinstance(node, ast.Name):
        column = values_of(cells, node.id)
        # A name that no column has is a label: `param == muP`.
        return node.id if column is None else column
    arguments = [evaluate(argument, lambda inner: _look_up(cells, inner)) for argument in positional(node)]
    if node.name == "rank" and len(arguments) == 1:
        return rank(np.asarray(arguments[0], dtype=np.float64))
    if node.name in ELEMENTWISE and len(arguments) == 1:
        return ELEMENTWISE[node.name](arguments[0])
    if node.name in PAIRWISE and len(arguments) >= 2:
        value = arguments[0]
        for other in arguments[1:]:
            value = PAIRWISE[node.name](value, other)
        return value
    raise UnansweredError(f"a condition on cells has no function `{node.name}` of {len(arguments)} values")


def positional(call: ast.Call) -> list[ast.Value]:
    """The arguments given by place."""
    return [a for a in call.args if not isinstance(a, ast.Define | ast.Axis | ast.Path)]


def rank(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place of each value from the smallest, counted from 1, ties in order of the rows; missing values come last."""
    places = np.empty(len(values))
    places[np.argsort(values, kind="stable")] = np.arange(1, len(values) + 1)
    return places
