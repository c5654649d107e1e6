"""`fit_law`: a law and points in, a `Fit` out. Bad data give a fit whose status says so; they never raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from . import doubts
from .codes import warn
from .derived import worth
from .forms import Form, declaration, form, names_in
from .objective import Objective, make_objective
from .problem import Column, Problem
from .result import Array, Fit, FitWarning, Points, Status
from .smooth import fit_surface
from .solve import Solution, solve
from .surfaces import SURFACES
from .uncertainty import MIN_TRUSTED, Draws, choose_kind, interval
from .uncertainty import bootstrap as resample
from .usable import unusable


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

    Raises:
        FitError: A request that no data could meet: an unknown law, objective, parameter, or a variable not given.
    """
    if law in SURFACES:
        return fit_surface(law, points, delta=delta, n_draws=bootstrap, seed=seed)
    wanted = form(law)
    variables = _variables(wanted, points)
    renamed = dict(names) if names is not None else names_in(wanted, variables)
    generic = {shown: name for name, shown in renamed.items()}
    held = {generic.get(name, name): value for name, value in (fixed or {}).items()}
    together = tuple(generic.get(name, name) for name in shared)
    unknown = sorted({*held, *together} - set(wanted.parameter_names))
    if unknown:
        have = ", ".join(renamed.get(p, p) for p in wanted.parameter_names)
        raise FitError(f"{law} has no parameter {', '.join(unknown)}; it has {have}")
    declared = declaration(law)
    if objective is None:
        objective, delta = declared.objective, declared.delta if delta is None else delta
    loss = np.asarray(points.loss, dtype=np.float64)
    penalty = make_objective(objective, loss if len(loss) else np.ones(1), delta, overestimate)
    request = _Request(wanted, points, variables, renamed, held, penalty, bootstrap)
    columns = {g: np.asarray(points.variables[v], dtype=np.float64) for g, v in zip(wanted.variables, variables)}
    refusal = unusable(dict(zip(variables, columns.values())), loss, penalty)
    if refusal is not None:
        return request.without("failed", refusal)
    problem = Problem(wanted, columns, loss, held, points.group, together)
    if points.n < problem.n_free:
        message = f"{points.n} cells for {problem.n_free} free parameters: measure at least {problem.n_free}"
        return request.without("too few points", warn("FIT105", message))
    weight = np.ones_like(loss) if points.weight is None else np.asarray(points.weight, dtype=np.float64)
    solution = solve(problem, weight, penalty, exhaustive=exhaustive)
    if solution.status == "failed":
        return request.without("failed", warn("FIT106", "the objective is not finite at any start"))
    cluster = request.cluster
    chosen = choose_kind(kind, len(variables), cluster)
    draws = resample(problem, solution, weight, penalty, cluster, kind=chosen, n_draws=bootstrap, seed=seed)
    return request.fitted(problem, solution, draws)


def _variables(wanted: Form, points: Points) -> tuple[str, ...]:
    """Names of the points' variables that the law reads, in the law's order."""
    own = tuple(points.variables)
    if len(wanted.variables) == 1 and own:
        return own[:1]
    missing = [v for v in wanted.variables if v not in own]
    if missing:
        raise FitError(f"{wanted.word} reads {', '.join(wanted.variables)}; there is no {', '.join(missing)}")
    return wanted.variables


@dataclass(frozen=True)
class _Request:
    """What was asked for, as far as the answer repeats it."""

    form: Form
    points: Points
    variables: tuple[str, ...]
    names: Mapping[str, str]
    held: Mapping[str, float | Array]
    objective: Objective
    n_draws: int

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Number of each cell's cluster."""
        given = self.points.cluster
        return np.arange(self.points.n, dtype=np.int64) if given is None else np.asarray(given, dtype=np.int64)

    def shown(self, column: Column) -> str:
        """The name a parameter has in this fit."""
        name = self.names.get(column.parameter, column.parameter)
        return name if column.group is None else f"{name}[{column.group}]"

    def common(self) -> dict[str, Any]:
        """Fields of the fit that do not depend on how it went."""
        return {
            "law": self.form.word,
            "variables": self.variables,
            "fixed": tuple(self.names.get(name, name) for name in self.held),
            "objective": self.objective.name,
            "delta": self.objective.delta if self.objective.name in ("huber", "huber-raw") else None,
            "n": self.points.n,
            "n_clusters": len(np.unique(self.cluster)),
        }

    def extra(self) -> dict[str, Any]:
        """What predictions need beside the parameters."""
        arrays = {k: np.asarray(v) for k, v in self.held.items() if np.ndim(v)}
        return {"names": dict(self.names), "fixed_arrays": arrays, "space": self.objective.space}

    def fitted(self, problem: Problem, solution: Solution, drawn: Draws) -> Fit:
        """The fit with its draws, intervals and doubts."""
        estimate, draws, jackknife = (self.everything(problem, u) for u in (solution.u[None], drawn.u, drawn.jackknife))
        params = {name: float(value[0]) for name, value in estimate.items()}
        fixed = {self.names.get(name, name) for name in self.held}
        free = [name for name in params if name.split("[")[0] not in fixed]
        predicted = problem.predicted(solution.u[None])[0]
        residual = problem.loss - predicted
        with np.errstate(divide="ignore", invalid="ignore"):
            log_residual = np.log(problem.loss) - np.log(predicted)
        intervals = {name: interval(draws[name], params[name], jackknife[name]) for name in free}
        return Fit(
            **self.common(),
            params=params,
            value=solution.value,
            status=solution.status,
            starts=solution.starts,
            starts_agreeing=solution.agreeing,
            intervals=intervals,
            draws=draws,
            rmse=float(np.sqrt(np.mean(residual**2))),
            rmse_log=float(np.sqrt(np.mean(log_residual**2))),
            mse=float(np.mean(residual**2)),
            residuals=residual,
            warnings=self.warnings(problem, solution, params),
            bootstrap=drawn.kind,
            extra={**self.extra(), "condition": solution.condition, "jackknife": jackknife},
        )

    def everything(self, problem: Problem, u_SP: Array) -> dict[str, Array]:
        """Every parameter, and what follows from them, by its name in this fit; shape (S,) each."""
        raw = problem.raw(u_SP)
        return {self.shown(column): value for column, value in {**raw, **worth(self.form.word, raw)}.items()}

    def warnings(self, problem: Problem, solution: Solution, params: Mapping[str, float]) -> tuple[FitWarning, ...]:
        """Doubts about the data, the optimum and the intervals."""
        named = replace(solution, at_bound=tuple(self.names.get(b, b) for b in solution.at_bound))
        exponents = {self.shown(c) for c in problem.columns if self.form.parameter(c.parameter).kind == "exponent"}
        return (
            *doubts.of_points(self.points, problem.n_free),
            *doubts.of_solution(named, params, tuple(name for name in params if name in exponents)),
            *doubts.of_draws(len(np.unique(self.cluster)), MIN_TRUSTED),
        )

    def without(self, status: Status, warning: FitWarning) -> Fit:
        """A fit that has no parameters: its numbers are NaN, and so are all its draws."""
        params = {
            self.names.get(p, p): float(np.mean(self.held[p])) if p in self.held else np.nan
            for p in self.form.parameter_names
        }
        return Fit(
            **self.common(),
            params=params,
            value=np.nan,
            status=status,
            starts=0,
            starts_agreeing=0,
            intervals={},
            draws={name: np.full(self.n_draws, value) for name, value in params.items()},
            rmse=np.nan,
            rmse_log=np.nan,
            mse=np.nan,
            residuals=np.full(self.points.n, np.nan),
            warnings=(warning,),
            extra=self.extra(),
        )
