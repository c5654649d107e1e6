"""A law, points, what is fixed and what is minimised, turned into residuals of a plain vector.

The solver's vector u holds one entry for every free parameter (and panel, where a parameter is not shared):
coefficients and rates as logarithms, levels in units of the largest loss, variables measured in units of their
geometric mean. Both make u of order one, and take most of the correlation between a coefficient and its exponent
away.

Axes: S a start or bootstrap draw, P an entry of u, X a point.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.laws import Parameter

from ..core.fit_result import Array
from ..core.form import Form
from .objective import Objective

#: Coefficients lie within exp(+-LOG_RANGE) of the loss scale, and numbers without bounds of the variables' sizes.
LOG_RANGE = 80.0
#: A ceiling lies within exp(CEILING_RANGE) of the largest loss.
CEILING_RANGE = 7.0


@dataclass(frozen=True)
class Column:
    """One entry of u: a parameter, in all panels (None) or in one."""

    parameter: str
    group: str | None


class Problem:
    """Residuals and derivatives of one law on one set of points, for many vectors u at once.

    The objective's penalty times `weight` is minimised; `target` are the losses in the objective's space. `fixed`
    holds parameters at a number or at one a point; `groups` names each point's panel, `shared` the parameters that
    panels share; variables in `plain` keep their own units.
    """

    def __init__(
        self,
        form: Form,
        variables: Mapping[str, Array],
        loss: Array,
        objective: Objective,
        *,
        weight: Array | None = None,
        fixed: Mapping[str, float | Array] = {},
        groups: tuple[str, ...] | None = None,
        shared: tuple[str, ...] = (),
        plain: frozenset[str] = frozenset(),
    ) -> None:
        self.form = form
        self.loss = loss
        self.objective = objective
        self.target = np.log(loss) if objective.space == "log" else loss
        self.weight = np.ones(len(loss)) if weight is None else weight
        self.scale = float(np.max(np.abs(loss))) or 1.0
        self.group_names = tuple(dict.fromkeys(groups)) if groups else ()
        self.free = tuple(p for p in form.parameters if p.name not in fixed)
        self.columns = tuple(Column(p.name, g) for p in self.free for g in self._panels(p.name in shared))
        #: Where each parameter's entries lie in u: one column, or one a point.
        self.index: dict[str, NDArray[np.int64]] = {}
        number = {name: i for i, name in enumerate(self.group_names)}
        of_point = np.array([number[g] for g in groups], dtype=np.int64) if groups else np.zeros(len(loss), np.int64)
        self.group_of_point = of_point
        self._plain = variables
        for p in self.free:
            at = np.array([i for i, c in enumerate(self.columns) if c.parameter == p.name], dtype=np.int64)
            self.index[p.name] = at if len(at) == 1 else at[of_point]
        #: A parameter that carries a unit and is not free in every panel keeps plain units.
        kept = {p.unit_of for p in form.parameters if p.unit_of and (p.name in fixed or p.name in shared)}
        kept |= plain if form.scales else set(variables)
        self.units = {v: 1.0 if v in kept else float(np.exp(np.mean(np.log(x)))) for v, x in variables.items()}
        self.units.update({v: self.units[form.unit_of[v]] for v in variables if v in form.unit_of})
        self.variables = {v: x / self.units[v] for v, x in variables.items()}
        self.fixed = {name: np.asarray(value, dtype=np.float64) for name, value in fixed.items()}
        bounds = [self._bounds(c.parameter) for c in self.columns]
        self.low = np.array([b[0] for b in bounds])
        self.high = np.array([b[1] for b in bounds])

    def _panels(self, shared: bool) -> tuple[str | None, ...]:
        return (None,) if shared or not self.group_names else self.group_names

    def _bounds(self, name: str) -> tuple[float, float]:
        p = self.form.parameter(name)
        if p.kind == "level":
            return 0.0, 1.0
        if p.kind == "coefficient":
            return np.log(self.scale) - LOG_RANGE, np.log(self.scale) + LOG_RANGE
        if p.kind == "ceiling":
            return np.log(self.scale), np.log(self.scale) + CEILING_RANGE
        if p.logarithmic and p.high == np.inf:
            sizes = [np.max(np.abs(np.log(np.abs(x[x != 0]))), initial=0.0) for x in self.variables.values()]
            return -LOG_RANGE - max(sizes, default=0.0), LOG_RANGE + max(sizes, default=0.0)
        if p.logarithmic:
            return np.log(p.low), np.log(p.high)
        return p.low, p.high

    def _unit(self, p: Parameter) -> float:
        """The unit of an entry of u: levels are measured in units of the largest loss."""
        return self.scale if p.kind == "level" else 1.0

    def _value(self, p: Parameter, u: Array) -> Array:
        return np.asarray(np.exp(u) if p.logarithmic else u * self._unit(p))

    def entry(self, p: Parameter, value: Array) -> Array:
        """The entry of u that stands for a value of a parameter, within its bounds."""
        low, high = self._bounds(p.name)
        with np.errstate(divide="ignore"):
            u = np.log(value) if p.logarithmic else value / self._unit(p)
        return np.clip(u, low, high)

    def part(self, rows: NDArray[np.intp]) -> Problem:
        """The same law on some of the points, panels forgotten."""
        fixed = {k: v[rows] if v.ndim else v for k, v in self.fixed.items()}
        variables = {name: x[rows] for name, x in self._plain.items()}
        return Problem(self.form, variables, self.loss[rows], self.objective, weight=self.weight[rows], fixed=fixed)

    def some(self, rows: NDArray[np.intp]) -> Problem:
        """The same problem on some of its points; units, panels and entries of u stay."""
        out = copy(self)
        out.loss, out.target, out.weight = self.loss[rows], self.target[rows], self.weight[rows]
        out.group_of_point = self.group_of_point[rows]
        out.variables = {name: x[rows] for name, x in self.variables.items()}
        out.fixed = {k: v[rows] if v.ndim else v for k, v in self.fixed.items()}
        out.index = {name: at if len(at) == 1 else at[rows] for name, at in self.index.items()}
        return out

    def changed(self, *, delta: float | None = None, weight: Array | None = None, high: Array | None = None) -> Problem:
        """The same problem with another delta of its objective, other weights, or other upper bounds of u."""
        out = copy(self)
        out.high = self.high if high is None else high
        out.objective = self.objective if delta is None else replace(self.objective, delta=delta)
        out.weight = self.weight if weight is None else weight
        return out

    @property
    def n_free(self) -> int:
        """Number of entries of u."""
        return len(self.columns)

    def params(self, u_SP: Array) -> dict[str, Array]:
        """Parameters in the solver's units, shape (S, 1) or (S, X)."""
        out = dict(self.fixed)
        for p in self.free:
            out[p.name] = self._value(p, u_SP[:, self.index[p.name]])
        return out

    def predicted(self, u_SP: Array) -> Array:
        """Loss at every point, shape (S, X); not finite where the law overflows, which the solver walks away from."""
        with np.errstate(all="ignore"):
            value = self.form.value(self.variables, self.params(u_SP))
        return np.broadcast_to(value, (len(u_SP), len(self.loss)))

    def residual(self, u_SP: Array) -> Array:
        """Predicted less target in the objective's space, shape (S, X)."""
        predicted = self.predicted(u_SP)
        with np.errstate(all="ignore"):
            return (np.log(predicted) if self.objective.space == "log" else predicted) - self.target

    def linearised(
        self, u_SP: Array, target_SX: Array | None = None, predicted_SX: Array | None = None
    ) -> tuple[Array, Array]:
        """Residual, shape (S, X), and its derivative by u, shape (S, P, X).

        `target_SX` are other losses than the points', already in the objective's space; `predicted_SX` where known.
        """
        params = self.params(u_SP)
        shape = (len(u_SP), len(self.loss))
        with np.errstate(all="ignore"):
            predicted = self.predicted(u_SP) if predicted_SX is None else predicted_SX
            partial = self.form.gradient(self.variables, params)
            jacobian = np.empty((shape[0], self.n_free, shape[1]))
            for i, column in enumerate(self.columns):
                p = self.form.parameter(column.parameter)
                by = partial[p.name] * (params[p.name] if p.logarithmic else self._unit(p))
                at = self.index[p.name]
                jacobian[:, i, :] = by if len(at) == 1 else np.where(at == i, by, 0.0)
            if self.objective.space == "log":
                jacobian /= predicted[:, None, :]
                predicted = np.log(predicted)
        return predicted - (self.target if target_SX is None else target_SX), jacobian

    def raw(self, u_SP: Array) -> dict[Column, Array]:
        """Every parameter in plain units, shape (S,) each; fixed ones as given, or their mean over the points."""
        out: dict[Column, Array] = {}
        for group in self.group_names or (None,):
            params: dict[str, Array] = {}
            for p in self.form.parameters:
                if p.name in self.fixed:
                    params[p.name] = np.full(len(u_SP), float(np.mean(self.fixed[p.name])))
                    continue
                i = next(i for i, c in enumerate(self.columns) if c.parameter == p.name and c.group in (None, group))
                params[p.name] = self._value(p, u_SP[:, i])
            plain = self.form.rescale(params, self.units)
            for p in self.form.parameters:
                own = any(c.parameter == p.name and c.group == group for c in self.columns) and group is not None
                out[Column(p.name, group if own else None)] = np.asarray(plain[p.name], dtype=np.float64)
        return out
