"""`report slices`: the exponent of every slice against what the slice holds, with the mean and its deviation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scalingdsl.spec.vocabulary.quantities import held_by, label_of, letter_of
from scalingdsl.spec.vocabulary.words.report_blocks import Slices

from ...formatting import MISSING, significant
from ..report_model import Axes, Cell, Dots, Figure, Line, Section, Series, table_of_numbers
from ..rounding import bracketed
from ..sections.law_tables import interval
from ..study_view import View
from . import file_name, implements
from ._slices import NO_SLICES, Sliced, power_slices

#: What the level's words need on the x axis beside the measured values: a tenth of a decade on each side.
BESIDE = 10**0.1


@implements(Slices)
def slices(view: View) -> Section:
    """One panel for the exponents in N, one for those in D."""
    figures, rows = [], []
    for page in view.drawn_pages:
        panels = []
        for quantity in ("N", "D"):
            found = power_slices(view, page, quantity)
            if not found:
                continue
            panels.append(_panel(found))
            rows.append(_row(page.name, found))
        if panels:
            caption = (
                "Points are the exponents of single slices, with 95 % intervals; the grey band is their mean with one "
                "standard deviation of the slices, which says nothing of each slice's own uncertainty."
            )
            title = f"Exponents slice by slice{page.at}"
            figures.append(Figure(file_name(Slices, page.ending), title, caption, (tuple(panels),)))
    if not figures:
        return Section("Exponents slice by slice", note=NO_SLICES)
    heads = ("panel", "exponent in", "slices", "mean", "SD", "smallest", "largest", "at a bound")
    table = table_of_numbers(heads, tuple(rows), texts=2)
    return Section("Exponents slice by slice", (table,), tuple(figures))


def _panel(found: Sequence[Sliced]) -> Axes:
    x = np.array([s.held for s in found])
    y = np.array([s.value for s in found])
    ends = np.array([s.fit.intervals.get(s.exponent, (np.nan, np.nan)) for s in found]).T
    bars = np.maximum(np.nan_to_num(np.stack([y - ends[0], ends[1] - y])), 0.0)
    mean, spread = float(np.mean(y)), float(np.std(y, ddof=1)) if len(y) > 1 else 0.0
    across = np.array([x.min() / BESIDE, x.max() * BESIDE])
    flat = np.full(2, mean)
    held = held_by(found[0].quantity)
    letter = letter_of(found[0].quantity)
    return Axes(
        label_of(held),
        f"exponent in {letter}",
        (
            Series("", None, lines=(Line(across, flat, flat - spread, flat + spread),)),
            Series(found[0].panel_fit.request.name, 0, (Dots(x, y, bars),)),
        ),
        y_log=False,
        legend_at="upper right",
    )


def _row(name: str, found: Sequence[Sliced]) -> tuple[Cell, ...]:
    values = [s.value for s in found]
    ends = [found[int(np.argmin(values))], found[int(np.argmax(values))]]
    low, high = (bracketed(*interval(s.fit, s.exponent)) for s in ends)
    return (
        name,
        letter_of(found[0].quantity),
        f"{len(values)}",
        significant(float(np.mean(values)), 3),
        significant(float(np.std(values, ddof=1)), 2) if len(values) > 1 else MISSING,
        low,
        high,
        f"{sum(s.fit.status == 'at bound' for s in found)}",
    )
