"""The losses of every page along N and along D; of several pages side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...formatting import percent
from ..report_model import Axes, Figure, Part, Section
from ..sections.law_tables import fitted
from ..study_view import Page, View
from .side_by_side import side_by_side
from .slice_curves import LEAST_SPARE, MOST_BANDS, PALE, law_loss, slice_axes

FREE = ("N", "D")


def scaling(view: View, shown: Figure | None = None) -> Part | None:
    """Loss, and excess loss where the entropy rate is known: one figure of a page alone, else one a direction.

    None where that figure is the one `shown` already.
    """
    figures = _of_one(view, view.pages[0]) if len(view.pages) == 1 else _of_several(view)
    if not figures or (shown is not None and len(figures) == 1 and _drawn(figures[0]) == _drawn(shown)):
        return None
    return Part("Scaling curves", (Section("", figures=figures, note=view.undrawn),), gist="loss along N and along D")


def _of_one(view: View, page: Page) -> tuple[Figure, ...]:
    """Loss along N and D above excess loss along both."""
    loss = law_loss(view)
    above = _known(slice_axes(view, page, free, loss) for free in FREE)
    below = _known(slice_axes(view, page, free, "excess") for free in FREE) if loss == "loss" else ()
    if not above:
        return ()
    rows = ((*above, *below),) if len(above) == 1 and below else tuple(row for row in (above, below) if row)
    place = "Beside" if len(rows) == 1 else "Below"
    said = caption(view, above, (page,), excess=place if below else "")
    return (Figure("scaling", "Scaling of the loss", said, rows, shared="rows"),)


def _of_several(view: View) -> tuple[Figure, ...]:
    """One figure for each loss and direction, a panel a page, all on the same axes."""
    found = []
    loss = law_loss(view)
    for column in (loss, "excess") if loss == "loss" else (loss,):
        for free in FREE:
            drawn = [(p, slice_axes(view, p, free, column, exponents=False)) for p in view.drawn_pages]
            panels = [(page, axes) for page, axes in drawn if axes is not None]
            what = "Excess loss" if column == "excess" else "Loss"
            said = caption(view, [axes for _, axes in panels], [page for page, _ in panels])
            name = f"scaling-{'excess-' if column == 'excess' else ''}{free}"
            figure = side_by_side(name, f"{what} along {free}", said, panels)
            found += [figure] if figure else []
    return tuple(found)


def _drawn(figure: Figure) -> list[object]:
    """What tells two figures of one study's losses apart, wherever their legends are."""
    return [
        (axes.x_label, axes.y_label, axes.legend, axes.styles, [(s.label, len(s.lines)) for s in axes.series])
        for row in figure.rows
        for axes in row
    ]


def _known(panels: Iterable[Axes | None]) -> tuple[Axes, ...]:
    return tuple(axes for axes in panels if axes is not None)


def caption(view: View, panels: Sequence[Axes], pages: Sequence[Page], *, excess: str = "") -> str:
    """What points, curves and bands are, and what was left out and why."""
    said = "Points are cells with one standard error, curves fitted laws with 95 % bands."
    said += _bandless(panels)
    if any(s.bands for axes in panels for s in axes.series):
        said += PALE
    series = [s for axes in panels for s in axes.series]
    if any(d.hollow for s in series for d in s.dots):
        said += " Hollow points were held out of the fit."
    groups = (f.request.group for page in pages for free in FREE for f in view.alone(page.panel, free))
    group = next((g for g in groups if g is not None), None)
    if group:
        said += f" Sizes within {percent(group, 1)} of each other are one curve."
    if any(s.tone is None for s in series):
        said += " Grey points lie where no law of one variable was fitted."
    if any(fit.law == "exponential" for _, fit in fitted(view)) and any(s.lines for s in series):
        said += " Exponential controls are not drawn."
    if excess:
        said += f" {excess}, the same as excess loss, above the source's entropy rate."
    return said


def _bandless(panels: Sequence[Axes]) -> str:
    """The sentence on curves drawn without a band; empty where there are none."""
    solid = [line for axes in panels for s in axes.series for line in s.lines if line.style == "solid"]
    bare = sum(line.low is None for line in solid)
    if not bare:
        return ""
    if any(len(axes.series) > MOST_BANDS for axes in panels):
        return f" Bands are left out of a panel with more than {MOST_BANDS} curves; the tables have the intervals."
    many = "No curve has its band" if bare == len(solid) else f"{bare} of {len(solid)} curves have no band"
    return (
        f" {many} drawn: of fewer than {LEAST_SPARE} points to spare it means little, and one taller than all that "
        "was measured would hide the rest."
    )
