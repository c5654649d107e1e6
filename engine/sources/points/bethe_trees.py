"""Percolation clusters of the Bethe lattice: grown breadth first, and laid out level by level.

A cluster is a tree in which every site has Binomial(degree - 1, p) children, the root one chance more. Numbered breadth
first, a tree is no more than its numbers of children. All clusters of a seed are then laid beside each other, so that
one level of all of them is one stretch of memory: what moves along the trees takes one step a level, not one a cluster.

Reference: Brill 2024, arXiv:2412.07942, whose released code grows each cluster site by site.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tree:
    """One cluster: children of each site in breadth-first order, and how many sites each level has."""

    children: NDArray[np.int16]
    widths: Ints

    @property
    def size(self) -> int:
        """Number of sites."""
        return len(self.children)


@dataclass(frozen=True, eq=False)
class Forest:
    """Clusters, the largest first; sites in order of level, then cluster, then parent.

    Axes: n site, K cluster, L level, M site with children.
    """

    #: [K] sites of each cluster, descending.
    sizes: Ints
    #: [n] the cluster of each site, counted from 0.
    cluster: NDArray[np.int16]
    #: [n] the parent of each site; that of a root is the root itself.
    parent: Ints
    #: [L + 1] where each level begins.
    levels: Ints
    #: [M] sites with children, in order, and the first child of each.
    mothers: Ints
    first: Ints
    #: [L + 1] where the mothers of each level begin.
    mothers_at: Ints
    #: [K] sites of each cluster that are held out for testing.
    tested: Ints
    #: [n] the number to be predicted at each site, of mean 0 and variance 1 in each cluster.
    value: NDArray[np.float64]
    #: [n, d] where each site lies, from its cluster's root on; None where distance is that along the tree.
    vectors: NDArray[np.float32] | None = None

    @property
    def n(self) -> int:
        """Number of sites."""
        return len(self.cluster)

    @cached_property
    def members(self) -> Ints:
        """[n] sites in order of cluster; those of cluster k are the `sizes[k]` from `starts[k]` on."""
        return np.argsort(self.cluster, kind="stable")

    @cached_property
    def starts(self) -> Ints:
        """[K] where the members of each cluster begin."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes)


def grow(random: np.random.Generator, degree: int, p: float, largest: int) -> Tree | None:
    """One cluster; None where it grows past the largest size."""
    children = [random.binomial(degree, p, 1).astype(np.int16)]
    widths = [1]
    size, width = 1, int(children[0][0])
    while width:
        size += width
        if size > largest:
            return None
        level = random.binomial(degree - 1, p, width)
        children.append(level.astype(np.int16))
        widths.append(width)
        width = int(level.sum())
    return Tree(np.concatenate(children), np.array(widths, dtype=np.int64))


def plant(trees: list[Tree], random: np.random.Generator, tested: float) -> Forest:
    """Clusters side by side, with a number at each site: a walk along the tree whose steps are standard normal.

    `tested` is the share of each cluster's sites that is held out.
    """
    trees = sorted(trees, key=lambda tree: -tree.size)
    sizes = np.array([tree.size for tree in trees], dtype=np.int64)
    depth = np.concatenate([np.repeat(np.arange(len(t.widths), dtype=np.uint16), t.widths) for t in trees])
    levels = np.concatenate([[0], np.cumsum(np.bincount(depth))])
    order = np.argsort(depth, kind="stable")
    children = np.concatenate([tree.children for tree in trees])[order]
    cluster = np.repeat(np.arange(len(trees), dtype=np.int16), sizes)[order]
    roots = len(trees)
    parent = np.concatenate([np.arange(roots), np.repeat(np.arange(len(order)), children)])
    mothers = np.flatnonzero(children)
    born = children[mothers].astype(np.int64)
    forest = Forest(
        sizes=sizes,
        cluster=cluster,
        parent=parent,
        levels=levels,
        mothers=mothers,
        first=roots + np.cumsum(born) - born,
        mothers_at=np.searchsorted(mothers, levels),
        tested=np.round(tested * sizes).astype(np.int64),
        value=random.standard_normal(len(order)),
    )
    _walk(forest)
    return forest


def _walk(forest: Forest) -> None:
    """Steps into values, in place: each site adds its parent's; then mean 0 and variance 1 in each cluster."""
    value, levels = forest.value, forest.levels
    value[: levels[1]] = 0.0
    for a, b in zip(levels[1:-1].tolist(), levels[2:].tolist()):
        value[a:b] += value[forest.parent[a:b]]
    mean = np.bincount(forest.cluster, value) / forest.sizes
    value -= mean[forest.cluster]
    spread = np.sqrt(np.bincount(forest.cluster, value**2) / forest.sizes)
    value /= spread[forest.cluster]


def embedded(forest: Forest, random: np.random.Generator, dim: int) -> Forest:
    """The forest in space: each site a step of mean squared length 1 from its parent, all directions alike."""
    vectors = random.standard_normal((forest.n, dim), dtype=np.float32)
    vectors *= np.float32(dim**-0.5)
    vectors[: forest.levels[1]] = 0.0
    for a, b in zip(forest.levels[1:-1].tolist(), forest.levels[2:].tolist()):
        vectors[a:b] += vectors[forest.parent[a:b]]
    return replace(forest, vectors=vectors)


def hill(sizes: Ints, smallest: float, largest: float) -> float:
    """Exponent of Pr(S >= s) ~ s^-hill between two sizes: Hill's estimate, corrected for the upper end.

    The likelihood of a power law cut off at `largest`, a sum over logarithms of size / smallest, is greatest where
    1/hill - R/(e^(hill R) - 1) is their mean, R = log(largest / smallest). Few clusters may lie so high that it is 0 or
    less: such seeds count, or the mean over seeds would be too large. NaN where all sizes lie at one end.

    Reference: Aban, Meerschaert & Panorska 2006, "Parameter estimation for the truncated Pareto distribution", eq. 4.
    """
    mean, reach = float(np.mean(np.log(sizes / smallest))), float(np.log(largest / smallest))
    low, high = -100.0, 100.0
    if not _mean_log(high, reach) < mean < _mean_log(low, reach):
        return float("nan")
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean_log(middle, reach) > mean else (low, middle)
    return (low + high) / 2


def _mean_log(exponent: float, reach: float) -> float:
    """Mean of log(size / smallest) under a power law cut off at `reach`; half of it where all logarithms are alike."""
    if abs(exponent * reach) < 1e-6:
        return reach / 2
    return float(1 / exponent - reach / np.expm1(np.clip(exponent * reach, -700.0, 700.0)))
