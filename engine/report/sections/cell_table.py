"""The cells behind every fit, and every run behind the cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from ...formatting import MISSING, counted, finite, integer, magnitude, plain, significant
from ..report_model import Cell, Code, Part, Section, Strong, Table, table_of_rows, without_empty
from ..rounding import with_error
from ..study_view import View, scalar
from .tuned_values import EDGE, best, tuned

#: Axes whose values another column already shows.
_SHOWN = ("tokens", "cells", "samples")

ERROR, EXCESS = "standard error", "excess loss"
MARKS = (
    (EDGE, "the best value is the smallest or largest tried: a better one may lie beyond"),
    ("rises with N", "the loss is higher than at the next smaller N, by more than two standard errors"),
    ("rises with D", "the loss is higher than at the next smaller D, by more than two standard errors"),
    ("diverged", "so many seeds diverged at the values kept; they enter no mean and no fit"),
    ("no loss", "no run of this cell gave a loss; it enters no fit"),
)


def cells(view: View) -> Part | None:
    """One table a page, and the marks that occur in them with their meanings."""
    if not view.analysis.cells.n:
        return None
    sections = tuple(Section(page.title, (_table(view, page.rows.tolist()),)) for page in view.pages)
    printed = {str(c) for s in sections for t in s.tables for row in t.rows for c in row}
    marks = " ".join(f"{mark}: {meaning}." for mark, meaning in MARKS if any(mark in text for text in printed))
    return Part("Cells", sections, gist=counted(view.analysis.cells.n, "cell"), note=marks)


def _table(view: View, rows: list[int]) -> Table:
    columns = view.analysis.cells.columns
    axes = [a for a in view.analysis.cells.axes if a not in view.page_axes and a not in _SHOWN]
    choices = [a for a in tuned(view) if a != "seed"]
    loss, error, excess = view.cell("loss"), view.cell("standard_error"), view.cell("excess")
    sizes, tokens = view.cell("N"), view.cell("D")
    counts = view.cell("n_seeds")[rows] if "n_seeds" in columns else np.ones(len(rows))
    body: list[Mapping[str, Cell]] = []
    for r in sorted(rows, key=lambda r: (_last(float(sizes[r])), _last(float(tokens[r])), r)):
        value, sigma = with_error(loss[r], error[r])
        row: dict[str, Cell] = {a: plain(view.value(a, r)) or MISSING for a in axes}
        row |= {"N": integer(sizes[r]), "D": integer(tokens[r])}
        row |= {"loss": value, ERROR: sigma, EXCESS: with_error(excess[r], error[r])[0]}
        row |= {"seeds": f"{int(view.cell('n_seeds')[r])}"} if np.ptp(counts) > 0 else {}
        row |= {f"best {a}": best(view, a, r) for a in choices}
        body.append({**row, "marks": _marks(view, r) or MISSING})
    table = table_of_rows(body, texts=("marks",))
    for head in (ERROR, EXCESS, "marks"):
        table = without_empty(table, head)
    return table


def _last(x: float) -> float:
    """A sort key that puts missing numbers last."""
    return x if finite(x) else float("inf")


def _marks(view: View, row: int) -> str:
    marks = [f"rises with {letter}" for letter in ("N", "D") if view.cell(f"rises_{letter}")[row] == 1]
    diverged = view.cell("n_diverged")[row]
    if finite(diverged) and diverged > 0:
        marks.append(f"{int(diverged)} diverged")
    if not finite(view.cell("loss")[row]):
        marks.append("no loss")
    return ", ".join(marks)


def runs(view: View) -> Part | None:
    """Every measurement of every run."""
    table = view.analysis.runs
    if not table.n:
        return None
    declared = [name for axis in view.analysis.plan.axes for name in axis.names if name in table.columns]
    axes = [a for a in dict.fromkeys(declared) if a not in ("seed", *_SHOWN)]
    heads = ("run", *axes, "seed", "N", "D", "loss", "standard error", "seconds", "by the clock", "status")
    rows = []
    for r in range(table.n):
        value, sigma = with_error(view.run("loss")[r], view.run("standard_error")[r])
        status = str(table.columns["status"][r]) if "status" in table.columns else "done"
        seed = view.run("seed")[r]
        rows.append(
            (
                Code(str(table.columns["key"][r])),
                *(plain(scalar(table.columns[a][r])) or MISSING for a in axes),
                f"{int(seed)}" if finite(seed) else MISSING,
                magnitude(view.run("N")[r]),
                magnitude(view.run("D")[r]),
                value,
                sigma,
                significant(view.run("seconds")[r], 3),
                significant(view.run("wall_seconds")[r] or None, 3),
                status if status == "done" else Strong(status, "bad"),
            )
        )
    whole = Table(heads, tuple(rows), (False, *(True for _ in heads[1:-1]), False))
    sections = (Section("", (without_empty(whole, "by the clock"),)),)
    return Part("Runs", sections, gist=counted(table.n, "measurement"))


def failures(view: View) -> tuple[tuple[str, int], ...]:
    """Statuses other than `done` with the number of runs that ended so."""
    columns = view.analysis.runs.columns
    if "status" not in columns or "key" not in columns:
        return ()
    by_key = dict(zip(columns["key"].tolist(), columns["status"].tolist()))
    return tuple(sorted(Counter(status for status in by_key.values() if status != "done").items()))


def failed_words(view: View) -> tuple[str, ...]:
    """`3 runs diverged` for the opening paragraph."""
    words = {"missing": "not trained yet", "out_of_memory": "out of memory", "timed_out": "out of time"}
    return tuple(
        f"{counted(n, 'run')} {'is' if n == 1 else 'are'} {words[s]}" if s in words else f"{counted(n, 'run')} {s}"
        for s, n in failures(view)
    )
