"""Every graph of the language, drawn."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from scalingdsl.engine.sources import draw_graph
from scalingdsl.engine.sources.edges import Edges, distinct
from scalingdsl.engine.sources.graphs import random_graphs
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import (
    BarabasiAlbert,
    Configuration,
    ErdosRenyi,
    Graph,
    Lattice,
    Regular,
    StochasticBlock,
    WattsStrogatz,
)
from scipy.stats import chisquare

#: Graph, number of edges where it is certain.
TABLE: list[tuple[Graph, int | None]] = [
    (ErdosRenyi(n=200, p=0.05), None),
    (ErdosRenyi(n=200, edges=900), 900),
    (ErdosRenyi(n=5, p=1), 10),
    (ErdosRenyi(n=1000, edges=300_000), 300_000),
    (ErdosRenyi(n=1000, p=0.7), None),
    (BarabasiAlbert(n=100, m=3), 3 * 97),
    (BarabasiAlbert(n=100, m=3, start="complete"), 3 + 3 * 97),
    (BarabasiAlbert(n=100, m=1, start="complete"), 99),
    (BarabasiAlbert(n=8192, m=6), 49_116),
    (BarabasiAlbert(n=8192, m=6, start="complete"), 49_131),
    (WattsStrogatz(n=100, k=6, p=0.2), 300),
    (Regular(n=50, degree=4), 100),
    (StochasticBlock(n=103, blocks=4, p_in=0.3, p_out=0.02), None),
    (Lattice(side=5, dim=2), 50),
    (Lattice(side=5, dim=2, periodic=False), 40),
    (Lattice(side=2, dim=3), 12),
    (Lattice(side=7, dim=1), 7),
    (Configuration(n=500, exponent=2.5), None),
    (Configuration(n=501, exponent=3, k_min=3, k_max=3), None),
]


@pytest.mark.parametrize(("graph", "edges"), TABLE, ids=[f"{g.word}-{i}" for i, (g, _) in enumerate(TABLE)])
def test_graph_is_simple_canonical_and_its_own_seeds(graph: Graph, edges: int | None) -> None:
    drawn = draw_graph(graph)
    assert drawn.n == graph.n_nodes
    assert drawn.u.dtype == drawn.v.dtype == np.int64
    assert ((drawn.u >= 0) & (drawn.u < drawn.v) & (drawn.v < drawn.n)).all()
    assert (np.diff(drawn.u * drawn.n + drawn.v) > 0).all()
    if edges is not None:
        assert len(drawn) == edges
    again = draw_graph(graph)
    assert np.array_equal(drawn.u, again.u)
    assert np.array_equal(drawn.v, again.v)
    if hasattr(graph, "seed") and edges != drawn.n * (drawn.n - 1) // 2:
        other = draw_graph(type(graph)(**{**dict(graph), "seed": 1}))
        assert not (np.array_equal(drawn.u, other.u) and np.array_equal(drawn.v, other.v))


def pairs(edges: Edges) -> set[tuple[int, int]]:
    return set(zip(edges.u.tolist(), edges.v.tolist()))


@pytest.mark.parametrize(
    ("graph", "theirs"),
    [
        (ErdosRenyi(n=300, p=0.03, seed=4), lambda: nx.fast_gnp_random_graph(300, 0.03, seed=4)),
        (ErdosRenyi(n=300, edges=700, seed=4), lambda: nx.gnm_random_graph(300, 700, seed=4)),
        (BarabasiAlbert(n=300, m=2, seed=4), lambda: nx.barabasi_albert_graph(300, 2, seed=4)),
        (WattsStrogatz(n=60, k=4, p=0.5, seed=4), lambda: nx.watts_strogatz_graph(60, 4, 0.5, seed=4)),
        (Regular(n=60, degree=3, seed=4), lambda: nx.random_regular_graph(3, 60, seed=4)),
        (
            Lattice(side=4, dim=3),
            lambda: nx.convert_node_labels_to_integers(nx.grid_graph([4] * 3, True), ordering="sorted"),
        ),
    ],
)
def test_anybody_can_draw_the_same_graph_with_networkx(graph: Graph, theirs: object) -> None:
    expected = {(min(e), max(e)) for e in theirs().edges()}  # type: ignore[operator]
    assert pairs(draw_graph(graph)) == expected


def test_the_one_line_graph_leaves_one_node_out() -> None:
    drawn = draw_graph(ErdosRenyi(n=512, p=0.02))
    assert drawn.n - len(np.union1d(drawn.u, drawn.v)) == 1


def test_pair_numbers_run_through_every_pair_once() -> None:
    found = random_graphs._pairs(np.arange(100 * 99 // 2))
    assert len({tuple(p) for p in found.tolist()}) == 4950
    assert (found[:, 0] > found[:, 1]).all()
    assert found.min() == 0
    assert found.max() == 99
    # The last pairs of the largest graph allowed: the square root rounds there.
    n = 1_000_000
    last = np.arange(n * (n - 1) // 2 - 1000, n * (n - 1) // 2)
    found = random_graphs._pairs(last)
    assert np.array_equal(found[:, 0] * (found[:, 0] - 1) // 2 + found[:, 1], last)
    assert (found[:, 1] < found[:, 0]).all()
    assert (found[:, 1] >= 0).all()


@pytest.mark.parametrize("count", [0, 1, 40, 99, 100])
def test_distinct_draws_are_distinct(count: int) -> None:
    found = random_graphs._distinct(100, count, seed=0)
    assert len(set(found.tolist())) == count == len(found)


def test_distinct_draws_are_even() -> None:
    counts = np.zeros(50)
    for seed in range(400):
        counts[random_graphs._distinct(50, 20, seed)] += 1
    assert chisquare(counts).pvalue > 1e-3


def test_skips_are_bernoulli() -> None:
    """Mean and variance of the number of successes, and even places."""
    found = [random_graphs._skips(5_000, 0.1, seed) for seed in range(300)]
    sizes = np.array([len(f) for f in found])
    assert abs(sizes.mean() - 500) < 4 * (450 / 300) ** 0.5
    assert 300 < sizes.var() < 630  # 450, and the spread of a variance of 300 draws is 8 %
    assert chisquare(np.histogram(np.concatenate(found), bins=50, range=(0, 5_000))[0]).pvalue > 1e-3
    assert random_graphs._skips(5_000, 1e-4, 0).max(initial=0) < 5_000


def test_blocks_are_consecutive_and_nearly_equal() -> None:
    drawn = draw_graph(StochasticBlock(n=103, blocks=4, p_in=1, p_out=0))
    assert pairs(drawn) == {
        (i, j) for a, b in ((0, 26), (26, 52), (52, 78), (78, 103)) for i in range(a, b) for j in range(i + 1, b)
    }


def test_configuration_degrees_follow_the_power_law() -> None:
    drawn = draw_graph(Configuration(n=8_000, exponent=2.5, k_min=3, k_max=30))
    degree = np.bincount(np.concatenate([drawn.u, drawn.v]), minlength=drawn.n)
    assert degree.max() <= 30
    law = np.arange(3, 31) ** -2.5
    # Loops and double edges that are dropped lower a few degrees: 1 % at the least degree, more at the largest.
    assert np.mean(degree == 3) == pytest.approx(law[0] / law.sum(), rel=0.04)
    assert np.mean(degree == 6) == pytest.approx(law[3] / law.sum(), rel=0.1)


def test_large_graphs_take_arrays() -> None:
    drawn = draw_graph(ErdosRenyi(n=20_000, edges=400_000))
    assert len(drawn) == 400_000
    degree = np.bincount(np.concatenate([drawn.u, drawn.v]), minlength=drawn.n)
    assert degree.mean() == 40
    assert degree.var() == pytest.approx(40, rel=0.05)  # Poisson


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (ErdosRenyi(n=5, edges=11), "er(n=5, edges=11): 5 nodes have only 10 pairs to join"),
        (ErdosRenyi(n=5), "er(...) wants one of p (probability of an edge) and edges (their exact number)"),
        (BarabasiAlbert(n=5, m=5), "ba(n=5, m=5): m must be below n"),
        (WattsStrogatz(n=5, k=6), "ws(n=5, k=6): a node cannot have more neighbours than there are nodes"),
        (Regular(n=5, degree=3), "regular(n=5, degree=3): degree must be below n, and n * degree even"),
        (StochasticBlock(n=5, blocks=6), "sbm(n=5, blocks=6): more communities than nodes"),
        (Lattice(side=1000, dim=3), "lattice(side=1000, dim=3) has 1,000,000,000 nodes; 10,000,000 is the limit"),
        (Configuration(n=5, k_min=5), "config(n=5): wants k_min <= k_max < n, but k_min is 5 and k_max 5"),
    ],
)
def test_impossible_graphs_say_why(graph: Graph, message: str) -> None:
    with pytest.raises(EngineError) as caught:
        draw_graph(graph)
    assert str(caught.value) == message


def test_edges_of_pairs_in_any_order() -> None:
    drawn = Edges.of(4, np.array([[3, 1], [1, 3], [2, 2], [0, 1], [1, 0]]))
    assert pairs(drawn) == {(0, 1), (1, 3)}
    assert len(Edges.of(3, np.empty((0, 2), dtype=np.int64))) == 0
    assert distinct(np.array([5, 1, 5, 1])).tolist() == [1, 5]


def test_a_graph_needs_no_folder() -> None:
    assert len(draw_graph(Lattice(side=3), Path("/nowhere"))) == 18
