"""`report tuned`: the best value of every tuned parameter against N and against D."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.blocks import Tuned

from ..model import Axes, Dots, Figure, Line, Section, Series
from ..rounding import magnitude
from ..scaling import MOST_PAGES
from ..tuning import tuned as tuned_axes
from ..view import QUANTITIES, Page, View, number
from . import file_name, implements

TITLE = "Best values against N and D"


@implements(Tuned)
def tuned(view: View) -> Section:
    """One figure a page and tuned parameter with numbers for values."""
    figures = []
    for axis in tuned_axes(view):
        for page in view.pages[:MOST_PAGES]:
            best = number(view.analysis.cells.columns, f"best_{axis}", view.analysis.cells.n)
            usable = page.rows[np.isfinite(best[page.rows]) & np.isfinite(view.cell("loss")[page.rows])]
            if axis == "seed" or len(usable) < 2:
                continue
            panels = tuple(p for free in ("N", "D") if (p := _panel(view, page, axis, best, usable, free)) is not None)
            if panels:
                title = f"Best {axis}{f' at {page.title}' if page.title else ''}"
                caption = (
                    f"The {axis} kept in each cell; hollow where it is the smallest or largest tried, so that a better "
                    "one may lie beyond. It can only take the values that were tried."
                )
                figures.append(Figure(f"{file_name(Tuned)}-{axis}{page.ending}", title, caption, (panels,)))
    note = "" if figures else "Nothing is tuned in this study: `tune lr in {...}` makes a value one that is chosen."
    return Section(TITLE, figures=tuple(figures), note=note)


def _panel(view: View, page: Page, axis: str, best: np.ndarray, usable: np.ndarray, free: str) -> Axes | None:
    """Best value along N, one series a D, or along D, one a N; dodged a little where they lie on each other."""
    x, held = (view.cell("N"), view.tokens) if free == "N" else (view.tokens, view.cell("N"))
    usable = usable[np.isfinite(x[usable]) & np.isfinite(held[usable])]
    if len(np.unique(x[usable])) < 2:
        return None
    edge = np.asarray(view.analysis.cells.columns.get(f"edge_{axis}", np.zeros(len(best), dtype=bool)), dtype=bool)
    logarithmic = bool(np.all(best[usable] > 0))
    values = np.unique(held[usable])
    letter = "D" if free == "N" else "N"
    series = []
    for i, value in enumerate(values):
        rows = usable[held[usable] == value]
        rows = rows[np.argsort(x[rows], kind="stable")]
        apart = 0.02 * (i - (len(values) - 1) / 2)
        y = best[rows] * np.exp(apart) if logarithmic else best[rows]
        dots = tuple(Dots(x[rows][m], y[m], hollow=h) for h in (False, True) if np.any(m := edge[rows] == h))
        tone = i / max(len(values) - 1, 1)
        series.append(Series(f"{letter} = {magnitude(value)}", tone, dots, (Line(x[rows], y),)))
    legend = QUANTITIES[letter]
    return Axes(QUANTITIES[free], f"best {axis}", tuple(series), y_log=logarithmic, legend=legend, legend_at="below")
