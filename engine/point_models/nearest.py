"""`nearest(cells)` and `nearest(samples)` on clusters, on manifolds and among points in space.

On clusters a degree of freedom is not one point but q_k of them, which is settled first, cluster by cluster: the error
on one cluster falls as (n / q_k)^-1/2 in the number n of its points that are known. Then

    nearest(samples=D)   knows points drawn alike from all clusters, D times as many as make one degree of freedom there
    nearest(cells=N)     knows n_k q_k points of cluster k, where n_k is how N degrees of freedom are best spent

Both, and the shrinkage of a prediction with distance, are those of the released code of arXiv:2412.07942.

Axes: n site, K cluster, C set of known sites.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.percolation import SCALE_SETS, TABLE_BYTES, Nearest
from scipy.spatial import cKDTree

from ..fits.forms._percolation import MEAN_FIELD, allocation, saturating
from ..sources.points.bethe_trees import Forest
from ..sources.points.coalescent import Cloud
from ..sources.points.manifold import Torus
from ..sources.seeded import generators
from . import nearest_in_cluster, nearest_in_space, nearest_in_trees
from .registry import Solution, Solved, implements

Floats = NDArray[np.float64]

#: No more of a cluster's sites are ever known than this.
MOST_KNOWN = 0.95
#: Sites of each cluster on which q is settled, and the most that are known then: a number, and a share of the cluster.
SCALE_TESTED, SCALE_KNOWN, SCALE_SHARE = 40, 10_000, 0.1
#: Of the Huber penalty on log error with which q is fitted, and the values of log q that are tried.
HUBER, TRIED = 0.5, 800
#: The exponent of one cluster is read off from so many degrees of freedom on, where the range is this factor at least.
FIRST, LEAST_RANGE = 3.0, 30.0
#: Streams of role "eval": which sites are tested for q, and for the runs. Of role "data": known sites of either.
SCALE, RUNS, CELLS, SAMPLES = 0, 1, 2, 3


@implements(Nearest)
def solve(runs: Sequence[Run], drawn: Any, seed: int) -> Solved:
    """See `nearest`."""
    models: list[Any] = [run.model for run in runs]
    return nearest(drawn, models, seed)


@singledispatch
def nearest(drawn: Any, models: Sequence[Nearest], seed: int) -> Solved:
    """Mean squared error of each model; 1 is that of knowing nothing. What a source draws is registered here.

    Raises:
        EngineError: Nobody has said what is near to what there.
    """
    raise EngineError(f"nothing here looks for neighbours in a {type(drawn).__name__}")


@nearest.register
def _on_clusters(forest: Forest, models: Sequence[Nearest], seed: int) -> Solved:
    """A degree of freedom of a cluster is as many of its sites as its own error says."""
    single = singly(forest, seed)
    exponent = float(np.mean(single.exponents)) if len(single.exponents) else float("nan")
    facts = {"cluster_exponent": exponent, "q": float(np.mean(single.factors))}
    return Solved(_among_clusters(models, forest, seed, single.factors), facts)


# --- clusters ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Tested:
    """Sites held out, and which sites they are."""

    sites: NDArray[np.int64]
    held_out_n: NDArray[np.bool_]
    #: [K] how many of each cluster.
    counts: NDArray[np.int64]


def hold_out(forest: Forest, counts: NDArray[np.int64], seed: int, stream: int) -> Tested:
    """So many sites of each cluster, drawn without repetition."""
    random = next(generators(seed, "eval", stream))
    parts = [
        forest.members[start + random.choice(size, count, replace=False, shuffle=False)]
        for start, size, count in zip(forest.starts.tolist(), forest.sizes.tolist(), counts.tolist())
    ]
    sites = np.concatenate(parts)
    held_out = np.zeros(forest.n, dtype=bool)
    held_out[sites] = True
    return Tested(sites, held_out, counts)


def squared_errors(
    forest: Forest, tested: Tested, shares_KC: Floats, seed: int, draws: Sequence[tuple[int, int]]
) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """Squared error at each tested site, and known sites of each cluster, set by set.

    A site that is not held out is known with its cluster's share of the set. Set c has its own stream and place in it,
    `draws[c]`, so that it does not depend on the sets beside it.
    """
    together = max(1, TABLE_BYTES // (8 * forest.n))
    truth = forest.value[tested.sites][:, None]
    for first in range(0, len(draws), together):
        columns = range(first, min(first + together, len(draws)))
        known = np.empty((forest.n, len(columns)), dtype=bool)
        for c, column in enumerate(columns):
            random = next(generators(seed, "data", *draws[column]))
            known[:, c] = random.random(forest.n) < shares_KC[forest.cluster, column]
        known &= ~tested.held_out_n[:, None]
        predictions = nearest_in_trees.predictions if forest.vectors is None else nearest_in_cluster.predictions
        error = (truth - predictions(forest, known, tested.sites)) ** 2
        for c in range(len(columns)):
            yield error[:, c], np.bincount(forest.cluster[known[:, c]], minlength=len(forest.sizes))


@dataclass(frozen=True, eq=False)
class Single:
    """What each cluster alone has taught: its error for more and more known sites, both of shape (C, K)."""

    known_CK: NDArray[np.int64]
    loss_CK: Floats

    @cached_property
    def factors(self) -> Floats:
        """q of each cluster: the known sites that one degree of freedom is worth, at least 1, shape (K,)."""
        return np.array([scale_of(n, loss) for n, loss in zip(self.known_CK.T, self.loss_CK.T)])

    @cached_property
    def exponents(self) -> Floats:
        """Exponents of the error in the known sites beyond the first degrees of freedom, of clusters large enough."""
        found = []
        for known, loss, q in zip(self.known_CK.T, self.loss_CK.T, self.factors):
            falling = known > FIRST * q
            if np.any(falling) and np.max(known) > LEAST_RANGE * FIRST * q:
                found.append(-np.polyfit(np.log(known[falling]), np.log(loss[falling]), 1)[0])
        return np.array(found)


def singly(forest: Forest, seed: int) -> Single:
    """Each cluster on its own, with more and more of its sites known."""
    tested = hold_out(forest, np.minimum(SCALE_TESTED, forest.sizes // 2), seed, SCALE)
    most = np.minimum(SCALE_KNOWN, SCALE_SHARE * forest.sizes)
    wanted_KC = most[:, None] ** np.linspace(0.0, 1.0, SCALE_SETS)[None, :]
    shares_KC = wanted_KC / (forest.sizes - tested.counts)[:, None]
    known_CK, loss_CK = [], []
    for error, known in squared_errors(forest, tested, shares_KC, seed, [(SCALE, c) for c in range(SCALE_SETS)]):
        loss_CK.append(np.bincount(forest.cluster[tested.sites], error, len(forest.sizes)) / tested.counts)
        known_CK.append(known)
    return Single(np.array(known_CK), np.array(loss_CK))


def scale_of(known: NDArray[np.int64], loss: Floats) -> float:
    """q of loss = max(known / q, 1)^-r, by a Huber penalty on log loss; r is that of the mean field."""
    there = known > 0
    logs, target = np.log(known[there]), np.log(loss[there])
    tried = np.linspace(0.0, max(float(np.max(logs, initial=0.0)), 1e-9), TRIED)
    away = np.abs(target[:, None] + MEAN_FIELD.r * np.maximum(logs[:, None] - tried, 0.0))
    penalty = np.where(away < HUBER, 0.5 * away**2, HUBER * (away - 0.5 * HUBER))
    return float(np.exp(tried[int(np.argmin(np.sum(penalty, axis=0)))]))


def spent(model: Nearest, ranks: Floats) -> Floats:
    """Degrees of freedom of the clusters of these ranks: as well as can be, or as the model says."""
    assert model.cells is not None
    if model.b is None or model.last is None:
        return allocation(model.cells, ranks)
    whole = float(saturating(np.log(np.array([model.last])), -model.b)[0])
    return np.where(ranks < model.last, model.cells * ranks ** (model.b - 1.0) / whole, 0.0)


def shares(model: Nearest, forest: Forest, factors: Floats) -> Floats:
    """Share of each cluster's sites that a model knows, of those not held out, shape (K,)."""
    if model.cells is not None:
        ranks = np.arange(1, len(forest.sizes) + 1, dtype=np.float64)
        known = spent(model, ranks) * factors / forest.sizes
    else:
        known = model.n_samples * factors / forest.n
    return np.asarray(np.minimum(known, MOST_KNOWN) / (1.0 - forest.tested / forest.sizes))


def _among_clusters(models: Sequence[Nearest], forest: Forest, seed: int, factors: Floats) -> Iterator[Solution]:
    tested = hold_out(forest, forest.tested, seed, RUNS)
    shares_KC = np.stack([shares(model, forest, factors) for model in models], axis=1)
    draws = [(SAMPLES, m.n_samples) if m.cells is None else (CELLS, m.cells) for m in models]
    for model, (error, _) in zip(models, squared_errors(forest, tested, shares_KC, seed, draws)):
        quantity, size = ("D", model.n_samples) if model.cells is None else ("N", model.cells)
        said = {"theory": float(MEAN_FIELD.loss(quantity, np.array([size]))[0])} if model.b is None else {}
        yield Solution(float(np.mean(error)), float(np.std(error) / np.sqrt(len(error))), values=said)


# --- a manifold, and points in space ---------------------------------------------------------------------------------


@nearest.register
def _on_tori(torus: Torus, models: Sequence[Nearest], seed: int) -> Solved:
    return Solved(_on_a_torus(models, torus, seed))


def _on_a_torus(models: Sequence[Nearest], torus: Torus, seed: int) -> Iterator[Solution]:
    """One manifold is one cluster: a degree of freedom, like a sample, is a point of it.

    Whatever knows the same points is solved at once, since the nearest of few are the first of many.
    """
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for model in models:
        alike[_known(model)].append(model.neighbours)
    found: dict[tuple[int, int, int], Solution] = {}
    for model in models:
        known = _known(model)
        if (*known, model.neighbours) not in found:
            found |= {(*known, k): one for k, one in _among_points(*known, sorted(set(alike[known])), torus, seed)}
        yield found[*known, model.neighbours]


def _known(model: Nearest) -> tuple[int, int]:
    """The stream of the points that a model knows, and their number."""
    return SAMPLES if model.cells is None else CELLS, model.cells or model.n_samples


def _among_points(
    stream: int, n: int, neighbours: Sequence[int], torus: Torus, seed: int
) -> Iterator[tuple[int, Solution]]:
    """Of n points the error of means over so many neighbours each, rising."""
    random = next(generators(seed, "data", stream, n))
    known = torus.points(random, n)
    numbers = torus.seen(known, random)
    tested = torus.points(next(generators(seed, "eval", RUNS)), torus.tested)
    most = min(neighbours[-1], n)
    if torus.turn is None:
        found = cKDTree(known, boxsize=np.ones(torus.dim)).query(tested, most)[1]
    else:
        found = cKDTree(torus.circles(known)).query(torus.circles(tested), most)[1]
    place = np.asarray(found).reshape(len(tested), most)
    truth, floor = torus.value(tested), torus.noise**2
    for several in neighbours:
        said = np.mean(numbers[place[:, : min(several, n)]], axis=1)
        error = (truth - said) ** 2
        loss, spread = float(np.mean(error)) + floor, float(np.std(error) / np.sqrt(len(error)))
        yield several, Solution(loss, spread, irreducible=floor if torus.noise else None)


@nearest.register
def _in_clouds(cloud: Cloud, models: Sequence[Nearest], seed: int) -> Solved:
    return Solved(_in_a_cloud(models, cloud, seed))


def _in_a_cloud(models: Sequence[Nearest], drawn: Cloud, seed: int) -> Iterator[Solution]:
    """Nothing says which cluster a point is of: a degree of freedom, like a sample, is a point of all there are."""
    tested, free = nearest_in_space.held_out(drawn, seed, RUNS)
    for model in models:
        n = model.cells or model.n_samples
        nearest_in_space.enough(n, free, seed, "points")
        random = next(generators(seed, "data", SAMPLES if model.cells is None else CELLS, n))
        error = nearest_in_space.errors(drawn, tested, free, n, random)
        yield Solution(float(np.mean(error)), float(np.std(error) / np.sqrt(len(error))))
