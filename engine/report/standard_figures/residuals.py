"""Residuals of the laws at the cells they were fitted to."""

from __future__ import annotations

import numpy as np

from ...analysis.analysis_result import PanelFit
from ...fits import predict
from ...fits.core.fit_result import Array, Fit
from ...formatting import finite, magnitude
from ..report_model import Axes, Dots, Figure, Part, Section, Series
from ..sections.law_tables import fitted
from ..study_view import View
from .side_by_side import in_rows


def residuals(view: View) -> Part | None:
    """One figure a page: residuals of each law along its own variable, and of a law in N and D along both."""
    figures = []
    for page in view.drawn_pages:
        panels: list[Axes] = []
        own = [(p, f) for p, f in fitted(view) if view.page_of(p.panel) == page.panel and f.law != "exponential"]
        for request in dict.fromkeys(p.request for p, _ in own):
            for quantity in request.quantities:
                axes = _panel(view, [(p, f) for p, f in own if p.request == request], quantity)
                if axes is not None:
                    panels.append(axes)
        if panels:
            caption = "How far each cell lies above (+) or below (-) the fitted law, in per cent of the law's value."
            if any(f.law == "exponential" for _, f in fitted(view)):
                caption += " Exponential controls are left out."
            figures.append(Figure(f"residuals{page.ending}", f"Residuals{page.at}", caption, in_rows(panels)))
    sections = (Section("", figures=tuple(figures), note=view.undrawn),)
    return Part("Residuals", sections, gist="cells against each law") if figures else None


def _panel(view: View, own: list[tuple[PanelFit, Fit]], quantity: str) -> Axes | None:
    """Residuals in per cent along one run quantity, coloured by the other of N and D."""
    parts = [(panel_fit, relative(view, panel_fit, fit)) for panel_fit, fit in own if finite(fit.rmse)]
    parts = [(panel_fit, r) for panel_fit, r in parts if len(r) and np.all(np.isfinite(r))]
    if not parts:
        return None
    rows = np.concatenate([p.cells for p, _ in parts])
    values = np.concatenate([r for _, r in parts])
    x = view.cell(quantity)[rows]
    letter, other = ("N", view.cell("N")) if quantity == "D" else ("D", view.tokens)
    known = np.isfinite(other[rows])
    groups = sorted(set(other[rows][known].tolist()))
    series = [
        Series(f"{letter} = {magnitude(v)}", i / max(len(groups) - 1, 1), (_dots(x, values, other[rows] == v),))
        for i, v in enumerate(groups)
    ]
    if not known.all():
        series.append(Series("", 0.0, (_dots(x, values, ~known),)))
    name, label, held = own[0][0].request.name, view.label(quantity), view.label(letter)
    return Axes(label, "residual (%)", tuple(series), name, held, y_log=False, level=(0.0, ""))


def _dots(x: Array, y: Array, mask: np.ndarray) -> Dots:
    order = np.argsort(x[mask], kind="stable")
    return Dots(x[mask][order], y[mask][order])


def relative(view: View, panel_fit: PanelFit, fit: Fit) -> Array:
    """Measured over predicted loss, less one, in per cent, shape (cell,)."""
    rows = panel_fit.cells
    variables = {v: view.cell(q)[rows] for v, (_, q) in zip(fit.variables, panel_fit.request.variables)}
    seen = view.cell(panel_fit.request.loss)[rows]
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * (seen / predict(fit, variables) - 1)
