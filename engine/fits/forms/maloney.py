"""Random features of power-law latents, regressed with the best ridge: features and samples trade places.

The solvable model: M latents of variance lambda_I = I^-(1 + alpha), labels linear in them without noise, N features
that mix them at random, ridge regression on D samples. With s_k = sum over I of (lambda_I / (lambda_I + Delta))^k the
test loss is, in the limit of many of each,

    L = A' Delta N D (s_1 - s_2) / ((N - s_2) (D - s_2) - (s_1 - s_2)^2)

where Delta stands for the ridge: the smaller s_1, the more of it. There is none at s_1 = min(N, D), where L is
A' Delta min(N, D) / (1 - min(N, D) / max(N, D)) and has no bound at N = D. dL/dDelta = 0 says which ridge is best,

    (N - s_1) (D - s_1) (s_2 - s_3) = (s_1 - s_2)^3

and there L is finite everywhere, falls in both N and D, and does not tell one from the other. Half a rank more of all
of N, D, M and s_k changes no difference of them, and makes sums over ranks integrals: with n = N + 1/2, d = D + 1/2 and
endless latents the root is s = s_1 + 1/2 = 2 n d / (n + d + sqrt((n - d)^2 + 8 n d / (alpha (1 + alpha)))), and

    L = A s^-(1 + alpha) N D / (n + d - 2 (1 - 1/alpha) s),

so that A N^-alpha is the loss of many features at unlimited data: A' = A ((pi/a) / sin(pi/a))^-a with a = 1 + alpha.
From min(N, D) = M on the latents are known exactly, and L = 0. The integrals hold while Delta is less than the largest
variance: for min(N, D) well above 1/alpha.

Reference: the model is that of Maloney, Roberts and Sully 2022, arXiv:2210.16859; L at any ridge follows from the
deterministic equivalent of random-feature regression (Defilippis, Loureiro and Misiakiewicz 2024, arXiv:2405.15699;
Simon et al. 2023, arXiv:2311.14646), labels weighing every latent alike; the best ridge is worked out here.

In the code n, d, m and `kept` are N, D, M and s_1 with their half rank more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Maloney

from ..core.fit_result import Array
from ..core.form import Form, Values, register
from ._spectrum import kept_by_a, limit, limit_slope, shares

#: Added to a number of ranks to make a sum over them an integral from 0.
HALF = 0.5
#: Steps towards the best ridge, and the step in log Delta after which the next would be lost in rounding: they are
#: Newton's, and the loss is flat there.
STEPS, CLOSE = 40, 1e-7
#: Numbers of a kind that stay in the processor's cache while the best ridge is looked for.
BLOCK_ENTRIES = 10_000
#: Least share of the latents that a step may take to be unknown: rounding.
SMALLEST = 1e-15
#: Starts: exponents, and numbers of latents in units of the largest min(N, D), below which the loss would be 0.
ALPHA_GRID, M_GRID = np.geomspace(0.03, 6.0, 64), np.array([1.05, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0])


def maloney(variables: Values, params: Values) -> Array:
    """Predicted loss of the model above, in whatever unit A has; there is no irreducible loss."""
    return np.asarray(params["A"] * _at_best_ridge(variables, params)[1].loss)


class Regression(NamedTuple):
    """s_1 + 1/2; s_1 - s_2; N - s_1, D - s_1; loss of A = 1."""

    kept: Array
    edge: Array
    spare: tuple[Array, Array]
    loss: Array


def at_ridge(log_g: Array, n: Array, d: Array, a: Array, m: Array) -> Regression:
    """Regression at the ridge of log(Delta m^a) for n features, d samples, m latents; shapes broadcast."""
    ranks = shares(log_g, a)
    kept, edge = m * ranks.kept, m * ranks.edge
    spare = n - kept, d - kept
    # (N - s_2) (D - s_2) - (s_1 - s_2)^2 without a difference of like numbers.
    below = spare[0] * spare[1] + edge * (spare[0] + spare[1])
    loss = np.exp(log_g - a * np.log(limit(a) * m)) * ((n - HALF) * (d - HALF)) * edge / below
    return Regression(kept, edge, spare, loss)


def _at_best_ridge(variables: Values, params: Values) -> tuple[Array, Regression]:
    """log(Delta m^a) of the best ridge, and the regression there; without a loss where every latent is known."""
    n, d, m, a = variables["N"] + HALF, variables["D"] + HALF, params["M"] + HALF, 1.0 + params["alpha"]
    known = np.minimum(n, d) >= np.real(m)
    # Where every latent is known there is no best ridge above 0; half as many features keep the arithmetic finite.
    n, d = np.where(known, 0.5 * np.real(m), n), np.where(known, 0.5 * np.real(m), d)
    # At the best ridge the loss does not move with it, to first order: the ridge is held while alpha and M move.
    log_g = _in_blocks(_best_ridge, n, d, np.real(a), np.real(m))
    found = at_ridge(log_g, n, d, a, m)
    return log_g, found._replace(loss=np.where(known, 0.0, found.loss))


def _in_blocks(function: Callable[..., Array], *args: Array) -> Array:
    """The function of arrays that broadcast to (start, point), some starts at a time: twice as fast as all at once."""
    starts, points = (1, 1, *np.broadcast_shapes(*(x.shape for x in args)))[-2:]
    if starts * points <= BLOCK_ENTRIES:
        return function(*args)
    step = max(1, BLOCK_ENTRIES // points)
    rows = (slice(i, i + step) for i in range(0, starts, step))
    return np.concatenate([function(*(x[at] if x.ndim == 2 and len(x) > 1 else x for x in args)) for at in rows])


def _best_ridge(n: Array, d: Array, a: Array, m: Array) -> Array:
    """log(Delta m^a) of the best ridge for n features and d samples, the lesser of them below m; shapes broadcast.

    The lesser of N - s_1, D - s_1 as the condition on their product has it, plus `kept`, is the lesser of n, d. Of both
    sides x, Newton's method takes log(x / (m - x)): close to linear in log Delta for few ranks and for nearly all, and
    finite everywhere, since the sum stays below m (by Cauchy's inequality, with weights Delta / (lambda + Delta)).
    """
    least, apart = np.minimum(n, d), np.abs(n - d)
    wanted = np.log(least / (m - least))
    log_g = np.asarray(a * np.log(limit(a) * m / _kept_of_endless(n, d, a)))
    for _ in range(STEPS):
        ranks = shares(log_g, a)
        edge = m * ranks.edge
        g = np.exp(log_g)
        left = 1.0 / (1.0 + g)
        # By log Delta, the derivative of s_1 is minus `edge`, that of `edge` is `first`, that of `first` `second`; and
        # 2 (s_2 - s_3) is their sum `cubic`.
        bend = m * g * left * left
        first = (bend - edge) / a
        second = (bend * (2.0 * left - 1.0) - first) / a
        cubic = edge + first
        product = 2.0 * edge * edge * edge / cubic
        root = np.sqrt(apart * apart + 4.0 * product)
        total = m * ranks.kept + 2.0 * product / (root + apart)
        rest = np.maximum(m - total, SMALLEST * m)
        slope = product * (3.0 * first / edge - (first + second) / cubic) / root - edge
        step = (wanted - np.log(total / rest)) * total * rest / (slope * m)
        log_g = log_g + step
        if not np.any(np.abs(step) > CLOSE):
            break
    return log_g


def _kept_of_endless(n: Array, d: Array, a: Array) -> Array:
    """s_1 + 1/2 at the best ridge where the latents are endless."""
    return np.asarray(2.0 * n * d / (n + d + np.sqrt((n - d) ** 2 + 8.0 * n * d / (a * (a - 1.0)))))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `maloney` by A, M, alpha."""
    a, m = 1.0 + params["alpha"], params["M"] + HALF
    log_g, best = _at_best_ridge(variables, params)
    kept, edge, spare = best.kept, best.edge, best.spare[0] + best.spare[1]
    below = best.spare[0] * best.spare[1] + edge * spare
    # Of log loss, at a fixed log_g: by alpha, and by log m.
    kept_by_alpha = m * kept_by_a(log_g, a)
    edge_by_alpha = (kept_by_alpha - edge) / a
    below_by_alpha = (edge_by_alpha - kept_by_alpha) * spare - 2.0 * edge * kept_by_alpha
    by_alpha = edge_by_alpha / edge - below_by_alpha / below - np.log(limit(a) * m) - a * limit_slope(a)
    by_log_m = 1.0 - a - ((edge - kept) * spare - 2.0 * edge * kept) / below
    loss = params["A"] * best.loss
    return {
        "A": best.loss,
        "M": loss * by_log_m / m,
        "alpha": loss * by_alpha,
    }


def seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """Exponents and numbers of latents on a grid; A follows."""
    most = float(np.max(np.minimum(variables["N"], variables["D"])))
    latents, alpha = (x.ravel() for x in np.meshgrid(most * M_GRID, ALPHA_GRID, indexing="ij"))
    return {"M": latents, "alpha": alpha}


# Ranks are counted: the law keeps the units it is given.
register(Form(Maloney, maloney, gradient, linear=("A",), scales=False, seeds=seeds))
