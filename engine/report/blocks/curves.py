"""`report curves`: training loss along each run, so that one that diverged, stalled or is unfinished is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Curves

from ...fits.core.fit_result import Array
from ...formatting import counted, integer, magnitude, plain, significant
from ...store.record import Curve
from ..report_model import Axes, Code, Dots, Figure, Line, Section, Series, Style, table_of_rows
from ..study_view import Page, View, scalar
from . import file_name, implements

TITLE = "Training curves"
#: Curves drawn in one figure, and runs listed, at most.
MOST_CURVES, MOST_LISTED = 240, 20
#: Line and closing mark of a run by what became of it; any other status counts as unfinished.
STYLES: dict[str, tuple[Style, str]] = {"done": ("solid", ""), "diverged": ("dashed", "x")}
UNFINISHED: tuple[Style, str] = ("dotted", "o")


@dataclass(frozen=True)
class _Run:
    """A run with curves, the trunk's first: its first row in the run table, and its status."""

    row: int
    status: str
    curves: tuple[Curve, ...]

    @property
    def last(self) -> tuple[int, int, float]:
        """Steps taken, tokens read and loss where the trunk's curve ends."""
        trunk = self.curves[0]
        return trunk.steps[-1], trunk.steps[-1] * trunk.step_tokens, trunk.losses[-1]


@implements(Curves)
def curves(view: View) -> Section:
    """One figure a page, coloured by size, and a table of the runs that diverged or are unfinished."""
    runs = list(_runs(view))
    if not runs:
        return Section(TITLE, note="These results hold no training curves: none of the runs was trained in steps, or "
                       "an earlier version trained them.")  # fmt: skip
    figures = [figure for page in view.drawn_pages if (figure := _figure(view, page, runs)) is not None]
    ended_early = [run for run in runs if run.status != "done"]
    tables = (table_of_rows([_row(view, run) for run in ended_early[:MOST_LISTED]], texts=("at", "became")),)
    more = len(ended_early) - MOST_LISTED
    note = f"{counted(more, 'more run')} diverged or unfinished." if more > 0 else ""
    return Section(TITLE, tables if ended_early else (), tuple(figures), note=note)


def _runs(view: View) -> Iterator[_Run]:
    """Runs with curves that enter a cell, and all that did not end well, in the order of the plan."""
    columns, known = view.analysis.runs.columns, view.analysis.facts.curves
    kept = _kept(view)
    first: dict[str, int] = {}
    for row, key in enumerate(columns["key"].tolist() if known else ()):
        if key in known and (kept[row] or str(columns["status"][row]) != "done"):
            first.setdefault(key, row)
    for key, row in first.items():
        own = tuple(curve for curve in known[key] if curve.steps)
        if own:
            yield _Run(row, str(columns["status"][row]), own)


def _kept(view: View) -> Array:
    """True for each row of the run table that has the best value of every tuned axis of its cell."""
    runs, cells = view.analysis.runs, view.analysis.cells
    tuned = [name for axis in view.analysis.plan.axes if axis.role == "tune" for name in axis.names]

    def at(columns: dict[str, np.ndarray], names: list[str]) -> list[tuple[object, ...]]:
        parts = [[None if v != v else v for v in columns[name].tolist()] for name in names]
        return list(zip(*parts)) if parts else [()] * len(next(iter(columns.values()), ()))

    places = at(cells.columns, list(cells.axes))
    best = dict(zip(places, at(cells.columns, [f"best_{name}" for name in tuned])))
    values = at(runs.columns, tuned)
    return np.array([best.get(place) == own for place, own in zip(at(runs.columns, list(cells.axes)), values)])


def _figure(view: View, page: Page, runs: list[_Run]) -> Figure | None:
    """Loss against tokens, a colour for each size."""
    columns = view.analysis.runs.columns
    own = [r for r in runs if all(scalar(columns[axis][r.row]) == value for axis, value in page.panel)]
    if not own:
        return None
    drawn = own if len(own) <= MOST_CURVES else [own[i * len(own) // MOST_CURVES] for i in range(MOST_CURVES)]
    size = view.run("N")
    sizes = sorted({float(size[run.row]) for run in drawn})
    lines, marks = [], []
    for place, n in enumerate(sizes):
        tone = place / max(len(sizes) - 1, 1)
        group = [run for run in drawn if float(size[run.row]) == n]
        lines.append(Series(f"N = {magnitude(n)}", tone, lines=tuple(line for run in group for line in _lines(run))))
        marks += [Series("", tone, (_mark(run),)) for run in group if run.status != "done"]
    rate = view.cell("entropy_rate")[page.rows]
    level = (float(rate[0]), "entropy rate") if len(rate) and np.all(rate == rate[0]) and rate[0] > 0 else None
    x_label = "points shown" if view.of_points else "tokens read"
    y_label = "squared error in training" if view.of_points else "training loss (nats/token)"
    axes = Axes(x_label, y_label, (*lines, *marks), legend=view.label("N"), level=level)
    left_out = f" {len(drawn)} of {len(own)} runs are drawn, evenly chosen." if len(drawn) < len(own) else ""
    tuned = any(axis.role == "tune" for axis in view.analysis.plan.axes)
    which = " Of tuned values the best is drawn; of runs that diverged or are unfinished, all." if tuned else ""
    caption = (
        "Each point of a line is the mean training loss since the point before, at steps evenly spaced in the "
        f"logarithm. Dashed with a cross: diverged there. Dotted with a ring: unfinished.{which}{left_out}"
    )
    return Figure(file_name(Curves, page.ending), f"Training loss{page.at}", caption, ((axes,),))


def _lines(run: _Run) -> Iterator[Line]:
    """The trunk and its decay branches."""
    style, _ = STYLES.get(run.status, UNFINISHED)
    for curve in run.curves:
        yield Line(np.array(curve.steps) * curve.step_tokens, np.array(curve.losses), style=style)


def _mark(run: _Run) -> Dots:
    """The end of a run that did not end well."""
    _, marker = STYLES.get(run.status, UNFINISHED)
    _, x, y = run.last
    return Dots(np.array([x]), np.array([y]), hollow=marker == UNFINISHED[1], marker=marker)


def _row(view: View, run: _Run) -> dict[str, str | Code]:
    """One run that did not end well."""
    columns = view.analysis.runs.columns
    axes = [name for axis in view.analysis.plan.axes for name in axis.names if name in columns]
    values = [(name, scalar(columns[name][run.row])) for name in axes]
    steps, tokens, loss = run.last
    return {
        "run": Code(str(columns["key"][run.row])),
        "at": ", ".join(f"{name} = {plain(value)}" for name, value in values if value == value and value != ""),
        "became": run.status if run.status in STYLES else "unfinished",
        "steps": integer(steps),
        "points" if view.of_points else "tokens": magnitude(tokens),
        "last loss": significant(loss, 3),
    }
