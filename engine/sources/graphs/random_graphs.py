"""The graphs of the language, drawn by networkx where it is fast enough, so that anybody can draw the same ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words import graphs as words

from ..edges import Edges, Floats, Ints, distinct
from ..registry import implements
from ..seeded import uniform

#: Edges above which Erdos-Renyi graphs are drawn with arrays: networkx takes some 5 microseconds and .4 kB an edge.
NETWORKX_EDGES = 250_000


def _edges(graph: Any, n: int) -> Edges:
    ends = np.fromiter(
        (node for edge in graph.edges() for node in edge), dtype=np.int64, count=2 * graph.number_of_edges()
    )
    return Edges.of(n, ends)


@implements(words.ErdosRenyi)
def erdos_renyi(term: words.ErdosRenyi, base: Path) -> Edges:
    """G(n, p) or G(n, edges): `fast_gnp_random_graph` and `gnm_random_graph`; the same laws by arrays when large."""
    n, pairs = term.n, term.n * (term.n - 1) // 2
    if (term.p is None) == (term.edges is None):
        raise EngineError("er(...) wants one of p (probability of an edge) and edges (their exact number)")
    if term.edges is not None and term.edges > pairs:
        raise EngineError(f"er(n={n}, edges={term.edges}): {n} nodes have only {pairs} pairs to join")
    expected = term.edges if term.edges is not None else pairs * (term.p or 0.0)
    if expected <= NETWORKX_EDGES:
        if term.edges is not None:
            return _edges(nx.gnm_random_graph(n, term.edges, seed=term.seed), n)
        return _edges(nx.fast_gnp_random_graph(n, term.p, seed=term.seed), n)
    chosen = (
        _distinct(pairs, term.edges, term.seed) if term.edges is not None else _skips(pairs, term.p or 0.0, term.seed)
    )
    return Edges.of(n, _pairs(chosen))


def _pairs(ids: Ints) -> Ints:
    """Pairs (i, j), j < i, by their number i (i - 1) / 2 + j, as [pair, 2]."""
    i = ((1 + np.sqrt(1 + 8 * ids.astype(np.float64))) / 2).astype(np.int64)
    i -= i * (i - 1) // 2 > ids  # the root may round either way
    i += i * (i + 1) // 2 <= ids
    return np.stack([i, ids - i * (i - 1) // 2], axis=1)


def _distinct(total: int, count: int, seed: int) -> Ints:
    """`count` distinct numbers below `total`, all sets equally likely."""
    if 2 * count > total:
        return np.setdiff1d(np.arange(total), _distinct(total, total - count, seed), assume_unique=True)
    found, draw = np.empty(0, dtype=np.int64), 0
    while missing := count - len(found):  # never more than are missing, so that none has to be thrown away
        more = (uniform(seed, "graph", draw, missing) * total).astype(np.int64)
        found, draw = distinct(np.concatenate([found, more])), draw + 1
    return found


def _skips(total: int, p: float, seed: int) -> Ints:
    """Each number below `total` with probability p: gaps between successes are geometric (Batagelj & Brandes 2005)."""
    if p >= 1:
        return np.arange(total)
    parts, last, draw = [], -1, 0
    while last < total:
        u = uniform(seed, "graph", draw, max(1024, int(total * p / 4)))
        gaps = 1 + np.floor(np.log1p(-u) / np.log1p(-p)).astype(np.int64)
        parts.append(last + np.cumsum(gaps))
        last, draw = int(parts[-1][-1]), draw + 1
    ids = np.concatenate(parts)
    return ids[ids < total]


@implements(words.BarabasiAlbert)
def barabasi_albert(term: words.BarabasiAlbert, base: Path) -> Edges:
    """networkx's graph: `start=star` joins m (n - m) edges, `start=complete` m (m - 1) / 2 + m (n - m)."""
    if term.m >= term.n:
        raise EngineError(f"ba(n={term.n}, m={term.m}): m must be below n")
    # One node alone has no degree to prefer: with m = 1 the second node can only join the first, as in a star.
    initial = nx.complete_graph(term.m) if term.start == "complete" and term.m > 1 else None
    return _edges(nx.barabasi_albert_graph(term.n, term.m, seed=term.seed, initial_graph=initial), term.n)


@implements(words.WattsStrogatz)
def watts_strogatz(term: words.WattsStrogatz, base: Path) -> Edges:
    """networkx's graph; an odd k counts as k - 1, half on each side."""
    if term.k > term.n:
        raise EngineError(f"ws(n={term.n}, k={term.k}): a node cannot have more neighbours than there are nodes")
    return _edges(nx.watts_strogatz_graph(term.n, term.k, term.p, seed=term.seed), term.n)


@implements(words.Regular)
def regular(term: words.Regular, base: Path) -> Edges:
    """networkx's `random_regular_graph`."""
    if term.degree >= term.n or term.n * term.degree % 2:
        raise EngineError(f"regular(n={term.n}, degree={term.degree}): degree must be below n, and n * degree even")
    return _edges(nx.random_regular_graph(term.degree, term.n, seed=term.seed), term.n)


@implements(words.StochasticBlock)
def stochastic_block(term: words.StochasticBlock, base: Path) -> Edges:
    """Communities of consecutive nodes whose sizes differ by one at most."""
    if term.blocks > term.n:
        raise EngineError(f"sbm(n={term.n}, blocks={term.blocks}): more communities than nodes")
    sizes = [term.n // term.blocks + (i < term.n % term.blocks) for i in range(term.blocks)]
    law = [[term.p_in if i == j else term.p_out for j in range(term.blocks)] for i in range(term.blocks)]
    return _edges(nx.stochastic_block_model(sizes, law, seed=term.seed), term.n)


@implements(words.Lattice)
def lattice(term: words.Lattice, base: Path) -> Edges:
    """Node ids count in base `side`, the last coordinate fastest. With two nodes a side both faces give one edge."""
    if term.n_nodes > 10_000_000:
        raise EngineError(
            f"lattice(side={term.side}, dim={term.dim}) has {term.n_nodes:,} nodes; 10,000,000 is the limit"
        )
    ids = np.arange(term.n_nodes).reshape((term.side,) * term.dim)
    pairs = []
    for axis in range(term.dim):
        ahead = np.roll(ids, -1, axis=axis)
        keep = slice(None) if term.periodic else slice(0, term.side - 1)
        inside = (slice(None),) * axis + (keep,)
        pairs.append(np.stack([ids[inside].ravel(), ahead[inside].ravel()], axis=1))
    return Edges.of(term.n_nodes, np.concatenate(pairs))


@implements(words.Configuration)
def configuration(term: words.Configuration, base: Path) -> Edges:
    """networkx's configuration model on degrees drawn by inverse CDF; the last degree gives way if their sum is odd."""
    largest = term.k_max if term.k_max is not None else max(term.k_min, int(term.n**0.5))
    if not term.k_min <= largest < term.n:
        raise EngineError(
            f"config(n={term.n}): wants k_min <= k_max < n, but k_min is {term.k_min} and k_max {largest}"
        )
    degrees = power_law(uniform(term.seed, "graph", 0, term.n), term.exponent, term.k_min, largest)
    if degrees.sum() % 2:
        degrees[-1] += 1 if degrees[-1] < largest or largest == term.k_min else -1
    return _edges(nx.Graph(nx.configuration_model(degrees.tolist(), seed=term.seed)), term.n)


def power_law(draws: Floats, exponent: float, low: int, high: int) -> Ints:
    """Integers k in [low, high] with probability ~ k^-exponent, one for each uniform draw."""
    cdf = np.cumsum(np.arange(low, high + 1, dtype=np.float64) ** -exponent)
    return np.asarray(np.searchsorted(cdf, draws * cdf[-1], side="right") + low, dtype=np.int64).clip(low, high)
