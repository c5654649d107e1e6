"""The standard scaling page: loss against N at each D and against D at each N; optimal L, N and D against compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from scalingdsl.spec.vocabulary.quantities import held_by, label_of

from ...analysis.analysis_result import PanelFit, PanelOptimum
from ...fits import predict, predict_draws
from ...fits.core.fit_result import Array, Fit
from ...fits.forms import declaration
from ...formatting import finite, percent, significant
from ..report_model import Axes, Dots, Figure, Line, Section, Series, Style
from ..rounding import bracketed
from ..study_view import MOST_PAGES, Page, Rows, Slice, View
from .headline import exponents_in
from .law_tables import fitted, interval, missing_optimum

#: Curves are drawn through so many points.
SMOOTH = 40
#: Slices in a panel beyond which their bands would hide each other, and points are drawn small.
MOST_BANDS = 12
#: Most that a size held in a slice, or following along it, may stray in the logarithm for a law to be drawn there.
STRAYING = 0.1
#: A fit with fewer points to spare than this has no band drawn: its residuals say next to nothing of the noise.
LEAST_SPARE = 2

#: Fits with their numbers.
Laws = list[tuple[PanelFit, Fit]]


def pages(view: View) -> tuple[Section, ...]:
    """One section a page: its scaling figure and, where an optimum was found, its compute figure."""
    sections = []
    for page in view.drawn_pages:
        figures = [
            scaling_figure(view, page, f"scaling{page.ending}"),
            compute_figure(view, page, f"compute{page.ending}"),
        ]
        if any(figures):
            sections.append(Section(title=page.title, figures=tuple(f for f in figures if f is not None)))
    return tuple(sections)


def undrawn(view: View) -> str:
    """The sentence on pages that are not drawn; empty where all are."""
    if len(view.pages) <= MOST_PAGES:
        return ""
    return f"Figures are drawn for the first {MOST_PAGES} of {len(view.pages)} panels; the tables hold all of them."


def scaling_figure(view: View, page: Page, name: str) -> Figure | None:
    """Loss, and excess loss where the entropy rate is known, along N and along D; None where nothing was measured."""
    loss = _law_loss(view)
    columns = [_axes(view, page, free, loss) for free in ("N", "D")]
    known = [axes for axes in columns if axes is not None]
    if not known:
        return None
    rows = [tuple(known)]
    below = [_axes(view, page, free, "excess") for free in ("N", "D")] if loss == "loss" else []
    excess = tuple(axes for axes in below if axes is not None)
    if excess:
        rows = [(*known, *excess)] if len(known) == 1 else [tuple(known), excess]
    caption = (
        "Points are cells, with one standard error; curves are the fitted laws with 95 % bands, dashed outside the "
        "range that was fitted."
    )
    caption += _bandless(known)
    if any(any(d.hollow for d in s.dots) for axes in known for s in axes.series):
        caption += " Hollow points were held out of the fit."
    if any(line.style == "dotted" for axes in known for s in axes.series for line in s.lines):
        theories = sorted({f.request.law for f, fit in fitted(view) if declaration(fit.law).theory})
        caption += f" Dotted beside them: {', '.join(theories) or 'the law in N and D'}."
    grouped = next((f for free in ("N", "D") for f in view.alone(page.panel, free) if f.request.group), None)
    if grouped is not None and grouped.request.group:
        caption += f" Sizes within {percent(grouped.request.group, 1)} of each other are one curve."
    if any(s.tone is None for axes in known for s in axes.series):
        caption += " Grey points lie where no law of one variable was fitted."
    if excess:
        place = "Beside" if len(rows) == 1 else "Below"
        caption += f" {place}, the same cells as excess loss, above the source's entropy rate."
    return Figure(name, f"Scaling of the loss{page.at}", caption, tuple(rows))


def _bandless(panels: Sequence[Axes]) -> str:
    """The sentence on curves drawn without a band; empty where there are none."""
    solid = [line for axes in panels for s in axes.series for line in s.lines if line.style == "solid"]
    bare = sum(line.low is None for line in solid)
    if not bare:
        return ""
    if any(len(axes.series) > MOST_BANDS for axes in panels):
        return f" Bands are left out of a panel with more than {MOST_BANDS} curves; the table has the intervals."
    many = "No curve has its band" if bare == len(solid) else f"{bare} of {len(solid)} curves have no band"
    return (
        f" {many} drawn: of fewer than {LEAST_SPARE} points to spare it means little, and one taller than all that "
        "was measured would hide the rest; the legend has the intervals."
    )


def _law_loss(view: View) -> str:
    """The loss column that laws were fitted to; the ordinary loss unless every fit names another."""
    asked = {f.request.loss for f in view.fits}
    return asked.pop() if len(asked) == 1 else "loss"


def _quantity(view: View, free: str) -> str:
    """The column along which a law reads N or D: `N_body` where every law in N counts without embeddings."""
    if free != "N":
        return free
    read = {q for f in view.fits for q in f.request.quantities if q in ("N", "N_body")}
    return "N_body" if read == {"N_body"} else "N"


def _axes(view: View, page: Page, free: str, column: str) -> Axes | None:
    """One panel: `column` along N (or D), one series for each D (or N)."""
    quantity = _quantity(view, free)
    x, y, error = view.cell(quantity), view.cell(column), view.cell("standard_error")
    usable = page.positive(x, y)
    if not len(usable) or (len(np.unique(x[usable])) < 2):
        return None
    slices = view.slices(page, usable, free)
    rate = _rate(view, page)
    laws = [_laws_through(view, page, part, free) for part in slices]
    # Where slices have laws of their own the law in N and D is dotted in all, and one style means one thing.
    own_laws = any(len(p.request.variables) == 1 and not declaration(fit.law).theory for own in laws for p, fit in own)
    tones = max(sum(bool(part.label) for part in slices) - 1, 1)
    series = tuple(
        Series(
            label=_label(part, own),
            tone=i / tones if part.label else None,
            dots=_dots(part, own, x, y, error),
            lines=_lines(view, part, own, quantity, column, rate, own_laws) if part.label else (),
        )
        for i, (part, own) in enumerate(zip(slices, laws))
    )
    extent = _extent([d.y for s in series for d in s.dots])
    crowded = len(series) > MOST_BANDS
    series = tuple(_thin(s) if crowded else readable(s, extent) for s in series)
    level = (rate, f"entropy rate {significant(rate, 4)}") if column == "loss" and rate is not None else None
    held = "training compute C" if view.held_as_compute else view.label(held_by(free))
    legend = "" if len(slices) == 1 and not finite(slices[0].value) else held
    if legend and any(": " in s.label for s in series):
        legend = f"{held}, and the exponent in {free}"
    return Axes(view.label(quantity), view.label(column), series, legend=legend, level=level, legend_at="below")


def _label(part: Slice, laws: Laws) -> str:
    """The label of a slice: its held size, and the exponent of the law of one variable drawn through it."""
    for panel_fit, fit in laws:
        found = [name for name in exponents_in(panel_fit.request) if name in fit.params]
        if len(panel_fit.request.variables) == 1 and found:
            known = fit.status == "converged" or found[0] in fit.unidentified
            doubt = "" if known else f", {fit.status}"
            return f"{part.label}: {bracketed(*interval(fit, found[0]))}{doubt}"
    return part.label


def _rate(view: View, page: Page) -> float | None:
    """The entropy rate of a page, where it is one."""
    rates = view.cell("entropy_rate")[page.rows]
    rates = rates[np.isfinite(rates)]
    return float(rates[0]) if len(rates) and np.ptp(rates) <= 1e-9 * abs(rates[0]) else None


def _dots(part: Slice, laws: Laws, x: Array, y: Array, error: Array) -> tuple[Dots, ...]:
    """The cells of a slice; those that the fit which made it held out, or else every law through it, are hollow."""
    dropped = [panel_fit.held_out for panel_fit, _ in laws] if part.held_out is None else [part.held_out]
    held_out = set(part.rows.tolist()).intersection(*(rows.tolist() for rows in dropped)) if dropped else set()
    groups = []
    for hollow in (False, True):
        rows = np.asarray([r for r in part.rows if (r in held_out) == hollow], dtype=np.int64)
        if len(rows):
            rows = rows[np.argsort(x[rows], kind="stable")]
            bars = error[rows] if np.any(np.isfinite(error[rows])) else None
            groups.append(Dots(x[rows], y[rows], None if bars is None else np.nan_to_num(bars), hollow))
    return tuple(groups)


def _laws_through(view: View, page: Page, part: Slice, free: str) -> Laws:
    """Fits to draw through a slice: the law of one variable fitted to it, its theories, the law in N and D of its page.

    The exponential control is left to the table of fits: five curves a slice are no longer readable.
    """
    quantity = _quantity(view, free)
    rows = set(part.rows.tolist())
    alone: Laws = []
    theories: Laws = []
    joint: Laws = []
    for panel_fit, fit in fitted(view):
        if fit.law == "exponential" or any("[" in name for name in fit.params):  # a law shared between panels
            continue
        read = panel_fit.request.quantities
        own = set(panel_fit.cells.tolist())
        if read == (quantity,) and own and own <= rows:
            (theories if declaration(fit.law).theory else alone).append((panel_fit, fit))
        elif set(read) == {_quantity(view, "N"), "D"} and view.page_of(panel_fit.panel) == page.panel:
            joint.append((panel_fit, fit))
    return [*alone[:1], *theories, *joint[:1]]


def _lines(
    view: View, part: Slice, laws: Laws, quantity: str, column: str, rate: float | None, own_laws: bool
) -> tuple[Line, ...]:
    """Curves through a slice, less the entropy rate for the excess: the slice's own law, and dotted the joint law."""
    lines: list[Line] = []
    offsets = {"loss": rate if column == "excess" else None, column: 0.0}
    for panel_fit, fit in laws:
        offset = offsets.get(panel_fit.request.loss)
        if offset is None:
            continue
        beside = bool(lines) or (own_laws and len(panel_fit.request.variables) > 1)
        lines += _curve(view, panel_fit, fit, part, quantity, offset, beside=beside)
    return tuple(lines)


def _curve(
    view: View, panel_fit: PanelFit, fit: Fit, part: Slice, quantity: str, offset: float, *, beside: bool
) -> list[Line]:
    """One law over its slice: solid with a band where it was fitted, dashed outside; dotted where it is the second."""
    x = view.cell(quantity)[part.rows]
    fitted = view.cell(quantity)[np.intersect1d(part.rows, panel_fit.cells)]
    if len(np.unique(x)) < 2 or not _follows(view, panel_fit, part.rows, quantity):
        return []
    spans: list[tuple[float, float, Style]] = [(x.min(), x.max(), "dotted" if beside else "dashed")]
    if len(fitted) and not beside:
        spans = [(fitted.min(), fitted.max(), "solid")]
        spans += [(x.min(), fitted.min(), "dashed"), (fitted.max(), x.max(), "dashed")]
    lines = []
    for low, high, style in spans:
        if high > low:
            at = np.geomspace(low, high, SMOOTH)
            y, bottom, top = band(fit, _inputs(view, panel_fit, fit, part.rows, quantity, at))
            hidden = beside or bottom is None or top is None or spare(fit) < LEAST_SPARE
            lines.append(
                Line(at, y - offset, None if hidden else bottom - offset, None if hidden else top - offset, style)  # type: ignore[operator, arg-type]
            )
    return lines


def spare(fit: Fit) -> int:
    """Points, or clusters of them, less free parameters."""
    return fit.n_clusters - (len(fit.params) - len(fit.fixed))


def readable(series: Series, extent: float) -> Series:
    """The series without those bands that are taller, at half of their points, than `extent` in the logarithm."""
    return replace(series, lines=tuple(_readable(line, extent) for line in series.lines))


def _thin(series: Series) -> Series:
    """The series without bands and with small points."""
    bare = tuple(replace(line, low=None, high=None) for line in series.lines)
    return replace(series, dots=tuple(replace(dots, marker=".") for dots in series.dots), lines=bare)


def _readable(line: Line, extent: float) -> Line:
    if line.low is None or line.high is None:
        return line
    with np.errstate(invalid="ignore", divide="ignore"):
        height = np.median(np.log(line.high) - np.log(np.maximum(line.low, 0.0)))
    return line if height <= extent else replace(line, low=None, high=None)


def _extent(values: Sequence[Array]) -> float:
    """Largest over smallest of what is positive, in the logarithm."""
    known = np.concatenate([np.ravel(v) for v in values]) if values else np.array([])
    known = known[np.isfinite(known) & (known > 0)]
    return float(np.log(known.max() / known.min())) if len(known) else 0.0


def _follows(view: View, panel_fit: PanelFit, rows: Rows, quantity: str) -> bool:
    """True where every other variable of a law is nearly constant in a slice, or nearly a power of the moving one."""
    others = [read for _, read in panel_fit.request.variables if read != quantity]
    logs = [np.log(view.cell(read)[rows]) - np.log(_along(view, read, rows, quantity)) for read in others]
    return all(np.all(np.abs(stray) <= STRAYING) for stray in logs)


def _along(view: View, read: str, rows: Rows, quantity: str, at: Array | None = None) -> Array:
    """The held size as a power of the moving one: constant up to whole steps, or as N falls along one budget."""
    x, y = np.log(view.cell(quantity)[rows]), np.log(view.cell(read)[rows])
    middle = float(np.mean(x))
    slope = float((x - middle) @ (y - np.mean(y)) / ((x - middle) @ (x - middle)))
    return np.asarray(np.exp(np.mean(y) + slope * ((x if at is None else np.log(at)) - middle)))


def _inputs(view: View, panel_fit: PanelFit, fit: Fit, rows: Rows, quantity: str, at: Array) -> dict[str, Array]:
    """A law's variables along a curve: `at` for the one that moves, the slice's own value for any other."""
    return {
        variable: at if read == quantity else _along(view, read, rows, quantity, at)
        for variable, (_, read) in zip(fit.variables, panel_fit.request.variables)
    }


def band(fit: Fit, variables: dict[str, Array]) -> tuple[Array, Array | None, Array | None]:
    """A law's loss, and the 2.5 % and 97.5 % points of its draws, each of shape (point,)."""
    y = predict(fit, variables)
    if not fit.draws:
        return y, None, None
    with np.errstate(all="ignore"):  # a draw whose refit ran away overflows, and is left out
        draws = predict_draws(fit, variables)
    draws = draws[np.all(np.isfinite(draws), axis=1)]
    if not len(draws):
        return y, None, None
    low, high = np.percentile(draws, (2.5, 97.5), axis=0)
    return y, low, high


def compute_figure(view: View, page: Page, name: str) -> Figure | None:
    """L, N and D optimal against compute with their exponents, for each method that found an optimum on this page."""
    found = optima_of(view, page)
    laws = _laws_in_compute(view, page)
    if not found and not laws:
        return None
    cells = (*cells_by_compute(view, page, "loss"), *laws)
    axes = tuple(
        panel
        for key, label, exponent in (
            ("L", view.label("loss"), "gamma"),
            ("N", "optimal N (parameters)", "a"),
            ("D", "optimal D (tokens)", "b"),
        )
        if (panel := _optimal(found, key, label, exponent, cells if key == "L" else ())) is not None
    )
    if not axes:
        return None
    if not found:
        caption = "C = 6ND. Grey points are the cells; the law is fitted to the lowest of them, with its 95 % band."
        return Figure(name, f"Loss against compute{page.at}", caption, (axes,))
    caption = (
        "Compute-optimal loss, parameters and tokens, C = 6ND, with 95 % bands, over the compute of the cells (grey "
        "points). Exponents: N grows as C^a, D as C^b, and L - E falls as C^-gamma."
    )
    if any(line.low is None for panel in axes for s in panel.series for line in s.lines):
        caption += " A band that is taller than its panel is left out; the legend has the interval."
    return Figure(name, f"Optimal sizes against compute{page.at}", caption, (axes,))


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
    return [o for o in view.analysis.optima if view.page_of(o.panel) == page.panel and missing_optimum(o) is None]


def cells_by_compute(view: View, page: Page, column: str) -> tuple[Series, ...]:
    """The cells of a page in grey, behind curves over compute; none where none has a place there."""
    x, y = view.cell("C"), view.cell(column)
    rows = page.positive(x, y)
    return (Series("", None, (Dots(x[rows], y[rows]),)),) if len(rows) else ()


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
            label = f"{label}\n{exponent} = {bracketed(*interval(entry.optimum, exponent))}"
        known = np.all(np.isfinite([curve.low, curve.high]))
        band = (curve.low, curve.high) if known else (None, None)
        series.append(Series(label, i, lines=(Line(curve.flops, curve.value, *band),)))
    if not any(s.lines for s in series):
        return None
    corner: Literal["upper left", "upper right"] = "upper right" if key == "L" else "upper left"
    extent = _extent([*(d.y for s in series for d in s.dots), *(line.y for s in series for line in s.lines)])
    series = [readable(s, extent) for s in series]
    return Axes(label_of("C"), y_label, tuple(series), x_counts=False, y_counts=key != "L", legend_at=corner)
