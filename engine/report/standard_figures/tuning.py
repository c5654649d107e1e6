"""Tuning: the best value of each cell, those at the edge of what was tried, and the loss against the value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...formatting import MISSING, counted, finite, magnitude
from ..report_model import Axes, Cell, Dots, Figure, Line, Part, Section, Series, Table
from ..sections.tuned_values import EDGE, EDGE_MEANING, best, tuned
from ..study_view import Page, View, number
from .side_by_side import in_rows

#: Pages side by side in a figure; of more, each has its own.
MOST_ACROSS = 4


def tuning(view: View) -> Part | None:
    """For each tuned axis: loss against value, of few pages side by side, and best values at each N and D."""
    sections = []
    for axis in tuned(view):
        if axis == "seed":  # the minimum over seeds is no choice that could be better or worse placed
            continue
        pages = view.drawn_pages
        tables = [(page, table) for page in pages if (table := _table(view, page, axis)) is not None]
        together = [_figure(view, pages, axis, f"best-{axis}")] if 1 < len(pages) <= MOST_ACROSS else []
        if together and together[0] is not None:
            sections.append(Section(axis, figures=(together[0],)))
        for page, table in tables:
            alone = None if together else _figure(view, (page,), axis, f"best-{axis}{page.ending}")
            title = f"{axis} at {page.title}" if page.title else axis
            edges = any(EDGE in cell for row in table.rows for cell in row if isinstance(cell, str))
            note = EDGE_MEANING if edges else ""
            sections.append(Section(title, (table,), (alone,) if alone else (), note=note))
    return Part("Tuned values", tuple(sections), gist=_gist(view), note=view.undrawn) if sections else None


def _gist(view: View) -> str:
    """`lr at an edge of its grid in 3 cells`."""
    known = {
        a: view.analysis.cells.columns.get(f"edge_{a}", np.zeros(1, dtype=bool)) for a in tuned(view) if a != "seed"
    }
    said = [
        f"{axis} at an edge of its grid in {counted(n, 'cell')}" for axis, at in known.items() if (n := int(np.sum(at)))
    ]
    return "; ".join(said) or ", ".join(known)


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


def _figure(view: View, pages: Sequence[Page], axis: str, name: str) -> Figure | None:
    """Loss against the tuned value: one panel a D and page, one curve an N, the best marked, hollow at the edge."""
    x = number(view.analysis.runs.columns, axis, view.analysis.runs.n)
    y, n, d = view.run("loss"), view.run("N"), view.run("D_asked")
    tried = np.isfinite(x) & np.isfinite(n) & np.isfinite(d)
    tried &= np.any([_on_page(view, page) for page in pages], axis=0)
    here = tried & np.isfinite(y) & (y > 0)
    if len(set(x[here].tolist())) < 2:
        return None
    logarithmic = bool(np.all(x[here] > 0))
    sizes = sorted(set(n[here].tolist()))
    rows = []
    for budget in sorted(set(d[here].tolist())):
        row = []
        for page in pages:
            own = _on_page(view, page) & (d == budget)
            title = f"D = {magnitude(budget)}" + (f", {page.title}" if len(pages) > 1 else "")
            series = tuple(
                _curve(
                    f"N = {magnitude(size)}",
                    i / max(len(sizes) - 1, 1),
                    tried & own & (n == size),
                    x,
                    y,
                    view.run("seed"),
                )
                for i, size in enumerate(sizes)
                if np.any(here & own & (n == size))
            )
            loss, size_label = map(view.label, ("loss", "N"))
            row.append(Axes(axis, loss, series, title, size_label, x_log=logarithmic, x_counts=False))
        rows.append(tuple(row))
    caption = (
        f"Loss against {axis}, the mean over seeds; runs that diverged are left out. Larger points are the values "
        "kept, hollow at the edge of what was tried."
    )
    at = pages[0].at if len(pages) == 1 else ""
    shown = in_rows([row[0] for row in rows]) if len(pages) == 1 else tuple(rows)
    return Figure(name, f"Choice of {axis}{at}", caption, shown, shared="rows" if len(pages) > 1 else "")


def _curve(label: str, tone: float, tried: np.ndarray, x: np.ndarray, y: np.ndarray, seed: np.ndarray) -> Series:
    """One N at one D: its losses against the value, the best larger."""
    own = x[tried]
    ends = (own.min(), own.max()) if own.min() < own.max() else ()  # one value has no edge
    known = tried & np.isfinite(y) & (y > 0)
    values, means = _lowest(x[known], y[known], seed[known])
    best_at = [np.argmin(means)]
    kept = Dots(values[best_at], means[best_at], hollow=values[best_at][0] in ends, marker="D")
    return Series(label, tone, (Dots(values, means, marker="."), kept), (Line(values, means),))


def _on_page(view: View, page: Page) -> np.ndarray:
    mask = np.ones(view.analysis.runs.n, dtype=bool)
    for axis, value in page.panel:
        column = view.analysis.runs.columns.get(axis)
        if column is not None:
            mask &= np.asarray(column == value, dtype=bool)
    return mask


def _lowest(x: np.ndarray, y: np.ndarray, seed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each value its mean loss over seeds; where other axes were tuned too, each seed's lowest."""
    values = np.unique(x)
    means = []
    for value in values:
        at = x == value
        seeds = np.nan_to_num(seed[at])
        means.append(float(np.mean([y[at][seeds == s].min() for s in np.unique(seeds)])))
    return values, np.asarray(means)
