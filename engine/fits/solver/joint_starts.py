"""Starts of a fit whose panels share some parameters and keep the others to themselves.

Every panel is fitted alone and all of them as one; shared parameters start at the one fit's value, at the panels'
median, or at some panel's own, the others at their panel's own. In the solver's units a coefficient is the size of
its term at the centre of the data, which hardly depends on the exponent, so mixing the two does no harm.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..core.fit_result import Array
from .problem import Problem

#: Panels whose own values shared parameters start at.
N_PANELS = 6


def joint_starts(problem: Problem, solve: Callable[[Problem], Array]) -> Array:
    """Starting vectors of a problem with panels, shape (S, P); `solve` gives each panel's best vector."""

    def alone(points: NDArray[np.intp], fallback: dict[str, float] | None) -> dict[str, float]:
        """Parameters in the joint problem's units, of these points fitted by themselves."""
        part = problem.part(points)
        if fallback is not None and len(part.loss) < part.n_free:
            return fallback
        found = part.raw(solve(part)[None])
        raw = {column.parameter: value for column, value in found.items()}
        scaled = problem.form.rescale(raw, {v: 1.0 / unit for v, unit in problem.units.items()})
        return {name: float(value[0]) for name, value in scaled.items()}

    pooled = alone(np.arange(len(problem.loss)), None)
    groups = problem.group_names
    own = {g: alone(np.flatnonzero(problem.group_of_point == i), pooled) for i, g in enumerate(groups)}
    middle = {name: float(np.median([own[g][name] for g in groups])) for name in pooled}
    candidates = [pooled, middle, *(own[g] for g in groups[:N_PANELS])]
    rows = [
        [
            problem.entry(
                problem.form.parameter(c.parameter),
                np.array((shared if c.group is None else own[c.group])[c.parameter]),
            )
            for c in problem.columns
        ]
        for shared in candidates
    ]
    return np.unique(np.array(rows, dtype=np.float64), axis=0)
