"""A Markov chain in compressed rows, with its stationary law and entropy rate: the truth that a source knows.

Axes: V state, S slot (one possible transition), rows in order, next states ascending within a row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ..edges import Edges, Floats, Ints
from ..graphs.random_graphs import power_law
from ..seeded import uniform
from .stationary import stationary_law

#: Which uniform stream of a graph's seed draws edge weights; graphs themselves use 0, 1, 2, ...
WEIGHTS = 1 << 40


@dataclass(frozen=True, eq=False)
class Chain:
    """An irreducible chain on some of the states 0 to n - 1; the other states have empty rows and no probability."""

    n: int
    #: [V + 1] where each row's slots begin.
    indptr: Ints
    #: [S] next state.
    indices: Ints
    #: [S] transition probability; every row that is not empty sums to 1.
    probability: Floats
    #: [V] stationary law of the chain, 0 for states it leaves out.
    stationary: Floats
    notes: tuple[str, ...] = ()
    #: [V] weight of all transitions out of a state, as they were given: its occurrences, where they were counted.
    leaving: Floats | None = None

    @property
    def states(self) -> Ints:
        """The states the chain runs on, ascending."""
        return np.flatnonzero(np.diff(self.indptr))

    @cached_property
    def row_entropy(self) -> Floats:
        """[V] entropy of the next state, in nats."""
        terms = -self.probability * np.log(self.probability)
        return np.bincount(self.rows, weights=terms, minlength=self.n).astype(np.float64)

    @property
    def rows(self) -> Ints:
        """[S] the state each slot leaves from."""
        return np.repeat(np.arange(self.n), np.diff(self.indptr))

    @cached_property
    def entropy_rate(self) -> float:
        """Nats per token: the stationary mean of the entropy of the next state."""
        return float(self.stationary @ self.row_entropy)

    @cached_property
    def digest(self) -> str:
        """Identity by content: states and transition probabilities, however they were made."""
        sha = hashlib.sha256(f"chain {self.n}\n".encode())
        for array, kind in ((self.indptr, "<i8"), (self.indices, "<i8"), (self.probability, "<f8")):
            sha.update(array.astype(kind).tobytes())
        return sha.hexdigest()[:16]


def walk_chain(edges: Edges, *, kappa: float, k_min: int, k_max: int, symmetric: bool, seed: int) -> Chain:
    """The random walk on a graph's largest connected component, or largest closed class if its edges are directed.

    Weights are those of the graph if it has any, 1 at kappa = 0, else integers k in [k_min, k_max] with probability
    ~ k^-kappa from the graph's seed, one an edge, or one for each direction if not `symmetric`.

    Reference: arXiv:2601.10684, section 2. It leaves k_min, k_max and symmetry open.

    Raises:
        EngineError: Weights are both brought and drawn, `k_min` is above `k_max`, or there is no edge.
    """
    ahead = behind = edges.weights
    if kappa > 0:
        if edges.weights is not None:
            raise EngineError(
                f"the graph brings its own edge weights, and kappa={kappa:g} would draw others: "
                "leave out kappa, or the weights in the file"
            )
        if k_min > k_max:
            raise EngineError(f"walk(k_min={k_min}, k_max={k_max}): the smallest edge weight is above the largest")
        draws = uniform(seed, "graph", WEIGHTS, 2 * len(edges))
        weights = power_law(draws, kappa, k_min, k_max).astype(np.float64)
        ahead = weights[: len(edges)]
        behind = ahead if symmetric else weights[len(edges) :]
    if ahead is None or behind is None:
        ahead = behind = np.ones(len(edges))
    if edges.directed:
        return chain_of(edges.n, edges.u, edges.v, ahead, notes=edges.notes, noun="node", part="closed class")
    source, target = np.concatenate([edges.u, edges.v]), np.concatenate([edges.v, edges.u])
    weight, reversible = np.concatenate([ahead, behind]), ahead is behind
    part = "connected component"
    return chain_of(edges.n, source, target, weight, reversible=reversible, notes=edges.notes, noun="node", part=part)


def chain_of(
    n: int,
    source: Ints,
    target: Ints,
    weight: Floats,
    *,
    reversible: bool = False,
    notes: tuple[str, ...] = (),
    noun: str = "state",
    part: str = "closed class",
) -> Chain:
    """A chain from positive weights of transitions, rows normalised, on its largest closed class of states.

    A class is closed if no transition leaves it; the components of an undirected graph are. Ties go to the class with
    the smallest state. With `reversible`, weights are symmetric and the stationary law is a state's share of them all.

    Raises:
        EngineError: No state leads to another.
    """
    member = _largest_class(n, source, target)
    kept = int(member.sum())
    if kept < n:
        notes = (*notes, _left_out(n, kept, noun, part))
    inside = member[source]
    source, target, weight = source[inside], target[inside], weight[inside]
    if not len(source):
        raise EngineError(f"there is nothing to walk on: no {noun} has a neighbour")
    order = np.argsort(source * n + target)
    source, target, weight = source[order], target[order], weight[order]
    total = np.bincount(source, weights=weight, minlength=n)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))])
    probability = weight / total[source]
    law = total / total.sum() if reversible else stationary_law(n, source, target, probability, member)
    return Chain(n, indptr.astype(np.int64), target, probability, law, notes, total.astype(np.float64))


def _largest_class(n: int, source: Ints, target: Ints) -> NDArray[np.bool_]:
    """[V] which states make up the largest strongly connected component that nothing leaves."""
    links = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(n, n))
    count, label = connected_components(links, directed=True, connection="strong")
    size = np.bincount(label, minlength=count)
    size[label[source[label[source] != label[target]]]] = 0  # something leaves
    first = np.full(count, n)
    np.minimum.at(first, label, np.arange(n))
    best = int(np.lexsort((first, -size))[0])
    return np.asarray(label == best)


def _left_out(n: int, kept: int, noun: str, what: str) -> str:
    left = n - kept
    verb = "is" if left == 1 else "are"
    size = f"{kept:,} {noun}{'' if kept == 1 else 's'}"
    return f"{left:,} of {n:,} {noun}s {verb} left out: the walk runs on the largest {what}, of {size}."
