"""Stationary laws and entropy rates against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scalingdsl.engine.sources import draw_graph, open_source
from scalingdsl.engine.sources.chains import stationary
from scalingdsl.engine.sources.chains.chain import Chain, chain_of, walk_chain
from scalingdsl.engine.sources.chains.stationary import stationary_law
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.engine.sources.edges import Edges
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import BarabasiAlbert, ErdosRenyi, Graph, Lattice
from scalingdsl.spec.vocabulary.words.sources import Walk
from scipy.sparse import csr_array

EXACT = 1e-12


def matrix_chain(matrix: list[list[float]]) -> Chain:
    p = np.array(matrix)
    source, target = np.nonzero(p)
    return chain_of(len(p), source, target, p[source, target])


def graph_chain(n: int, pairs: list[tuple[int, int]], weights: list[float] | None = None, **settings: object) -> Chain:
    edges = Edges.of(n, np.array(pairs))
    if weights is not None:
        edges = Edges(n, edges.u, edges.v, np.array(weights))
    defaults = {"kappa": 0.0, "k_min": 1, "k_max": 100, "symmetric": True, "seed": 0}
    return walk_chain(edges, **{**defaults, **settings})  # type: ignore[arg-type]


def ring(n: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % n) for i in range(n)]


def entropy(p: np.ndarray) -> float:
    return float(-(p * np.log(p)).sum())


@pytest.mark.parametrize("n", [3, 4, 101])  # an odd ring is aperiodic, an even one has period 2
def test_cycle(n: int) -> None:
    chain = graph_chain(n, ring(n))
    assert abs(chain.entropy_rate - math.log(2)) < EXACT
    np.testing.assert_allclose(chain.stationary, 1 / n, atol=EXACT)


@pytest.mark.parametrize("n", [2, 3, 50])
def test_complete_graph(n: int) -> None:
    chain = graph_chain(n, [(i, j) for i in range(n) for j in range(i)])
    assert abs(chain.entropy_rate - math.log(n - 1)) < EXACT


@pytest.mark.parametrize(("a", "b"), [(0.1, 0.4), (0.5, 0.5), (1e-9, 1e-7), (0.999, 1.0)])
def test_two_states(a: float, b: float) -> None:
    """Leaves 0 with probability a, 1 with b: the stationary law is (b, a) / (a + b)."""
    chain = matrix_chain([[1 - a, a], [b, 1 - b]])
    law = np.array([b, a]) / (a + b)
    np.testing.assert_allclose(chain.stationary, law, rtol=EXACT)
    rows = [sum(-p * math.log(p) for p in (x, 1 - x) if p > 0) for x in (a, b)]
    assert abs(chain.entropy_rate - law @ rows) < EXACT


def test_weighted_star() -> None:
    """From the hub in proportion to weight, from a leaf back: half of the time is spent at the hub."""
    weights = [1.0, 2.0, 3.5, 7.0]
    chain = graph_chain(5, [(0, i) for i in range(1, 5)], weights)
    share = np.array(weights) / sum(weights)
    assert abs(chain.entropy_rate - entropy(share) / 2) < EXACT
    np.testing.assert_allclose(chain.stationary, [0.5, *(share / 2)], atol=EXACT)


def test_biased_ring_one_way_of_which_is_likelier() -> None:
    """A directed chain, not reversible, whose law is uniform all the same; of period 2 and with its diagonal empty."""
    n, p = 6, 0.8
    matrix = np.zeros((n, n))
    for i in range(n):
        matrix[i, (i + 1) % n], matrix[i, (i - 1) % n] = p, 1 - p
    chain = matrix_chain(matrix.tolist())
    np.testing.assert_allclose(chain.stationary, 1 / n, atol=EXACT)
    assert abs(chain.entropy_rate - entropy(np.array([p, 1 - p]))) < EXACT


def test_a_deterministic_cycle_is_periodic_and_has_no_entropy() -> None:
    chain = matrix_chain([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(chain.stationary, 1 / 3, atol=EXACT)
    assert chain.entropy_rate == 0


def test_nearly_uncoupled_chain_is_solved_to_every_digit() -> None:
    """Two pairs of states joined by transitions of 1e-13, where subtraction would lose everything."""
    e = 1e-13
    chain = matrix_chain([[0.5, 0.5, 0, 0], [0.5, 0.5 - e, e, 0], [0, 3 * e, 0.5 - 3 * e, 0.5], [0, 0, 0.5, 0.5]])
    np.testing.assert_allclose(chain.stationary, [3 / 8, 3 / 8, 1 / 8, 1 / 8], rtol=1e-12)


def test_the_largest_component_is_walked_and_token_ids_stay() -> None:
    chain = graph_chain(9, [(0, 1), *[(a + 4, b + 4) for a, b in ring(4)]])
    assert chain.n == 9
    assert chain.states.tolist() == [4, 5, 6, 7]
    assert chain.stationary[[0, 1, 2, 3, 8]].sum() == 0
    assert chain.notes == ("5 of 9 nodes are left out: the walk runs on the largest connected component, of 4 nodes.",)


def test_of_equal_components_the_first_is_walked() -> None:
    assert graph_chain(6, [(3, 4), (1, 5), (0, 2)]).states.tolist() == [0, 2]


def test_a_reducible_chain_runs_on_its_largest_closed_class() -> None:
    """0 is transient, 1 absorbs, {2, 3} is closed, {4, 5, 6} is larger but leaks."""
    chain = matrix_chain(
        [
            [0.2, 0.4, 0.4, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 0, 0],
            [0, 0, 0.5, 0.5, 0, 0, 0],
            [0, 0, 0.25, 0.75, 0, 0, 0],
            [0, 0, 0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0, 0, 1],
            [0.1, 0, 0, 0, 0.9, 0, 0],
        ]
    )
    assert chain.states.tolist() == [2, 3]
    np.testing.assert_allclose(chain.stationary, [0, 0, 1 / 3, 2 / 3, 0, 0, 0], atol=EXACT)
    assert chain.notes == ("5 of 7 states are left out: the walk runs on the largest closed class, of 2 states.",)


def test_no_edges_is_an_error() -> None:
    with pytest.raises(EngineError, match="nothing to walk on: no node has a neighbour"):
        graph_chain(3, [])


@pytest.mark.parametrize("symmetric", [True, False])
def test_edge_weights_follow_their_law(symmetric: bool) -> None:
    """On a complete graph: integers in [2, 9], with probability ~ k^-1.5; one for both directions, or one each."""
    n = 300
    edges = Edges.of(n, np.array([(i, j) for i in range(n) for j in range(i)]))
    chain = walk_chain(edges, kappa=1.5, k_min=2, k_max=9, symmetric=symmetric, seed=3)
    # Weights are known up to a factor a row: the smallest of a row of 299 is 2 almost surely.
    rows = chain.rows
    least = np.full(n, np.inf)
    np.minimum.at(least, rows, chain.probability)
    weight = 2 * chain.probability / least[rows]
    np.testing.assert_allclose(weight, np.rint(weight), atol=1e-9)
    law = np.arange(2, 10) ** -1.5
    share = np.bincount(np.rint(weight).astype(int), minlength=10)[2:] / len(weight)
    np.testing.assert_allclose(share, law / law.sum(), atol=4 * (0.25 / len(edges)) ** 0.5)
    matrix = np.zeros((n, n))
    matrix[rows, chain.indices] = np.rint(weight)
    assert np.array_equal(matrix, matrix.T) == symmetric
    flow = chain.stationary[:, None] * matrix / matrix.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(flow.sum(axis=0), chain.stationary, atol=1e-14)
    assert np.allclose(flow, flow.T, atol=1e-12) == symmetric


def test_weights_are_drawn_by_the_seed_of_the_graph() -> None:
    digests = {
        graph_chain(30, ring(30), kappa=1.0, seed=seed, symmetric=symmetric).digest
        for seed in range(3)
        for symmetric in (True, False)
    }
    assert len(digests) == 6
    assert graph_chain(30, ring(30), kappa=1.0, k_min=7, k_max=7).digest == graph_chain(30, ring(30)).digest


def test_digest_is_of_content_not_of_how_it_was_given() -> None:
    one = graph_chain(4, [(0, 1), (1, 2), (2, 3), (3, 0)])
    other = matrix_chain([[0, 0.5, 0, 0.5], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0.5, 0, 0.5, 0]])
    assert one.digest == other.digest == "8fe933517b3e3fbe"
    assert graph_chain(5, [(0, 1), (1, 2), (2, 3), (3, 0)]).digest != one.digest


def test_kappa_and_a_files_own_weights_exclude_each_other() -> None:
    with pytest.raises(EngineError, match="brings its own edge weights, and kappa=1 would draw others"):
        graph_chain(3, ring(3), [1.0, 2.0, 3.0], kappa=1.0)
    with pytest.raises(EngineError, match=r"walk\(k_min=9, k_max=3\): the smallest edge weight is above the largest"):
        graph_chain(3, ring(3), kappa=1.0, k_min=9, k_max=3)


def directed_weights(graph: Graph) -> Chain:
    stream = open_source(Walk(graph=graph, kappa=1.0, symmetric=False))
    assert isinstance(stream, ChainStream)
    return stream.chain


@pytest.mark.parametrize("graph", [ErdosRenyi(n=1500, edges=7500), Lattice(side=36), BarabasiAlbert(n=1200, m=2)])
def test_large_chains_are_solved_however_they_mix(graph: Graph) -> None:
    chain = directed_weights(graph)
    step = np.zeros((chain.n, chain.n))
    step[chain.rows, chain.indices] = chain.probability
    assert np.abs(chain.stationary @ step - chain.stationary).sum() < 1e-13
    system = step.T - np.eye(chain.n)
    system[-1] = 1
    np.testing.assert_allclose(chain.stationary, np.linalg.solve(system, np.eye(chain.n)[-1]), atol=1e-12)
    censored = stationary.censor(chain.n, chain.rows, chain.indices, chain.probability)
    np.testing.assert_allclose(censored, chain.stationary, rtol=1e-9)


def test_a_path_with_random_weights_is_solved_over_many_magnitudes() -> None:
    """Steps there and back balance on a path: pi_(i+1) / pi_i = p(i, i+1) / p(i+1, i), here down to 1e-30 and below."""
    chain = directed_weights(Lattice(side=1500, dim=1, periodic=False))
    step = {(i, j): p for i, j, p in zip(chain.rows.tolist(), chain.indices.tolist(), chain.probability.tolist())}
    log = np.cumsum([0.0, *(math.log(step[i, i + 1] / step[i + 1, i]) for i in range(chain.n - 1))])
    assert np.ptp(log) > math.log(1e30)
    law = np.exp(log - log.max())
    np.testing.assert_allclose(chain.stationary, law / law.sum(), rtol=1e-9)


def test_iteration_knows_that_it_was_caught_in_a_well() -> None:
    """Drift to both ends of a path: each end keeps what it has, and any split between them stands still."""
    n = 400
    up = np.where(np.arange(n) < n // 3, 0.1, 0.9)
    up[0], up[-1] = 1, 0
    i = np.arange(n - 1)
    source, target = np.concatenate([i, i + 1]), np.concatenate([i + 1, i])
    probability = np.concatenate([up[:-1], 1 - up[1:]])
    assert stationary.iterate(csr_array((probability, (target, source)), shape=(n, n))) is None
    law = stationary.censor(n, source, target, probability)
    log = np.concatenate([[0.0], np.cumsum(np.log(up[:-1] / (1 - up[1:])))])
    expected = np.exp(log - log.max())
    np.testing.assert_allclose(law, expected / expected.sum(), rtol=1e-11)


def test_both_ways_of_a_closed_form_agree() -> None:
    """Elimination on a reversible chain gives the share of weights."""
    edges = draw_graph(ErdosRenyi(n=400, p=0.02))
    chain = walk_chain(edges, kappa=1, k_min=1, k_max=100, symmetric=True, seed=0)
    law = stationary_law(chain.n, chain.rows, chain.indices, chain.probability, chain.stationary > 0)
    np.testing.assert_allclose(law, chain.stationary, rtol=1e-12)


#: Entropy rates of single graphs like the source paper's, in nats per token (arXiv:2601.10684, section 2 for sizes).
LIKE_THE_PAPERS = [(ErdosRenyi(n=1024, edges=5120), 2.355, 0.005), (ErdosRenyi(n=8192, edges=53_292), 2.604, 0.002)]


@pytest.mark.parametrize(("graph", "rate", "spread"), LIKE_THE_PAPERS, ids=["er-1k", "er-8k"])
def test_entropy_rates_of_the_papers_graphs(graph: Graph, rate: float, spread: float) -> None:
    """Within four standard deviations over seeds (.0012 and .0004)."""
    assert open_source(Walk(graph=graph)).entropy_rate == pytest.approx(rate, abs=spread)


def test_the_1k_graphs_own_randomness_covers_the_published_rate() -> None:
    rates = [open_source(Walk(graph=ErdosRenyi(n=1024, edges=5120, seed=s))).entropy_rate for s in range(12)]
    found = np.array(rates, dtype=np.float64)
    mean, spread = np.mean(found), np.std(found, ddof=1)
    assert abs(mean - 2.355) < 3 * spread < 0.02


def test_entropy_rate_is_the_degree_weighted_mean_of_log_degree() -> None:
    """Unweighted walk: the entropy rate is sum of d log d over sum of d."""
    edges = draw_graph(BarabasiAlbert(n=500, m=3))
    chain = walk_chain(edges, kappa=0, k_min=1, k_max=100, symmetric=True, seed=0)
    degree = np.diff(chain.indptr)
    assert abs(chain.entropy_rate - (degree * np.log(degree)).sum() / degree.sum()) < EXACT
