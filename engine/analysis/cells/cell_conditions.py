"""The cells that a condition keeps: `where kept`, `where width <= 128 and tokens <= 4M`, `where rank(-loss) > 5`.

In a condition D is the D that was asked for, so that `D >= 4M` keeps the cell asked at 4M whatever its last step
rounded to.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_test
from scalingdsl.spec.vocabulary.quantities import column_of

from ...fits.core.array_algebra import Arrays
from ..analysis_result import CellTable


def values_of(cells: CellTable, name: str) -> NDArray[Any] | None:
    """A column by the name a study uses for it: an axis first, then a run quantity."""
    if name in cells.axes:
        return cells.columns[name]
    return cells.columns.get(column_of(name), cells.columns.get(name))


def mask(cells: CellTable, condition: str | None) -> NDArray[np.bool_]:
    """True for each cell that satisfies the condition; every cell does where there is none.

    Raises:
        UnansweredError: It cannot be read off these cells.
    """
    if condition is None:
        return np.ones(cells.n, dtype=bool)

    def column(node: ast.Name) -> Any:
        found = values_of(cells, node.id)
        # A name that no column has is a label: `param == muP`.
        return node.id if found is None else found

    try:
        kept = Arrays(column, _refusal).value(parse_test(condition))
    except (ArithmeticError, TypeError, ValueError) as error:
        # A label was compared with a number (the cells have no column of that name), or a constant has no value.
        raise UnansweredError(f"`{condition}` cannot be read off these cells") from error
    return np.broadcast_to(np.asarray(kept, dtype=bool), (cells.n,)).copy()


def _refusal(call: ast.Call) -> UnansweredError:
    return UnansweredError(f"a condition on cells has no function `{call.name}` of {len(call.args)} values")
