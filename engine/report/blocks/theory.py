"""`report theory`: what a theory without parameters says of a study, beside what was measured.

Three tables: exponents of every curve that was asked for, in the limit and over the study's own cells, beside those of
power laws fitted to the same quantity; numbers of the data, beside those measured on them; and both losses size by
size, with the rank up to which clusters are worth a degree of freedom. Where every cell has a closed form of its own: a
table of how far off it is, and figures of it behind the points.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, error_of
from scalingdsl.spec.vocabulary.words.percolation import Percolation
from scalingdsl.spec.vocabulary.words.report_blocks import Theory

from ...analysis.analysis_result import PanelFit
from ...analysis.claims.fit_values import slope
from ...fits.core.fit_result import Fit
from ...fits.forms._percolation import MEAN_FIELD, Exponents, break_rank
from ...fits.parameter_free import TheoryCurve
from ...formatting import MISSING, finite, integer, significant
from ..report_model import Cell, Code, Figure, Section, Table
from ..rounding import bracketed, with_error
from ..sections.law_tables import fitted, interval
from ..standard_figures.theory_curves import theory_axes
from ..study_view import Rows, View
from . import file_name, implements

TITLE = "Theory beside measurements"
#: Sizes that are shown of one curve at most, spread evenly over those there are.
MOST_SIZES = 12
CAPTION = "Points are cells, with one standard error; lines are what the closed form says at the same sizes."


@implements(Theory)
def theory(view: View) -> Section:
    """Exponents, numbers of the data, and losses by size."""
    found = [
        (panel, fit, curve.quantity, curve.form)
        for panel, fit in fitted(view)
        if isinstance(curve := fit.details.surface, TheoryCurve) and isinstance(curve.form, Exponents)
    ]
    if not found and "theory" in view.analysis.cells.columns:
        return _cell_by_cell(view)
    if not found:
        return Section(TITLE, note="No theory was asked for: `fit brill(N)` compares percolation's with the cells.")
    tables = [_exponents(view, found), _data(view), _losses(view, found)]
    note = (
        "alpha is that of cluster sizes by rank, k^-(1 + alpha), and c/D_f that of the error on one cluster. Degrees "
        "of freedom are best spent as k^(b - 1) up to the break rank k_br; the share of data in clusters that D points "
        "do not meet falls as D^-(alpha/(1 + alpha)). In the limit the lesser exponent wins; finite ranges see less."
    )
    return Section(TITLE, tuple(table for table in tables if table is not None), note=note)


def _cell_by_cell(view: View) -> Section:
    """The loss of each page's cells over what theory says of them, and the cell that is farthest off;
    on figures both along every size.
    """
    rows: list[tuple[Cell, ...]] = []
    said = view.cell("theory")
    for page in view.pages:
        at = page.rows[np.isfinite(said[page.rows]) & (said[page.rows] > 0) & np.isfinite(view.cell("loss")[page.rows])]
        if len(at):
            ratio = view.cell("loss")[at] / said[at]
            off = np.abs(ratio - 1.0)
            worst = ratio[int(np.argmax(off))]
            numbers = (np.median(off), np.mean(off), worst)
            rows.append((page.title or "all cells", integer(len(at)), *(significant(float(x), 3) for x in numbers)))
    heads = ("where", "cells", "off in the median, as a share", "in the mean", "measured / theory, farthest")
    note = "Theory says of every cell what its loss is in the mean over draws, with nothing to fit."
    tables = (Table(heads, tuple(rows), (False, True, True, True, True)),) if rows else ()
    drawn = ((page, theory_axes(view, page)) for page in view.drawn_pages)
    figures = tuple(
        Figure(file_name(Theory, page.ending), f"Theory behind what was measured{page.at}", CAPTION, (axes,), "rows")
        for page, axes in drawn
        if axes
    )
    return Section(TITLE, tables, figures, note=f"{note} {view.undrawn}".rstrip() if figures else note)


Found = list[tuple[PanelFit, Fit, str, Exponents]]


def _exponents(view: View, found: Found) -> Table:
    """One row for each curve and place, beside the power laws in its quantity there."""
    rows: list[tuple[Cell, ...]] = []
    for panel, fit, quantity, own in found:
        shown = (
            Code(panel.request.name),
            view.setting_of(panel),
            significant(own.alpha, 3),
            significant(own.r, 3),
            significant(own.b, 3),
            significant(_limit(own, quantity), 3),
            _slope(view, panel),
        )
        measured = list(_powers(view, panel, quantity)) or [(Code(MISSING), MISSING)]
        for place, (law, exponent) in enumerate(measured):
            left = shown if not place else tuple("" for _ in shown)
            rows.append((*left, law, exponent, significant(fit.rmse, 3) if not place else ""))
    heads = (
        *("theory", "where", "alpha", "c/D_f", "b", "exponent in the limit", "over these cells"),
        *("law fitted", "its exponent", "RMSE of log loss"),
    )
    return Table(heads, tuple(rows), (False, False, True, True, True, True, True, False, True, True))


def _limit(own: Exponents, quantity: str) -> float:
    """min(alpha, r) in N, min(alpha/(1 + alpha), r) in D."""
    return min(own.alpha if quantity == "N" else own.tail, own.r)


def _slope(view: View, panel: PanelFit) -> str:
    try:
        return significant(slope(panel, view.analysis.cells)[0], 3)
    except UnansweredError:
        return MISSING


def _powers(view: View, panel: PanelFit, quantity: str) -> Iterator[tuple[Code, str]]:
    """Power laws in the same quantity at the same place, and their exponents."""
    name = QUANTITIES[quantity].parameters[1]
    for other, fit in fitted(view):
        read_in = other.request.quantities
        if other.request.law == "power" and read_in == (quantity,) and other.panel == panel.panel:
            yield Code(other.request.name), bracketed(*interval(fit, name))


def _data(view: View) -> Table | None:
    """Numbers of what was drawn, by what they say of the theory's own; None for data of another theory."""
    drawn_from = {alternative.call.split("(")[0] for alternative in view.analysis.plan.data}
    if drawn_from != {Percolation.word}:
        return None
    found = [(page.title, tuple(_facts(view, page.rows))) for page in view.pages]
    if len({rows for _, rows in found}) == 1:  # pages of models, which saw the same data
        found = [("", found[0][1])]
    rows: list[tuple[Cell, ...]] = [
        (symbol, title or "all cells", *numbers) for title, facts in found for symbol, *numbers in facts
    ]
    heads = ("number of the data", "where", "mean field, c = 2", "measured", "standard error")
    return Table(heads, tuple(rows), (False, False, True, True, True)) if rows else None


def _facts(view: View, rows: Rows) -> Iterator[tuple[str, str, str, str]]:
    """Measurements of the data, with theory, mean over seeds and its standard error."""
    size, size_error = _fact(view, rows, "hill")
    if size > 0:
        yield ("hill, of sizes, Pr(S >= s)", significant(1 / (1 + MEAN_FIELD.alpha), 3), *with_error(size, size_error))
        # Sizes k^-(1 + alpha) by rank are Pr(S >= s) ~ s^-1/(1 + alpha).
        shown = with_error(1 / size - 1, None if size_error is None else size_error / size**2)
        yield ("alpha = 1/hill - 1, of sizes by rank", significant(MEAN_FIELD.alpha, 3), *shown)
    single, single_error = _fact(view, rows, "cluster_exponent")
    if finite(single):
        yield ("c/D_f, of the error on one cluster", significant(MEAN_FIELD.r, 3), *with_error(single, single_error))


def _fact(view: View, rows: Rows, name: str) -> tuple[float, float | None]:
    """A number of the data and its standard error; NaN where it was not measured."""
    if name not in view.analysis.cells.columns:
        return float("nan"), None
    at = rows[np.isfinite(view.cell(name)[rows])]
    if not len(at):
        return float("nan"), None
    error = float(view.cell(error_of(name))[at[0]])
    return float(np.mean(view.cell(name)[at])), error if finite(error) else None


def _losses(view: View, found: Found) -> Table:
    """Loss and break rank at the study's own sizes."""
    rows: list[tuple[Cell, ...]] = []
    for panel, _, quantity, own in found:
        x = view.cell(quantity)[panel.cells]
        loss = view.cell("loss")[panel.cells]
        sizes = np.unique(x[np.isfinite(x)])
        shown = sizes[np.unique(np.linspace(0, len(sizes) - 1, min(MOST_SIZES, len(sizes))).round().astype(int))]
        for size in shown.tolist():
            measured = float(np.mean(loss[x == size]))
            predicted = float(own.loss(quantity, np.array([size]))[0])
            last = float(break_rank(np.array([size]), own)[0])
            rank = significant(last, 3) if quantity == "N" else MISSING
            name = Code(panel.request.name)
            where = view.setting_of(panel)
            ratio = significant(measured / predicted, 3)
            rows.append((name, where, integer(size), rank, significant(predicted, 3), significant(measured, 3), ratio))
    heads = ("theory", "where", "N or D", "k_br", "loss in theory", "measured", "measured / theory")
    return Table(heads, tuple(rows), (False, False, True, True, True, True, True))
