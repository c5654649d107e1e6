"""`report controls`: how much smaller the power law's errors are than those of an exponential, slice by slice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.vocabulary.words.report_blocks import Controls

from ...formatting import counted, significant
from ..report_model import Axes, Cell, Dots, Figure, Section, Series, table_of_rows
from ..sections.law_tables import fitted
from ..sections.sliced_laws import NO_SLICES, Sliced, power_slices, refitted
from ..study_view import Page, View
from . import file_name, implements

TITLE = "Power law against exponential"
#: The ratio below which the paper's control is called beaten.
BEATEN = 1 / 3


@implements(Controls)
def controls(view: View) -> Section:
    """Ratios below one favour the power law. An exponential that the study does not fit is fitted for this alone."""
    rows: list[Mapping[str, Cell]] = []
    points: dict[str, list[tuple[int, float]]] = {"N": [], "D": []}
    ticks = []
    spare: list[int] = []
    for place, page in enumerate(view.pages):
        ticks.append(page.name)
        for quantity in ("N", "D"):
            found = power_slices(view, page, quantity)
            ratios = [r for r in (_ratio(view, page, one) for one in found) if np.isfinite(r)]
            if not ratios:
                continue
            spare += [one.fit.n - len(one.fit.params) for one in found]
            points[quantity] += [(place, r) for r in ratios]
            rows.append(
                {
                    "panel": page.name,
                    "along": quantity,
                    "slices": f"{len(ratios)}",
                    "median ratio": significant(float(np.median(ratios)), 2),
                    "smallest": significant(min(ratios), 2),
                    "largest": significant(max(ratios), 2),
                    "below a third": f"{sum(r < BEATEN for r in ratios)} of {len(ratios)}",
                }
            )
    if not rows:
        return Section(TITLE, note=NO_SLICES)
    caption = (
        "Mean squared error of L = E + A x^-alpha over that of L = E + A exp(-rate x), one point a slice; below the "
        "line the power law is nearer. Both have three parameters."
    )
    if spare and min(spare) < 2:
        caption += " Slices with fewer than two points to spare can be fitted well by either."
    figure = Figure(file_name(Controls), TITLE, caption, ((_axes(points, ticks),),))
    return Section(TITLE, (table_of_rows(rows, texts=("along",)),), (figure,))


def _ratio(view: View, page: Page, one: Sliced) -> float:
    """Power over exponential; the study's own exponential through the same cells where it has one."""
    rows = one.panel_fit.cells
    for panel_fit, fit in fitted(view):
        own = panel_fit.request.law == "exponential" and panel_fit.request.loss == one.panel_fit.request.loss
        own = own and panel_fit.request.quantities == (one.quantity,)
        if own and np.array_equal(panel_fit.cells, rows) and view.page_of(panel_fit.panel) == page.panel:
            return one.fit.mse / fit.mse if fit.mse > 0 else float("nan")
    control = refitted(view, one, "exponential")
    return one.fit.mse / control.mse if control is not None and control.mse > 0 else float("nan")


def _axes(points: dict[str, list[tuple[int, float]]], ticks: list[str]) -> Axes:
    series = []
    for i, (quantity, found) in enumerate(points.items()):
        if found:
            x = np.array([place + (0.12 if i else -0.12) for place, _ in found], dtype=np.float64)
            y = np.array([max(r, 1e-12) for _, r in found])
            label = f"along {quantity}, {counted(len(found), 'slice')}"
            series.append(Series(label, i, (Dots(x, y),)))
    return Axes(
        "", "MSE, power over exponential", tuple(series), x_log=False, level=(1.0, ""),
        x_ticks=tuple(ticks), legend_at="below",
    )  # fmt: skip
