"""The wide figure of the first screen: the loss with the law and the entropy rate, and the excess loss beside it."""

from __future__ import annotations

from dataclasses import replace

from ..report_model import Axes, Figure
from ..standard_figures.scaling_curves import caption
from ..standard_figures.slice_curves import PALE, joint_law, law_loss, slice_axes
from ..study_view import Page, View

#: Inches of all panels together, and of their height: at GitHub's width the first screen holds it with a table.
WIDE, HIGH = 10.5, 3.0
#: Pages side by side; more of them are drawn below.
MOST_ACROSS = 4
POINTS = "points are cells, lines the law, shaded its 95 % bands"


def overview(view: View) -> Figure | None:
    """Of one page loss and excess loss along D, one colour an N; of several pages the first few side by side."""
    if not view.pages:
        return None
    if len(view.pages) == 1:
        return _of_one(view, view.pages[0])
    column = law_loss(view)
    if column == "loss" and all(_along(view, page, "excess") for page in view.pages[:MOST_ACROSS]):
        column = "excess"
    drawn = [(page, _along(view, page, column)) for page in view.pages[:MOST_ACROSS]]
    panels = [replace(axes, title=page.title) for page, axes in drawn if axes is not None]
    if not panels:
        return None
    of = f" {len(panels)} of {len(view.pages)} panels." if len(view.pages) > len(panels) else ""
    return _figure(_named(column), f"{POINTS[0].upper()}{POINTS[1:]}.{of}", panels)


def _along(view: View, page: Page, column: str) -> Axes | None:
    """A page's losses along D, or along N where there is one D alone, or a budget of compute instead."""
    first, second = ("N", "D") if view.held_as_compute else ("D", "N")
    return _axes(view, page, first, column) or _axes(view, page, second, column)


def _of_one(view: View, page: Page) -> Figure | None:
    """Loss and excess loss; where no entropy rate is known, loss along N and along D."""
    loss = law_loss(view)
    first = _along(view, page, loss)
    if first is None:
        return None
    beside = _along(view, page, "excess") if loss == "loss" else None
    if beside is not None:
        said = f"Left the loss, right the excess loss; {POINTS}."
        return _figure(_named(loss), said, [first, beside])
    both = [axes for free in ("N", "D") if (axes := _axes(view, page, free, loss)) is not None]
    return _figure(_named(loss), caption(view, both, (page,)), both)


def _named(column: str) -> str:
    return {"loss": "Loss", "excess": "Excess loss"}.get(column, column)


def _axes(view: View, page: Page, free: str, column: str) -> Axes | None:
    """The loss along N or D with the joint law alone, or where there is none with each slice's own."""
    joint = slice_axes(view, page, free, column, joint_law, exponents=False)
    if joint is not None and any(s.lines for s in joint.series):
        return replace(joint, legend_at="beside")
    every = slice_axes(view, page, free, column, exponents=False)
    return None if every is None else replace(every, legend_at="beside")


def _figure(title: str, said: str, panels: list[Axes]) -> Figure:
    width = WIDE / len(panels) if len(panels) > 1 else WIDE * 0.7
    if PALE not in said and any(series.bands for axes in panels for series in axes.series):
        said += PALE
    return Figure("overview", title, said, (tuple(panels),), shared="all", panel=(width, HIGH))
