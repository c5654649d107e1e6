"""What a closed form says of cells, behind what was measured of them: a panel for each axis that a size moves along."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import QUANTITIES

from ...formatting import plain
from ..report_model import Axes, Dots, Line, Series
from ..study_view import Page, Rows, View

#: Curves of a panel at most: of more, evenly chosen.
MOST_CURVES = 8
#: Points without which a curve is none.
FEWEST = 3


def theory_axes(view: View, page: Page) -> tuple[Axes, ...]:
    """A panel for each axis of a page along which N, D or the steps move; none where theory says nothing there."""
    known = page.positive(view.cell("loss"), view.cell("theory"))
    known = known[view.cell("loss")[known] > 0]
    found = ((axis, _moved(view, axis, known)) for axis in view.analysis.cells.axes if axis not in view.page_axes)
    panels = (_panel(view, known, axis, quantity) for axis, quantity in found if quantity)
    return tuple(panel for panel in panels if panel is not None)


def _moved(view: View, axis: str, rows: Rows) -> str:
    """The size that changes along an axis while all others stay; empty where none does."""
    if axis == "steps":
        return axis
    for quantity in ("N", "D"):
        at = view.cell(quantity)
        if any(len(np.unique(at[own])) > 1 for _, own in _curves(view, rows, axis)):
            return quantity
    return axis if axis in QUANTITIES and np.any(np.isfinite(view.cell(axis)[rows])) else ""


def _curves(view: View, rows: Rows, axis: str) -> Iterator[tuple[tuple[tuple[str, Scalar], ...], Rows]]:
    """Cells that differ in one axis alone, with the values of the others."""
    others = [name for name in view.analysis.cells.axes if name != axis and name not in view.page_axes]
    groups: dict[tuple[tuple[str, Scalar], ...], list[int]] = {}
    for row in rows.tolist():
        values = ((name, view.value(name, row)) for name in others)
        groups.setdefault(tuple((name, value) for name, value in values if value == value), []).append(row)
    for held in sorted(groups, key=view.ordered):
        yield held, np.asarray(groups[held], dtype=np.int64)


def _panel(view: View, rows: Rows, axis: str, quantity: str) -> Axes | None:
    x, y, error, said = (view.cell(name) for name in (quantity, "loss", "standard_error", "theory"))
    curves = [(held, own[np.argsort(x[own], kind="stable")]) for held, own in _curves(view, rows, axis)]
    curves = [(held, own) for held, own in curves if len(np.unique(x[own])) >= FEWEST]
    if not curves:
        return None
    places = np.unique(np.linspace(0, len(curves) - 1, min(MOST_CURVES, len(curves))).round().astype(int))
    series = []
    for place in places.tolist():
        held, own = curves[place]
        label = ", ".join(f"{name} = {plain(value)}" for name, value in held) or "measured"
        dots = Dots(x[own], y[own], np.nan_to_num(error[own]))
        series.append(Series(label, place / max(len(curves) - 1, 1), (dots,), (Line(x[own], said[own]),)))
    axes = Axes(view.label(quantity), view.label("loss"), tuple(series), legend_at="below")
    return replace(axes, styles=(("solid", "theory"),))
