"""The law of a page that its cells support best."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...analysis.analysis_result import PanelFit
from ...fits.core.fit_result import Fit
from ...formatting import finite
from ..study_view import Page, View
from .law_tables import fitted

Law = tuple[PanelFit, Fit]


def best_joint(view: View, page: Page) -> Law | None:
    """Of the laws in several variables with parameters: a law that only predicts has no numbers to tell."""
    return _best((p, f) for p, f in _of_loss(view, page) if len(p.request.variables) > 1)


def best_alone(view: View, page: Page) -> Law | None:
    """Of the laws of one variable, where one holds for the whole page and not one for each slice."""
    return _best((p, f) for p, f in _of_loss(view, page) if len(p.request.variables) == 1 and not view.place(p))


def best_law(view: View, page: Page) -> Law | None:
    """The best law in several variables, or else in one."""
    return best_joint(view, page) or best_alone(view, page)


def _of_loss(view: View, page: Page) -> Iterable[Law]:
    here = ((p, f) for p, f in fitted(view) if view.page_of(p.panel) == page.panel)
    return ((p, f) for p, f in here if f.params and p.request.loss == "loss")


def _best(found: Iterable[Law]) -> Law | None:
    return min(found, key=lambda law: _criterion(law[1]), default=None)


def _criterion(fit: Fit) -> float:
    """Schwarz's criterion a cell: -2 log likelihood of normal errors of the log loss, and log n a free parameter."""
    if not finite(fit.rmse_log) or fit.rmse_log <= 0:
        return math.inf
    free = len(fit.params) - len(fit.fixed)
    return 2 * math.log(fit.rmse_log) + free * math.log(fit.n) / fit.n
