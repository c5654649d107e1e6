"""IsoFLOP profiles: the losses of each budget against N, the parabola through them, and its minimum."""

from __future__ import annotations

import numpy as np

from ...fits.core.fit_result import Points
from ...fits.optima.isoflop import parabola, profiles
from ...formatting import prefixed
from ..report_model import Axes, Dots, Figure, Line, Series
from ..study_view import Page, View
from .slice_curves import SMOOTH

METHODS = ("isoflop", "isoflop_curve")


def profile_figure(view: View, page: Page) -> Figure | None:
    """One curve a budget, with its minimum, or in the legend why it has none; None where no isoFLOP was asked for."""
    if not any(o.request.method in METHODS and view.page_of(o.panel) == page.panel for o in view.analysis.optima):
        return None
    points = _points(view, page)
    if points is None:
        return None
    found = profiles(points)
    series = []
    for i, profile in enumerate(found):
        n, loss = points.variables["N"][profile.rows], points.loss[profile.rows]
        order = np.argsort(n, kind="stable")
        dots = [Dots(n[order], loss[order])]
        lines = []
        if len(np.unique(n)) > 2:
            base, slope, bend = (float(c) for c in parabola(np.log(n), loss[:, None])[:, 0])
            x = np.linspace(np.log(n.min()), np.log(n.max()), SMOOTH) - np.mean(np.log(n))
            lines.append(Line(n.min() * np.exp(x - x[0]), base + slope * x + bend * x**2))
            if not profile.refused:
                lowest = -slope / (2 * bend)
                at = np.array([np.exp(lowest + np.mean(np.log(n)))])
                dots.append(Dots(at, np.array([base + slope * lowest + bend * lowest**2]), marker="D"))
        reason = f": {profile.refused}" if profile.refused else ""
        label = f"C = {prefixed(profile.flops, 'FLOP')}{reason}"
        series.append(Series(label, i / max(len(found) - 1, 1), tuple(dots), tuple(lines)))
    axes = Axes(
        view.label("N"), view.label("loss"), tuple(series), legend="compute", styles=(("solid", "parabola in log N"),),
        legend_at="beside",
    )  # fmt: skip
    caption = "Losses of each budget of compute against N. Diamonds are the minima of the parabolas."
    if any(o.request.method == "isoflop_curve" for o in view.analysis.optima):
        caption += " The optima of isoflop_curve are those of an Akima curve through the points, not drawn."
    return Figure(f"isoflop{page.ending}", f"IsoFLOP profiles{page.at}", caption, ((axes,),), panel=(5.6, 3.4))


def _points(view: View, page: Page) -> Points | None:
    """The cells of a page by the compute that was asked for."""
    asked = "compute" if "compute" in view.analysis.cells.axes else "C"
    columns = {name: view.cell(column) for name, column in (("N", "N"), ("D", "D"), ("C", asked))}
    rows = page.positive(*columns.values(), view.cell("loss"))
    if len(rows) < 2:
        return None
    return Points({name: column[rows] for name, column in columns.items()}, view.cell("loss")[rows])
