"""The run table: one row a measurement, for every planned run, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import (
    QUANTITIES,
    error_of,
    measured_beside,
    names,
    recorded_columns,
    tied,
)

from ...store.record import Measurement, RunRecord
from ..analysis_result import SEEDED, Columns, RunTable
from ..study_axes import attribute, column, path_axis
from .table_columns import named_columns

#: Status of a planned run that has no record.
MISSING = "missing"
TEXT = ("key", "status")
NUMBERS = ("seed", *recorded_columns(), "seconds", "wall_seconds", "on_path")


def run_table(
    plan: StudyPlan, runs: Iterable[Run], records: Mapping[str, RunRecord], *, extra: Sequence[str] = ()
) -> RunTable:
    """One row a measurement: ordinary runs give one, paths one a mark; a run without a loss has a row with NaN.

    Args:
        plan: The study.
        runs: Its runs, in the order of the plan.
        records: Finished runs by key.
        extra: Names that conditions use and that are no axis: parameters read off each run.
    """
    runs = tuple(runs)
    path = path_axis(plan)
    names = [name for axis in plan.axes for name in axis.names]
    named = {name for axis in plan.axes if axis.named for name in axis.names}
    wanted = [name for name in extra if name not in names and name not in (*TEXT, *NUMBERS)]
    rows: list[dict[str, Any]] = []
    for run in runs:
        record = records.get(run.key)
        base: dict[str, Any] = dict(run.point) | {name: attribute(run, name) for name in wanted}
        # A size that a run does not have, such as the D of a model with data without end, is 0 there and missing here.
        base |= {"key": run.key, "seed": run.seed, "N": run.n_total or None, "N_body": run.n_body or None}
        base |= {fact: record.facts.get(fact) if record else None for fact in facts_of(run)}
        base |= {"status": record.status if record else MISSING, "on_path": float(bool(run.marks))}
        base["wall_seconds"] = record.wall_seconds if record else None
        base[SEEDED] = float(run.model.seeded)
        rows += [base | values for values in _measured(run, record, path)]
    columns: Columns = {}
    # A name that no run has a parameter for is a label, and gets no column.
    wanted = [name for name in wanted if any(row[name] is not None for row in rows)]
    facts = dict.fromkeys(fact for run in runs for fact in facts_of(run))
    theirs = dict.fromkeys(name for run in runs for name in run.model.measures)
    errors = [error_of(name) for name in (*measured_beside(), *theirs)]
    settled = () if all(run.model.seeded for run in runs) else (SEEDED,)
    for name in dict.fromkeys((*names, *wanted, *TEXT, *NUMBERS, *theirs, *errors, *facts, *settled)):
        columns[name] = column([row.get(name) for row in rows], named=name in named or name in TEXT)
    return RunTable(columns, tuple(facts))


def facts_of(run: Run) -> tuple[str, ...]:
    """Numbers of what a run's source drew that are kept beside its losses."""
    return tuple(run.source.facts)


def _measured(run: Run, record: RunRecord | None, path: PlanAxis | None) -> list[dict[str, Any]]:
    """D, C and the loss of each row of a run."""
    if not run.marks:
        final = record.final if record and record.status == "done" else None
        row: dict[str, Any] = {"D": run.n_tokens or None, "D_asked": run.asked_tokens or None}
        row |= {"C": run.flops_6nd or None, "flops": run.flops, "steps": run.steps}
        return [row | _losses(final) | {"seconds": record.seconds if record else None}]
    by_step = {m.step: m for m in record.measurements} if record else {}
    rows = []
    for place, step in enumerate(run.marks):
        found = by_step.get(step)
        share = step / run.steps
        tokens = found.n_tokens if found else round(run.n_tokens * share)
        asked = run.asked_marks[place] if place < len(run.asked_marks) else found.asked_tokens if found else tokens
        row = {"D": tokens, "D_asked": asked, "steps": step}
        row |= {"C": run.flops_6nd * share, "flops": run.flops * share}
        # A path's time is charged once, to its last mark, so that the column adds up.
        last = step == run.marks[-1]
        seconds = (record.seconds if last else 0.0) if record else None
        rows.append(_mark(run, path, place, asked) | row | _losses(found) | {"seconds": seconds})
    return rows


def _mark(run: Run, path: PlanAxis | None, place: int, asked: int) -> dict[str, Scalar]:
    """The value of the path's axis at a mark. Conditions may have left out some of its points, but not of `tokens`."""
    if path is None:
        return {}
    if path.names == ("tokens",):
        return {"tokens": asked}
    values = sorted(path.points)
    return dict(zip(path.names, values[place])) if len(values) == len(run.marks) else {}


def _losses(measurement: Measurement | None) -> dict[str, Any]:
    if measurement is None:
        return {}
    return {
        "loss": measurement.loss,
        "excess": measurement.excess_loss,
        "entropy_rate": measurement.entropy_rate,
        "standard_error": measurement.standard_error,
        **measurement.values,
        **{error_of(name): 0.0 for name in measurement.values},
        **{error_of(name): error for name, error in measurement.errors.items()},
    }


def table_rows(table: Columns) -> RunTable:
    """Measurements made elsewhere as a run table: N, D and C completed by C = 6 N D, other columns kept as they are."""
    columns: Columns = {name: np.asarray(values) for name, values in table.items()}
    n = len(next(iter(columns.values()), ()))
    blank = np.full(n, np.nan)
    columns = {name: _of_its_kind(name, values) for name, values in columns.items()}
    N, D, C = (None if (q := columns.get(name)) is None or np.all(np.isnan(q)) else q for name in ("N", "D", "C"))
    if N is None and D is not None and C is not None:
        N = C / (FLOPS_PER_PARAMETER_TOKEN * D)
    if D is None and N is not None and C is not None:
        D = C / (FLOPS_PER_PARAMETER_TOKEN * N)
    if C is None and N is not None and D is not None:
        C = FLOPS_PER_PARAMETER_TOKEN * N * D
    columns |= {name: values for name, values in (("N", N), ("D", D), ("C", C)) if values is not None}
    for name, quantity in QUANTITIES.items():
        if quantity.in_tables or quantity.column:
            columns.setdefault(quantity.column or name, columns.get(quantity.in_tables or name, blank))
    for name in NUMBERS:
        columns.setdefault(name, blank)
    columns.setdefault("key", np.array([f"row {i + 1}" for i in range(n)], dtype=np.str_))
    columns.setdefault("status", np.array(["done"] * n, dtype=np.str_))
    return RunTable(columns)


def _of_its_kind(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """A column that runs have too, as they have it: of texts where numbers are wanted nothing is left."""
    if name in TEXT and values.dtype.kind == "f":
        return np.array(["" if np.isnan(v) else f"{v:.15g}" for v in values.tolist()], dtype=np.str_)
    wanted = name in (*NUMBERS, *names(averaged=True), *tied()) and name != "seed"
    return np.full(len(values), np.nan) if wanted and values.dtype.kind != "f" else values


def table_labels(plan: StudyPlan, table: RunTable) -> tuple[str, ...]:
    """Text columns that the study names in `table(...)`: they split the rows into panels."""
    text = [name for name in named_columns(plan) if name in table.columns and table.columns[name].dtype.kind in "UO"]
    return tuple(name for name in text if name not in (*TEXT, "run"))
