"""`coalescent(points, dim)`: percolation clusters made by attachment and coalescence, and laid out in space.

Four steps, each a function of its own generator:

    sizes       each point starts a cluster with probability `new`, or joins that of a uniformly random earlier point
    trees       within a cluster, blocks of points on a cycle merge one by one: the additive coalescent
    directions  every merger splits the direction of what it made into those of its two parts
    labels      every merger and every point has a standard normal number; a label sums those above a point

A block is known by the row it begins at, and a merger by the rows of its two parts, the first of which stays its own.
So whatever is handed down the mergers is handed on in place, row by row, and takes no memory beside the points'.

Axes: n point, d dimension, K cluster, M merger.

Reference: arXiv:2606.20347 and its released code, which does the same node by node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.vocabulary.words.percolation import Coalescent
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from ..registry import implements
from ..seeded import generators
from .bethe_trees import hill
from .declared_points import Declared

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Smallest cluster whose size says something of the tail; half a point less is where its bin begins.
TAIL = 30
#: Streams of role "graph".
SIZES, TREES, DIRECTIONS, LABELS = 10, 11, 12, 13


@dataclass(frozen=True, eq=False)
class Cloud:
    """Points in space with a label each, in order of cluster, the largest first."""

    #: [K] points of each cluster, descending.
    sizes: Ints
    #: [n] the neighbour of each point on the way to its cluster's root; that of a root is the root itself.
    parent: Ints
    #: [n, d] where each point lies.
    vectors: NDArray[np.float32]
    #: [n] the number to be predicted at each point, of mean 0 and variance 1 over all draws.
    value: Floats
    #: Points held out for testing.
    tested: int

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.value)


@dataclass(frozen=True, eq=False)
class Mergers:
    """Mergers of the blocks of all clusters, each cluster's in order of time."""

    #: [M] rows at which the two parts begin; the whole is known by the first.
    first: Ints
    second: Ints
    #: [M] the two points that a merger joins.
    u: Ints
    v: Ints
    #: [M] mergers above each one: 0 for a cluster's last.
    level: Ints


# --- sizes ------------------------------------------------------------------------------------------------------------


def attached(random: np.random.Generator, n: int, new: float) -> Ints:
    """Cluster sizes of n points, descending: a new cluster with probability `new`, else that of an earlier point.

    Their density falls as s^-(1 + 1/(1 - new)) (Simon 1955); 5/2 at `new` = 1/3.
    """
    starts = random.random(n) < new
    copied = (random.random(n) * np.arange(n)).astype(np.int64)
    starts[0] = True
    found = top(np.where(starts, np.arange(n), copied))
    return np.sort(np.bincount(found, minlength=n)[starts])[::-1].astype(np.int64)


def top(above: Ints) -> Ints:
    """The root of every block, following `above` to where it points to itself; paths halve every pass."""
    while not np.array_equal(above, further := above[above]):
        above = further
    return above


def depths(above: Ints) -> Ints:
    """Steps from everything to its top."""
    away = (above != np.arange(len(above))).astype(np.int64)
    while not np.array_equal(above, further := above[above]):
        away += away[above]
        above = further
    return away


# --- trees ------------------------------------------------------------------------------------------------------------


def coalesce(random: np.random.Generator, sizes: Ints) -> Mergers:
    """Size - 1 mergers in each cluster: a uniform point u's block with the next on the cycle, at a uniform v of that.

    A block is an arc of the cycle, so that it and its points follow from where it begins and how many it has.
    """
    count = sizes - 1
    total = int(count.sum())
    chosen = (random.random(total) * np.repeat(sizes, count)).astype(np.int64)
    share = random.random(total)
    first, second, v = ([0] * total for _ in range(3))
    above = list(range(total))
    draws = iter(zip(range(total), chosen.tolist(), share.tolist()))
    start = 0
    for size in sizes[sizes > 1].tolist():
        _cluster(size, start, draws, first, second, v, above)
        start += size
    u = np.repeat(np.cumsum(sizes) - sizes, count) + chosen
    level = depths(np.array(above, dtype=np.int64))
    return Mergers(np.array(first), np.array(second), u, np.array(v), level)


def _cluster(
    size: int,
    start: int,
    draws: Iterator[tuple[int, int, float]],
    first: list[int],
    second: list[int],
    v: list[int],
    above: list[int],
) -> None:
    """The mergers of one cluster, whose points lie from `start` on, into the lists."""
    # A point leads on to others of its block, the last of which is where the block begins.
    leads = list(range(size))
    following = [*range(1, size), 0]
    points = [1] * size
    made_by = [-1] * size
    for _ in range(size - 1):
        merger, u, share = next(draws)
        a = u
        while leads[a] != a:
            leads[a] = leads[leads[a]]
            a = leads[a]
        b = following[a]
        v[merger] = start + (b + int(share * points[b])) % size
        first[merger], second[merger] = start + a, start + b
        for part in (made_by[a], made_by[b]):
            if part >= 0:
                above[part] = merger
        made_by[a] = merger
        leads[b] = a
        points[a] += points[b]
        following[a] = following[b]


def levels(mergers: Mergers) -> Iterator[Ints]:
    """Mergers from the top down: all of one level at a time."""
    order = np.argsort(mergers.level, kind="stable")
    ends = np.cumsum(np.bincount(mergers.level))
    yield from np.split(order, ends[:-1]) if len(order) else ()


def tops(mergers: Mergers, sizes: Ints) -> Ints:
    """[K] the row that each whole cluster is known by."""
    rows = np.cumsum(sizes) - sizes
    last = mergers.first[mergers.level == 0]
    rows[: len(last)] = last  # clusters of one point, which never merged, come last
    return rows


# --- space and labels -------------------------------------------------------------------------------------------------


def directions(random: np.random.Generator, mergers: Mergers, tops: Ints, n: int, dim: int) -> NDArray[np.float32]:
    """[n, d] unit directions: a cluster's is random, and a merger's e becomes (e + w)/sqrt 2 and (e - w)/sqrt 2 below.

    w is a random unit vector orthogonal to e.
    """
    rows_nd = np.empty((n, dim), dtype=np.float32)
    rows_nd[tops] = _unit(random.standard_normal((len(tops), dim), dtype=np.float32))
    half = np.float32(0.5**0.5)
    for level in levels(mergers):
        whole = rows_nd[mergers.first[level]]
        across = random.standard_normal(whole.shape, dtype=np.float32)
        across -= np.einsum("md,md->m", across, whole)[:, None] * whole
        _unit(across)
        rows_nd[mergers.first[level]] = half * (whole + across)
        rows_nd[mergers.second[level]] = half * (whole - across)
    return rows_nd


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1, in place."""
    rows /= np.sqrt(np.einsum("md,md->m", rows, rows))[:, None]
    return rows


def rooted(random: np.random.Generator, mergers: Mergers, tops: Ints, n: int) -> Ints:
    """[n] parents of the trees: a cluster's root is found by a coin at each merger, from the top down."""
    at = np.zeros(n, dtype=bool)
    at[tops] = True
    for level in levels(mergers):
        first, second = mergers.first[level], mergers.second[level]
        moves = at[first] & (random.random(len(level)) < 0.5)
        at[first[moves]], at[second[moves]] = False, True
    roots = np.flatnonzero(at)
    # One search from a point beyond all, whose neighbours are the roots.
    ends = np.concatenate([mergers.u, np.full(len(roots), n)]), np.concatenate([mergers.v, roots])
    graph = csr_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(n + 1, n + 1))
    parent = breadth_first_order(graph, n, directed=False)[1][:n].astype(np.int64)
    parent[roots] = roots
    return parent


def placed(random: np.random.Generator, rows_nd: NDArray[np.float32], parent: Ints, step: float, ball: bool) -> None:
    """Directions into places: a step from the parent's, a root's from a point of the unit ball, all times sqrt d."""
    dim = rows_nd.shape[1]
    rows_nd *= np.float32(step * dim**0.5)
    away = depths(parent)
    order = np.argsort(away, kind="stable")
    roots, *others = np.split(order, np.cumsum(np.bincount(away))[:-1])
    if ball:
        # The first d of d + 2 coordinates of a point of the sphere are uniform in the ball.
        sphere = _unit(random.standard_normal((len(roots), dim + 2), dtype=np.float32))
        rows_nd[roots] += np.float32(dim**0.5) * sphere[:, :dim]
    for level in others:
        rows_nd[level] += rows_nd[parent[level]]


def labels(random: np.random.Generator, mergers: Mergers, n: int) -> Floats:
    """[n] the sum of the numbers of a point and of all mergers above it, over the root of how many these are."""
    of_merger, total = random.standard_normal(len(mergers.first)), np.zeros(n)
    above = np.zeros(n, dtype=np.int64)
    for level in levels(mergers):
        first, second = mergers.first[level], mergers.second[level]
        total[first] += of_merger[level]
        above[first] += 1
        total[second], above[second] = total[first], above[first]
    return np.asarray((total + random.standard_normal(n)) / np.sqrt(above + 1))


# --- the source -------------------------------------------------------------------------------------------------------


class CoalescentClusters(Declared[Coalescent]):
    """The source `coalescent(...)`: for each seed all points of all clusters, in space."""

    def draw(self, seed: int) -> Cloud:
        """The points of a seed."""
        term = self.term
        random = {stream: next(generators(seed, "graph", stream)) for stream in (SIZES, TREES, DIRECTIONS, LABELS)}
        sizes = attached(random[SIZES], term.points, term.new)
        mergers = coalesce(random[TREES], sizes)
        whole = tops(mergers, sizes)
        parent = rooted(random[TREES], mergers, whole, term.points)
        vectors = directions(random[DIRECTIONS], mergers, whole, term.points, term.dim)
        placed(random[DIRECTIONS], vectors, parent, term.step, ball=term.new > 0)
        value = labels(random[LABELS], mergers, term.points)
        return Cloud(sizes, parent, vectors, value, max(1, round(term.tested * term.points)))

    def facts(self, drawn: Cloud) -> Mapping[str, float]:
        """Numbers of what was drawn: see `Coalescent.facts`."""
        tail = drawn.sizes[drawn.sizes >= TAIL]
        return {"hill": hill(tail, TAIL - 0.5, drawn.n) if len(tail) else float("nan")}


@implements(Coalescent)
def coalescent(term: Coalescent, base: Path) -> CoalescentClusters:
    """Points are drawn seed by seed; the declaration is all there is."""
    return CoalescentClusters(term)
