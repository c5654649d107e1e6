"""Tuning: the best value of each cell, those at the edge of what was tried, and the loss against the value."""

from __future__ import annotations

import numpy as np

from ...formatting import MISSING, finite, magnitude, plain
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, Table
from ..study_view import Page, View, number

#: Written after a best value that is the smallest or largest tried.
EDGE = "†"
EDGE_MEANING = f"{EDGE} smallest or largest value tried: a better one may lie beyond."
#: Panels of a figure: one for each D.
MOST_PANELS = 6


def tuned(view: View) -> tuple[str, ...]:
    """Tuned axes that have a best value in the cell table."""
    return tuple(name.removeprefix("best_") for name in view.analysis.cells.columns if name.startswith("best_"))


def tuning(view: View) -> tuple[Section, ...]:
    """For each tuned axis and page: best value at each N and D, and loss against value."""
    sections = []
    for axis in tuned(view):
        if axis == "seed":  # the minimum over seeds is no choice that could be better or worse placed
            continue
        for page in view.drawn_pages:
            table = _table(view, page, axis)
            figure = _figure(view, page, axis, f"best-{axis}{page.ending}")
            if table is not None:
                title = f"{axis} at {page.title}" if page.title else axis
                edges = any(EDGE in cell for row in table.rows for cell in row if isinstance(cell, str))
                sections.append(
                    Section(title, (table,), (figure,) if figure else (), note=EDGE_MEANING if edges else "")
                )
    return tuple(sections)


def best(view: View, axis: str, row: int) -> str:
    """A cell's best value, with a mark where it lies at the edge."""
    value = view.value(f"best_{axis}", row)
    if value == "" or value != value:
        return MISSING
    edge = bool(view.analysis.cells.columns.get(f"edge_{axis}", np.zeros(row + 1, dtype=bool))[row])
    return f"{plain(value)}{EDGE if edge else ''}"


def _table(view: View, page: Page, axis: str) -> Table | None:
    """Best values, one row an N and one column a D; a list of cells where the grid is none."""
    sizes, tokens = view.cell("N"), view.tokens
    rows = [r for r in page.rows.tolist() if finite(sizes[r]) and finite(tokens[r])]
    if not any(finite(view.cell("loss")[r]) for r in rows):
        return None
    at: dict[tuple[float, float], list[int]] = {}
    for r in rows:
        at.setdefault((sizes[r], tokens[r]), []).append(r)
    all_n, all_d = sorted({n for n, _ in at}), sorted({d for _, d in at})
    if len(all_n) * len(all_d) > 2 * len(at):
        body = tuple((magnitude(n), magnitude(d), _several(view, axis, found)) for (n, d), found in sorted(at.items()))
        return Table(("N", "D", f"best {axis}"), body, (True, True, True))
    grid: list[tuple[Cell, ...]] = [
        (f"N = {magnitude(n)}", *(_several(view, axis, at.get((n, d), [])) for d in all_d)) for n in all_n
    ]
    return Table(
        (f"best {axis}", *(f"D = {magnitude(d)}" for d in all_d)), tuple(grid), (False, *(True for _ in all_d))
    )


def _several(view: View, axis: str, rows: list[int]) -> str:
    return ", ".join(dict.fromkeys(best(view, axis, r) for r in rows)) or MISSING


def _figure(view: View, page: Page, axis: str, name: str) -> Figure | None:
    """Loss against the tuned value: one panel a D, one curve an N, the best marked, hollow at the edge."""
    x = number(view.analysis.runs.columns, axis, view.analysis.runs.n)
    y, n, d = view.run("loss"), view.run("N"), view.run("D_asked")
    tried = _on_page(view, page) & np.isfinite(x) & np.isfinite(n) & np.isfinite(d)
    here = tried & np.isfinite(y) & (y > 0)
    budgets = _spread(sorted(set(d[here].tolist())))
    sizes = sorted(set(n[here].tolist()))
    if len(set(x[here].tolist())) < 2 or not sizes:
        return None
    logarithmic = bool(np.all(x[here] > 0))
    panels = []
    for budget in budgets:
        series = []
        for i, size in enumerate(sizes):
            rows = here & (d == budget) & (n == size)
            if rows.any():
                tone = i / max(len(sizes) - 1, 1)
                own = x[tried & (d == budget) & (n == size)]
                ends = (own.min(), own.max()) if own.min() < own.max() else ()  # one value has no edge
                values, means = _lowest(x[rows], y[rows], view.run("seed")[rows])
                best_at = [np.argmin(means)]
                kept = Dots(values[best_at], means[best_at], hollow=values[best_at][0] in ends, marker="D")
                dots = (Dots(values, means, marker="."), kept)
                series.append(Series(f"N = {magnitude(size)}", tone, dots, (Line(values, means),)))
        title, (loss, size_label) = f"D = {magnitude(budget)}", map(view.label, ("loss", "N"))
        panels.append(Axes(axis, loss, tuple(series), title, size_label, x_log=logarithmic, x_counts=False))
    width = 3 if len(panels) > 4 or len(panels) == 3 else 2
    rows_of = tuple(tuple(panels[i : i + width]) for i in range(0, len(panels), width))
    caption = (
        f"Loss against {axis}, the mean over seeds; runs that diverged are left out. Larger points are the values "
        "kept, hollow at the edge of what was tried."
    )
    title = f"Choice of {axis}{page.at}"
    return Figure(name, title, caption, rows_of)


def _on_page(view: View, page: Page) -> np.ndarray:
    mask = np.ones(view.analysis.runs.n, dtype=bool)
    for axis, value in page.panel:
        column = view.analysis.runs.columns.get(axis)
        if column is not None:
            mask &= np.asarray(column == value, dtype=bool)
    return mask


def _spread(values: list[float]) -> list[float]:
    """At most six of the values, the smallest and the largest among them."""
    if len(values) <= MOST_PANELS:
        return values
    keep = sorted({round(i * (len(values) - 1) / (MOST_PANELS - 1)) for i in range(MOST_PANELS)})
    return [values[i] for i in keep]


def _lowest(x: np.ndarray, y: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each value its mean loss over seeds; where other axes were tuned too, each seed's lowest."""
    values = np.unique(x)
    means = []
    for value in values:
        at = x == value
        seeds = np.nan_to_num(seed[at])
        means.append(float(np.mean([y[at][seeds == s].min() for s in np.unique(seeds)])))
    return values, np.asarray(means)
