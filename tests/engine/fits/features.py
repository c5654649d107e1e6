"""Random features of power-law latents, regressed on samples: the model itself, in numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from scalingdsl.engine.fits.core.fit_result import Array

#: Ridges tried, in units of the largest squared singular value.
PENALTIES = np.logspace(-11.0, 0.0, 34)


def simulated(
    latents: int, alpha: float, sizes: Sequence[int], rng: np.random.Generator, least: float = np.inf
) -> Iterator[tuple[int, int, Array]]:
    """(N, D, loss at every ridge) of one draw of latents and features; smaller sizes are parts of the larger.

    Every N and D of `sizes` where min(N, D) is at most `least`. Exact in the test samples and in the labels
    w ~ N(0, 1/M): with B the map from labels to weights of features, the
    loss (1/M) tr[(1 - U'BX)' Lambda (1 - U'BX)] is a few traces of matrices of the size of N and D.
    """
    spectrum = np.arange(1, latents + 1) ** -(1.0 + alpha)
    x = rng.normal(size=(max(sizes), latents)) * np.sqrt(spectrum)
    u = rng.normal(size=(max(sizes), latents)) / np.sqrt(latents)
    phi, cross = x @ u.T, (x * spectrum) @ u.T
    of_samples, of_features = x @ x.T, (u * spectrum) @ u.T
    for n, d in product(sizes, sizes):
        if min(n, d) > least:
            continue
        left, s, right = np.linalg.svd(phi[:d, :n], full_matrices=False)
        shrunk = s / (s**2 + PENALTIES[:, None] * s[0] ** 2)
        overlap = np.einsum("ti,tn,in->i", left, cross[:d, :n], right, optimize=True)
        both = (right @ of_features[:n, :n] @ right.T) * (left.T @ of_samples[:d, :d] @ left)
        fitted = np.einsum("ri,ij,rj->r", shrunk, both, shrunk, optimize=True)
        yield n, d, (np.sum(spectrum) - 2.0 * shrunk @ overlap + fitted) / latents


def scale(latents: int, alpha: float) -> float:
    """A of the law for these latents: c^(1 + alpha) / M, c = (pi / a) / sin(pi / a), a = 1 + alpha."""
    a = 1.0 + alpha
    return float((np.pi / a / np.sin(np.pi / a)) ** a / latents)
