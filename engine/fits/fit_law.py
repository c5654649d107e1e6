"""`fit_law`: a law and points in, a `Fit` out. Bad data give a fit whose status says so; they never raise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Law

from .adequacy import doubts, identification, lack_of_fit, sensitivity
from .core.fit_result import DEFAULT_OPTIONS, Array, Fit, FitOptions, FitWarning, Interval, Points, Status, Told
from .core.progress_callback import ProgressCallback, ignore_progress
from .core.warn import warn
from .forms import declaration
from .intervals import level_at_zero
from .intervals.bootstrap import bootstrap, choose_kind, interval
from .parameter_free import compare
from .solver.identifiability import MAX_SPREAD
from .solver.multistart import Solution, solve
from .solver.prepare import Request, prepare
from .solver.problem import Column, Problem
from .surface_fit import fit_surface


def fit_law(
    law: str,
    points: Points,
    options: FitOptions = DEFAULT_OPTIONS,
    *,
    progress: ProgressCallback = ignore_progress,
    **changes: Any,
) -> Fit:
    """Fit a law to cells.

    Args:
        law: Word of the law.
        points: Cells; a law of one variable takes the first there is, whatever its name.
        options: How it is fitted.
        progress: Called as the fit goes on.
        changes: Fields of `options`, by name: `fit_law("power", points, fixed={"E": 0.0}, bootstrap=200)`.

    Raises:
        FitError: A request that no data could meet: an unknown law, objective, parameter, or a variable not given.
    """
    options = replace(options, **changes)
    if declaration(law).regression:
        return fit_surface(law, points, options)
    if declaration(law).theory:
        return compare(law, points, options)
    request = prepare(law, points, options)
    problem = request.problem()
    if isinstance(problem, Fit):
        return problem
    progress(f"the best {law} of {points.n} points", 0, 1)
    solution = solve(problem, exhaustive=options.exhaustive)
    if solution.status == "failed":
        return request.without("failed", warn("FIT106", "the objective is not finite at any start"))
    kind = choose_kind(options.kind, len(request.variables), points)
    resampled = bootstrap(
        solution, points.clusters, kind=kind, n_draws=options.bootstrap, seed=options.seed, progress=progress
    )
    estimate, draws, jackknife = (_by_name(request, problem, u) for u in (solution.u[None], *resampled))
    params = {name: float(value[0]) for name, value in estimate.items()}
    fixed = {request.names.get(name, name) for name in request.held}
    free = [name for name in params if name.split("[")[0] not in fixed]
    loose = _unidentified(request, solution, free)
    if problem.n_free >= len(problem.loss):
        # As many parameters as points: the law runs through every one, and nothing is left to tell its uncertainty by.
        draws = {name: np.full_like(values, np.nan) if name in free else values for name, values in draws.items()}
        intervals = {}
    else:
        intervals = {name: interval(draws[name], params[name], jackknife[name]) for name in free if name not in loose}
    without = level_at_zero.draws_without_level(solution, resampled[0], points.clusters, kind=kind, seed=options.seed)
    told = identification.parameters_told(request, problem, *resampled, solution.u, intervals)
    told |= dict.fromkeys(loose, Told("unidentified")) | dict.fromkeys(sorted(fixed), Told("fixed"))
    loose = tuple(name for name in free if name in told and told[name].status == "unidentified")
    fit = request.unfitted(_status(request, solution, told))
    fit = replace(
        fit,
        params=params,
        value=solution.value,
        starts=solution.starts,
        starts_agreeing=solution.agreeing,
        intervals={
            name: ends
            for name, ends in intervals.items()
            if name not in told or told[name].status not in ("above", "below", "unidentified")
        },
        draws=draws,
        bootstrap=kind,
        unidentified=loose,
        told=told,
        misfit=lack_of_fit.misfit(problem, solution.u, request.points),
        details=replace(
            fit.details,
            n_free=problem.n_free,
            jackknife=jackknife,
            without_level={} if without is None else _by_name(request, problem, without),
        ),
    ).with_predictions(problem.predicted(solution.u[None])[0])
    return replace(fit, warnings=tuple(_doubts(request, solution, fit, intervals)))


def _status(request: Request, solution: Solution, told: Mapping[str, Told]) -> Status:
    """The solver's verdict, unless what the draws leave open says more.

    A coefficient is the law's value a long way outside the points, and alone no reason to doubt the law.
    """
    kinds = {request.shown(c): request.form.parameter(c.parameter).kind for c in solution.problem.columns}
    open_ends = {told[name].status for name, kind in kinds.items() if kind != "coefficient" and name in told}
    if "unidentified" in open_ends:
        return "unidentified"
    return "one-sided" if solution.status == "converged" and open_ends & {"above", "below"} else solution.status


def _unidentified(request: Request, solution: Solution, free: Sequence[str]) -> tuple[str, ...]:
    """Names of what the points do not tell: a coefficient in plain units moves with a loose exponent too."""
    if not solution.loose:
        return ()
    own = {request.shown(solution.problem.columns[i]) for i in solution.loose}
    answers = _by_name(request, solution.problem, solution.answers)
    with np.errstate(invalid="ignore"):
        apart = {name: np.ptp(x) > MAX_SPREAD * np.max(np.abs(x)) for name, x in answers.items()}
    return tuple(name for name in free if name in own or apart[name])


def _by_name(request: Request, problem: Problem, u_SP: Array) -> dict[str, Array]:
    """Every parameter, and what follows from them, by its name in this fit; shape (S,) each."""
    raw = problem.raw(u_SP)
    return {request.shown(column): value for column, value in {**raw, **worth(request.form.law, raw)}.items()}


def worth(law: type[Law], params: Mapping[Column, Array]) -> dict[Column, Array]:
    """rho_N and rho_D of every panel whose exponent is shared and coefficient its own, and rho_C; 1 for the first.

    With shared E, alpha and beta, L = E + A (rho_N N)^-alpha + B (rho_D D)^-beta with A and B those of the first panel:
    rho_N = (A_first / A)^(1/alpha) of its parameters do the work of one, and likewise for tokens. Of C = 6ND both are
    parts, so that a unit of it does the work of rho_C = rho_N rho_D, at sizes of any ratio.

    Reference: Volkova et al. 2026, arXiv:2602.07712.
    """
    out: dict[Column, Array] = {}
    for name, (factor, power) in law.worth.items():
        panels = [column.group for column in params if column.parameter == factor and column.group is not None]
        shared = Column(power, None)
        if len(panels) < 2 or shared not in params:
            continue
        first = params[Column(factor, panels[0])]
        for panel in panels:
            # An exponent near 0 makes any ratio infinite, which is what it is worth: nothing that has a number.
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                out[Column(name, panel)] = (first / params[Column(factor, panel)]) ** (1.0 / params[shared])
    for name, factors in law.worth_both.items():
        for group in dict.fromkeys(column.group for column in out):
            parts = [out.get(Column(factor, group)) for factor in factors]
            if all(part is not None for part in parts):
                with np.errstate(over="ignore", invalid="ignore"):
                    out[Column(name, group)] = np.prod(np.array(parts), axis=0)
    return out


def _doubts(request: Request, solution: Solution, fit: Fit, intervals: Mapping[str, Interval]) -> Iterator[FitWarning]:
    """Doubts about the data, the optimum and the intervals."""
    n_free = solution.problem.n_free
    yield from doubts.of_points(request, n_free)
    yield from doubts.of_solution(request, solution, fit.params)
    yield from doubts.of_residuals(fit.details.noise, n_free)
    yield from lack_of_fit.of_misfit(fit.misfit, request.objective)
    if n_free and request.options.bootstrap:
        yield from doubts.of_draws(request, solution, fit)
        at_bound = {request.names.get(generic, generic) for generic in solution.at_bound}
        structural = {request.shown(solution.problem.columns[i]) for i in solution.loose}
        yield from identification.of_bounds(fit, intervals, tuple(at_bound | structural))
        if solution.status == "converged":
            yield from sensitivity.of_highest(request, solution, fit)
            yield from sensitivity.of_delta(request, solution, fit)
