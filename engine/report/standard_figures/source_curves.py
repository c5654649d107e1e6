"""Curves of the sources themselves, and losses within sequences, with the laws fitted to them, a panel a curve."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, error_of, label_of

from ...analysis.analysis_result import PanelFit
from ...fits import predict
from ...fits.core.fit_result import Fit
from ..report_model import Axes, Dots, Figure, Line, Part, Section, Series
from ..sections.law_tables import numbered
from ..study_view import View
from .side_by_side import in_rows

#: Points of a line.
SMOOTH = 40


def source_curves(view: View) -> Part | None:
    """Every curve that a law was fitted to, of every source that has it; None where none was."""
    panels = _panels(view, within=False)
    if not panels:
        return None
    caption = (
        "What is fitted is filled, what its condition leaves out hollow; bars are one standard error, where a curve is "
        "counted and not known."
    )
    figure = Figure("curves-of-sources", "Curves of the sources", caption, in_rows(panels))
    return Part("Curves of the sources", (Section("", figures=(figure,)),), gist="and the laws fitted to them")


def losses_by_position(view: View) -> Part | None:
    """Losses by position in the sequences that models are evaluated on, a line a cell; None where no law is in it."""
    panels = _panels(view, within=True)
    if not panels:
        return None
    caption = (
        "Means over neighbouring positions and over seeds; what is fitted is filled, what its condition leaves out "
        "hollow; bars are one standard error."
    )
    figure = Figure("losses-by-position", "Losses by position", caption, in_rows(panels))
    return Part("Losses by position", (Section("", figures=(figure,)),), gist="in a sequence, and laws of it")


def _panels(view: View, *, within: bool) -> tuple[Axes, ...]:
    """A panel for each curve that laws were fitted to: of sources, or within sequences."""
    plan = view.analysis.plan
    found = ((panel, fit) for panel, fit in numbered(view) if panel.curve is not None)
    laws = [(panel, fit) for panel, fit in found if plan.by_position(panel.request) == within]
    return tuple(_panel(view, name, laws) for name in dict.fromkeys(panel.request.loss for panel, _ in laws))


def _panel(view: View, name: str, laws: list[tuple[PanelFit, Fit]]) -> Axes:
    """One curve of all sources, or cells, with every law of it."""
    along = QUANTITIES[name].along or laws[0][0].request.quantities[0]
    series, seen = [], set()
    own = [(panel, fit) for panel, fit in laws if panel.request.loss == name]
    places = list(dict.fromkeys(panel.panel for panel, _ in own))
    for panel, fit in own:
        assert panel.curve is not None
        x, y, error = (np.asarray(panel.curve.columns[c], float) for c in (along, name, error_of(name)))
        at = np.geomspace(np.min(x[panel.cells]), np.max(x[panel.cells]), SMOOTH)
        dots = []
        if panel.panel not in seen:
            dots.append(Dots(x[panel.cells], y[panel.cells], error[panel.cells]))
            out = panel.held_out[x[panel.held_out] > 0]
            if len(out):
                dots.append(Dots(x[out], y[out], hollow=True))
        label = "" if panel.panel in seen else view.setting(panel.panel)
        seen.add(panel.panel)
        (variable,) = fit.variables
        line = Line(at, predict(fit, {variable: at}))
        series.append(Series(label, places.index(panel.panel), tuple(dots), (line,)))
    return Axes(label_of(along), label_of(name), tuple(series), x_log=True, y_log=True, legend_at="below")
