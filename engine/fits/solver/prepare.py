"""A fit as it is asked for: law, points, what is fixed and shared, objective; checked, and turned into a problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary.bounds import misplaced

from ..core.fit_result import Array, Fit, FitWarning, Points, Status
from ..core.warning_codes import warn
from ..custom.custom_form import is_expression
from ..forms import Form, declaration, form, names_in
from .data_checks import unusable
from .objective import Objective, make_objective
from .problem import Column, Problem


@dataclass(frozen=True)
class Refusal:
    """Why there is no fit: the status it has instead, and a coded sentence."""

    status: Status
    warning: FitWarning


@dataclass(frozen=True)
class Request:
    """What was asked for, as far as problem and answer need it."""

    form: Form
    points: Points
    #: Names of the points' variables that the law reads, in the law's order.
    variables: tuple[str, ...]
    #: The law's generic parameter names -> those of this fit.
    names: Mapping[str, str]
    held: Mapping[str, float | Array]
    shared: tuple[str, ...]
    objective: Objective
    #: What the caller settled, to fit other points alike.
    options: Mapping[str, Any]

    @property
    def cluster(self) -> NDArray[np.int64]:
        """Number of each cell's cluster."""
        given = self.points.cluster
        return np.arange(self.points.n, dtype=np.int64) if given is None else np.asarray(given, dtype=np.int64)

    @property
    def weight(self) -> Array:
        """Weight of each cell."""
        given = self.points.weight
        return np.ones(self.points.n) if given is None else np.asarray(given, dtype=np.float64)

    def problem(self, plain: frozenset[str] = frozenset()) -> Problem | Refusal:
        """The problem to solve, or why there is none; variables in `plain` keep their own units."""
        columns = {
            g: np.asarray(self.points.variables[v], dtype=np.float64)
            for g, v in zip(self.form.variables, self.variables)
        }
        loss = np.asarray(self.points.loss, dtype=np.float64)
        refusal = unusable(dict(zip(self.variables, columns.values())), loss, self.objective)
        if refusal is not None:
            return Refusal("failed", refusal)
        problem = Problem(self.form, columns, loss, self.held, self.points.group, self.shared, plain)
        if self.points.n < problem.n_free:
            n, free = self.points.n, problem.n_free
            message = f"{n} cell{'s' * (n != 1)} for {free} free parameters: measure at least {free}"
            return Refusal("too few points", warn("FIT105", message))
        return problem

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
        return {
            "names": dict(self.names),
            "fixed_arrays": arrays,
            "space": self.objective.space,
            "points": self.points,
            "options": self.options,
        }

    def without(self, refusal: Refusal, n_draws: int) -> Fit:
        """A fit that has no parameters: its numbers are NaN, and so are all its draws."""
        params = {
            self.names.get(p, p): float(np.mean(self.held[p])) if p in self.held else np.nan
            for p in self.form.parameter_names
        }
        return Fit(
            **self.common(),
            params=params,
            value=np.nan,
            status=refusal.status,
            starts=0,
            starts_agreeing=0,
            intervals={},
            draws={name: np.full(n_draws, value) for name, value in params.items()},
            rmse=np.nan,
            rmse_log=np.nan,
            mse=np.nan,
            residuals=np.full(self.points.n, np.nan),
            warnings=(refusal.warning,),
            extra=self.extra(),
        )


def prepare(
    law: str,
    points: Points,
    *,
    names: Mapping[str, str] | None = None,
    fixed: Mapping[str, float | Array] | None = None,
    objective: str | None = None,
    delta: float | None = None,
    shared: tuple[str, ...] = (),
    overestimate: float = 1.0,
) -> Request:
    """Check what is asked for; arguments as in `fit_law`.

    Raises:
        FitError: A request that no data could meet: an unknown law, objective, parameter, or a variable not given; a
            parameter held where it cannot lie.
    """
    wanted = form(law, tuple(points.variables))
    variables = _variables(wanted, points)
    renamed = dict(names) if names is not None else names_in(wanted, variables)
    generic = {shown: name for name, shown in renamed.items()}
    held = {generic.get(name, name): value for name, value in (fixed or {}).items()}
    together = tuple(generic.get(name, name) for name in shared)
    unknown = sorted({*held, *together} - set(wanted.parameter_names))
    if unknown:
        have = ", ".join(renamed.get(p, p) for p in wanted.parameter_names)
        raise FitError(f"{law} has no parameter {', '.join(unknown)}; it has {have}")
    if not is_expression(law):  # the language knows no bounds of names that are the user's own
        _check_bounds(law, {renamed.get(name, name): value for name, value in held.items()})
    declared = declaration(law)
    if objective is None:
        objective, delta = declared.objective, declared.delta if delta is None else delta
    loss = np.asarray(points.loss, dtype=np.float64)
    penalty = make_objective(objective, loss if len(loss) else np.ones(1), delta, overestimate)
    options = {
        "names": names,
        "fixed": fixed or {},
        "objective": objective,
        "delta": delta,
        "overestimate": overestimate,
    }
    return Request(wanted, points, variables, renamed, held, together, penalty, options)


def _check_bounds(law: str, held: Mapping[str, float | Array]) -> None:
    for name, value in held.items():
        for end in (np.min(value), np.max(value)) if np.size(value) else ():
            wrong = misplaced(name, law, float(end))
            if wrong is not None:
                raise FitError(wrong)


def _variables(wanted: Form, points: Points) -> tuple[str, ...]:
    own = tuple(points.variables)
    if len(wanted.variables) == 1 and wanted.variables[0] not in own and own:
        return own[:1]
    missing = [v for v in wanted.variables if v not in own]
    if missing:
        raise FitError(f"{wanted.word} reads {', '.join(wanted.variables)}; there is no {', '.join(missing)}")
    return wanted.variables
