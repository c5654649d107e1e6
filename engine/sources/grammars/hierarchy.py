"""A random hierarchy of rules: every symbol of a level stands for some tuples of symbols of the next, each as likely.

All tuples of a level are different, so that leaves tell how they came about, and the entropy of a tree is that of the
choices made. What is not yet told is the choices on the way from the root to the next leaf: beliefs about the symbols
there go down the tree, and are sharpened by the symbols known to the left of the way.

Axes: v symbol of a level, r rule of a level (v m of them), s place in a tuple, W case.

Reference: Cagnetta et al. 2024, arXiv:2307.02129.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..edges import Floats, Ints
from ..seeded import generators

#: Beliefs that are followed at once when entropies are worked out.
MOST_BELIEFS = 2**19


@dataclass(frozen=True, eq=False)
class Level:
    """The rules that symbols of one level are rewritten by."""

    #: [v, m, s] symbols of the next level.
    tuples: Ints

    @property
    def flat(self) -> Ints:
        """[r, s]; rule r is one of symbol r // m."""
        return self.tuples.reshape(-1, self.tuples.shape[2])

    def belief_below(self, belief: Floats, place: int, known: Ints) -> Floats:
        """[W, v] belief about the symbol at `place` of a tuple, times the probability of what is known of the tuple.

        Args:
            belief: [W, v] about the symbol that the tuple stands for.
            place: The place asked for.
            known: [W, place] symbols before it.
        """
        v, m, _ = self.tuples.shape
        weight = np.repeat(belief / m, m, axis=1)
        for at in range(place):
            weight = weight * (self.flat[:, at] == known[:, at, None])
        below = np.zeros((len(belief), v))
        for symbol in range(v):
            below[:, symbol] = weight[:, self.flat[:, place] == symbol].sum(1)
        return below


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Levels from the root down; the root's symbol is any, each as likely."""

    levels: tuple[Level, ...]

    @property
    def symbols(self) -> int:
        """v."""
        return int(self.levels[0].tuples.shape[0])

    @property
    def branch(self) -> int:
        """s."""
        return int(self.levels[0].tuples.shape[2])

    @property
    def leaves(self) -> int:
        """Leaves of a tree."""
        return self.branch ** len(self.levels)

    @property
    def nodes(self) -> int:
        """Symbols of a tree that are rewritten."""
        return (self.leaves - 1) // (self.branch - 1)

    @property
    def tree_entropy(self) -> float:
        """Entropy of the leaves of a tree in nats: one of v roots, and of m rules at every symbol that is rewritten."""
        rules = self.levels[0].tuples.shape[1]
        return float(np.log(self.symbols) + self.nodes * np.log(rules))

    def parsed(self, leaves: Ints) -> list[Ints]:
        """Symbols of every level, from the root [W, 1] to the leaves [W, s^L], of trees that are given by these."""
        found = [leaves]
        for level in reversed(self.levels):
            codes = _codes(level.flat, self.symbols)
            order = np.argsort(codes)
            tuples = found[0].reshape(len(leaves), -1, self.branch)
            at = np.searchsorted(codes, _codes(tuples, self.symbols), sorter=order)
            found.insert(0, order[np.minimum(at, len(codes) - 1)] // level.tuples.shape[1])
        return found

    def next_leaf(self, symbols: list[Ints], place: int) -> Floats:
        """[W, v] law of leaf `place` given those before it, in trees that were parsed."""
        belief = np.full((len(symbols[0]), self.symbols), 1.0 / self.symbols)
        for level, below, (at, first) in zip(self.levels, symbols[1:], self._way(place)):
            belief = level.belief_below(belief, at, below[:, first : first + at])
            belief /= belief.sum(1, keepdims=True)
        return belief

    def entropies(self) -> Floats | None:
        """Entropy of every leaf of a tree given those before it, in nats, exactly; None where too many beliefs come up.

        Cases that differ in the symbols known to the left of the way are followed from the root down.
        """
        found = []
        for place in range(self.leaves):
            beliefs, chances = np.full((1, self.symbols), 1.0 / self.symbols), np.ones(1)
            for level, (at, _) in zip(self.levels, self._way(place)):
                known = np.unique(level.flat[:, :at], axis=0)
                if len(beliefs) * len(known) > MOST_BELIEFS:
                    return None
                every = np.tile(known, (len(beliefs), 1))
                below = level.belief_below(np.repeat(beliefs, len(known), axis=0), at, every)
                there = below.sum(1)
                chances = np.repeat(chances, len(known)) * there
                beliefs, chances = below[there > 0] / there[there > 0, None], chances[there > 0]
            with np.errstate(divide="ignore", invalid="ignore"):
                found.append(float(chances @ -np.where(beliefs > 0, beliefs * np.log(beliefs), 0.0).sum(1)))
        return np.array(found)

    def covariance(self, first: int, second: int) -> Floats:
        """[v, v] covariance of the symbols at two leaves of a tree, from the laws of pairs of symbols that go apart."""
        v = self.symbols
        joint = np.diag(np.full(v, 1.0 / v))
        for depth, level in enumerate(self.levels):
            size = self.branch ** (len(self.levels) - depth - 1)
            one, other = first // size % self.branch, second // size % self.branch
            if first // size == second // size:
                joint = np.diag(_step(level, one).T @ joint.diagonal())
            elif first // (size * self.branch) == second // (size * self.branch):
                v_, m, _ = level.tuples.shape
                weight = np.repeat(joint.diagonal() / m, m)
                joint = np.zeros((v_, v_))
                np.add.at(joint, (level.flat[:, one], level.flat[:, other]), weight)
            else:
                joint = _step(level, one).T @ joint @ _step(level, other)
        return np.asarray(joint - np.outer(joint.sum(1), joint.sum(0)))

    def correlations(self) -> tuple[Ints, Floats]:
        """Lags s^l, and the largest singular value of the covariance of the last leaf of a tree with one of the
        leaves that part from it l + 1 levels above, in the mean over these: the nearest is about s^l before it.
        """
        last = self.leaves - 1
        lags = self.branch ** np.arange(len(self.levels))
        parted = [range(self.leaves - self.branch * lag, self.leaves - lag) for lag in lags.tolist()]
        norms = [np.mean([np.linalg.norm(self.covariance(leaf, last), 2) for leaf in leaves]) for leaves in parted]
        return lags, np.array(norms)

    def _way(self, place: int) -> Iterator[tuple[int, int]]:
        """Of every level the place of the way to a leaf within its tuple, and the first symbol of this in the level."""
        for depth in range(len(self.levels)):
            node = place // self.branch ** (len(self.levels) - depth - 1)
            yield node % self.branch, node - node % self.branch


def _step(level: Level, place: int) -> Floats:
    """[v, v] law of the symbol at a place of a tuple, given the symbol that the tuple stands for."""
    v, m, _ = level.tuples.shape
    found = np.zeros((v, v))
    np.add.at(found, (np.repeat(np.arange(v), m), level.flat[:, place]), 1.0 / m)
    return found


def _codes(tuples: Ints, symbols: int) -> Ints:
    """Tuples [..., s] as numbers."""
    codes = np.zeros(tuples.shape[:-1], dtype=np.int64)
    for place in range(tuples.shape[-1]):
        codes = codes * symbols + tuples[..., place]
    return codes


def random_hierarchy(symbols: int, rules: int, branch: int, depth: int, seed: int) -> Hierarchy:
    """One drawn with a seed: of each level the tuples are any, without repetition."""
    levels = []
    for _, random in zip(range(depth), generators(seed, "graph", 0)):
        codes = random.choice(symbols**branch, symbols * rules, replace=False)
        places = symbols ** np.arange(branch - 1, -1, -1, dtype=np.int64)
        levels.append(Level((codes[:, None] // places % symbols).reshape(symbols, rules, branch)))
    return Hierarchy(tuple(levels))
