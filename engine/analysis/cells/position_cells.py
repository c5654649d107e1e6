"""Losses by position in a sequence as points of curves, a curve a cell, so that laws are fitted to them as to others.

A point is the mean, or median, over the seeds of a cell of a loss over neighbouring positions, at their mean; its
standard error is at least that of the evaluation, which all seeds share. Losses and what lies above the law's entropy
are rows apart, for their errors differ: which contexts were drawn moves the one and hardly the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.quantities import error_of, positions, recorded_columns

from ...store.record import ByPosition, RunRecord
from ..analysis_result import CellTable, RunTable
from ..study_axes import scalar
from .reduce_runs import deviation, kept_rows, scatter_of
from .seed_middle import Middle, middle_of

(POSITION,) = positions()


def position_rows(
    plan: StudyPlan, cells: CellTable, table: RunTable, records: Mapping[str, RunRecord]
) -> list[dict[str, Any]]:
    """A row a cell and position, for every loss that a law of positions asks for; none where none does."""
    middle = middle_of(plan)
    asked = dict.fromkeys(fit.loss for fit in plan.fits if plan.by_position(fit))
    if not asked:
        return []
    found: dict[tuple[str, float], ByPosition] = {}
    for key, record in records.items():
        tokens = {m.step: float(m.n_tokens) for m in record.measurements}
        found |= {(key, tokens[one.step]): one for one in record.by_position if one.step in tokens}
    places = list(zip(table.columns["key"].tolist(), table.columns["D"].tolist()))
    rows: list[dict[str, Any]] = []
    for cell, kept in enumerate(kept_rows(plan, table)):
        own = [found[places[row]] for row in kept.tolist() if places[row] in found]
        for name in asked if own else ():
            rows += _points(name, own, _sizes(cells, cell), middle)
    return rows


def _points(name: str, seeds: list[ByPosition], sizes: Mapping[str, Any], middle: Middle) -> Iterator[dict[str, Any]]:
    """The points of one cell's curve."""
    told = [one for one in seeds if getattr(one, name)]
    for place, end in enumerate(told[0].ends if told else ()):
        first = told[0].ends[place - 1] + 1 if place else 1
        y = np.array([getattr(one, name)[place] for one in told])
        shared = float(np.mean([getattr(one, f"{name}_error")[place] for one in told]))
        spread = deviation(y, middle)
        yield {
            **sizes,
            POSITION: (first + end) / 2,
            name: middle.of(y),
            error_of(name): max(shared, float(np.nan_to_num(spread)) / np.sqrt(len(y))),
            scatter_of(name): spread,
            "n_seeds": len(y),
        }


def _sizes(cells: CellTable, cell: int) -> dict[str, Any]:
    """What is known of a cell beside its losses."""
    known = (*cells.axes, *(name for name in recorded_columns() if name not in ("loss", "excess", "standard_error")))
    values = {name: scalar(cells.columns[name][cell]) for name in known if name in cells.columns}
    return {name: value for name, value in values.items() if value is not None}
