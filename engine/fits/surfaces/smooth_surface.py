"""A smooth surface once fitted, and draws of its uncertainty.

Both regressions end as f(x) = value(x) with a kernel k(x, x'): the kernel regression by construction, the network
through the inner products of its gradients at the fitted weights (its tangent kernel). A disturbance e of the losses
then moves the surface by k(x, X) (K + ridge)^-1 e, so a thousand draws cost one matrix product instead of a thousand
trainings.

Axes: X a training point, Z a point asked about, K a draw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...registry import Registry
from ..core.fit_result import Array
from ..intervals.wild_bootstrap import disturbances

#: How each regression is fitted, by its declaration.
SURFACES: Registry[Callable[..., SmoothSurface]] = Registry(__package__, missing="no regression of `{}`")
implements = SURFACES.implements


#: From variables to what a regression sees, shape (point, variable).
Inputs = Callable[[Mapping[str, Array]], Array]


def inputs_of(training: Mapping[str, Array], names: tuple[str, ...]) -> Inputs:
    """log10 of the variables, centred and scaled to unit spread by the training points, where they move at all."""

    def logs(variables: Mapping[str, Array]) -> Array:
        return np.stack([np.log10(np.asarray(variables[n], dtype=np.float64)) for n in names], axis=1)

    centre, spread = np.mean(logs(training), axis=0), np.std(logs(training), axis=0)
    return lambda variables: np.asarray((logs(variables) - centre) / np.where(spread > 0, spread, 1.0))


def huber_weights(residual: Array, delta: float) -> Array:
    """Weights under which least squares have the slope of Huber's penalty; the floor keeps the system solvable."""
    return np.asarray(np.maximum(np.minimum(1.0, delta / np.maximum(np.abs(residual), 1e-300)), 1e-3))


@dataclass(frozen=True)
class SmoothSurface:
    """A fitted surface.

    Attributes:
        inputs: From variables to what the regression sees.
        value: Loss at inputs, shape (Z, variable) -> (Z,).
        kernel: Covariance of the surface at inputs with the training points, (Z, variable) -> (Z, X).
        dual_KX: Draws of the weights of the training points.
        freedom: Points' worth of flexibility that the surface spent: the trace of what turns losses into fitted ones.
    """

    inputs: Inputs
    value: Callable[[Array], Array]
    kernel: Callable[[Array], Array]
    dual_KX: Array
    freedom: float

    def predict(self, variables: Mapping[str, Array]) -> Array:
        """Loss at the variables, shape (Z,)."""
        return self.value(self.inputs(variables))

    def draws(self, variables: Mapping[str, Array]) -> Array:
        """Loss at the variables in every draw, shape (K, Z)."""
        at = self.inputs(variables)
        return np.asarray(self.value(at) + self.dual_KX @ self.kernel(at).T)


def dual_draws(
    gram_XX: Array, ridge: Array, residual: Array, cluster: NDArray[np.int64], n_draws: int, seed: int
) -> tuple[Array, float]:
    """Weights of the training points that answer wild disturbances of the losses, shape (K, X), and the freedom spent.

    Args:
        gram_XX: Kernel between training points.
        ridge: What is added to its diagonal, shape (X,).
        residual: Seen less fitted, shape (X,).
        cluster: Of each point.
        n_draws: Number of draws.
        seed: Of the draws.
    """
    smoother = np.linalg.solve(gram_XX + np.diag(ridge), gram_XX).T
    # The directions that the surface follows closely stand for the tangent plane of a parametric law.
    size, directions = np.linalg.eigh(0.5 * (smoother + smoother.T))
    tangent = directions[:, size > 0.5]
    moved = disturbances(residual, tangent, cluster, n_draws, seed)
    return np.asarray(np.linalg.solve(gram_XX + np.diag(ridge), moved.T).T), float(np.trace(smoother))
