"""Lack of fit: the residuals of a law against the scatter of replicates.

Replicates are points of one setting, or a cell's seeds. Their means miss a right law by their own noise alone; what
they miss it by beyond that is the law's. With z_g the residual of setting g's mean, in the space of the objective, less
what the law's parameters could still take up, and v_g the variance of that mean by the replicates,

    F = sum w_g z_g^2 / sum (1 - h_g) w_g v_g

with h_g the setting's leverage; the misfit is its root. Noise differs between cells by factors of ten, mostly from
small to large ones: the weights w are the reciprocals of a variance that is a power of each variable, fitted to all v,
so that few replicates a cell do. What it leaves unequal stays in the v, and the distribution of F is Box's: that of F
with the degrees of freedom that give numerator and denominator their variances, both taken low, because the variances
they follow from are estimates (simulated: at a nominal 1 %, .3 to 1.6 % for 7 to 40 settings of two to five replicates
whose noise differs at random by a factor of 3 or 10 and more). Settings without replicates take the variance fitted;
errors of settings of one cluster, such as points of one trajectory, are taken for the same error.

Reference: Box 1954, "Some theorems on quadratic forms applied in the study of analysis of variance problems, I";
Davidian and Carroll 1987, "Variance function estimation"; Draper and Smith 1998, section 2.1, for pure error.

Axes: G a setting, P a free parameter, X a point.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from ..core.fit_result import Array, FitWarning, Misfit, Points
from ..core.warn import warn
from ..solver.objective import Objective
from ..solver.problem import Problem

#: Probability below which a law is said to miss.
UNLIKELY = 0.01
#: Settings with replicates, for each number that their variance follows from, below which it is taken to be the same.
FOLLOWED = 3
#: Share of the median variance that one is taken to be at least where a variance is fitted: replicates that agree by
#: rounding.
LEAST = 1e-6
#: Settings above which errors are taken to be shared by none, since sharing takes the square of their number.
MOST_SETTINGS = 3_000


class Noise(NamedTuple):
    """Points by setting, shape (X,), a point of each setting, and the variance of one of its points about its mean, in
    the objective's space, NaN where it has no replicates, with its degrees of freedom, shape (G,) each."""

    of_point: NDArray[np.intp]
    first: NDArray[np.intp]
    variance: Array
    freedom: Array


def misfit(problem: Problem, u: Array, points: Points) -> Misfit | None:
    """The misfit of the law with the best vector u; None without replicates, or with no setting to spare."""
    noise = replicated(points, problem.objective)
    n_settings = len(noise.variance)
    inside = (u > problem.low) & (u < problem.high)
    left = n_settings - int(np.sum(inside))
    if left < 1 or not np.any(noise.variance[noise.freedom > 0] > 0):
        return None
    residual, jacobian = problem.linearised(u[None])
    share = np.bincount(noise.of_point, problem.weight, n_settings)
    # Means over the points of a setting, each in units in which it counts as one point does.
    scale = problem.weight / np.sqrt(share)[noise.of_point]
    of_mean = np.bincount(noise.of_point, problem.weight**2, n_settings) / share
    smooth = _followed(noise, points) * of_mean
    weight = np.sqrt(np.exp(np.mean(np.log(smooth))) / smooth)
    tangent = np.empty((n_settings, int(np.sum(inside))))
    for column, by in enumerate(jacobian[0][inside]):
        tangent[:, column] = weight * np.bincount(noise.of_point, scale * by, n_settings)
    z = weight * np.bincount(noise.of_point, scale * residual[0], n_settings)
    if not np.all(np.isfinite(tangent)) or not np.all(np.isfinite(z)):
        return None
    norms = np.linalg.norm(tangent, axis=0)
    q, _ = np.linalg.qr(tangent / np.where(norms > 0, norms, 1.0))
    z = z - q @ (q.T @ z)
    known = noise.freedom > 0
    variance = weight**2 * np.where(known, noise.variance * of_mean, smooth)
    kept = 1.0 - np.sum(q**2, axis=1)
    expected = float(kept @ variance)
    if not expected > 0:
        return None
    ratio = float(z @ z) / expected
    # What is not known follows from all that is, and is known with its degrees of freedom together.
    each = np.where(known, noise.freedom, np.sum(noise.freedom))
    of_noise = max(1.0, expected**2 / float(np.sum((kept * variance) ** 2 / each)))
    of_residuals = min(float(left), _freedom(q, variance, noise, points.clusters))
    return Misfit(
        ratio=float(np.sqrt(ratio)),
        p=float(fdtrc(of_residuals, of_noise, ratio)),
        freedom=(of_residuals, of_noise),
        residual=float(np.sqrt(np.mean((z / weight) ** 2))),
        noise=float(np.sqrt(np.mean(kept * variance / weight**2))),
        settings=int(np.sum(known)),
    )


def replicated(points: Points, objective: Objective) -> Noise:
    """The scatter of replicates, in the objective's space: of points of one setting, and within cells."""
    columns = [*points.variables.values()]
    if points.group is not None:
        columns.append(np.unique(np.array(points.group), return_inverse=True)[1].astype(np.float64))
    settings = np.stack(columns, axis=1)
    _, first, inverse = np.unique(settings, axis=0, return_index=True, return_inverse=True)
    of_point = inverse.reshape(-1)
    seen = np.log(points.loss) if objective.space == "log" else points.loss
    n = np.bincount(of_point)
    mean = np.bincount(of_point, seen) / n
    squares = np.bincount(of_point, (seen - mean[of_point]) ** 2)
    freedom = np.asarray(n - 1, dtype=np.float64)
    if points.scatter is not None and points.replicates is not None:
        alone = (n[of_point] == 1) & (points.replicates > 1) & np.isfinite(points.scatter)
        unit = points.loss[alone] if objective.space == "log" else 1.0
        spare = points.replicates[alone] - 1.0
        freedom[of_point[alone]] = spare
        # A point is the mean of its cell, and varies as that does.
        squares[of_point[alone]] = spare * (points.scatter[alone] / unit) ** 2 / points.replicates[alone]
    with np.errstate(invalid="ignore", divide="ignore"):
        return Noise(of_point, first, np.where(freedom > 0, squares / freedom, np.nan), freedom)


def _followed(noise: Noise, points: Points) -> Array:
    """Variance of a point of each setting as a product of powers of the variables, shape (G,)."""
    known = noise.freedom > 0
    variance, freedom = noise.variance[known], noise.freedom[known]
    columns = [np.ones(len(known))]
    for x in points.variables.values():
        at = np.asarray(x, dtype=np.float64)[noise.first]
        at = np.log(at) if np.all(at > 0) else at
        if np.ptp(at[known]) > 0:
            columns.append((at - np.mean(at)) / np.ptp(at))
    pooled = float(freedom @ variance / np.sum(freedom))
    if np.sum(known) < FOLLOWED * len(columns):
        return np.full(len(known), pooled)
    design = np.stack(columns, axis=1)
    logs = np.log(np.maximum(variance, LEAST * float(np.median(variance[variance > 0]))))
    root = np.sqrt(freedom)
    found = np.linalg.lstsq(design[known] * root[:, None], logs * root, rcond=None)[0]
    shape = np.exp(np.clip(design @ found, np.min(logs), np.max(logs)))
    # A log of a variance lies below the variance's on average.
    return np.asarray(shape * float(freedom @ (variance / shape[known]) / np.sum(freedom)))


def _freedom(q: Array, variance: Array, noise: Noise, cluster: NDArray[np.int64]) -> float:
    """Degrees of freedom of the residuals: (tr MS)^2 / tr (MS)^2, M = 1 - q q' and S the covariance of the errors."""
    n_settings = len(variance)
    own = np.zeros(n_settings, dtype=np.int64)
    own[noise.of_point] = cluster
    if n_settings > MOST_SETTINGS:
        return max(1.0, float(len(np.unique(own)) - q.shape[1]))
    size = np.sqrt(variance)
    covariance = np.where(own[:, None] == own[None, :], np.outer(size, size), 0.0)
    product = covariance - q @ (q.T @ covariance)
    return max(1.0, float(np.trace(product)) ** 2 / float(np.sum(product * product.T)))


def of_misfit(found: Misfit | None, objective: Objective) -> Iterator[FitWarning]:
    """A law that misses by more than noise."""
    if found is not None and found.p < UNLIKELY:
        relative = objective.space == "log"

        def shown(value: float) -> str:
            return f"{100 * value:.2g} %" if relative else f"{value:.2g} nats"

        yield warn(
            "FIT128",
            f"the law misses the means of replicates by {found.ratio:.2g} times their noise (p = {found.p:.1g}): by "
            f"{shown(found.residual)}{' of the loss' if relative else ''}, where noise leaves {shown(found.noise)}",
        )
