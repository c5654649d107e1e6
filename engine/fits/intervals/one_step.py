"""Bootstrap draws of a large table by one Newton step each from the fit, instead of a refit.

At the optimum the disturbed objective of a draw has slope g = sum of w psi(r) J and curvature H = sum of
w psi'(r) J J', over points with weights w and residuals r as the draw disturbs them; its own optimum is u - H^-1 g up
to terms that shrink with the number of points, while an interval's width shrinks with its root. All draws together are
two matrix products. Some are refitted in full as well, and where the two differ the step is not used.

Reference: van der Vaart 1998, Asymptotic Statistics, section 5.7 (one-step estimators).

Axes: K a draw, P an entry of u, X a point.
"""

from __future__ import annotations

import numpy as np

from ..core.fit_result import Array
from ..solver.problem import Problem

#: Draws refitted in full as well.
CHECKED = 16
#: Root mean square difference between the two, in standard deviations of the draws, up to which the step is used.
CLOSE = 0.05


class OneStep:
    """Draws near the best vector u."""

    def __init__(self, problem: Problem, u: Array) -> None:
        residual, jacobian = problem.linearised(u[None])
        self._u, self._objective = u, problem.objective
        self._seen, self._jacobian = problem.target + residual[0], jacobian[0]
        rows, columns = np.tril_indices(len(u))
        self._pairs = rows, columns
        self._products = jacobian[0][rows] * jacobian[0][columns]

    def __call__(self, targets_KX: Array, weights_KX: Array) -> Array:
        """The best vectors of draws, shape (K, P), to first order."""
        residual = self._seen - targets_KX
        slope = (weights_KX * self._objective.slope(residual)) @ self._jacobian.T
        packed = (weights_KX * self._objective.bend(residual)) @ self._products.T
        rows, columns = self._pairs
        curvature = np.empty((len(residual), len(self._u), len(self._u)))
        curvature[:, rows, columns] = packed
        curvature[:, columns, rows] = packed
        # Unit diagonal: entries of u differ in how much they matter, and pinv drops what is small.
        size = np.sqrt(np.maximum(np.diagonal(curvature, axis1=1, axis2=2), np.finfo(float).tiny))
        scaled = curvature / (size[:, :, None] * size[:, None, :])
        step = (np.linalg.pinv(scaled, hermitian=True) @ (slope / size)[:, :, None])[:, :, 0] / size
        return np.asarray(self._u - step)


def agree(quick_KP: Array, full_KP: Array) -> bool:
    """True where one step gives the draws that refits give."""
    spread = np.std(full_KP, axis=0)
    apart = np.sqrt(np.mean((quick_KP - full_KP) ** 2, axis=0))
    return bool(np.all(np.isfinite(quick_KP)) and np.all(apart <= CLOSE * spread))
