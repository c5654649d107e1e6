"""`report windows`: compute-optimal curves, and the exponents that several windows of compute give.

The range of compute that exponents are read off is often chosen by hand; where the windows disagree, so would two
readers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.plan.study_plan import OptimumRequest
from scalingdsl.spec.vocabulary.words.report_blocks import Windows

from ...analysis.analysis_result import PanelOptimum
from ...fits import Points, fit_law, optimum
from ...fits.core.fit_result import Curve
from ...formatting import MISSING, prefixed, significant, span
from ..report_model import Axes, Cell, Code, Figure, Line, Section, Series, table_of_rows
from ..standard_figures.compute_optimal import cells_by_compute, optima_of
from ..study_view import Page, View
from . import file_name, implements

TITLE = "Optimal sizes by window of compute"
#: Windows as shares of the range of compute, in logarithms.
WINDOWS = (("whole range", 0.0, 1.0), ("lower half", 0.0, 0.5), ("upper half", 0.5, 1.0), ("middle half", 0.25, 0.75))
#: Points of a curve that a window needs.
FEWEST = 4
#: Draws of the network that is fitted where the study asks for no optimum.
DRAWS = 200


@implements(Windows)
def windows(view: View) -> Section:
    """Of every optimum of the study; of a network surface where it asks for none."""
    figures, rows, notes = [], [], []
    for page in view.drawn_pages:
        found = optima_of(view, page)
        if not found and not view.analysis.optima:
            try:
                found = [_network(view, page)]
            except FitError as reason:
                notes.append(f"{page.title or 'All cells'}: {reason}.")
        if not found:
            continue
        rows += [row for entry in found for row in _rows(page.name, entry)]
        figures.append(_figure(view, page, found))
    if not figures:
        return Section(TITLE, note=" ".join(notes) or "No optimum of this study could be had.")
    table = table_of_rows(rows, texts=("optimum", "window", "compute"))
    note = (
        "a and b are slopes of straight lines through log N and log D of the curve inside the window; gamma is that of "
        "L = E + K C^-gamma through its loss, with an E of its own in every window."
    )
    return Section(TITLE, (table,), tuple(figures), note=" ".join((note, *notes)))


def _network(view: View, page: Page) -> PanelOptimum:
    """The optimum of a network surface through the page's cells."""
    columns = {name: view.cell(name)[page.rows] for name in ("N", "D", "loss")}
    keep = np.all([np.isfinite(c) & (c > 0) for c in columns.values()], axis=0)
    cluster = np.nan_to_num(view.cell("cluster")[page.rows][keep]).astype(np.int64)
    points = Points({name: columns[name][keep] for name in ("N", "D")}, columns["loss"][keep], cluster)
    surface = fit_law("network", points, bootstrap=DRAWS)
    request = OptimumRequest(name="surface(network)", method="surface", fit="network")
    return PanelOptimum(request, page.panel, optimum("surface", fit=surface, points=points), "")


def _inside(flops: NDArray[np.float64], low: float, high: float) -> NDArray[np.bool_]:
    x = np.log(flops)
    start, width = float(x.min()), float(np.ptp(x))
    slack = 1e-9 * max(1.0, width)
    return np.asarray((x >= start + low * width - slack) & (x <= start + high * width + slack))


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and intercept of log y against log x."""
    slope, intercept = np.polyfit(np.log(x), np.log(y), 1)
    return float(slope), float(intercept)


def _rows(page: str, entry: PanelOptimum) -> Iterator[Mapping[str, Cell]]:
    assert entry.optimum is not None
    curves = entry.optimum.curves
    flops = curves["L"].flops
    for name, low, high in WINDOWS:
        inside = _inside(flops, low, high)
        if np.sum(inside) < FEWEST:
            continue
        slopes = {q: _slope(flops[inside], curves[q].value[inside])[0] for q in ("N", "D") if q in curves}
        fit = fit_law("power", Points({"C": flops[inside]}, curves["L"].value[inside]), bootstrap=0)
        gamma = fit.params.get("gamma") if fit.status == "converged" else None
        a, b = slopes.get("N"), slopes.get("D")
        yield {
            "panel": page,
            "optimum": Code(entry.request.name),
            "window": name,
            "compute": span(flops[inside], lambda c: prefixed(c, "FLOP")),
            "a": significant(a, 3),
            "b": significant(b, 3),
            "gamma": significant(gamma, 3),
            "a / b": significant(a / b, 3) if a is not None and b else MISSING,
        }


def _figure(view: View, page: Page, found: Sequence[PanelOptimum]) -> Figure:
    title = f"{TITLE}{page.at}"
    caption = (
        "Solid: the lowest loss at each compute C = 6ND, and the N and D it is reached with. Dotted: straight lines "
        "through the lower and the upper half of the range. Grey points are the cells."
    )
    labels = (("L", view.label("loss")), ("N", "optimal N (parameters)"), ("D", "optimal D (tokens)"))
    panels = tuple(_panel(view, page, found, key, label) for key, label in labels)
    return Figure(file_name(Windows, page.ending), title, caption, (panels,))


def _panel(view: View, page: Page, found: Sequence[PanelOptimum], key: str, label: str) -> Axes:
    series = [*cells_by_compute(view, page, {"L": "loss"}.get(key, key))]
    for i, entry in enumerate(found):
        assert entry.optimum is not None
        curve = entry.optimum.curves.get(key)
        if curve is None or len(curve.flops) < 2:
            continue
        lines = [Line(curve.flops, curve.value), *(_straight(curve) if key != "L" else ())]
        series.append(Series(entry.request.name, i, lines=tuple(lines)))
    corner: Literal["upper left", "upper right"] = "upper right" if key == "L" else "upper left"
    return Axes(view.label("C"), label, tuple(series), x_counts=False, y_counts=key != "L", legend_at=corner)


def _straight(curve: Curve) -> Iterator[Line]:
    ends = np.array([curve.flops.min(), curve.flops.max()])
    for _, low, high in WINDOWS[1:3]:
        inside = _inside(curve.flops, low, high)
        if np.sum(inside) >= FEWEST:
            slope, intercept = _slope(curve.flops[inside], curve.value[inside])
            yield Line(ends, np.exp(intercept) * ends**slope, style="dotted")
