"""Losses of a page slice by slice along N or D, with the laws that go through them: one panel of a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from scalingdsl.spec.vocabulary.quantities import held_by

from ...analysis.analysis_result import PanelFit
from ...analysis.cells.seed_middle import spread_columns
from ...fits import predict, predict_draws
from ...fits.core.fit_result import Array, Fit
from ...fits.forms import declaration
from ...formatting import finite, significant
from ..report_model import Axes, Band, Dots, Line, Series, Style
from ..rounding import bracketed
from ..sections.best_law import best_joint
from ..sections.fit_standing import left_open
from ..sections.headline import exponents_in
from ..sections.law_tables import fitted, interval
from ..study_view import Page, Rows, Slice, View

#: Curves are drawn through so many points.
SMOOTH = 40
#: Slices in a panel beyond which their bands would hide each other, and points are drawn small.
MOST_BANDS = 12
#: Most that a size held in a slice, or following along it, may stray in the logarithm for a law to be drawn there.
STRAYING = 0.1
#: A fit with fewer points to spare than this has no band drawn: its residuals say next to nothing of the noise.
LEAST_SPARE = 2

#: The sentence on bands of seeds.
PALE = " Pale behind them, the middle two thirds of seeds, from the 16th to the 84th percentile."

#: Fits with their numbers.
Laws = list[tuple[PanelFit, Fit]]
#: The laws to draw through a slice along N or D.
Choice = Callable[[View, Page, Slice, str], Laws]


def law_loss(view: View) -> str:
    """The loss column that laws were fitted to; the ordinary loss unless every fit names another."""
    asked = {f.request.loss for f in view.fits if f.curve is None}
    return asked.pop() if len(asked) == 1 else "loss"


def quantity_along(view: View, free: str) -> str:
    """The column along which a law reads N or D: `N_body` where every law in N counts without embeddings."""
    if free != "N":
        return free
    read = {q for f in view.fits for q in f.request.quantities if q in ("N", "N_body")}
    return "N_body" if read == {"N_body"} else "N"


def every_law(view: View, page: Page, part: Slice, free: str) -> Laws:
    """The law of one variable fitted to a slice, its theories, and the best law in N and D of its page.

    The exponential control is left to the comparison of forms: five curves a slice are no longer readable.
    """
    quantity = quantity_along(view, free)
    rows = set(part.rows.tolist())
    alone: Laws = []
    theories: Laws = []
    for panel_fit, fit in fitted(view):
        own = set(panel_fit.cells.tolist())
        if fit.law == "exponential" or _shared(fit) or not own or not own <= rows:
            continue
        if panel_fit.request.quantities == (quantity,):
            (theories if declaration(fit.law).theory else alone).append((panel_fit, fit))
    return [*alone[:1], *theories, *joint_law(view, page, part, free)]


def joint_law(view: View, page: Page, part: Slice, free: str) -> Laws:
    """The best law in N and D of a slice's page; one that only predicts where there is no other."""
    best = best_joint(view, page)
    others = [law for law in fitted(view) if view.page_of(law[0].panel) == page.panel]
    found = [law for law in (best, *others) if law is not None and not _shared(law[1])]
    wanted = {quantity_along(view, "N"), "D"}
    return [law for law in found if {*law[0].request.quantities} == wanted][:1]


def _shared(fit: Fit) -> bool:
    """True for a law with parameters that several panels share, of which a slice sees one panel's."""
    return any("[" in name for name in fit.params)


def slice_axes(
    view: View, page: Page, free: str, column: str, choose: Choice = every_law, *, exponents: bool = True
) -> Axes | None:
    """One panel: `column` along N (or D), one series for each D (or N), or None where nothing was measured along it.

    Args:
        view: The study.
        page: The cells to draw.
        free: N or D.
        column: The loss that is drawn.
        choose: The laws to draw through each slice.
        exponents: Whether labels say the exponent of the slice's own law.
    """
    quantity = quantity_along(view, free)
    x, y, error = view.cell(quantity), view.cell(column), view.cell("standard_error")
    usable = page.positive(x, y)
    if not len(usable) or (len(np.unique(x[usable])) < 2):
        return None
    slices = view.slices(page, usable, free)
    rate = _rate(view, page)
    laws = [choose(view, page, part, free) for part in slices]
    # Where slices have laws of their own the law in N and D is dotted in all, and one style means one thing.
    own_laws = any(len(p.request.variables) == 1 and not declaration(fit.law).theory for own in laws for p, fit in own)
    tones = max(sum(bool(part.label) for part in slices) - 1, 1)
    series = tuple(
        Series(
            label=_label(part, own if exponents else []),
            tone=i / tones if part.label else None,
            dots=_dots(part, own, x, y, error),
            lines=_lines(view, part, own, quantity, column, rate, own_laws) if part.label else (),
            bands=spread_band(view, part.rows, x, column) if part.label else (),
        )
        for i, (part, own) in enumerate(zip(slices, laws))
    )
    extent = extent_of([d.y for s in series for d in s.dots])
    crowded = len(series) > MOST_BANDS
    series = tuple(_thin(s) if crowded else readable(s, extent) for s in series)
    level = (rate, f"entropy rate {significant(rate, 4)}") if column == "loss" and rate is not None else None
    held = "training compute C" if view.held_as_compute else view.label(held_by(free))
    legend = "" if len(slices) == 1 and not finite(slices[0].value) else held
    if legend and any(": " in s.label for s in series):
        legend = f"{held}, and the exponent in {free}"
    styles = tuple(_styles(series, [law for own in laws for law in own], own_laws=own_laws))
    return Axes(
        view.label(quantity), view.label(column), series, legend=legend, styles=styles, level=level, legend_at="below"
    )


def _styles(series: Sequence[Series], laws: Laws, *, own_laws: bool) -> Iterator[tuple[Style, str]]:
    """Names of the lines, a style each."""
    drawn = {line.style for s in series for line in s.lines}
    theories = [p.request.name for p, fit in laws if declaration(fit.law).theory]
    joint = [p.request.name for p, _ in laws if len(p.request.variables) > 1]
    alone = [p.request.name for p, fit in laws if len(p.request.variables) == 1 and not declaration(fit.law).theory]
    solid = alone if own_laws else joint or theories
    dotted = [*theories, *joint] if own_laws else theories if joint else []
    if "solid" in drawn:
        yield "solid", ", ".join(dict.fromkeys(solid))
    if "dashed" in drawn:
        yield "dashed", "the same outside the range that was fitted"
    if "dotted" in drawn:
        yield "dotted", ", ".join(dict.fromkeys(dotted))


def _label(part: Slice, laws: Laws) -> str:
    """The label of a slice: its held size, and the exponent of the law of one variable drawn through it."""
    for panel_fit, fit in laws:
        found = [name for name in exponents_in(panel_fit.request) if name in fit.params]
        if len(panel_fit.request.variables) == 1 and found:
            return f"{part.label}: {left_open(fit, found[0]) or bracketed(*interval(fit, found[0]))}"
    return part.label


def _rate(view: View, page: Page) -> float | None:
    """The entropy rate of a page, where it is one, and not 0: that is no line among losses."""
    rates = view.cell("entropy_rate")[page.rows]
    rates = rates[rates > 0]
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


def spread_band(view: View, rows: Rows, x: Array, column: str) -> tuple[Band, ...]:
    """The middle two thirds of seeds of these cells along `x`, shape (cell of the study,), where cells are medians."""
    low, high = (view.cell(name) for name in spread_columns(column))
    rows = rows[np.isfinite(low[rows]) & np.isfinite(high[rows]) & np.isfinite(x[rows])]
    rows = rows[np.argsort(x[rows], kind="stable")]
    return (Band(x[rows], low[rows], high[rows]),) if len(rows) > 1 else ()


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
    return replace(series, dots=tuple(replace(dots, marker=".") for dots in series.dots), lines=bare, bands=())


def _readable(line: Line, extent: float) -> Line:
    if line.low is None or line.high is None:
        return line
    with np.errstate(invalid="ignore", divide="ignore"):
        height = np.median(np.log(line.high) - np.log(np.maximum(line.low, 0.0)))
    return line if height <= extent else replace(line, low=None, high=None)


def extent_of(values: Sequence[Array]) -> float:
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
