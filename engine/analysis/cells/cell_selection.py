"""The cells that a condition keeps, and the sizes of cells that selection goes by.

`where kept`, `where width <= 128 and tokens <= 4M`, `where rank(-loss) > 5`: in a condition D is the D that was asked
for, so that `D >= 4M` keeps the cell asked at 4M whatever its last step rounded to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import TYPED, Entry, UnansweredError
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_test
from scalingdsl.spec.vocabulary.quantities import column_of

from ...fits.core.array_algebra import Arrays
from ..analysis_result import CellTable
from ..study_axes import moving


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


@dataclass(frozen=True)
class CellSizes:
    """The sizes of a study's cells."""

    cells: CellTable
    axes: Sequence[PlanAxis]

    def of(self, entries: Sequence[Entry], name: str) -> list[float | None]:
        """The one value of a quantity in each entry's cells, None where it has several or none."""
        column = values_of(self.cells, name)
        if column is None or column.dtype.kind == "U":
            raise UnansweredError(f"`{name}` is neither an axis nor a number of these cells")
        return [_only(column[np.asarray(entry.rows, dtype=np.int64)]) for entry in entries]

    def moving(self, name: str) -> frozenset[str]:
        """Names of the axes that move a quantity, D and compute as they were asked for."""
        return moving(self.cells, self.axes, column_of(name))


def _only(values: NDArray[np.float64]) -> float | None:
    """The one value of an array, or None where it has several."""
    if not len(values) or not np.all(np.isfinite(values)):
        return None
    return float(values[0]) if np.all(np.abs(values / values[0] - 1) <= TYPED) else None
