"""Sequences: along edges only, with the right frequencies, each a pure function of (seed, number)."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import Stream, open_source, rng
from scalingdsl.engine.sources.chains.chain import chain_of
from scalingdsl.engine.sources.chains.sampler import Sampler
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.spec.vocabulary.words.graphs import BarabasiAlbert, ErdosRenyi, Lattice
from scalingdsl.spec.vocabulary.words.sources import Walk
from scipy.stats import chisquare

SOURCES = {
    "even": Walk(graph=ErdosRenyi(n=60, p=0.1, seed=3), length=12),
    "weighted": Walk(graph=ErdosRenyi(n=60, p=0.1, seed=3), kappa=1.0, length=12),
    "directed": Walk(graph=BarabasiAlbert(n=60, m=2), kappa=0.5, symmetric=False, length=12),
    "periodic": Walk(graph=Lattice(side=4), kappa=1.0, length=12),
    "uniform": Walk(graph=BarabasiAlbert(n=60, m=2), length=12, start="uniform"),
}


@pytest.fixture(params=SOURCES)
def stream(request: pytest.FixtureRequest) -> ChainStream:
    opened = open_source(SOURCES[request.param])
    assert isinstance(opened, ChainStream)
    return opened


def walks(stream: ChainStream, count: int, seed: int = 0) -> torch.Tensor:
    return stream.batch(torch.tensor([seed]), torch.arange(count)[None])[0]


def test_it_is_a_stream(stream: ChainStream) -> None:
    assert isinstance(stream, Stream)
    assert stream.length == 12
    tokens = stream.batch(torch.tensor([1, 2, 3]), torch.arange(15).view(3, 5))
    assert tokens.shape == (3, 5, 13)
    assert tokens.dtype == torch.int64


def test_walks_follow_edges_with_their_probabilities(stream: ChainStream) -> None:
    """Chi-square of every row's transitions and of the first states; seeds are fixed, and so are the p-values."""
    chain = stream.chain
    tokens = walks(stream, 20_000).numpy()
    counts = np.zeros((chain.n, chain.n))
    np.add.at(counts, (tokens[:, :-1].ravel(), tokens[:, 1:].ravel()), 1)
    law = np.zeros((chain.n, chain.n))
    law[chain.rows, chain.indices] = chain.probability
    assert not counts[law == 0].any()
    expected = counts.sum(axis=1, keepdims=True) * law
    frequent = expected > 5
    statistic = ((counts - expected)[frequent] ** 2 / expected[frequent]).sum()
    freedom = frequent.sum() - (frequent.sum(axis=1) > 0).sum()
    assert abs(statistic - freedom) < 4 * (2 * freedom) ** 0.5
    start = stream.start_law
    first = np.bincount(tokens[:, 0], minlength=chain.n)
    assert not first[start == 0].any()
    assert chisquare(first[start > 0], start[start > 0] * first.sum()).pvalue > 1e-3


def test_long_run_frequencies_are_the_stationary_law(stream: ChainStream) -> None:
    """Every position of a walk that starts from it, and the end of a long walk that does not."""
    long = ChainStream(stream.chain, 400, stream.start)
    tokens = walks(long, 4_000)
    state = tokens[:, -3:-1] if len(stream.chain.states) == 16 else tokens[:, -1:]  # period 2: both parities
    counts = np.bincount(state.flatten().numpy(), minlength=stream.vocab)
    law = stream.chain.stationary
    keep = law > 0
    assert chisquare(counts[keep], law[keep] * counts.sum()).pvalue > 1e-4


def test_a_walk_is_a_function_of_seed_and_number(stream: ChainStream) -> None:
    """The same whatever else is asked for with it: alone, in other packs, other batches, any order, any block."""
    seeds, index = (
        torch.tensor([5, 0, 5]),
        torch.randint(0, 10**12, (3, 40), generator=torch.Generator().manual_seed(0)),
    )
    together = stream.batch(seeds, index)
    for p in range(3):
        assert torch.equal(stream.batch(seeds[p : p + 1], index[p : p + 1])[0], together[p])
    assert torch.equal(stream.batch(seeds.flip(0), index.flip(0)), together.flip(0))
    assert torch.equal(stream.batch(seeds, index.flip(1)), together.flip(1))
    assert torch.equal(stream.batch(seeds[:1], index[:1, 7:8])[0, 0], together[0, 7])
    many = torch.cat([index[0], torch.arange(12_000)])[None]  # several blocks
    assert torch.equal(stream.batch(seeds[:1], many)[0, :40], together[0])
    assert not torch.equal(together[0], together[2])  # the same seed, other numbers
    assert not torch.equal(stream.batch(seeds, index[:1].expand(3, -1))[1], together[0])  # another seed
    shorter = ChainStream(stream.chain, 5, stream.start)
    assert torch.equal(shorter.batch(seeds, index), together[..., :6])


def test_training_and_evaluation_share_no_walk() -> None:
    source = Walk(graph=ErdosRenyi(n=300, p=0.05), length=12)
    stream = open_source(source)
    evaluated = stream.evaluation().tokens
    trained = stream.batch(torch.tensor([0]), torch.arange(5_000)[None])[0]
    assert len(torch.unique(torch.cat([evaluated, trained]), dim=0)) == 5_256
    assert torch.equal(open_source(source.model_copy()).evaluation().tokens, evaluated)
    other = open_source(Walk(graph=ErdosRenyi(n=300, p=0.05), length=12, eval_seed=1)).evaluation().tokens
    assert not torch.equal(other, evaluated)


def test_both_step_loops_give_the_same_walks(stream: ChainStream) -> None:
    """numpy's, used on a CPU, and torch's, used elsewhere; together they make walks alike on every device."""
    sampler = Sampler.of(stream.chain, stream.start_law)
    words = rng.bits(rng.keys(1, "data", torch.arange(3_000)), rng.positions(13)[:, None])
    first = torch.searchsorted(sampler.start, rng.shift_right(words[0], 2), right=True)
    assert torch.equal(sampler.by_numpy(words.clone(), first), sampler.by_torch(words, first))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="wants a GPU")
def test_a_gpu_gives_the_same_walks(stream: ChainStream) -> None:
    seeds, index = torch.tensor([5, 0]), torch.arange(20_000).view(2, -1)
    assert torch.equal(stream.batch(seeds, index, "cuda").cpu(), stream.batch(seeds, index))


def test_walks_are_golden() -> None:
    """A change here makes every record of a walk another record: raise `digest.NUMERICS_VERSION` with it."""
    edges = np.array([(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)])
    source, target = np.concatenate([edges, edges[:, ::-1]]).T
    even = [[3, 2, 0, 3, 2, 0, 2, 1], [2, 3, 2, 1, 2, 0, 2, 3]]
    uneven = [[3, 2, 0, 3, 2, 0, 2, 1], [2, 3, 2, 1, 0, 3, 0, 3]]
    for weights, expected in ((np.ones(10), even), (np.arange(1, 11.0), uneven)):
        stream = ChainStream(chain_of(4, source, target, weights), 7)
        assert walks(stream, 2).tolist() == expected


def test_very_uneven_rows_are_sampled_right() -> None:
    """A coin has 31 bits: a transition of probability 1e-4 is taken that often, one of 1e-12 practically never."""
    p = np.array([[1 - 1e-4 - 1e-12, 1e-4, 1e-12], [1, 0, 0], [1, 0, 0]])
    source, target = np.nonzero(p)
    tokens = walks(ChainStream(chain_of(3, source, target, p[source, target]), 100), 20_000)
    stays = (tokens[:, :-1] == 0).sum().item()
    taken = ((tokens[:, :-1] == 0) & (tokens[:, 1:] == 1)).sum().item()
    assert abs(taken - 1e-4 * stays) < 4 * (1e-4 * stays) ** 0.5
    assert not (tokens == 2).any()
