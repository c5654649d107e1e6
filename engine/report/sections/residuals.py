"""Residuals of the laws at the cells they were fitted to."""

from __future__ import annotations

import numpy as np

from ...analysis.analysis_result import PanelFit
from ...fits import predict
from ...fits.core.fit_result import Array, Fit
from ...formatting import finite, magnitude
from ..report_model import Axes, Dots, Figure, Section, Series
from ..study_view import View
from .law_tables import fitted

#: Panels of a page's figure.
MOST_PANELS = 6


def residuals(view: View) -> tuple[Section, ...]:
    """One figure a page: residuals of each law along its own variable, and of a law in N and D along both."""
    sections = []
    for page in view.drawn_pages:
        panels: list[Axes] = []
        for request in dict.fromkeys(p.request for p, _ in fitted(view)):
            own = [(p, f) for p, f in fitted(view) if p.request == request and view.page_of(p.panel) == page.panel]
            for quantity in request.quantities:
                axes = _panel(view, own, quantity)
                if axes is not None:
                    panels.append(axes)
        panels = panels[:MOST_PANELS]
        if panels:
            width = 2 if len(panels) in (2, 4) else 3
            rows = tuple(tuple(panels[i : i + width]) for i in range(0, len(panels), width))
            caption = (
                "How far each cell's loss lies above (+) or below (-) the fitted law, in per cent of the law's value."
            )
            title = f"Residuals{page.at}"
            sections.append(Section(page.title, figures=(Figure(f"residuals{page.ending}", title, caption, rows),)))
    return tuple(sections)


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
