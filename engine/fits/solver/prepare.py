"""A validated fit request: law, points, fixed and shared parameters, objective; and the problem it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scalingdsl.spec.errors import FitError

from ..core.fit_result import DEFAULT_OPTIONS, Array, Fit, FitDetails, FitOptions, FitWarning, Points, Status
from ..core.warn import warn
from ..custom.custom_form import is_expression
from ..forms import Form, form
from .objective import Objective, make_objective
from .problem import Column, Problem


@dataclass(frozen=True)
class Request:
    """A law to fit to points, as far as problem and answer need it."""

    form: Form
    points: Points
    #: Names of the points' variables that the law reads, in the law's order.
    variables: tuple[str, ...]
    #: The law's generic parameter names -> those of this fit.
    names: Mapping[str, str]
    held: Mapping[str, float | Array]
    shared: tuple[str, ...]
    objective: Objective
    options: FitOptions

    def problem(self, plain: frozenset[str] = frozenset()) -> Problem | Fit:
        """The problem to solve, or the fit that says why there is none; variables in `plain` keep their own units."""
        columns = {
            g: np.asarray(self.points.variables[v], dtype=np.float64)
            for g, v in zip(self.form.variables, self.variables)
        }
        loss = np.asarray(self.points.loss, dtype=np.float64)
        own = is_expression(self.form.word)
        refusal = unusable(dict(zip(self.variables, columns.values())), loss, self.objective, positive=not own)
        if refusal is not None:
            return self.without("failed", refusal)
        problem = Problem(
            self.form,
            columns,
            loss,
            self.objective,
            weight=self.points.weights,
            fixed=self.held,
            groups=self.points.group,
            shared=self.shared,
            plain=plain,
        )
        if self.points.n < problem.n_free:
            n, free = self.points.n, problem.n_free
            message = f"{n} cell{'s' * (n != 1)} for {free} free parameters: measure at least {free}"
            return self.without("too few points", warn("FIT105", message))
        return problem

    def shown(self, column: Column) -> str:
        """The name a parameter has in this fit."""
        name = self.names.get(column.parameter, column.parameter)
        return name if column.group is None else f"{name}[{column.group}]"

    def unfitted(self, status: Status) -> Fit:
        """The fit without any of its numbers."""
        o = self.options
        alike = FitOptions(o.names, o.fixed, o.objective, o.delta, o.overestimate, bootstrap=0)
        return Fit(
            law=self.form.word,
            variables=self.variables,
            fixed=tuple(self.names.get(name, name) for name in self.held),
            objective=self.objective.name,
            delta=self.objective.delta if self.objective.name in ("huber", "huber-raw") else None,
            status=status,
            n=self.points.n,
            n_clusters=self.points.n_clusters,
            details=FitDetails(self.points, alike, self.names, self.objective.space),
        )

    def without(self, status: Status, warning: FitWarning) -> Fit:
        """A fit that has no parameters, and why: its numbers are NaN, and so are all its draws."""
        params = {
            self.names.get(p, p): float(np.mean(self.held[p])) if p in self.held else np.nan
            for p in self.form.parameter_names
        }
        return replace(
            self.unfitted(status),
            params=params,
            draws={name: np.full(self.options.bootstrap, value) for name, value in params.items()},
            residuals=np.full(self.points.n, np.nan),
            warnings=(warning,),
        )


def prepare(law: str, points: Points, options: FitOptions = DEFAULT_OPTIONS) -> Request:
    """Check a request.

    Raises:
        FitError: A request that no data could meet: an unknown law, objective, parameter, or a variable not given; a
            parameter held where it cannot lie.
    """
    wanted = form(law, tuple(points.variables))
    variables = _variables(wanted, points)
    if (renamed := options.names) is None:
        renamed = dict(zip(wanted.parameter_names, wanted.law.parameters(variables)))
    generic = {shown: name for name, shown in renamed.items()}
    held = {generic.get(name, name): value for name, value in options.fixed.items()}
    together = tuple(generic.get(name, name) for name in options.shared)
    unknown = sorted({*held, *together} - set(wanted.parameter_names))
    if unknown:
        have = ", ".join(renamed.get(p, p) for p in wanted.parameter_names)
        raise FitError(f"{law} has no parameter {', '.join(unknown)}; it has {have}")
    if not is_expression(law):  # names that are the user's own have no bounds
        for name, value in held.items():
            parameter = replace(wanted.parameter(name), name=renamed.get(name, name))
            for end in (np.min(value), np.max(value)) if np.size(value) else ():
                if (wrong := parameter.misplaced(law, float(end))) is not None:
                    raise FitError(wrong)
    declared = wanted.law
    if options.objective is None:
        delta = declared.delta if options.delta is None else options.delta
        options = replace(options, objective=declared.objective, delta=delta)
    loss = np.asarray(points.loss, dtype=np.float64)
    penalty = make_objective(
        options.objective or "", loss if len(loss) else np.ones(1), options.delta, options.overestimate
    )
    return Request(wanted, points, variables, renamed, held, together, penalty, options)


def _variables(wanted: Form, points: Points) -> tuple[str, ...]:
    own = tuple(points.variables)
    if len(wanted.variables) == 1 and wanted.variables[0] not in own and own:
        return own[:1]
    missing = [v for v in wanted.variables if v not in own]
    if missing:
        raise FitError(f"{wanted.word} reads {', '.join(wanted.variables)}; there is no {', '.join(missing)}")
    return wanted.variables


def unusable(
    variables: Mapping[str, Array], loss: Array, objective: Objective, *, positive: bool = True
) -> FitWarning | None:
    """The reason why these numbers cannot be fitted, or None; variables of a law of one's own may have either sign."""
    if not len(loss):
        return warn("FIT106", "there are no points")
    for name, x in variables.items():
        if len(x) != len(loss):
            return warn("FIT106", f"{name} has {len(x)} values for {len(loss)} losses")
        usable = np.isfinite(x) & ((x > 0) | (not positive))
        if not np.all(usable):
            words = "positive and finite" if positive else "finite"
            return warn("FIT106", f"{name} is not {words} in row {int(np.argmin(usable))}")
    if not np.all(np.isfinite(loss)):
        return warn("FIT106", f"the loss is not finite in row {int(np.argmin(np.isfinite(loss)))}")
    if objective.space == "log" and np.any(loss <= 0):
        row = int(np.argmin(loss > 0))
        return warn("FIT106", f"the loss is not positive in row {row}, and {objective.name} needs its logarithm")
    return None
