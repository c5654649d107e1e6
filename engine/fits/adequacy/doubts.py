"""Doubts about the points, the solution and the draws of a fit: one small function a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..core.fit_result import Array, Fit, FitWarning
from ..core.warn import warn
from ..custom.custom_form import is_expression
from ..intervals.sandwich import standard_errors
from ..solver.multistart import Solution
from ..solver.prepare import Request

#: Least factor a variable should span, values it should take, correlation of log N and log D it should stay below.
SHORT_RANGE, FEW_VALUES, COLLINEAR = 8.0, 4, 0.995
#: Above any published exponent.
STEEP = 3.0
#: Points that spare no residual.
SPARE = 3
#: How much further above the curve than below, and how far in typical residuals, makes a point look under-tuned.
ONE_SIDED, FAR = 4.0, 8.0
#: Share of the width that curvature implies below which an interval is not believed.
TIGHT = 0.2
#: Ratio of an interval's ends above which a coefficient says nothing.
WIDE = 1e3
MIN_TRUSTED = 8
#: Implied half-width, relative to the exponent, below which the points lie on the law and any interval is right.
EXACT = 1e-9
#: Draws whose 2.5 % ends are no single draw.
FEWEST_DRAWS = 40


def of_points(request: Request, n_free: int) -> Iterator[FitWarning]:
    """Doubts about the data alone.

    Of a law written out only what is raised to an exponent that is fitted has to vary: a column that is the same in
    all rows, or of two values, is a number that the law knows, or a mark.
    """
    points = request.points
    if 0 <= points.n - n_free < SPARE and n_free:
        yield warn("FIT112", f"{points.n} points for {n_free} parameters")
    falling = {name for p in request.form.parameters for name in p.of if p.name not in request.held}
    for name, x in points.variables.items():
        values = len(np.unique(x))
        if is_expression(request.form.word) and (name not in falling or np.min(x) <= 0 or values == 1):
            continue
        span = float(np.max(x) / np.min(x))
        if 1.0 < span < SHORT_RANGE:
            yield warn("FIT121", f"{name} spans a factor of {span:.3g} only")
        if values == 1 and points.n > 1:
            unsaid = "so they do not say how the loss depends on it"
            yield warn("FIT122", f"{name} does not vary: it is {float(x[0]):.6g} in all {points.n} points, {unsaid}")
        elif values < FEW_VALUES and points.n > values:
            yield warn("FIT122", f"{name} takes {values} values")
    different = len(np.unique(np.stack(list(points.variables.values()), axis=1), axis=0))
    repeated = points.n - different
    if repeated and different > 1 and points.cluster is None and points.group is None:
        yield warn("FIT125", f"{repeated} of {points.n} points repeat the variables of another")
    if points.has_compute:
        n, d = np.log(points.variables["N"]), np.log(points.variables["D"])
        if np.std(n) > 0 and np.std(d) > 0 and abs(float(np.corrcoef(n, d)[0, 1])) > COLLINEAR:
            yield warn("FIT123", f"log N and log D are correlated above {COLLINEAR} in these points")
    hundredths = points.loss * 100.0
    if (
        points.n > SPARE
        and np.ptp(points.loss) > 0
        and np.allclose(hundredths, np.round(hundredths), atol=1e-9, rtol=0)
    ):
        yield warn("FIT132", "every loss is a multiple of 0.01")


def of_solution(request: Request, solution: Solution, params: Mapping[str, float]) -> Iterator[FitWarning]:
    """Doubts about the optimum."""
    problem = solution.problem
    if solution.status == "starts disagree":
        yield warn("FIT103", f"{solution.agreeing} of {solution.starts} starts reached the best objective")
    if solution.status == "unidentified":
        names = ", ".join(dict.fromkeys(request.shown(problem.columns[i]) for i in solution.loose))
        yield warn("FIT104", f"other values of {names} predict these points as well")
    if solution.unmoved:
        yield warn("FIT108", "the best parameters are exactly those of a start")
    for generic in solution.at_bound:
        name = request.names.get(generic, generic)
        if problem.form.parameter(generic).kind == "level" and params.get(name) == 0.0:
            yield warn("FIT102", f"{name} = 0: the points do not show where the loss ends")
        else:
            yield warn("FIT101", f"{name} lies at the bound of its range")
    for column in problem.columns:
        name = request.shown(column)
        if problem.form.parameter(column.parameter).kind == "exponent" and params[name] > STEEP:
            yield warn("FIT107", f"{name} = {params[name]:.3g}")
    lowest = float(np.min(problem.loss))
    for generic, value in request.held.items():
        if problem.form.parameter(generic).kind == "level" and np.ndim(value) == 0 and float(value) >= lowest:
            yield warn("FIT135", f"{generic} is fixed at {float(value):.4g}; the smallest loss is {lowest:.4g}")
    if problem.form.word == "sigmoid" and "floor" not in request.held:
        yield warn("FIT136", "fix it, as in sigmoid(loss, floor=.25)")


def of_residuals(residual: Array, n_free: int) -> Iterator[FitWarning]:
    """Points far above the curve with none as far below: runs that were not tuned, or diverged."""
    typical = float(np.median(np.abs(residual)))
    above, below = float(np.max(residual)), -float(np.min(residual))
    if len(residual) > 4 * n_free and above > FAR * typical > 0 and above > ONE_SIDED * below:
        count = int(np.sum(residual > FAR * typical))
        yield warn(
            "FIT127", f"{count} of {len(residual)} points lie more than {FAR:.0f} typical residuals above the curve"
        )


def of_draws(request: Request, solution: Solution, fit: Fit) -> Iterator[FitWarning]:
    """Doubts about the intervals."""
    n_draws = len(next(iter(fit.draws.values())))
    if n_draws < FEWEST_DRAWS:
        yield warn("FIT115", f"{n_draws} draw{'s' * (n_draws > 1)}; {FEWEST_DRAWS} are the least for 95 %")
    if fit.n_clusters < MIN_TRUSTED:
        yield warn("FIT111", f"{fit.n_clusters} clusters carry the intervals")
    for column, error in zip(solution.problem.columns, standard_errors(solution.problem, solution.u)):
        name, kind = request.shown(column), request.form.parameter(column.parameter).kind
        low, high = fit.intervals.get(name, (np.nan, np.nan))
        if kind == "exponent" and error > EXACT * abs(fit.params[name]) and high - low < TIGHT * 2 * 1.96 * error:
            yield warn("FIT113", f"{name} in [{low:.6g}, {high:.6g}]; the residuals imply +-{1.96 * error:.3g}")
        if kind == "coefficient" and low > 0 and high / low > WIDE:
            yield warn("FIT114", f"{name} in [{low:.3g}, {high:.3g}]")
