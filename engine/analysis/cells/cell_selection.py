"""Sizes of cells, as selection asks for them: a panel's own value of N, D or C, and the axes that move it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.selection import TYPED, Entry, UnansweredError
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.quantities import column_of

from ..analysis_result import CellTable
from .axis_effects import moving
from .cell_conditions import values_of


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
