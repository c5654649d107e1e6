"""`report tuned`: the best value of every tuned parameter against N and against D."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Tuned

from ...fits.core.fit_result import Array
from ...formatting import counted, plain
from ..report_model import Axes, Dots, Line, Section, Series
from ..sections.sliced_laws import FREE, held_apart, sizes
from ..sections.tuned_values import tuned as tuned_axes
from ..standard_figures.side_by_side import page_by_page
from ..study_view import Rows, View, number
from . import file_name, implements

TITLE = "Best values against N and D"
#: Distance of one series from the next, in the logarithm of the value.
DODGE = 0.02


@implements(Tuned)
def tuned(view: View) -> Section:
    """One figure a tuned parameter with numbers for values, with a row of panels a page."""
    figures, same = [], []
    for axis in tuned_axes(view):
        pages = []
        for page in view.drawn_pages:
            best = number(view.analysis.cells.columns, f"best_{axis}", view.analysis.cells.n)
            usable = page.rows[np.isfinite(best[page.rows]) & np.isfinite(view.cell("loss")[page.rows])]
            if axis == "seed" or len(usable) < 2:
                continue
            if np.ptp(best[usable]) == 0:
                value = plain(float(best[usable[0]]))
                same.append(f"The best {axis}{page.at} is {value} in each of {counted(len(usable), 'cell')}.")
                continue
            panels = tuple(p for free in FREE if (p := _panel(view, axis, best, usable, free)) is not None)
            if panels:
                pages.append((page, panels))
        caption = (
            f"The {axis} kept in each cell; hollow where it is the smallest or largest tried, so that a better one may "
            "lie beyond. It can only take the values that were tried."
        )
        if pages and (figure := page_by_page(f"{file_name(Tuned)}-{axis}", f"Best {axis}", caption, pages)):
            figures.append(figure)
    if not figures and not same:
        same = ["Nothing is tuned in this study: `tune lr in {...}` makes a value one that is chosen."]
    return Section(TITLE, figures=tuple(figures), note=" ".join(same))


def _panel(view: View, axis: str, best: Array, usable: Rows, free: Literal["N", "D"]) -> Axes | None:
    """Best value along N, one series a D, or along D, one a N; dodged a little where they lie on each other."""
    x, held, letter = sizes(view, free)
    usable = usable[np.isfinite(x[usable]) & np.isfinite(held[usable])]
    if len(np.unique(x[usable])) < 2:
        return None
    edge = np.asarray(view.analysis.cells.columns.get(f"edge_{axis}", np.zeros(len(best), dtype=bool)), dtype=bool)
    logarithmic = bool(np.all(best[usable] > 0))
    series = []
    apart = list(held_apart(view, usable, free))
    for i, (label, tone, rows) in enumerate(apart):
        y = best[rows] * np.exp(DODGE * (i - (len(apart) - 1) / 2)) if logarithmic else best[rows]
        dots = tuple(Dots(x[rows][m], y[m], hollow=h) for h in (False, True) if np.any(m := edge[rows] == h))
        series.append(Series(label, tone, dots, (Line(x[rows], y),)))
    legend = view.label(letter)
    return Axes(view.label(free), f"best {axis}", tuple(series), y_log=logarithmic, legend=legend, legend_at="below")
