"""What a plot of a fitted law shows: the points, and the law through them, one line a size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..fits import Fit, predict
from ..fits.core.fit_result import Array
from ..formatting import magnitude

#: Lines at most, of the sizes spread over those there are; more would hide the points.
MOST_LINES = 6
#: Points of a line.
RESOLUTION = 120


@dataclass(frozen=True)
class LawCurve:
    """One line: the law at one size, or along its only variable, and the points that it goes through."""

    label: str
    #: Shape (point,): where the points are, and their loss in nats a token.
    x: Array
    loss: Array
    #: Shape (RESOLUTION,): the law.
    at: Array
    law: Array


def law_curves(fit: Fit) -> tuple[str, tuple[LawCurve, ...]]:
    """The variable across, and the curves: along D for some of the sizes N, or along the law's only variable."""
    points = fit.details.points
    across = "D" if "D" in fit.variables else fit.variables[0]
    x = points.variables[across]
    at = np.geomspace(float(x.min()), float(x.max()), RESOLUTION)
    other = next((name for name in fit.variables if name != across), None)
    if other is None:
        return across, (_curve(fit, "", np.ones(points.n, dtype=bool), {across: at}, across),)
    sizes = np.unique(points.variables[other])
    shown = sizes[np.unique(np.linspace(0, len(sizes) - 1, min(MOST_LINES, len(sizes))).round().astype(int))]
    curves = []
    for size in shown.tolist():
        rows = points.variables[other] == size
        fixed = {n: np.full(RESOLUTION, float(np.median(v[rows]))) for n, v in points.variables.items() if n != across}
        curves.append(_curve(fit, f"{other} = {magnitude(size)}", rows, {**fixed, across: at}, across))
    return across, tuple(curves)


def _curve(fit: Fit, label: str, rows: NDArray[np.bool_], at: dict[str, Array], across: str) -> LawCurve:
    points = fit.details.points
    return LawCurve(label, points.variables[across][rows], points.loss[rows], at[across], predict(fit, at))
