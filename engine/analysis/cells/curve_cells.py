"""Points of the sources' own curves as cells, which laws are fitted to as they are to those of runs.

A cell is a point of one curve of one source, at the axes that move the source; sources that differ in what is tuned or
averaged alone are one, with the mean of their curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, curve_variables, curves, error_of, recorded_columns

from ..analysis_result import CellTable, Columns
from ..study_axes import column, scalar
from .reduce_runs import deviation, scatter_of
from .seed_middle import Middle, middle_of


def asked_of(plan: StudyPlan) -> tuple[str, ...]:
    """Curves that laws of a study are fitted to, in order."""
    asked = {fit.loss for fit in plan.fits}
    return tuple(name for name in curves() if name in asked)


def curve_cells(
    plan: StudyPlan, stored: Sequence[Mapping[str, Any]], within: Sequence[Mapping[str, Any]] = ()
) -> CellTable:
    """The cells of all curves that a study asks for.

    Args:
        plan: The study.
        stored: Of each source the `point` of the axes that move it, its `curves` by name, and its `entropy_rate`.
        within: Rows of losses by position: see `position_rows`.
    """
    points = [dict(one["point"]) for one in stored]
    axes = tuple(
        name
        for axis in plan.axes
        for name in axis.names
        if axis.role in ("sweep", "panel") and (any(name in p for p in points) or any(name in row for row in within))
    )
    rows = [row for name in asked_of(plan) for row in _rows(name, axes, points, stored, middle_of(plan))]
    rows += map(dict, within)
    named = {name for axis in plan.axes if axis.named for name in axis.names}
    wanted = dict.fromkeys((*axes, *curve_variables()))
    measured = dict.fromkeys(fit.loss for fit in plan.fits if plan.by_position(fit))
    for name in (*asked_of(plan), *measured):
        wanted |= dict.fromkeys((name, error_of(name), scatter_of(name)))
    columns: Columns = {name: column([row.get(name) for row in rows], named=name in named) for name in wanted}
    rest = [name for name in recorded_columns() if name not in columns]
    columns |= {name: column([row.get(name) for row in rows]) for name in rest}
    columns["n_seeds"] = np.array([row["n_seeds"] for row in rows], dtype=np.int64)
    columns["point"] = np.arange(len(rows), dtype=np.int64)
    return CellTable(axes, columns, curve_variables())


def _rows(
    name: str,
    axes: Sequence[str],
    points: Sequence[Mapping[str, Scalar]],
    stored: Sequence[Mapping[str, Any]],
    middle: Middle,
) -> list[dict[str, Any]]:
    """The points of one curve, of sources at one place together."""
    along = QUANTITIES[name].along
    found: dict[tuple[tuple[tuple[str, Scalar], ...], float], list[tuple[float, float, float | None]]] = {}
    for point, one in zip(points, stored):
        if name in one["curves"]:
            place = tuple((axis, point[axis]) for axis in axes if axis in point)
            curve = one["curves"][name]
            for x, y, error in zip(curve["x"], curve["y"], curve["error"]):
                found.setdefault((place, x), []).append((y, error, one.get("entropy_rate")))
    rows = []
    for (place, x), seen in found.items():
        y = np.array([value for value, _, _ in seen])
        rates = {rate for *_, rate in seen}
        spread = deviation(y, middle)
        error = max(np.sqrt(np.mean([e**2 for _, e, _ in seen])), np.nan_to_num(spread)) / np.sqrt(len(y))
        rows.append(
            {
                **dict(place),
                along: x,
                name: middle.of(y),
                error_of(name): float(error),
                scatter_of(name): spread,
                "n_seeds": len(y),
                "entropy_rate": rates.pop() if len(rates) == 1 else None,
            }
        )
    return rows


def curve_axes(table: CellTable) -> tuple[PlanAxis, ...]:
    """Axes that tell sources apart; each of their values is a panel."""
    found = []
    for name in table.axes:
        values = [v for v in dict.fromkeys(map(scalar, table.columns[name].tolist())) if v is not None]
        named = table.columns[name].dtype.kind == "U"
        found.append(PlanAxis(names=(name,), role="panel", points=tuple((v,) for v in values), named=named))
    return tuple(found)
