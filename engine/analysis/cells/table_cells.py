"""Measurements made elsewhere as cells: rows kept and split as the study says, and seeds averaged.

A column of text that the study names, and one behind `panel`, splits the rows into panels. Rows that differ in their
`seed` alone are one cell, as the seeds of a study that trains are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.expressions.sweeps import constant
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_value

from ...fits.tables.table_rows import SHOWN, best_over, groups, without_copies
from ..analysis_result import CellTable, Columns, Note, RunTable
from ..study_axes import SAME
from .cell_selection import mask
from .reduce_runs import AVERAGED, DROPPED, Rows, deviation, group_rows, scatter_of, with_rises
from .run_table import NUMBERS, table_labels, table_rows
from .table_columns import swept_in_tables

#: Columns whose difference makes no other cell: what was measured, and which seed it was.
MEASURED = (*AVERAGED, *DROPPED, "seed")


def given_cells(plan: StudyPlan, table: Columns) -> tuple[RunTable, CellTable, tuple[PlanAxis, ...], tuple[Note, ...]]:
    """The rows of a study's table, its cells, the axes that split them, and what became of copies and sweeps."""
    n = len(next(iter(table.values()), ()))
    once = without_copies(table, np.arange(n, dtype=np.int64))
    remarks = _copies(n - len(once))
    rows = table_rows({name: values[once] for name, values in table.items()})
    for axis in plan.axes:
        rows = _on_axis(rows, axis)
    for condition in plan.where:
        rows = _kept(rows, mask(CellTable((), rows.columns), condition))
    rows, told = _with_sizes(plan, rows)
    remarks = (*remarks, *told)
    panels = tuple(name for axis in plan.axes for name in axis.names if name in rows.columns)
    labels = tuple(dict.fromkeys((*table_labels(plan, rows), *panels)))
    if swept := swept_in_tables(plan):
        rows, told = _best(rows, swept, labels)
        remarks = (*remarks, *told)
    axes = tuple(
        PlanAxis(
            names=(name,),
            role="panel",
            points=tuple((v,) for v in np.unique(rows.columns[name]).tolist()),
            named=rows.columns[name].dtype.kind == "U",
        )
        for name in labels
    )
    return rows, with_rises(row_cells(rows, labels), axes), axes, remarks


def _copies(n: int) -> tuple[Note, ...]:
    are = "1 row is a copy" if n == 1 else f"{n:,} rows are copies"
    left = "is left out" if n == 1 else "are left out"
    return (Note("RUN211", f"{are} of another, equal in every column, and {left}"),) if n else ()


def _with_sizes(plan: StudyPlan, rows: RunTable) -> tuple[RunTable, tuple[Note, ...]]:
    """The rows with what is no size of a model or of a run as missing, for laws in it leave such rows out."""
    columns, notes = dict(rows.columns), []
    for name in ("N", "D", "C"):
        size = columns[name]
        if size.dtype.kind != "f" or blank(size):
            continue
        there = np.isfinite(size) & (size > 0)
        columns[name] = np.where(there, size, np.nan)
        if len(bad := np.flatnonzero(~there)) and any(name in fit.quantities for fit in plan.fits):
            keys = rows.columns["key"][bad].tolist()
            shown = ", ".join(keys[:SHOWN]) + (", ..." if len(keys) > SHOWN else "")
            has, it = ("row has", "it") if len(bad) == 1 else ("rows have", "them")
            what = f"{len(bad):,} {has} no positive {name}, and laws in {name} leave {it} out: {shown}"
            notes.append(Note("RUN212", what))
    return replace(rows, columns=columns), tuple(notes)


def _best(rows: RunTable, swept: Sequence[str], labels: Sequence[str]) -> tuple[RunTable, tuple[Note, ...]]:
    """The rows of the best setting of each size and label, and where that lies at the edge of what was tried."""
    missing = [name for name in swept if name not in rows.columns]
    if missing:
        raise FitError(f"the table has no column {missing[0]} to take the best over")
    sizes = told_apart_by(rows.columns)
    by = [rows.columns[name] for name in (*labels, *(n for n in sizes if n not in swept))]
    cell = groups(by) if by else np.zeros(rows.n, dtype=np.int64)
    found = best_over({name: rows.columns[name] for name in swept}, cell, rows.columns["loss"])
    keep = np.zeros(rows.n, dtype=bool)
    keep[found.kept] = True
    notes = (
        Note("RUN201", f"{at} of {tried} cells have their best {name} at the least or greatest that was tried")
        for name, (at, tried) in found.edges.items()
        if at
    )
    columns = dict(rows.columns)
    for name in swept:
        columns[f"best_{name}"] = rows.columns[name]
        columns[f"edge_{name}"] = found.at_edge.get(name, np.zeros(rows.n, dtype=bool))
    return _kept(replace(rows, columns=columns), keep), tuple(notes)


def _kept(rows: RunTable, keep: NDArray[np.bool_]) -> RunTable:
    return replace(rows, columns={name: values[keep] for name, values in rows.columns.items()})


def _on_axis(rows: RunTable, axis: PlanAxis) -> RunTable:
    """The rows at the points of `panel kappa in {0, 1}`, under their labels where they have any."""
    column = rows.columns.get(axis.name)
    if column is None:  # `data`, where the table is the only one
        return rows
    stands = dict(axis.values)
    keep = np.zeros(rows.n, dtype=bool)
    told = np.array([""] * rows.n, dtype=object)
    for (point,) in axis.points:
        here = _equals(column, point, stands)
        keep |= here
        told[here] = point
    found = _kept(rows, keep)
    if not axis.named:
        return found
    return replace(found, columns=found.columns | {axis.name: np.array(told[keep].tolist(), dtype=np.str_)})


def _equals(column: NDArray[np.generic], point: object, stands: dict[str, str]) -> NDArray[np.bool_]:
    """Rows at a point of an axis: a number, a text, or a label that stands for either."""
    value: object = point
    if isinstance(point, str) and point in stands:
        node = parse_value(stands[point])
        value = constant(node) if isinstance(node, ast.Number | ast.Negate) else _text(node, point)
    if isinstance(value, str) or column.dtype.kind == "U":
        return np.asarray(column.astype(np.str_) == str(value), dtype=bool)
    return np.isclose(column.astype(np.float64), float(value), rtol=SAME, atol=0.0)  # type: ignore[arg-type]


def _text(node: object, point: str) -> str:
    return node.value if isinstance(node, ast.String) else node.id if isinstance(node, ast.Name) else point


# --- cells ------------------------------------------------------------------------------------------------------------


def row_cells(table: RunTable, labels: Sequence[str] = ()) -> CellTable:
    """Every row of a table made elsewhere as a cell, those that differ in their seed alone as one.

    `labels` are the columns that split it into panels. Rows of one `run`, or with the same N and D, are one cluster.
    """
    groups = _of_seeds(table)
    first = np.array([rows[0] for rows in groups], dtype=np.int64)
    columns: Columns = {name: values[first] for name, values in table.columns.items() if name not in DROPPED}
    for name in (name for name in AVERAGED if name in table.columns):
        columns[name] = np.array([_mean(table.columns[name][rows]) for rows in groups])
    errors = [_error(table, rows) for rows in groups]
    columns["standard_error"] = np.array([error for error, _ in errors])
    columns["dof"] = np.array([dof for _, dof in errors])
    columns[scatter_of("loss")] = np.array([deviation(_known(table.columns["loss"][rows])) for rows in groups])
    columns["cluster"] = _clusters(columns, labels)
    columns["n_seeds"] = np.array([len(rows) for rows in groups], dtype=np.int64)
    columns["n_diverged"] = np.zeros(len(groups), dtype=np.int64)
    columns |= {name: np.zeros(len(groups), dtype=bool) for name in ("rises_N", "rises_D")}
    return CellTable(tuple(labels), columns, told_apart_by(columns))


def _of_seeds(table: RunTable) -> list[Rows]:
    """Rows apart by everything but their seed and what was measured; without a column of seeds, each its own."""
    alone = [np.array([row], dtype=np.int64) for row in range(table.n)]
    seed = table.columns["seed"]
    if blank(seed) or "run" in table.columns:
        return alone
    measured = [table.columns[name] for name in MEASURED if name in table.columns]
    by = [n for n, v in table.columns.items() if n not in MEASURED and not any(_same(v, other) for other in measured)]
    groups = group_rows(table.columns, by)
    # A seed that comes twice in a group says that something else differs, which no column tells.
    return groups if all(len(set(seed[rows].tolist())) == len(rows) for rows in groups) else alone


def _same(one: NDArray[np.generic], two: NDArray[np.generic]) -> bool:
    """True where a column is another under a second name."""
    return one.dtype.kind == two.dtype.kind and np.array_equal(one, two, equal_nan=one.dtype.kind == "f")


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]


def _mean(values: NDArray[np.float64]) -> float:
    known = _known(values)
    return float(np.mean(known)) if len(known) else float("nan")


def _error(table: RunTable, rows: Rows) -> tuple[float, float]:
    """Of the mean over seeds where there are several, else as the table gives it; with its degrees of freedom."""
    loss = _known(table.columns["loss"][rows])
    if len(loss) > 1:
        return float(np.std(loss, ddof=1) / np.sqrt(len(loss))), float(len(loss) - 1)
    return float(table.columns["standard_error"][rows[0]]), float("inf")


def _clusters(columns: Columns, labels: Sequence[str]) -> NDArray[np.int64]:
    sizes = tuple(name for name in ("N", "D") if not blank(columns[name]))
    n = len(columns["loss"])
    by = ("run",) if "run" in columns else (*labels, *sizes) if sizes else ()
    cluster = np.zeros(n, dtype=np.int64)
    for number, rows in enumerate(group_rows(columns, by) if by else [np.array([i]) for i in range(n)]):
        cluster[rows] = number
    return cluster


def told_apart_by(columns: Columns) -> tuple[str, ...]:
    """Sizes that tell the rows of one panel apart: N and D, else compute, else the table's own numbers."""
    sizes = tuple(name for name in ("N", "D") if not blank(columns[name]))
    if sizes or not blank(columns["C"]):
        return sizes or ("C",)
    known = {*NUMBERS, *MEASURED, "cluster", "n_seeds", "n_diverged", "dof", scatter_of("loss")}
    loss = columns["loss"]
    return tuple(n for n, v in columns.items() if n not in known and v.dtype.kind == "f" and not _same(v, loss))


def blank(values: NDArray[np.generic]) -> bool:
    """True where a column holds nothing."""
    return values.dtype.kind == "f" and bool(np.all(np.isnan(values)))
