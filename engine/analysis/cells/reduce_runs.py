"""From runs to cells: seeds averaged, or their median taken, tuned axes reduced to their best value, trajectories
numbered as clusters.

A cell is one point of the axes that are neither tuned nor averaged. Of the tuned values that whose mean final loss over
seeds is lowest is kept; a diverged run counts as infinite there, and never enters a fit. `tune seed` makes the seed
part of the minimum, as in arXiv:2601.10684.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import REPEATED, PlanAxis
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.quantities import error_of, measured_beside, measured_by_families, names

from ..analysis_result import SEEDED, CellTable, Columns, RunTable
from ..study_axes import cell_axes, moving, path_axis
from .seed_middle import MEAN, MEDIAN, Middle, middle_of, spread_columns, spread_of

#: Columns averaged over the seeds of the value kept.
AVERAGED = (*names(averaged=True), "seconds")
#: Columns that laws are fitted to; of medians over seeds their spread is known too.
FITTED = names(of="cell", fitted=True)
#: Columns that say how one run went, and mean nothing for a cell.
DROPPED = ("key", "status", *names(of="cell", everywhere=True, averaged=False))
#: A step up by more than this many standard errors of the difference is no noise.
RISE = 2.0

Rows = NDArray[np.int64]
Key = tuple[object, ...]


@dataclass(frozen=True)
class _Reduced:
    """The rows kept for one cell, all rows planned for it, and how many seeds of the value kept diverged."""

    kept: Rows
    planned: Rows
    diverged: int


def cell_table(plan: StudyPlan, table: RunTable) -> CellTable:
    """Every cell of a study that trains, in the order of the plan; a cell without a loss has NaN."""
    axes = cell_axes(plan)
    names = tuple(name for axis in axes for name in axis.names)
    tuned = tuple(axis for axis in plan.axes if axis.role == "tune")
    tuned_names = tuple(name for axis in tuned for name in axis.names)
    reduced, middle = _reduced(plan, table), middle_of(plan)
    first = np.array([(r.kept if len(r.kept) else r.planned)[0] for r in reduced], dtype=np.int64)
    columns: Columns = {name: table.columns[name][first] for name in names}
    facts = [name for name in table.facts if name in table.columns]
    averaged = [name for axis in plan.axes if axis.role in REPEATED for name in axis.names]
    gone = {*DROPPED, *AVERAGED, *facts, *tuned_names, *averaged, *names}
    columns |= {name: values[first] for name, values in table.columns.items() if name not in gone}
    for name in (name for name in AVERAGED if name in table.columns):
        of = MEAN if name == "seconds" else middle
        columns[name] = np.array([_middle(table.columns[name][r.kept], of) for r in reduced])
    theirs = (name for name in measured_by_families() if name in table.columns)
    for name in ("loss", *measured_beside(), *theirs):
        errors = [_standard_error(table, r.kept, name, middle) for r in reduced]
        columns[error_of(name)] = np.array([error for error, _ in errors])
        columns[freedom_of(name)] = np.array([dof for _, dof in errors])
        columns[scatter_of(name)] = np.array([deviation(table.columns[name][r.kept], middle) for r in reduced])
        if SEEDED in table.columns:
            # Of what no seed changes another run would be the same.
            columns[scatter_of(name)][table.columns[SEEDED][first] == 0] = 0.0
    for name in (name for name in FITTED if middle is MEDIAN and name in table.columns):
        ends = np.array([spread_of(table.columns[name][r.kept]) for r in reduced])
        columns |= dict(zip(spread_columns(name), ends.T, strict=True))
    for name in facts:
        found = [values[np.isfinite(values)] for r in reduced for values in (table.columns[name][r.kept],)]
        columns[name] = np.array([_middle(values, middle) for values in found])
        columns[error_of(name)] = np.array([middle.error(values) if len(values) > 1 else 0.0 for values in found])
    columns["n_seeds"] = np.array([len(r.kept) for r in reduced], dtype=np.int64)
    columns["n_diverged"] = np.array([r.diverged for r in reduced], dtype=np.int64)
    columns["cluster"] = _clusters(plan, columns, names)
    for axis in tuned:
        ordered = not axis.named and "seed" not in axis.names
        for name in axis.names:
            columns[f"best_{name}"] = _best(table, reduced, name)
            columns[f"edge_{name}"] = np.array([ordered and _at_edge(table, r, name) for r in reduced], dtype=bool)
    return with_rises(CellTable(names, columns), axes)


def kept_rows(plan: StudyPlan, table: RunTable) -> list[Rows]:
    """Rows of the run table that each cell is made of: those of the tuned value that is kept, in the order of cells."""
    return [one.kept for one in _reduced(plan, table)]


def _reduced(plan: StudyPlan, table: RunTable) -> list[_Reduced]:
    tuned = tuple(name for axis in plan.axes if axis.role == "tune" for name in axis.names)
    names = tuple(name for axis in cell_axes(plan) for name in axis.names)
    middle = middle_of(plan)
    return [_reduce(table, rows, tuned, middle) for rows in group_rows(table.columns, names)]


def group_rows(columns: Columns, names: Sequence[str]) -> list[Rows]:
    """Rows equal in the named columns, missing values equal to each other, groups in order of first appearance."""
    n = len(next(iter(columns.values()), ()))
    parts = [[None if v != v else v for v in columns[name].tolist()] for name in names]
    groups: dict[Key, list[int]] = {}
    for row in range(n):
        groups.setdefault(tuple(part[row] for part in parts), []).append(row)
    return [np.array(rows, dtype=np.int64) for rows in groups.values()]


def _reduce(table: RunTable, rows: Rows, tuned: Sequence[str], middle: Middle = MEAN) -> _Reduced:
    """Fewest seeds without a loss first, then the lowest mean: a diverged run is infinite, yet some value is kept.

    A seed that is missing counts against a value too, or one lucky seed could win over the mean of several.
    """
    loss = table.columns["loss"]

    def diverged(of: Rows) -> int:
        return int(np.sum((table.columns["status"][of] == "diverged") & ~np.isfinite(loss[of])))

    sub = {name: table.columns[name][rows] for name in tuned}
    candidates = [rows[g] for g in group_rows(sub, tuned)] if tuned else [rows]
    known = [(candidate, kept) for candidate in candidates if len(kept := candidate[np.isfinite(loss[candidate])])]
    if not known:
        return _Reduced(rows[:0], rows, diverged(rows))
    best, kept = min(known, key=lambda pair: (len(pair[0]) - len(pair[1]), middle.of(loss[pair[1]])))
    return _Reduced(kept, rows, diverged(best))


def _middle(values: NDArray[np.float64], middle: Middle = MEAN) -> float:
    return middle.of(values) if len(values) else float("nan")


def freedom_of(name: str) -> str:
    """The column with the degrees of freedom of a number's standard error."""
    return error_of(name).replace("standard_error", "dof")


def scatter_of(name: str) -> str:
    """The column with the standard deviation of a number over a cell's seeds, missing where there is one; of medians
    that whose mean would be known as well.
    """
    return error_of(name).replace("standard_error", "seed_deviation")


def deviation(values: NDArray[np.float64], middle: Middle = MEAN) -> float:
    """Standard error of a sample's middle times the root of its size, of the mean its standard deviation; missing where
    there is one value.
    """
    return middle.error(values) * float(np.sqrt(len(values))) if len(values) > 1 else float("nan")


def _standard_error(table: RunTable, kept: Rows, name: str, middle: Middle) -> tuple[float, float]:
    """Of the middle over seeds, with its degrees of freedom; at least that of the evaluation, which all seeds share.

    Two seeds may agree by chance, and then say nothing of how well their common evaluation set stands for the source.
    """
    of_evaluation = table.columns[error_of(name)][kept]
    shared = _middle(of_evaluation[np.isfinite(of_evaluation)])
    if len(kept) < 2:
        return shared, float("inf")
    of_seeds = middle.error(table.columns[name][kept])
    return (shared, float("inf")) if shared > of_seeds else (of_seeds, float(len(kept) - 1))


def _best(table: RunTable, reduced: Sequence[_Reduced], name: str) -> NDArray[np.generic]:
    values = table.columns[name]
    missing = "" if values.dtype.kind == "U" else np.nan
    return np.array([values[r.kept[0]] if len(r.kept) else missing for r in reduced], dtype=values.dtype)


def _at_edge(table: RunTable, reduced: _Reduced, name: str) -> bool:
    """True where the value kept is the smallest or largest that was planned for this cell; one value has no edge."""
    planned = table.columns[name][reduced.planned]
    if not len(reduced.kept) or planned.dtype.kind == "U" or len(set(planned.tolist())) < 2:
        return False
    return bool(planned[reduced.planned == reduced.kept[0]][0] in (planned.min(), planned.max()))


def _clusters(plan: StudyPlan, columns: Columns, names: Sequence[str]) -> NDArray[np.int64]:
    """A number a cell, one for all cells that are points of one run."""
    along = path_axis(plan)
    cluster = np.full(len(next(iter(columns.values()))), -1, dtype=np.int64)
    if not names:
        return np.arange(len(cluster), dtype=np.int64)
    on_path = columns["on_path"] > 0 if along is not None else np.zeros(len(cluster), dtype=bool)
    rest = [name for name in names if along is None or name not in along.names]
    trunk = {name: columns[name] for name in rest}
    # A run of its own is told apart by its place, the points of a path only by the axes that are not along it.
    trunk["place"] = np.where(on_path, -1, np.arange(len(cluster)))
    for number, rows in enumerate(group_rows(trunk, tuple(trunk))):
        cluster[rows] = number
    return cluster


def with_rises(cells: CellTable, axes: Sequence[PlanAxis]) -> CellTable:
    """Marks the cells whose excess loss lies above that of the next smaller N (or D) by more than noise explains."""
    rate_known = np.isfinite(cells.columns["excess"])
    level = np.where(rate_known, cells.columns["excess"], cells.columns["loss"])
    error = np.nan_to_num(cells.columns["standard_error"])
    moves_n, moves_d = moving(cells, axes, "N"), moving(cells, axes, "D_asked")
    panels = [name for name in cells.axes if name not in moves_n | moves_d]
    marks: Columns = {}
    for mark, variable, held in (("rises_N", "N", "D_asked"), ("rises_D", "D_asked", "N")):
        marks[mark] = np.zeros(cells.n, dtype=bool)
        # With D fixed two shapes of one N may differ; with N fixed the same shape is followed.
        fixed = [name for name in moves_n - moves_d if mark == "rises_D"]
        for rows in group_rows(cells.columns, (*panels, *sorted(fixed), held)):
            at = cells.columns[variable]
            rows = rows[np.isfinite(level[rows]) & np.isfinite(at[rows])]
            if len(rows):
                sizes, size = np.unique(at[rows], return_inverse=True)
                means, noise = _of_repeats(level[rows], error[rows], size, len(sizes))
                risen = np.flatnonzero(np.diff(means) > RISE * np.hypot(noise[1:], noise[:-1])) + 1
                marks[mark][rows[np.isin(size, risen)]] = True
    return replace(cells, columns=cells.columns | marks)


def _of_repeats(
    level: NDArray[np.float64], error: NDArray[np.float64], size: NDArray[np.intp], n_sizes: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means over the cells of each size, and their standard errors: several of one size are rows of a table that repeat
    a setting, whose scatter says how well their mean is known, and that of a row alone."""
    n = np.bincount(size, minlength=n_sizes)
    means = np.bincount(size, level, n_sizes) / n
    squares = np.bincount(size, (level - means[size]) ** 2, n_sizes)
    spare = float(np.sum(n - 1))
    pooled = float(np.sum(squares)) / spare if spare else 0.0
    given = np.bincount(size, error**2, n_sizes) / n**2
    return means, np.sqrt(np.maximum(given, pooled / n))
