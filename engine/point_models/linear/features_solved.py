"""`features(width, samples, activation, pick)`: linear models of one draw, each worked out exactly.

With features p(x) of a point x, the model w that least squares leave of D points follows from one eigendecomposition of
the features' second moment on them, p p^T / D, or of the points' Gram matrix where that is smaller: a penalty, like a
number of steps, is a function of the eigenvalues. The error over all points there could be is a quadratic in w,

    E (y - w p)^2 = E y^2 - 2 w E y p + w E p p^T w

whose moments are known of normal points: of mixtures by the mixing matrix, of a mixture through a function by the terms
of its Hermite series.

Axes: L set of labels, M latent, N feature, D sample, c column: a set of labels of a target and a noise.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.latents import Features
from scipy.linalg import eigh

from ...sources.points.latents_drawn import Regression
from ..registry import Solution, Solved, implements
from .equivalent import Equivalent, Expected, Latent
from .filters import Filter, filters
from .mixed_moments import Activation, activation

Floats = NDArray[np.float64]


@implements(Features)
def features(runs: Sequence[Run], drawn: Any, seed: int) -> Solved:
    """Mean squared error of each model over all points there could be, noise of labels included."""
    return Solved(_solutions(runs, World(drawn, runs)))


def _solutions(runs: Sequence[Run], world: World) -> Iterator[Solution]:
    """In the order of the runs; all of one pair of sizes are worked out when the first of them is asked for."""
    alike: dict[Features, list[Run]] = defaultdict(list)
    for run in runs:
        assert isinstance(run.model, Features)
        alike[run.model].append(run)
    found: dict[str, Solution] = {}
    for run in runs:
        if run.key not in found:
            found |= world.solve(alike[run.model])  # type: ignore[index]
        yield found.pop(run.key)


class Labels(NamedTuple):
    """Labels of one target and noise: what they are on points, shape (D, c), and over all points."""

    on_points: Floats | None
    weights_LM: Floats
    variance: Floats
    noise: float


class World:
    """One draw, with all that models of several sizes share."""

    def __init__(self, drawn: Regression, runs: Sequence[Run]) -> None:
        self.drawn = drawn
        models: list[Any] = [run.model for run in runs]
        self._samples = max(m.n_samples for m in models)
        self._mixtures = max((m.width for m in models if m.mixed), default=0)
        self._sampled = max((m.width for m in models if m.mixed and m.samples), default=0)
        self._functions = {m.activation for m in models if m.mixed}
        self._labels: dict[tuple[float, float], Labels] = {}
        self._features: dict[str, Floats] = {}
        self._second: dict[str, Floats] = {}
        self._first: dict[float, Floats] = {}

    # --- drawn once ---------------------------------------------------------------------------------------------------

    @cached_property
    def points_DM(self) -> Floats:
        """Points of the model that has most."""
        return self.drawn.points(self._samples)

    @cached_property
    def mixtures_NM(self) -> Floats:
        """Mixing weights of the model that has most."""
        return self.drawn.mixtures(self._mixtures)

    @cached_property
    def _mixed_moments(self) -> Floats:
        """[N, N] second moments of the mixtures over all points."""
        scaled = self.mixtures_NM * np.sqrt(self.drawn.variances)
        return np.asarray(scaled @ scaled.T)

    def labels(self, source: Any) -> Labels:
        """Labels of a source, on the points of the model that has most."""
        key = source.target, source.noise
        if key not in self._labels:
            weights = self.drawn.weights(source.target)
            on_points = None
            if self._samples:
                on_points = self.points_DM @ weights.T
                if source.noise:
                    on_points += source.noise * self.drawn.noise(self._samples)
            variance = (weights * weights) @ self.drawn.variances
            self._labels[key] = Labels(on_points, weights, variance, source.noise)
        return self._labels[key]

    def features_of(self, model: Features) -> Floats:
        """[D, N] features of a model's points."""
        if not model.mixed:
            width = model.width or self.drawn.term.M
            return self.points_DM[: model.n_samples, :width]
        word = model.activation
        if word not in self._features:
            mixed = self.points_DM @ self.mixtures_NM[: self._sampled].T
            self._features[word] = activation(word).of(mixed)
        return self._features[word][: model.n_samples, : model.width] / sqrt(model.n_body)

    def moments_of(self, model: Features, source: Any) -> tuple[Floats, Floats]:
        """E p p^T, [N, N] or its diagonal [N]; and E y p of labels of a source, [N, L]."""
        lam = self.drawn.variances
        weighed = (lam * self.labels(source).weights_LM).T
        if not model.mixed:
            width = model.width or self.drawn.term.M
            return lam[:width], weighed[:width]
        function: Activation = activation(model.activation)
        if model.activation not in self._second:
            self._second[model.activation] = function.second(self._mixed_moments)
        if source.target not in self._first:
            self._first[source.target] = self.mixtures_NM @ weighed
        n = model.n_body
        spread = np.sqrt(np.diag(self._mixed_moments)[:n])
        first = function.slope(spread)[:, None] * self._first[source.target][:n]
        return self._second[model.activation][:n, :n] / n, first / sqrt(n)

    # --- models -------------------------------------------------------------------------------------------------------

    def solve(self, runs: Sequence[Run]) -> dict[str, Solution]:
        """Solutions of runs of one model, which differ in labels, penalties and steps, by key."""
        begun = time.monotonic()
        model: Any = runs[0].model
        by_source: dict[Any, list[Run]] = defaultdict(list)
        for run in runs:
            by_source[run.source].append(run)
        fit = self._fit(model, [*by_source])
        found: dict[str, Solution] = {}
        for column, (source, members) in enumerate(by_source.items()):
            for run in members:
                way = filters(run)
                said = theory(source, model, way)
                solved = [self._solution(fit, column, one, expected) for one, expected in zip(way, said)]
                found[run.key] = solved[-1]._replace(way=tuple(solved[:-1]))
        seconds = (time.monotonic() - begun) / len(runs)
        return {key: solution._replace(seconds=seconds) for key, solution in found.items()}

    def _fit(self, model: Features, sources: Sequence[Any]) -> Fit:
        labels = [self.labels(source) for source in sources]
        moments = [self.moments_of(model, source) for source in sources]
        second, first = moments[0][0], np.stack([first for _, first in moments], axis=-1)
        if not model.n_samples:
            if second.ndim == 1:
                return Fit(second, first, None, second, first, labels)
            values, vectors = eigh(second, driver="evd")
            values, along = np.maximum(values, 0.0), np.tensordot(vectors.T, first, 1)
            return Fit(values, along, None, values, along, labels)
        phi = self.features_of(model)
        d, n = phi.shape
        y_DLc = np.stack([one.on_points[:d] for one in labels if one.on_points is not None], axis=-1)
        if n <= d:
            values, vectors = eigh(phi.T @ phi / d, overwrite_a=True, driver="evd")
            along = np.tensordot(vectors.T, np.tensordot(phi.T, y_DLc, 1) / d, 1)
        else:
            values, vectors = eigh(phi @ phi.T / d, overwrite_a=True, driver="evd")
            along = np.tensordot(vectors.T, y_DLc, 1)
            vectors = phi.T @ vectors / d
        moved = second[:, None] * vectors if second.ndim == 1 else second @ vectors
        first = np.tensordot(vectors.T, first, 1)
        return Fit(np.maximum(values, 0.0), along, y_DLc, vectors.T @ moved, first, labels, n > d)

    def _solution(self, fit: Fit, column: int, one: Filter, expected: Expected | None) -> Solution:
        noise = fit.labels[column].noise ** 2
        test, train, left = fit.errors(column, one)
        values = {} if expected is None else {"theory": expected.test}
        if train is not None:
            values |= {"train_loss": train, "gcv": train / left**2 if left**2 > 0 else inf}
        return Solution(test + noise, 0.0, values=values, irreducible=noise)


@dataclass(frozen=True, eq=False)
class Fit:
    """A regression in the directions in which its features vary on the samples, by decreasing ease."""

    #: [k] variances.
    x: Floats
    #: [k, L, c] what labels are along the directions.
    along: Floats
    #: [D, L, c] labels, where there are samples.
    y: Floats | None
    #: E p p^T in the directions, [k, k] or its diagonal [k]; and E y p, [k, L, c].
    second: Floats
    first: Floats
    labels: Sequence[Labels]
    #: Whether directions are of samples and not of features.
    dual: bool = False

    def errors(self, column: int, one: Filter) -> tuple[float, float | None, float]:
        """Test error less the noise, training error, and one less the share of the samples that are fitted; means over
        the sets of labels.
        """
        variance, second, first, along, size = self._means[column]
        gain = one.gain(self.x)
        pulled = second * gain if second.ndim == 1 else second @ gain
        test = float(np.mean(variance) + gain @ (pulled - 2.0 * first))
        if self.y is None:
            return test, None, 1.0
        d = len(self.y)
        # What a filter leaves of an eigenvector of the Gram matrix is what it leaves of that part of the labels.
        shares = one.left(self.x)
        train = shares**2 @ along / d if self.dual else size / d - (gain * (2.0 - self.x * gain)) @ along
        # No residual is known to be less than what numbers of double precision are rounded by.
        train = np.maximum(train, np.finfo(np.float64).eps ** 2 * variance)
        left = (d - len(self.x) + float(np.sum(shares))) / d
        return test, float(np.mean(train)), left

    @cached_property
    def _means(self) -> list[tuple[Floats, ...]]:
        """Of each column what every filter is applied to: variances [L]; `second` and `first` in the mean over sets of
        labels, weighed by what these are along the directions; squares of that [k, L], and of labels [L].
        """
        found: list[tuple[Floats, ...]] = []
        for column, labels in enumerate(self.labels):
            along, first = self.along[:, :, column], self.first[:, :, column]
            sets = along.shape[1]
            squares = along * along
            second = np.mean(squares, axis=1) if self.second.ndim == 1 else along @ along.T / sets
            size = np.zeros(sets) if self.y is None else np.sum(self.y[:, :, column] ** 2, axis=0)
            found.append((labels.variance, self.second * second, np.mean(along * first, axis=1), squares, size))
        return found


def theory(source: Any, model: Features, way: Sequence[Filter]) -> list[Expected | None]:
    """What is to be expected of a model at each of its penalties or numbers of steps; None where no theory is known."""
    if model.activation != "linear":
        return [None for _ in way]
    seen = source.M if model.mixed or model.width is None else min(model.width, source.M)
    latent = Latent(source.M, source.tail, source.target, source.noise, seen)
    n, d = model.n_body if model.mixed else inf, model.n_samples or inf
    return [*(expected(Equivalent(latent, n, d), tuple(way)) or (None for _ in way))]


@lru_cache(maxsize=4096)
def expected(of: Equivalent, way: tuple[Filter, ...]) -> list[Expected] | None:
    """Kept, since all seeds expect the same."""
    return of.after(way)
