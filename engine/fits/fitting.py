"""`fit_law`: a law and points in, a `Fit` out. Bad data give a fit whose status says so; they never raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from . import doubts
from .codes import warn
from .forms import Form, declaration, form, names_in
from .objective import SPACES, Objective, make_objective
from .problem import Problem
from .result import Array, Fit, FitWarning, Points, Status
from .solve import Solution, solve
from .uncertainty import MIN_TRUSTED, choose_kind, interval
from .uncertainty import bootstrap as resample


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
) -> Fit:
    """Fit a law to cells.

    Args:
        law: Word of the law.
        points: Cells; a law of one variable takes the only one there is, whatever its name.
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

    Raises:
        FitError: A request that no data could meet: an unknown law, objective or parameter.
    """
    wanted = form(law)
    own = tuple(points.variables)
    variable_names = own if wanted.variables == ("x",) else wanted.variables
    renamed = dict(names) if names is not None else names_in(wanted, variable_names)
    request = _Request(wanted, points, variable_names, renamed, seed, bootstrap, kind, shared, overestimate)
    return request.fit(dict(fixed or {}), objective, delta)


class _Request:
    """One call of `fit_law`, so that its steps need not hand nine arguments on."""

    def __init__(
        self,
        wanted: Form,
        points: Points,
        variables: tuple[str, ...],
        names: dict[str, str],
        seed: int,
        n_draws: int,
        kind: str,
        shared: tuple[str, ...],
        overestimate: float,
    ) -> None:
        self.form, self.points, self.variables, self.names = wanted, points, variables, names
        self.seed, self.n_draws, self.kind, self.overestimate = seed, n_draws, kind, overestimate
        back = {shown: generic for generic, shown in names.items()}
        self.back = back
        self.shared = tuple(back.get(s, s) for s in shared)

    def shown(self, generic: str, group: str | None = None) -> str:
        """The name a parameter has in this fit."""
        name = self.names.get(generic, generic)
        return name if group is None else f"{name}[{group}]"

    def fit(self, fixed: dict[str, float | Array], objective: str | None, delta: float | None) -> Fit:
        held = {self.back.get(name, name): value for name, value in fixed.items()}
        unknown = sorted((set(held) | set(self.shared)) - set(self.form.parameter_names))
        if unknown:
            have = ", ".join(self.shown(p) for p in self.form.parameter_names)
            raise FitError(f"{self.form.word} has no parameter {', '.join(unknown)}; it has {have}")
        loss = np.asarray(self.points.loss, dtype=np.float64)
        declared = declaration(self.form.word)
        if objective is None:
            objective, delta = declared.objective, declared.delta if delta is None else delta
        chosen = make_objective(objective, loss if len(loss) else np.ones(1), delta, self.overestimate)
        variables = {
            generic: np.asarray(self.points.variables[name], dtype=np.float64)
            for generic, name in zip(self.form.variables, self.variables)
        }
        refusal = unusable(dict(zip(self.variables, variables.values())), loss, chosen)
        if refusal is not None:
            return self._without(held, chosen, "failed", refusal)
        problem = Problem(self.form, variables, loss, held, self.points.group, self.shared)
        if self.points.n < problem.n_free:
            message = f"{self.points.n} cells for {problem.n_free} free parameters: measure at least {problem.n_free}"
            return self._without(held, chosen, "too few points", warn("FIT105", message))
        weight = np.ones_like(loss) if self.points.weight is None else np.asarray(self.points.weight, dtype=np.float64)
        solution = solve(problem, weight, chosen)
        if solution.status == "failed":
            return self._without(held, chosen, "failed", warn("FIT106", "the objective is not finite at any start"))
        return self._fitted(problem, solution, weight, chosen, held)

    def _fitted(
        self,
        problem: Problem,
        solution: Solution,
        weight: Array,
        objective: Objective,
        held: Mapping[str, float | Array],
    ) -> Fit:
        cluster = self._cluster()
        n_clusters = len(np.unique(cluster))
        kind = choose_kind(self.kind, len(self.variables), cluster)
        drawn = resample(problem, solution, weight, objective, cluster, kind=kind, n_draws=self.n_draws, seed=self.seed)
        estimate = {c: float(v[0]) for c, v in problem.raw(solution.u[None]).items()}
        draws = problem.raw(drawn.u)
        jackknife = problem.raw(drawn.jackknife)
        free = {c: self.shown(c.parameter, c.group) for c in estimate if c.parameter not in held}
        predicted = problem.predicted(solution.u[None])[0]
        residual = problem.loss - predicted
        params = {self.shown(c.parameter, c.group): v for c, v in estimate.items()}
        exponents = tuple(name for c, name in free.items() if self.form.parameter(c.parameter).kind == "exponent")
        named = replace(solution, at_bound=tuple(self.names.get(b, b) for b in solution.at_bound))
        warnings: list[FitWarning] = [
            *doubts.of_points(self.points, problem.n_free),
            *doubts.of_solution(named, params, exponents),
            *doubts.of_draws(n_clusters, MIN_TRUSTED),
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            log_residual = np.log(problem.loss) - np.log(predicted)
        return Fit(
            law=self.form.word,
            variables=self.variables,
            params=params,
            fixed=tuple(self.shown(name) for name in held),
            objective=objective.name,
            delta=objective.delta if objective.name in ("huber", "huber-raw") else None,
            value=solution.value,
            status=solution.status,
            n=self.points.n,
            n_clusters=n_clusters,
            starts=solution.starts,
            starts_agreeing=solution.agreeing,
            intervals={name: interval(draws[c], estimate[c], jackknife[c]) for c, name in free.items()},
            draws={self.shown(c.parameter, c.group): v for c, v in draws.items()},
            rmse=float(np.sqrt(np.mean(residual**2))),
            rmse_log=float(np.sqrt(np.mean(log_residual**2))),
            mse=float(np.mean(residual**2)),
            residuals=residual,
            warnings=tuple(warnings),
            bootstrap=kind,
            extra={
                **self._extra(held),
                "condition": solution.condition,
                "jackknife": {self.shown(c.parameter, c.group): v for c, v in jackknife.items()},
            },
        )

    def _cluster(self) -> NDArray[np.int64]:
        given = self.points.cluster
        return np.arange(self.points.n, dtype=np.int64) if given is None else np.asarray(given, dtype=np.int64)

    def _extra(self, held: Mapping[str, float | Array]) -> dict[str, Any]:
        arrays = {k: np.asarray(v) for k, v in held.items() if np.ndim(v)}
        return {"names": dict(self.names), "form_variables": self.form.variables, "fixed_arrays": arrays}

    def _without(
        self, held: Mapping[str, float | Array], objective: Objective, status: Status, warning: FitWarning
    ) -> Fit:
        """A fit that has no parameters: its numbers are NaN, and so are all its draws."""
        params = {self.shown(p): float(np.mean(held[p])) if p in held else np.nan for p in self.form.parameter_names}
        return Fit(
            law=self.form.word,
            variables=self.variables,
            params=params,
            fixed=tuple(self.shown(name) for name in held),
            objective=objective.name,
            delta=objective.delta if objective.name in ("huber", "huber-raw") else None,
            value=np.nan,
            status=status,
            n=self.points.n,
            n_clusters=len(np.unique(self._cluster())),
            starts=0,
            starts_agreeing=0,
            intervals={},
            draws={name: np.full(self.n_draws, value) for name, value in params.items()},
            rmse=np.nan,
            rmse_log=np.nan,
            mse=np.nan,
            residuals=np.full(self.points.n, np.nan),
            warnings=(warning,),
            extra=self._extra(held),
        )


def unusable(variables: Mapping[str, Array], loss: Array, objective: Objective) -> FitWarning | None:
    """Why these numbers cannot be fitted, or None."""
    if not len(loss):
        return warn("FIT106", "there are no points")
    for name, x in variables.items():
        if len(x) != len(loss):
            return warn("FIT106", f"{name} has {len(x)} values for {len(loss)} losses")
        if not np.all(np.isfinite(x)) or np.any(x <= 0):
            return warn(
                "FIT106", f"{name} is not positive and finite in row {int(np.argmin(np.isfinite(x) & (x > 0)))}"
            )
    if not np.all(np.isfinite(loss)):
        return warn("FIT106", f"the loss is not finite in row {int(np.argmin(np.isfinite(loss)))}")
    if SPACES[objective.name] == "log" and np.any(loss <= 0):
        row = int(np.argmin(loss > 0))
        return warn("FIT106", f"the loss is not positive in row {row}, and {objective.name} needs its logarithm")
    return None
