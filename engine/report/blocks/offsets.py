"""`report offsets`: the power law with and without its offset E, through the same slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scalingdsl.spec.vocabulary.quantities import held_by, letter_of
from scalingdsl.spec.vocabulary.words.report_blocks import Offsets

from ...fits import predict
from ...fits.core.fit_result import Fit
from ...formatting import significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_rows
from ..sections.sliced_laws import NO_SLICES, Sliced, power_slices, refitted
from ..standard_figures.slice_curves import SMOOTH
from ..study_view import View
from . import file_name, implements

TITLE = "With and without the offset E"


@implements(Offsets)
def offsets(view: View) -> Section:
    """Exponents, and how much worse the straight line of a double-logarithmic plot fits."""
    figures, rows = [], []
    for page in view.drawn_pages:
        panels = []
        for quantity in ("N", "D"):
            pairs = [(one, refitted(view, one, fixed={"E": 0.0})) for one in power_slices(view, page, quantity)]
            known = [(one, bare) for one, bare in pairs if bare is not None]
            if known:
                panels.append(_panel(view, known))
                rows += [_row(page.title, one, bare) for one, bare in known]
        if panels:
            title = f"{TITLE}{page.at}"
            caption = (
                "Solid: L = E + A x^-alpha; dotted: the same with E = 0, a straight line here. Points are cells, with "
                "one standard error."
            )
            figures.append(Figure(file_name(Offsets, page.ending), title, caption, (tuple(panels),)))
    if not figures:
        return Section(TITLE, note=NO_SLICES)
    table = table_of_rows(rows, texts=("exponent in",))
    note = (
        "Without an offset the exponent is that of the loss itself, not of what can still be gained, and comes out too "
        "small wherever the loss nears its floor."
    )
    return Section(TITLE, (table,), tuple(figures), note=note)


def _panel(view: View, found: Sequence[tuple[Sliced, Fit]]) -> Axes:
    series = []
    for i, (one, bare) in enumerate(found):
        rows = one.panel_fit.cells
        x, y = view.cell(one.quantity)[rows], view.cell(one.panel_fit.request.loss)[rows]
        order = np.argsort(x, kind="stable")
        at = np.geomspace(x.min(), x.max(), SMOOTH)
        lines = (
            Line(at, predict(one.fit, {one.quantity: at})),
            Line(at, predict(bare, {one.quantity: at}), style="dotted"),
        )
        dots = Dots(x[order], y[order], np.nan_to_num(view.cell("standard_error")[rows])[order])
        series.append(Series(one.place or "all cells", i / max(len(found) - 1, 1), (dots,), lines))
    first = found[0][0]
    loss = first.panel_fit.request.loss
    held = view.label(held_by(first.quantity))
    return Axes(view.label(first.quantity), view.label(loss), tuple(series), legend=held, legend_at="below")


def _row(title: str, one: Sliced, bare: Fit) -> Mapping[str, Cell]:
    alpha, alone = one.value, bare.params[one.exponent]
    where = "; ".join(part for part in (title, one.place) if part) or "all cells"
    return {
        "where": where,
        "exponent in": letter_of(one.quantity),
        "with E": significant(alpha, 3),
        "E": significant(one.fit.params["E"], 4),
        "without": significant(alone, 3),
        "ratio": significant(alone / alpha if alpha else None, 2),
        "mse with E": significant(one.fit.mse, 2),
        "mse without": significant(bare.mse, 2),
        "ratio of mse": significant(bare.mse / one.fit.mse if one.fit.mse > 0 else None, 2),
    }
