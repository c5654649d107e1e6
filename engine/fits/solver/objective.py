"""Objectives: a penalty of residuals, summed over points and never averaged.

    huber, lad, log-mse     on r = log(predicted) - log(seen), a relative error
    huber-raw, mse          on r = predicted - seen, nats a token

What to use when: `huber` with delta 1e-3 is the field's habit for surfaces in N and D (Hoffmann et al. 2022);
`huber-raw` with delta from the spread of the losses suits one-dimensional slices of low noise; `mse` and `log-mse`
are for clean or synthetic data; `lad` ignores the size of outliers altogether. Huber with a delta far below the noise
is `lad` in disguise.

Sums, because a mean of Huber penalties at delta 1e-3 is of the order 1e-6 and lets optimisers stop before they start;
the solver moreover works with r / delta, so that no tolerance depends on units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array

#: Objective names, and the space of their residuals.
SPACES: dict[str, Literal["log", "raw"]] = {
    "huber": "log",
    "lad": "log",
    "log-mse": "log",
    "huber-raw": "raw",
    "mse": "raw",
}
#: Delta of `huber`: Hoffmann et al. 2022, section 3.3.
LOG_DELTA = 1e-3
#: What a residual outside delta counts for in the curvature, of its weight in reweighted least squares: at 0 steps are
#: Newton's and overshoot far from the optimum, at 1 they are the reweighted ones and slow near it.
OUTSIDE = 0.2
#: Standard deviations per median absolute deviation of a normal law.
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Objective:
    """A penalty with its derivatives. `delta` is infinite for squares; for `lad` it is what the solver smooths the
    kink with.

    `overestimate` multiplies the penalty of points predicted above what was seen; 1 is symmetric. Above 1 the target
    is no longer the middle of the points but their floor.
    """

    name: str
    delta: float
    overestimate: float = 1.0

    @property
    def space(self) -> Literal["log", "raw"]:
        """The space of the residuals: of log loss, or of loss."""
        return SPACES[self.name]

    def _side(self, residual: Array) -> Array | float:
        return np.where(residual > 0, self.overestimate, 1.0) if self.overestimate != 1.0 else 1.0

    def penalty(self, residual: Array) -> Array:
        """Penalty of each residual as reported: r^2, |r| (`lad`), or Huber's r^2/2 and delta(|r| - delta/2)."""
        size = np.abs(residual)
        if self.name == "lad":
            return np.asarray(self._side(residual) * size)
        return np.asarray(self.smooth(residual) * (2.0 if np.isinf(self.delta) else 1.0))

    def smooth(self, residual: Array) -> Array:
        """The solver's objective: Huber's penalty; r^2/2 where delta is infinite."""
        if np.isinf(self.delta):
            return np.asarray(self._side(residual) * 0.5 * residual**2)
        size = np.abs(residual)
        core = np.minimum(size, self.delta)
        return np.asarray(self._side(residual) * core * (size - 0.5 * core))

    def slope(self, residual: Array) -> Array:
        """Derivative of `smooth`."""
        clipped = residual if np.isinf(self.delta) else np.clip(residual, -self.delta, self.delta)
        return np.asarray(self._side(residual) * clipped)

    def curvature(self, residual: Array) -> Array:
        """Second derivative of `smooth`, 1 within delta; outside, where it is 0, a share of the reweighting weight."""
        share = self._share(residual)
        return np.asarray(self._side(residual) * np.where(share >= 1.0, 1.0, OUTSIDE * share))

    def bend(self, residual: Array) -> Array:
        """Second derivative of `smooth`: 1 within delta, 0 outside."""
        return np.asarray(self._side(residual) * (np.abs(residual) <= self.delta))

    def weight(self, residual: Array) -> Array:
        """slope / residual, the weight of a point in iteratively reweighted least squares."""
        return np.asarray(self._side(residual) * self._share(residual))

    def _share(self, residual: Array) -> Array:
        """1 within delta, delta / |r| outside."""
        if np.isinf(self.delta):
            return np.ones_like(residual)
        return np.asarray(self.delta / np.maximum(np.abs(residual), self.delta))


def make_objective(name: str, loss: Array, delta: float | None = None, overestimate: float = 1.0) -> Objective:
    """The objective of this name for these losses, shape (point,), delta from the data where it is not given.

    Raises:
        FitError: An unknown name, or a delta that is not positive or has no meaning here.
    """
    if name not in SPACES:
        raise FitError(f"no objective is called {name!r}; the objectives are {', '.join(SPACES)}")
    if delta is not None and not (np.isfinite(delta) and delta > 0):
        raise FitError(f"delta must be a positive number, not {delta:g}")
    if delta is not None and name not in ("huber", "huber-raw"):
        raise FitError(f"the objective {name} has no delta; huber and huber-raw have")
    if name in ("mse", "log-mse"):
        return Objective(name, np.inf, overestimate)
    if name == "lad":
        return Objective(name, 1e-9, overestimate)
    return Objective(name, delta or (LOG_DELTA if name == "huber" else spread_delta(loss)), overestimate)


def spread_delta(loss: Array) -> float:
    """1.4826 times the median absolute deviation of the losses, or a tenth of their standard deviation where that is 0.

    Reference: appendix of arXiv:2601.10684. Constant losses have neither; any positive number serves them.
    """
    middle = MAD_TO_SD * float(np.median(np.abs(loss - np.median(loss))))
    return middle or 0.1 * float(np.std(loss)) or max(1e-3 * abs(float(np.mean(loss))), 1e-12)
