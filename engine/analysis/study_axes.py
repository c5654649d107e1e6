"""The axes of a study by what the analysis does with them, which of them move a quantity, and the columns of tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan import panel_axes
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax.numbers import canonical_number
from scalingdsl.spec.vocabulary.base import Scalar

from .analysis_result import CellTable

#: Relative differences below this are rounding, not movement.
SAME = 1e-9


def cell_axes(plan: StudyPlan) -> tuple[PlanAxis, ...]:
    """Axes that tell one cell from another: all but the tuned and the averaged ones.

    Those of names or labels have the role of a panel here, whatever they were given: no law can see them.
    """
    return tuple(
        axis.changed(role="panel") if axis.named else axis for axis in plan.axes if axis.role in ("sweep", "panel")
    )


def path_axis(plan: StudyPlan) -> PlanAxis | None:
    """The axis that lies along one run's way, in some alternative of `train` or in all, if there is one."""
    along = {name for alternative in plan.train for name in alternative.along}
    return next((axis for axis in plan.axes if axis.along or axis.name in along), None)


def column(values: Sequence[Scalar | None], *, named: bool = False) -> NDArray[Any]:
    """One column of a table: numbers as float64 with NaN for missing, anything else as text with the empty string."""
    if named or any(isinstance(v, str) for v in values):
        return np.array(["" if v is None else str(v) for v in values], dtype=np.str_)
    return np.array([np.nan if v is None else float(v) for v in values], dtype=np.float64)


def scalar(value: Any) -> Scalar | None:
    """A table entry as a plain value: whole numbers as integers, missing ones as None."""
    if isinstance(value, str):
        return str(value) or None
    number = float(value)
    if np.isnan(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def attribute(run: Run, name: str) -> Scalar | None:
    """A parameter of a run's model, optimiser or source by name, for conditions on what is no axis."""
    for term in (run.model, run.optimiser, run.source):
        value = getattr(term, name, None) if name in type(term).model_fields else term.other_values().get(name)
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float | str):
            return value
    return None


def moving(cells: CellTable, axes: Sequence[PlanAxis], quantity: str) -> frozenset[str]:
    """Names of the axes along which alone a column changes somewhere; any identity of the cells is followed."""
    column = cells.columns.get(quantity)
    if column is None:
        return frozenset()
    rows = [
        (point_of(cells, row), value if isinstance(value, str) else canonical_number(value))
        for row, value in enumerate(column.tolist())
        if value == value
    ]
    return frozenset(panel_axes.moving(rows, axes))


def point_of(cells: CellTable, row: int, names: Sequence[str] | None = None) -> dict[str, Scalar]:
    """The place of a cell on the axes, or on the named ones; axes that do not apply to it are left out."""
    values = {name: scalar(cells.columns[name][row]) for name in (cells.axes if names is None else names)}
    return {name: value for name, value in values.items() if value is not None}
