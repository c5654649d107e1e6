"""`fit_law`: a law and points in, a `Fit` out. Bad data give a fit whose status says so; they never raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .adequacy import doubts, sensitivity
from .core.fit_result import Array, Fit, FitWarning, Interval, Points
from .core.progress_callback import Heard, nobody
from .core.warning_codes import warn
from .intervals.bootstrap import Draws, choose_kind, interval
from .intervals.bootstrap import bootstrap as resample
from .parameter_free import THEORIES, compare
from .relative_worth import worth
from .solver.identifiability import MAX_SPREAD
from .solver.multistart import Solution, solve
from .solver.prepare import Refusal, Request, prepare
from .solver.problem import Problem
from .surface_fit import fit_surface
from .surfaces import SURFACES


def fit_law(
    law: str,
    points: Points,
    *,
    names: Mapping[str, str] | None = None,
    fixed: Mapping[str, float | Array] | None = None,
    objective: str | None = None,
    delta: float | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
    shared: tuple[str, ...] = (),
    kind: str = "auto",
    overestimate: float = 1.0,
    exhaustive: bool = False,
    heard: Heard = nobody,
) -> Fit:
    """Fit a law to cells.

    Args:
        law: Word of the law.
        points: Cells; a law of one variable takes the first there is, whatever its name.
        names: The law's generic parameter names -> those of this fit (A -> B, alpha -> beta for D); by default from the
            variable's name.
        fixed: Parameters held at a number, or at one number a cell.
        objective: Name of the objective; the law's own by default.
        delta: Delta of `huber` or `huber-raw`.
        bootstrap: Number of draws.
        seed: Of the draws.
        shared: Parameters that all panels (`points.group`) share; the others get one value each, named `A[panel]`.
        kind: Bootstrap, or "auto".
        overestimate: Factor on the penalty of points predicted above what was seen.
        exhaustive: Polish every start of the grid and not only the promising ones.
        heard: Told how far it has come.

    Raises:
        FitError: A request that no data could meet: an unknown law, objective, parameter, or a variable not given.
    """
    if law in SURFACES:
        return fit_surface(law, points, delta=delta, n_draws=bootstrap, seed=seed)
    if law in THEORIES:
        return compare(law, points, fixed)
    request = prepare(
        law,
        points,
        names=names,
        fixed=fixed,
        objective=objective,
        delta=delta,
        shared=shared,
        overestimate=overestimate,
    )
    problem = request.problem()
    if isinstance(problem, Refusal):
        return request.without(problem, bootstrap)
    weight = request.weight
    heard(f"the best {law} of {points.n} points", 0, 1)
    solution = solve(problem, weight, request.objective, exhaustive=exhaustive)
    if solution.status == "failed":
        return request.without(Refusal("failed", warn("FIT106", "the objective is not finite at any start")), bootstrap)
    cluster = request.cluster
    chosen = choose_kind(kind, len(request.variables), cluster)
    draws = resample(
        problem,
        solution,
        weight,
        request.objective,
        cluster,
        kind=chosen,
        n_draws=bootstrap,
        seed=seed,
        heard=heard,
    )
    return fitted(request, problem, solution, draws)


def fitted(request: Request, problem: Problem, solution: Solution, drawn: Draws) -> Fit:
    """The fit with its draws, intervals and doubts."""
    estimate, draws, jackknife = (everything(request, problem, u) for u in (solution.u[None], drawn.u, drawn.jackknife))
    params = {name: float(value[0]) for name, value in estimate.items()}
    fixed = {request.names.get(name, name) for name in request.held}
    free = [name for name in params if name.split("[")[0] not in fixed]
    loose = _unidentified(request, problem, solution, free)
    predicted = problem.predicted(solution.u[None])[0]
    residual = problem.loss - predicted
    with np.errstate(all="ignore"):
        of_log = np.log(problem.loss) - np.log(predicted)
        mse, log_mse = float(np.mean(residual**2)), float(np.mean(of_log**2))
    extra: dict[str, Any] = {"condition": solution.condition, "jackknife": jackknife}
    noise = of_log if request.objective.space == "log" else residual
    extra |= {"noise": noise, "n_free": problem.n_free}
    if problem.n_free >= len(problem.loss):
        # As many parameters as points: the law runs through every one, and nothing is left to tell its uncertainty by.
        draws = {name: np.full_like(drawn_, np.nan) if name in free else drawn_ for name, drawn_ in draws.items()}
        intervals = {}
    else:
        intervals = {name: interval(draws[name], params[name], jackknife[name]) for name in free if name not in loose}
    return Fit(
        **request.common(),
        params=params,
        value=solution.value,
        status=solution.status,
        starts=solution.starts,
        starts_agreeing=solution.agreeing,
        intervals=intervals,
        draws=draws,
        rmse=float(np.sqrt(mse)),
        rmse_log=float(np.sqrt(log_mse)),
        mse=mse,
        residuals=residual,
        warnings=tuple(_doubts(request, problem, solution, params, draws, intervals, noise)),
        bootstrap=drawn.kind,
        unidentified=loose,
        extra={**request.extra(), **extra},
    )


def _unidentified(request: Request, problem: Problem, solution: Solution, free: Sequence[str]) -> tuple[str, ...]:
    """Names of what the points do not tell: a coefficient in plain units moves with a loose exponent too."""
    if not solution.loose:
        return ()
    own = {request.shown(problem.columns[i]) for i in solution.loose}
    answers = everything(request, problem, solution.answers)
    with np.errstate(invalid="ignore"):
        apart = {name: np.ptp(x) > MAX_SPREAD * np.max(np.abs(x)) for name, x in answers.items()}
    return tuple(name for name in free if name in own or apart[name])


def everything(request: Request, problem: Problem, u_SP: Array) -> dict[str, Array]:
    """Every parameter, and what follows from them, by its name in this fit; shape (S,) each."""
    raw = problem.raw(u_SP)
    return {request.shown(column): value for column, value in {**raw, **worth(request.form.word, raw)}.items()}


def _doubts(
    request: Request,
    problem: Problem,
    solution: Solution,
    params: Mapping[str, float],
    draws: Mapping[str, Array],
    intervals: Mapping[str, Interval],
    noise: Array,
) -> Iterator[FitWarning]:
    """Doubts about the data, the optimum and the intervals."""
    yield from doubts.of_points(request.points, problem.n_free)
    yield from doubts.of_solution(request, problem, solution, params)
    yield from doubts.of_residuals(noise, problem.n_free)
    n_draws = len(next(iter(draws.values()), ()))
    if problem.n_free and n_draws:
        n_clusters = len(np.unique(request.cluster))
        yield from doubts.of_draws(request, problem, solution, params, intervals, n_clusters, n_draws)
        if solution.status == "converged":
            yield from sensitivity.of_highest(request, problem, solution, draws)
            yield from sensitivity.of_delta(request, problem, solution, intervals)
