"""What linear regression on random features loses in the mean over draws of points and mixtures.

Latents of variances lambda_I; labels whose part of latent I has variance v_I, and noise of variance s; N features that
mix the latents with independent weights of variance 1/N; D samples. In the limit of many of each the error that a ridge
penalty leaves follows from one number kappa, the ridge that would leave as much of the latents themselves were all of
them known and no sample drawn:

    f = sum of lambda / (lambda + kappa)      rho = kappa (1 - f/N)      penalty = rho (1 - f/D)

and the product of what two penalties a and b leave, in the mean over points,

    E_ab = (n_ab + g_ab s) / (1 - g_ab)       n_ab = (rho_b q_a - rho_a q_b) / (rho_b - rho_a)
    q = sum of v kappa / (lambda + kappa)     g_ab = (rho_b f_b - rho_a f_a) / (rho_b - rho_a) / D

of which a = b is the test error (less s), and (penalty/rho)^2 (E + s) the mean squared residual of the samples: their
ratio is that of generalised cross-validation. Without mixtures N is endless, without samples D.

Whatever else an optimiser leaves of the error is a function of the features' covariance, so an integral of what complex
penalties leave, around all variances that there can be: see `Contour`.

Reference: Atanasov, Zavatone-Veth and Pehlevan 2024, arXiv:2405.00592 (ridge, equation 25); Bordelon, Atanasov and
Pehlevan 2024, arXiv:2402.01092 (the model in time). E_ab is worked out here: given the mixtures, points act as in ridge
regression; what is left of the mean over mixtures is a product of two resolvents with nothing between, whose partial
fractions have one each.

Axes: M latent, K point of a contour, T number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from .descent_filter import Descent
from .filters import Filter, Numbers
from .ridge_filter import Penalty

Floats = NDArray[np.float64]

#: Points of a contour on one side of the real axis, and its reach from the variances in the logarithm: half of the
#: right angle beyond which descent grows. More momentum leaves less room, and so asks for more points; at most so many.
POINTS, REACH, MOST_POINTS = 128, 0.8, 400
#: Share of the largest variance at which descent is stable that is taken to be there.
STABLE = 0.95
#: Newton's steps at most, and pieces that the way from one point to the next is cut into.
STEPS, PIECES = 30, 3
CLOSE = 1e-13


@dataclass(frozen=True)
class Latent:
    """Variances of latents, of their parts of labels, and of the noise on these; whatever is seen of them."""

    M: int
    tail: float
    target: float
    noise: float
    #: Latents that features are made of, the first ones; the others are noise to them.
    seen: int

    @property
    def variances(self) -> Floats:
        """[M] of the latents that are seen."""
        return _powers(self.seen, self.tail)

    @property
    def parts(self) -> Floats:
        """[M] of labels, by latent that is seen."""
        return _powers(self.seen, self.target)

    @property
    def unseen(self) -> float:
        """Of labels, by all that is not."""
        return float(np.sum(np.arange(self.seen + 1, self.M + 1, dtype=np.float64) ** -(1.0 + self.target)))


@lru_cache(maxsize=32)
def _powers(count: int, tail: float) -> Floats:
    return np.asarray(np.arange(1, count + 1, dtype=np.float64) ** -(1.0 + tail))


@dataclass(frozen=True)
class Expected:
    """Errors in the mean over draws: on all points there could be, noise included, and on the samples."""

    test: float
    train: float


@dataclass(frozen=True)
class Equivalent:
    """Regression on N features and D samples of some latents; `inf` for mixtures or samples without end."""

    latent: Latent
    n: float
    d: float

    def after(self, filters: Sequence[Filter]) -> list[Expected] | None:
        """What penalties leave, or descents at one rate; None of anything else, and with too much momentum to tell."""
        penalties = [self._penalised(f.penalty) for f in filters if isinstance(f, Penalty)]
        descents = [f for f in filters if isinstance(f, Descent)]
        if len(penalties) + len(descents) < len(filters) or any(_points(f.momentum)[1] > MOST_POINTS for f in descents):
            return None
        return penalties or self._descended(descents)

    @property
    def _noise(self) -> float:
        """Variance of what no feature can tell."""
        return self.latent.noise**2 + self.latent.unseen

    # --- one penalty --------------------------------------------------------------------------------------------------

    def _penalised(self, penalty: float) -> Expected:
        kappa = self.kappa(penalty)
        [f], [rho], [q], [f_slope], [q_slope] = self._shares(np.array([kappa]))
        g = (f + rho * f_slope) / self.d
        total = (q - rho * q_slope + self._noise) / (1.0 - g)
        ratio = 1.0 - f / self.d if self.d < inf else 1.0
        return Expected(float(total), float(ratio**2 * total))

    def kappa(self, penalty: float) -> float:
        """The ridge on the latents themselves that leaves as much."""
        lam = self.latent.variances
        few = min(self.n, self.d)
        high = penalty + float(np.sum(lam)) * (1.0 / self.n + 1.0 / self.d)
        if few == inf:
            return penalty
        low = 0.0
        if few < len(lam):
            # Where f has fallen to the lesser of N and D, no penalty is left.
            low = float(brentq(lambda k: np.sum(lam / (lam + k)) - few, 0.0, float(np.sum(lam)) / few, xtol=1e-300))
        if penalty == 0.0:
            return low
        return float(brentq(lambda k: self._penalty(k) - penalty, low, high, xtol=1e-300, rtol=1e-14))

    def _penalty(self, kappa: float) -> float:
        lam = self.latent.variances
        f = float(np.sum(lam / (lam + kappa)))
        return kappa * (1.0 - f / self.n) * (1.0 - f / self.d)

    def _shares(self, kappa: Numbers) -> tuple[Numbers, ...]:
        """f, rho and q at several kappa, and how f and q change with rho."""
        lam, v = self.latent.variances, self.latent.parts
        share = 1.0 / (lam + kappa[:, None])
        f, q = np.array([lam, v]).astype(share.dtype) @ share.T
        share *= share
        second, f_fall, q_rise = np.array([lam * lam, lam, v * lam]).astype(share.dtype) @ share.T
        slope = 1.0 - second / self.n
        return f, kappa * (1.0 - f / self.n), kappa * q, -f_fall / slope, q_rise / slope

    # --- steps --------------------------------------------------------------------------------------------------------

    def _descended(self, descents: Sequence[Descent]) -> list[Expected]:
        """A sum over pairs of the contour's points, for each number of steps; of those whose first is below the axis,
        each is the conjugate of another.
        """
        contour = Contour.around(descents[0].lr, descents[0].momentum, max(one.steps for one in descents))
        above = self._shares(self._along(-contour.z))
        f, rho, q, f_slope, q_slope = (np.concatenate([part, part.conj()]) for part in above)
        first = slice(len(contour.z))
        apart = rho - rho[first, None]
        np.fill_diagonal(apart, 1.0)
        n = (rho * q[first, None] - rho[first, None] * q) / apart
        g = (rho * f - (rho * f)[first, None]) / apart / self.d
        np.fill_diagonal(n, (q - rho * q_slope)[first])
        np.fill_diagonal(g, (f + rho * f_slope)[first] / self.d)
        noise, residual = self._noise, 1.0 - f[first] / self.d
        signal, spread, seen = n / (1.0 - g), g / (1.0 - g), (n + noise) / (1.0 - g)

        def both(of: Numbers, pairs: Numbers) -> float:
            return 2.0 * float((of @ (pairs @ np.concatenate([of, of.conj()]))).real)

        found = []
        for one in descents:
            left, gain = contour.weight * one.left(contour.z) / contour.z, contour.weight * one.gain(contour.z)
            test = both(left, signal) + noise * (1.0 + both(gain, spread))
            found.append(Expected(test, both(left * residual, seen)))
        return found

    def _along(self, penalties: Numbers) -> Numbers:
        """kappa at complex penalties, each near the one before; the first is close to the positive axis."""
        at = penalties[0]
        kappa = complex(self.kappa(float(abs(at))))
        way = np.linspace(0.0, 1.0, 4 * PIECES + 1)[1:]
        start = abs(at) * np.exp(1j * np.angle(at) * way)
        found = np.empty(len(penalties), dtype=np.complex128)
        for there in start:
            kappa = self._next(kappa, complex(there))
        found[0] = kappa
        for i in range(1, len(penalties)):
            first, last = np.log(penalties[i - 1 : i + 1])
            for there in np.exp(first + (last - first) * np.arange(1, PIECES + 1) / PIECES):
                kappa = self._next(kappa, complex(there))
            found[i] = kappa
        return found

    def _next(self, kappa: complex, penalty: complex) -> complex:
        """Newton's method from what kappa was at a penalty nearby."""
        lam = self.latent.variances
        for _ in range(STEPS):
            share = lam / (lam + kappa)
            f, second = complex(np.sum(share)), complex(share @ share)
            a, b = 1.0 - f / self.n, 1.0 - f / self.d
            # d f / d kappa = (second - f) / kappa
            slope = a * b - (second - f) * (b / self.n + a / self.d)
            step = (kappa * a * b - penalty) / slope
            kappa -= step
            if abs(step) <= CLOSE * abs(kappa):
                break
        return kappa


@dataclass(frozen=True)
class Contour:
    """Points above the real axis around all variances at which descent is stable, and weights: with those below it,
    their mirror images, a function's values there over z - x sum up to its value at x.

    Descent for t steps of length lr grows without bound left of -1/(lr t) and right of 2/lr. Through
    w = (z + 1/(lr t)) / (2/lr - z) and its logarithm the variances are a segment between two lines at +- pi, which an
    ellipse goes around.
    """

    z: Numbers
    weight: Numbers

    @staticmethod
    def around(lr: float, momentum: float, steps: int) -> Contour:
        """Of descents of up to so many steps."""
        near = (1.0 - momentum) / (lr * max(steps, 1))
        far = 2.0 * (1.0 + momentum) / lr
        low, high = np.log(near / far), np.log((STABLE * far + near) / ((1.0 - STABLE) * far))
        half, middle = 0.5 * (high - low), 0.5 * (high + low)
        # Half axes c cosh, c sinh of foci +- c: the lesser is the reach.
        reach, points = _points(momentum)
        radius = np.arcsinh(reach / half)
        # From the left end, which the positive penalties are next to, to the right one, and back below the axis.
        angle = np.pi - (np.arange(points) + 0.5) * np.pi / points
        s = middle + half * np.cosh(radius + 1j * angle)
        ds = 1j * half * np.sinh(radius + 1j * angle)
        w = np.exp(s)
        z = (far * w - near) / (1.0 + w)
        dz = (far + near) * w / (1.0 + w) ** 2 * ds
        return Contour(z, dz / (2j * points))


def _points(momentum: float) -> tuple[float, int]:
    """Reach and points of a contour. Descent is bounded in an ellipse around 1/lr, of half axes (1 + m)/lr along the
    real axis and (1 - m)/lr across.
    """
    reach = min(REACH, float(np.arctan((1.0 - momentum) / (1.0 + momentum))))
    return reach, int(np.ceil(POINTS * REACH / reach))
