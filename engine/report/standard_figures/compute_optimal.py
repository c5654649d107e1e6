"""Compute-optimal loss, N and D against compute with their exponents, and the profiles of isoFLOP optima."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scalingdsl.spec.requests.request_types import method_of
from scalingdsl.spec.vocabulary.quantities import label_of

from ...analysis.analysis_result import PanelOptimum
from ...formatting import counted
from ..report_model import Axes, Cell, Code, Dots, Figure, Line, Part, Section, Series, Strong, Table
from ..rounding import bracketed
from ..sections.fit_standing import left_open
from ..sections.law_tables import fitted, interval, missing_optimum
from ..study_view import Page, View
from .isoflop_profiles import profile_figure
from .slice_curves import SMOOTH, band, extent_of, readable


def optimal_sizes(view: View) -> Part | None:
    """A section a page: its compute figure and isoFLOP profiles; then the exponents of all optima."""
    sections = []
    for page in view.drawn_pages:
        figures = (compute_figure(view, page, f"compute{page.ending}"), profile_figure(view, page))
        drawn = tuple(f for f in figures if f is not None)
        if drawn:
            sections.append(Section(page.title, figures=drawn))
    table = _exponents(view)
    if table is not None:
        sections.append(Section("Exponents of optimal sizes", (table,)))
    if not sections:
        return None
    return Part("Compute-optimal sizes", tuple(sections), gist=_gist(view), note=view.undrawn)


def _gist(view: View) -> str:
    found = len(list(_found(view)))
    return f"{counted(found, 'optimum', 'optima')} found" if view.analysis.optima else "loss against compute"


def _found(view: View) -> Iterator[PanelOptimum]:
    yield from (o for o in view.analysis.optima if missing_optimum(o) is None)


def _exponents(view: View) -> Table | None:
    """Exponents of the compute-optimal sizes: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""
    rows: list[tuple[Cell, ...]] = []
    for entry in _found(view):
        found = entry.optimum
        assert found is not None
        for p in method_of(entry.request).params:
            if p.kind in ("share", "exponent") and p.name in found.params:
                value, bounds = interval(found, p.name)
                told = Strong(said, "open") if (said := left_open(found, p.name)) else found.status
                what = f"{p.name}: {p.meaning}"
                rows.append((Code(entry.request.name), view.setting_of(entry), what, value, bounds, told))
    heads = ("optimum", "where", "exponent", "estimate", "95 % interval", "status")
    return Table(heads, tuple(rows), (False, False, False, True, True, False)) if rows else None


# --- the figure -------------------------------------------------------------------------------------------------------


def compute_figure(view: View, page: Page, name: str) -> Figure | None:
    """L, N and D optimal against compute with their exponents, for each method that found an optimum on this page."""
    found = optima_of(view, page)
    laws = _laws_in_compute(view, page)
    if not found and not laws:
        return None
    behind = {column: cells_by_compute(view, page, column) for column in ("loss", "N", "D")}
    if not found:
        loss = Axes(
            label_of("C"), view.label("loss"), (*behind["loss"], *laws), x_counts=False, legend_at="upper right"
        )
        caption = "C = 6ND. Grey points are the cells; the law is fitted to the lowest of them, with its 95 % band."
        return Figure(name, f"Loss against compute{page.at}", caption, ((loss,),))
    drawn = (
        _optimal(found, "L", view.label("loss"), "gamma", (*behind["loss"], *laws)),
        _optimal(found, "N", "optimal N (parameters)", "a", behind["N"]),
        _optimal(found, "D", "optimal D (tokens)", "b", behind["D"]),
    )
    axes = [panel for panel in drawn if panel is not None]
    if not axes:
        return None
    caption = (
        "Compute-optimal loss, parameters and tokens, C = 6ND, with 95 % bands; grey points are the cells. N grows as "
        "C^a, D as C^b, and L - E falls as C^-gamma."
    )
    axes, bare = _alike(axes)
    if bare:
        caption += " Bands taller than what was measured are left out, of N and D together: a + b = 1."
    return Figure(name, f"Optimal sizes against compute{page.at}", caption, (tuple(axes),))


def _alike(axes: Sequence[Axes]) -> tuple[list[Axes], bool]:
    """Panels without bands that would hide the rest: of an optimum's sizes in both panels or in none."""
    thin = [replace(a, series=tuple(readable(s, _extent(a)) for s in a.series)) for a in axes]
    lost = {
        s.label.split("\n")[0] for a in thin if a.y_counts for s in a.series for line in s.lines if line.low is None
    }

    def bare(series: Series, *, size: bool) -> Series:
        if not size or series.label.split("\n")[0] not in lost:
            return series
        return replace(series, lines=tuple(replace(line, low=None, high=None) for line in series.lines))

    done = [replace(a, series=tuple(bare(s, size=a.y_counts) for s in a.series)) for a in thin]
    return done, any(line.low is None for a in done for s in a.series for line in s.lines)


def _extent(axes: Axes) -> float:
    series = axes.series
    return extent_of([*(d.y for s in series for d in s.dots), *(line.y for s in series for line in s.lines)])


def _laws_in_compute(view: View, page: Page) -> tuple[Series, ...]:
    """Laws fitted to the loss against compute itself, with their exponents, over the cells they were fitted to."""
    series: list[Series] = []
    for panel_fit, fit in fitted(view):
        quantities = panel_fit.request.quantities
        if quantities != ("C",) or view.page_of(panel_fit.panel) != page.panel or "gamma" not in fit.params:
            continue
        flops = view.cell("C")[panel_fit.cells]
        at = np.geomspace(flops.min(), flops.max(), SMOOTH)
        label = f"{panel_fit.request.name}\ngamma = {bracketed(*interval(fit, 'gamma'))}"
        # Counted down, so that these colours are not those of the optima beside them.
        series.append(Series(label, -1 - len(series), lines=(Line(at, *band(fit, {fit.variables[0]: at})),)))
    return tuple(series)


def optima_of(view: View, page: Page) -> list[PanelOptimum]:
    """The optima that were found on a page."""
    return [o for o in _found(view) if view.page_of(o.panel) == page.panel]


def cells_by_compute(view: View, page: Page, column: str) -> tuple[Series, ...]:
    """The cells of a page in grey, behind curves over compute; none where none has a place there."""
    x, y = view.cell("C"), view.cell(column)
    rows = page.positive(x, y)
    return (Series("cells", None, (Dots(x[rows], y[rows]),)),) if len(rows) else ()


def _optimal(
    found: Sequence[PanelOptimum], key: str, y_label: str, exponent: str, behind: tuple[Series, ...]
) -> Axes | None:
    series = list(behind)
    for i, entry in enumerate(found):
        curve = entry.optimum.curves.get(key) if entry.optimum else None
        if entry.optimum is None or curve is None or not len(curve.flops):
            continue
        label = entry.request.name
        if exponent in entry.optimum.params:
            said = left_open(entry.optimum, exponent)
            value = said or f"= {bracketed(*interval(entry.optimum, exponent))}"
            label = f"{label}\n{exponent} {value}"
        known = np.all(np.isfinite([curve.low, curve.high]))
        bounds = (curve.low, curve.high) if known else (None, None)
        series.append(Series(label, i, lines=(Line(curve.flops, curve.value, *bounds),)))
    if not any(s.lines for s in series):
        return None
    return Axes(label_of("C"), y_label, tuple(series), x_counts=False, y_counts=key != "L", legend_at="below")
