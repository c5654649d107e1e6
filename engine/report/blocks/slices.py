"""`report slices`: the exponent of every slice against what the slice holds, with the mean and its deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scalingdsl.spec.vocabulary.quantities import held_by, label_of, letter_of
from scalingdsl.spec.vocabulary.words.report_blocks import Slices

from ...formatting import significant
from ..report_model import Axes, Cell, Dots, Line, Section, Series, table_of_rows
from ..rounding import bracketed
from ..sections.law_tables import interval
from ..sections.sliced_laws import NO_SLICES, Sliced, counted_slices, mean_of, power_slices
from ..standard_figures.side_by_side import page_by_page
from ..study_view import View
from . import file_name, implements

TITLE = "Exponents slice by slice"
CAPTION = (
    "Points are the exponents of single slices, with 95 % intervals. The grey band is the mean of those told from both "
    "sides and one standard deviation of them, not of each."
)
#: Room of the level's words on the x axis beside the measured values: a tenth of a decade on each side.
BESIDE = 10**0.1


@implements(Slices)
def slices(view: View) -> Section:
    """One panel for the exponents in N, one for those in D, and a row of them a page."""
    pages, rows = [], []
    for page in view.drawn_pages:
        both = [found for quantity in ("N", "D") if (found := power_slices(view, page, quantity))]
        rows += [_row(page.name, found) for found in both]
        if both:
            pages.append((page, tuple(map(_panel, both))))
    figure = page_by_page(file_name(Slices), TITLE, CAPTION, pages)
    if figure is None:
        return Section(TITLE, note=NO_SLICES)
    return Section(TITLE, (table_of_rows(rows, texts=("exponent in",)),), (figure,))


def _panel(found: Sequence[Sliced]) -> Axes:
    x = np.array([s.held for s in found])
    y = np.array([s.value for s in found])
    ends = np.array([s.fit.intervals.get(s.exponent, (np.nan, np.nan)) for s in found]).T
    bars = np.maximum(np.nan_to_num(np.stack([y - ends[0], ends[1] - y])), 0.0)
    mean, spread = mean_of(found)[0], np.nan_to_num(mean_of(found)[1])
    across = np.array([x.min() / BESIDE, x.max() * BESIDE])
    flat = np.full(2, mean)
    # No slice may tell its exponent from both sides: then there is no mean to draw.
    level = (Line(across, flat, flat - spread, flat + spread),) if np.isfinite(mean) else ()
    held = held_by(found[0].quantity)
    letter = letter_of(found[0].quantity)
    return Axes(
        label_of(held),
        f"exponent in {letter}",
        (
            Series("", None, lines=level),
            Series(found[0].panel_fit.request.name, 0, (Dots(x, y, bars),)),
        ),
        y_log=False,
        legend_at="upper right",
        x_limits=(float(across[0]), float(across[1])),
    )


def _row(name: str, found: Sequence[Sliced]) -> Mapping[str, Cell]:
    values = [s.value for s in found]
    mean, deviation = mean_of(found)
    ends = [found[int(np.argmin(values))], found[int(np.argmax(values))]]
    low, high = (bracketed(*interval(s.fit, s.exponent)) for s in ends)
    return {
        "panel": name,
        "exponent in": letter_of(found[0].quantity),
        "slices": counted_slices(found),
        "mean": significant(mean, 3),
        "SD": significant(deviation, 2),
        "smallest": low,
        "largest": high,
        "at a bound": f"{sum(s.fit.status == 'at bound' for s in found)}",
    }
