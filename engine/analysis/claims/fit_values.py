"""Numbers read off one fit or one optimum: its estimate and its draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scalingdsl.spec.claims.selection import UnansweredError
from scalingdsl.spec.vocabulary.base import REGISTRY
from scalingdsl.spec.vocabulary.words.optima import OptimumMethod

from ...fits import Fit, Optimum, predict, predict_draws
from ...fits.core.fit_result import Array
from ..analysis_result import CellTable, PanelFit
from .statistic_draws import Reading, Statistics


def reading(value: float, draws: Array | None = None) -> Reading:
    """A number with the draws it has; without any it is exact."""
    return value, np.array([value]) if draws is None or not len(draws) else draws


def of_fit(panel: PanelFit, name: str, cells: CellTable, statistics: Statistics) -> Reading:
    """A parameter or statistic of a fit."""
    fit = panel.fit
    assert fit is not None
    if name == "slope":
        return slope(panel, cells)
    if name in fit.params:
        return reading(fit.params[name], fit.draws.get(name))
    if name not in statistics.read:
        raise UnansweredError(f"`{panel.request.name}` has no `{name}`; it has {', '.join(fit.params)}")
    return statistics.of(panel, name)


def through_every_point(fit: Fit) -> bool:
    """True for a fit with as many free parameters as points, and so no residual to tell an interval by."""
    n = fit.n if fit.details.n_joint is None else fit.details.n_joint
    return 0 < fit.details.n_free >= n


def predicted(panel: PanelFit, at: Mapping[str | None, float]) -> Reading:
    """A law's loss at sizes given by name."""
    assert panel.fit is not None
    point = {}
    for own, quantity in panel.request.variables:
        name = next((n for n in (own, quantity) if n in at), None)
        if name is None:
            raise UnansweredError(f"`{panel.request.name}` predicts a loss only once {quantity} is given too")
        point[quantity if len(panel.request.variables) == 1 else own] = np.array([at[name]])
    return reading(float(predict(panel.fit, point)[0]), predict_draws(panel.fit, point)[:, 0])


def slope(panel: PanelFit, cells: CellTable) -> Reading:
    """Minus the least-squares slope of a law's log loss against its variable's log, over the panel's cells."""
    assert panel.fit is not None
    if len(panel.request.variables) != 1:
        raise UnansweredError("a slope is taken of a law in one variable")
    quantity = panel.request.variables[0][1]
    x = {quantity: np.asarray(panel.table(cells).columns[quantity][panel.cells], dtype=np.float64)}
    logs = np.log(x[quantity]) - np.mean(np.log(x[quantity]))
    if not np.any(logs):
        raise UnansweredError("a slope needs cells at two sizes")
    scale = -1.0 / float(logs @ logs)
    return reading(
        float(np.log(predict(panel.fit, x)) @ logs * scale), np.log(predict_draws(panel.fit, x)) @ logs * scale
    )


def of_optimum(optimum: Optimum, name: str, flops: float | None) -> Reading:
    """A parameter of an optimum; or L, N or D at a compute."""
    method = REGISTRY[optimum.method]
    assert issubclass(method, OptimumMethod)
    if name in method.curves and flops is not None:
        factor, power, sign, offset = method.curves[name]
        if factor not in optimum.params:
            raise UnansweredError(f"{optimum.method} gives no {name} at another compute than its own")

        def curve(p: Mapping[str, Any]) -> Any:
            return p[factor] * flops ** (sign * p[power]) + (p[offset] if offset else 0.0)

        return reading(float(curve(optimum.params)), np.asarray(curve(optimum.draws), dtype=np.float64))
    if name in method.curves:
        raise UnansweredError(f"`{name}` of an optimum needs a compute: {name}(..., C=1PFLOP)")
    if name not in optimum.params:
        raise UnansweredError(f"{optimum.method} gives no `{name}`; it gives {', '.join(optimum.params)}")
    return reading(optimum.params[name], optimum.draws.get(name))
