"""A `Fit` of a surface without a formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scalingdsl.spec.errors import FitError

from .core.fit_result import Fit, FitWarning, Points
from .core.warning_codes import warn
from .solver.data_checks import unusable
from .solver.objective import make_objective
from .surfaces import SURFACES, kernel_regression
from .surfaces.base import cluster_of

#: Cells below which a regression of a surface means nothing.
MIN_CELLS = 9
#: Cells above which a surface, whose work grows with their cube, is refused.
MAX_CELLS = 5_000
VARIABLES = ("N", "D")


def fit_surface(law: str, points: Points, *, delta: float | None, n_draws: int, seed: int) -> Fit:
    """Fit `network` or `kernel` to cells in N and D.

    Raises:
        FitError: The points have no N or no D, or are too many.
    """
    missing = [v for v in VARIABLES if v not in points.variables]
    if missing:
        raise FitError(f"{law} reads N, D; there is no {', '.join(missing)}")
    if points.n > MAX_CELLS:
        raise FitError(
            f"{points.n} cells; a {law} surface takes {MAX_CELLS} at most: leave some out with `where`, or average "
            "those of one size"
        )
    threshold = kernel_regression.DELTA if delta is None else delta
    objective = make_objective("huber-raw", points.loss if points.n else np.ones(1), threshold)
    clusters = len(np.unique(cluster_of(points.cluster, points.n)))
    nothing: dict[str, Any] = {"params": {}, "fixed": (), "intervals": {}, "draws": {}, "starts": 1}
    empty = Fit(
        law=law,
        variables=VARIABLES,
        objective=objective.name,
        delta=threshold,
        value=np.nan,
        status="failed",
        n=points.n,
        n_clusters=clusters,
        starts_agreeing=0,
        rmse=np.nan,
        rmse_log=np.nan,
        mse=np.nan,
        residuals=np.full(points.n, np.nan),
        **nothing,
    )
    refusal = unusable({v: points.variables[v] for v in VARIABLES}, points.loss, objective)
    if refusal is not None:
        return replace(empty, warnings=(refusal,))
    if points.n < MIN_CELLS:
        few: tuple[FitWarning, ...] = (warn("FIT105", f"{points.n} cells; a {law} surface needs {MIN_CELLS}"),)
        return replace(empty, status="too few points", warnings=few)
    surface = SURFACES[law](points, VARIABLES, n_draws=n_draws, seed=seed, delta=threshold)
    predicted = surface.predict(points.variables)
    residual = points.loss - predicted
    with np.errstate(divide="ignore", invalid="ignore"):
        of_log = np.log(points.loss) - np.log(predicted)
    return replace(
        empty,
        value=float(np.sum(objective.penalty(residual))),
        status="converged",
        starts_agreeing=1,
        rmse=float(np.sqrt(np.mean(residual**2))),
        rmse_log=float(np.sqrt(np.mean(of_log**2))),
        mse=float(np.mean(residual**2)),
        residuals=residual,
        bootstrap="wild",
        extra={
            "surface": surface,
            "space": "raw",
            "noise": residual,
            "n_free": round(surface.freedom),
            "points": points,
            "options": {"delta": threshold},
        },
    )
