"""A `Fit` of a surface without a formula."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scalingdsl.spec.errors import FitError

from .core.fit_result import Fit, FitDetails, FitOptions, Points
from .core.given_numbers import given_numbers
from .core.warn import warn
from .forms import declaration
from .solver.objective import make_objective
from .solver.prepare import unusable
from .surfaces.smooth_surface import SURFACES

#: Cells below which a regression of a surface means nothing.
MIN_CELLS = 9
#: Cells above which a surface, whose work grows with their cube, is refused.
MAX_CELLS = 5_000
#: Threshold of Huber's penalty, nats a token.
DELTA = 1e-3
VARIABLES = ("N", "D")


def fit_surface(law: str, points: Points, options: FitOptions) -> Fit:
    """Fit `network` or `kernel` to cells in N and D; of the options, delta, draws and their seed count.

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
    numbers = given_numbers(declaration(law), options.fixed)
    threshold = DELTA if options.delta is None else options.delta
    objective = make_objective("huber-raw", points.loss if points.n else np.ones(1), threshold)
    unfitted = Fit(
        law=law,
        variables=VARIABLES,
        objective=objective.name,
        delta=threshold,
        status="failed",
        n=points.n,
        n_clusters=points.n_clusters,
        details=FitDetails(points, FitOptions(fixed=options.fixed, delta=threshold), space="raw"),
        starts=1,
        residuals=np.full(points.n, np.nan),
    )
    refusal = unusable({v: points.variables[v] for v in VARIABLES}, points.loss, objective)
    if refusal is not None:
        return replace(unfitted, warnings=(refusal,))
    if points.n < MIN_CELLS:
        few = warn("FIT105", f"{points.n} cells; a {law} surface needs {MIN_CELLS}")
        return replace(unfitted, status="too few points", warnings=(few,))
    surface = SURFACES.of(declaration(law))(
        points, VARIABLES, n_draws=options.bootstrap, seed=options.seed, delta=threshold, **numbers
    )
    fit = replace(
        unfitted,
        status="converged",
        starts_agreeing=1,
        bootstrap="wild",
        details=replace(unfitted.details, surface=surface, n_free=round(surface.freedom)),
    ).with_predictions(surface.predict(points.variables))
    return replace(fit, value=float(np.sum(objective.penalty(fit.residuals))))
