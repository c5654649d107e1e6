"""Axes that move a quantity, read off the cells themselves, so that any definition or identity is followed."""

from __future__ import annotations

from collections.abc import Sequence

from scalingdsl.spec.plan import panel_axes
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.syntax.numbers import canonical_number
from scalingdsl.spec.vocabulary.base import Scalar

from ..analysis_result import CellTable
from ..study_axes import scalar

#: Relative differences below this are rounding, not movement.
SAME = 1e-9


def moving(cells: CellTable, axes: Sequence[PlanAxis], quantity: str) -> frozenset[str]:
    """Names of the axes along which alone a column changes somewhere; `spec.roles` says the rule."""
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
