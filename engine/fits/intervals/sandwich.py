"""Standard errors from the curvature of the objective: what intervals are checked against."""

from __future__ import annotations

import numpy as np

from ..core.fit_result import Array
from ..solver.problem import Problem


def standard_errors(problem: Problem, u: Array) -> Array:
    """Standard error of every entry of u, shape (P,): the sandwich of Huber's estimator, scaled for the entries fitted.

    Reference: Huber 1981, section 7.6.
    """
    residual, jacobian = problem.linearised(u[None])
    left = max(1, len(problem.loss) - problem.n_free)
    tiny = np.finfo(float).tiny
    slopes = float(np.sum(problem.weight * problem.objective.slope(residual[0]) ** 2)) / left
    bends = max(float(np.mean(problem.objective.curvature(residual[0]))), 1e-3)
    hessian = (jacobian[0] * problem.weight) @ jacobian[0].T
    # A law of one's own may overflow on the way to its derivatives; what is not finite tells nothing.
    scale = np.sqrt(np.clip(np.nan_to_num(np.diag(hessian)), tiny, np.sqrt(np.finfo(float).max)))
    inverse = np.linalg.pinv(np.nan_to_num(hessian / np.outer(scale, scale)), hermitian=True)
    return np.asarray(np.sqrt(np.maximum(np.diag(inverse), 0.0) * slopes) / (scale * bends))
