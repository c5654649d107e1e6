"""`report ccdf`: complementary cumulative distributions of what sources have by rank: clusters, tokens, principal axes.

Of n sizes that of rank r is met by r of them, so that Pr(S >= s) at the r-th largest is r/n. A law by rank,
s = A r^-alpha, is Pr(S >= s) ~ s^-(1/alpha) here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, curves
from scalingdsl.spec.vocabulary.words.report_blocks import Ccdf

from ...analysis.analysis_result import Panel
from ...fits import predict
from ...fits.core.fit_result import Array
from ...formatting import integer, significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_numbers
from ..sections.law_tables import numbered
from ..standard_figures.side_by_side import in_rows
from ..study_view import View
from . import file_name, implements

TITLE = "Shares that are at least so large"
NOTHING = (
    "These results hold nothing by rank of their sources. Clusters, tokens, items and latents have it, and `scalingdsl "
    "run` of the same study into the same folder adds what is missing, and trains nothing that is done."
)
#: Points of a law.
SMOOTH = 40


class Ranked(NamedTuple):
    """Sizes of one source by rank, the largest first, shape (point,) each; the last rank is their number."""

    name: str
    panel: Panel
    label: str
    rank: Array
    size: Array

    @property
    def share(self) -> Array:
        """Share of all that is at least so large, shape (point,)."""
        last = np.searchsorted(-self.size, -self.size, side="right") - 1  # of equal sizes, those of all of them
        return np.asarray(self.rank[last] / self.rank[-1])


@implements(Ccdf)
def ccdf(view: View) -> Section:
    """A panel for each curve by rank, all sources that have it in one, with the laws fitted to it."""
    found = tuple(by_rank(view))
    if not found:
        return Section(TITLE, note=NOTHING)
    panels = tuple(
        _panel(view, [one for one in found if one.name == name]) for name in dict.fromkeys(f.name for f in found)
    )
    caption = "Points are sizes by rank, lines the laws fitted to them by rank. A straight line is a power law."
    heads = ("source", "what", "number", "largest", "middle", "smallest")
    rows = tuple(map(_row, found))
    return Section(
        TITLE, (table_of_numbers(heads, rows, texts=2),), (Figure(file_name(Ccdf), TITLE, caption, in_rows(panels)),)
    )


def by_rank(view: View) -> Iterator[Ranked]:
    """Every curve by rank of every source, in the order of curves."""
    for name in (name for name in curves() if QUANTITIES[name].along == Ccdf.along):
        for one in view.analysis.facts.source_curves:
            if name in one["curves"]:
                yield _ranked(view, name, one)


def _ranked(view: View, name: str, one: Mapping[str, Any]) -> Ranked:
    panel = tuple((str(axis), value) for axis, value in one["point"])
    x, y = (np.asarray(one["curves"][name][axis], dtype=np.float64) for axis in "xy")
    return Ranked(name, panel, view.setting(panel) or "all data", x, y)


def _panel(view: View, found: list[Ranked]) -> Axes:
    series = []
    for i, one in enumerate(found):
        lines = tuple(_laws(view, one))
        series.append(Series(one.label, i, (Dots(one.size, one.share, marker="."),), lines))
    label = QUANTITIES[found[0].name].label
    return Axes(label, "share at least so large", tuple(series), legend_at="below", x_counts=False)


def _laws(view: View, one: Ranked) -> Iterator[Line]:
    """Laws that were fitted to this curve by rank, over the ranks they were fitted to; controls are not drawn."""
    for panel_fit, fit in numbered(view):
        asked = panel_fit.request
        if panel_fit.curve is None or asked.loss != one.name or asked.law == "exponential":
            continue
        if not set(panel_fit.panel) <= set(one.panel):
            continue
        ranks = np.asarray(panel_fit.curve.columns[Ccdf.along], float)[panel_fit.cells]
        at = np.geomspace(ranks.min(), ranks.max(), SMOOTH)
        (variable,) = fit.variables
        yield Line(predict(fit, {variable: at}), at / one.rank[-1])


def _row(one: Ranked) -> tuple[Cell, ...]:
    middle = one.size[int(np.searchsorted(one.share, 0.5))]
    sizes = (one.size[0], middle, one.size[-1])
    return one.label, QUANTITIES[one.name].label, integer(one.rank[-1]), *(significant(float(s), 3) for s in sizes)
