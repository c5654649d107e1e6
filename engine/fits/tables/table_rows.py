"""Rows of a table that are no independent runs: copies, the settings of a sweep, the points of one run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary.quantities import tied

from ..core.fit_result import Array, FitWarning
from ..core.warn import warn
from .table_mapping import Columns, Named

Rows = NDArray[np.int64]

#: Rows that share a value, on average, for the column to look like the name of a run.
ROWS_OF_A_RUN = 3


#: Rows that a message names.
SHOWN = 5


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


#: Names of columns that name a run: of letters and digits alone, the surest first.
RUN_NAMES = _words(
    "run runid runname runno seedrun job jobid hyperid trial trialid experiment experimentid exp expid id uid uuid",
    "name displayname model modelid modelname tagsmlflowrunname curve curveid cell cellid config configid wandbid",
    "index",
)
#: Other names of such columns: `wandb_run`, `N_run`, `slurm job id`.
_RUNS = re.compile(r".*(?:run|job|trial|experiment)(?:id|no|nr|num|number|name|index|idx)?")
#: Columns that trackers have of every run and that name none of them.
NO_RUNS = frozenset(_words("state status tags notes user username host hostname created group jobtype sweep"))
#: What counts along a run.
STEPS = frozenset(_words("step steps globalstep iteration iterations iter epoch epochs samples"))
#: Shapes of a model, which its runs share; and seeds.
SHAPES = frozenset(
    _words(
        "layers nlayers nlayer depth width dmodel hidden hiddensize heads nheads nhead dff ffn dhead kvheads vocab",
        "vocabsize embedding dim seqlen contextlength seed",
    )
)
#: What is swept at random as often as over a few values.
SWEPT = frozenset(
    _words(
        "lr learningrate maxlr peaklr baselr eta eta0 batch batchsize bs globalbatchsize weightdecay wd decay momentum",
        "beta1 beta2 eps warmup warmupsteps warmupratio dropout labelsmoothing initstd clip gradclip",
    )
)


def plain(name: str) -> str:
    """A column's name in small letters and digits alone."""
    return "".join(c for c in name.lower() if c.isalnum())


def groups(columns: Sequence[NDArray[np.generic]]) -> Rows:
    """[row] the number of its group: rows equal in all of these columns; missing numbers are equal."""
    found = np.zeros(len(columns[0]) if columns else 0, dtype=np.int64)
    for values in columns:
        _, inverse = np.unique(values, return_inverse=True)
        _, found = np.unique(found * (int(inverse.max(initial=0)) + 1) + inverse.ravel(), return_inverse=True)
    return found.ravel().astype(np.int64)


def without_copies(columns: Mapping[str, NDArray[np.generic]], rows: Rows) -> Rows:
    """The rows but those that are equal to an earlier one in every column, the loss to its last digit."""
    if not len(rows) or not columns:
        return rows
    _, first = np.unique(groups([values[rows] for values in columns.values()]), return_index=True)
    return rows[np.sort(first)]


def copies_left_out(n: int) -> FitWarning:
    """The warning about copies."""
    are = "1 row is a copy" if n == 1 else f"{n:,} rows are copies"
    return warn("FIT138", f"{are} of another, equal in every column, and {'is' if n == 1 else 'are'} left out")


def losses_missing(without: Rows, n_others: int) -> FitWarning:
    """The warning about rows that have no loss."""
    what, row = ("row has", "row") if len(without) == 1 else ("rows have", "rows")
    shown = f"{row} {_numbered(without)}"
    return warn("FIT143", f"{len(without):,} {what} no finite loss, and {n_others:,} are fitted: {shown}")


def sizes_missing(lacking: Mapping[str, Rows]) -> FitWarning:
    """The warning about rows that lack variables of the law, by name."""
    without = np.unique(np.concatenate(list(lacking.values())))
    what, are, row = ("row has", "is", "row") if len(without) == 1 else ("rows have", "are", "rows")
    no = " or ".join(f"positive {name}" if name in tied() else name for name in lacking)
    return warn("FIT144", f"{len(without):,} {what} no {no}, and {are} left out: {row} {_numbered(without)}")


def _numbered(rows: Rows) -> str:
    """The first few rows, counted from 1."""
    return ", ".join(str(row + 1) for row in rows[:SHOWN].tolist()) + (", ..." if len(rows) > SHOWN else "")


# --- sweeps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Best:
    """The rows of the best settings of a sweep."""

    #: Which of the rows are kept, ascending.
    kept: Rows
    n_cells: int
    #: What is swept.
    swept: tuple[str, ...]
    #: Column -> cells whose best setting is the least or greatest value that they tried, of cells that tried several.
    edges: Mapping[str, tuple[int, int]]
    #: Column -> [row] whether the row is of a cell whose best setting is one of these.
    at_edge: Mapping[str, NDArray[np.bool_]]


def best_over(swept: Mapping[str, NDArray[np.generic]], cell: Rows, loss: Array) -> Best:
    """Of each cell the setting with the least loss, averaged over rows that repeat it.

    Args:
        swept: [row] values of what is swept.
        cell: [row] the number of its cell.
        loss: [row]
    """
    setting = groups([cell, *swept.values()])
    count = np.bincount(setting)
    # A setting with a run that diverged is no best one.
    mean = np.bincount(setting, weights=np.where(np.isfinite(loss), loss, np.inf)) / count
    order = np.lexsort((np.arange(len(loss)), mean[setting], cell))
    first = order[np.unique(cell[order], return_index=True)[1]]
    edges, at_edge = {}, {}
    for name, values in swept.items():
        if values.dtype.kind != "f":
            continue
        tried, at = 0, []
        for row in first.tolist():
            here = np.unique(values[cell == cell[row]])
            tried += len(here) > 1
            at += [cell[row]] if len(here) > 1 and values[row] in (here[0], here[-1]) else []
        edges[name], at_edge[name] = (len(at), tried), np.isin(cell, at)
    kept = np.flatnonzero(np.isin(setting, setting[first])).astype(np.int64)
    return Best(kept, len(first), tuple(swept), edges, at_edge)


def of_sweep(best: Best, n_rows: int) -> Iterator[FitWarning]:
    """What is to be known of a sweep of which the best is kept."""
    over = f" over {', '.join(best.swept)}"
    yield warn(
        "FIT139",
        f"{n_rows:,} rows are a sweep{over}; the best of each of {best.n_cells:,} cells is fitted",
    )
    for name, (at, tried) in best.edges.items():
        if at:
            yield warn("FIT140", f"the best {name} is the least or greatest that was tried in {at} of {tried} cells")


def swept_columns(
    own: Columns, used: Collection[str], variables: Sequence[Array], loss: Array, rows: Rows
) -> tuple[str, ...]:
    """Columns that were swept: they differ where the variables of the law do not, over the same few values each time,
    or are called as what is swept.

    `used` are the columns that are the law's own, its loss and the name of a run.
    """
    cell = groups(list(variables))
    sizes = np.bincount(cell)
    if len(sizes) < 2 or np.median(sizes) < 2:
        return ()
    found = []
    for name, values in own.items():
        here = values[rows]
        if name in used or plain(name) in (*RUN_NAMES, *STEPS, *NO_RUNS, "seed") or np.array_equal(here, loss):
            continue
        distinct = np.unique(here)
        pairs = len(np.unique(groups([cell, here])))
        few = len(distinct) <= 2 * sizes.max() and len(distinct) * 1.5 <= pairs
        if len(distinct) > 1 and pairs > 1.5 * len(sizes) and (few or plain(name) in SWEPT):
            found.append(name)
    return tuple(found)


# --- runs -------------------------------------------------------------------------------------------------------------


def looks_like_runs(own: Columns, used: Collection[str], n: Array | None, d: Array | None, rows: Rows) -> str | None:
    """A column whose values look like the names of runs, each of several points; None where there is none.

    A run has one N, and its points differ in D or in their step. Columns that are called as runs are come first; a
    column of whole numbers with another name counts only where the table has steps.
    """
    steps = [name for name in own if plain(name) in STEPS and own[name].dtype.kind == "f"]
    moving = d if d is not None else own[steps[0]][rows] if steps else None
    known = {name: i for i, name in enumerate(RUN_NAMES)}
    called = [name for name in own if plain(name) in known or _RUNS.fullmatch(plain(name))]
    called.sort(key=lambda name: known.get(plain(name), len(known)))
    for name in (*called, *(name for name in own if name not in called)):
        values = own[name][rows]
        if name in used or plain(name) in (*NO_RUNS, *SHAPES, *STEPS):
            continue
        text = values.dtype.kind == "U"
        if not text and not (np.all(np.isfinite(values)) and np.all(values == np.round(values))):
            continue
        if not text and name not in called and not steps:
            continue
        run = groups([values])
        n_runs = int(run.max(initial=0)) + 1
        if n_runs < 2 or n_runs * ROWS_OF_A_RUN > len(rows):
            continue
        one_size = n is None or len(np.unique(groups([run, n]))) == n_runs
        apart = moving is None or len(np.unique(groups([run, moving]))) == len(rows)
        if one_size and (apart or name in called):
            return name
    return None


def named_or_refused(names: Sequence[str], named: Named) -> dict[str, NDArray[np.generic]]:
    """The columns of a sweep by their names.

    Raises:
        FitError: The table has none of a name.
    """
    for name in names:
        if name not in named.columns:
            raise FitError(
                f"the table has no column {name} to take the best over; its columns are {', '.join(named.own)}"
            )
    return {name: named.columns[name] for name in names}
