"""Evaluation: the true law beside every context, enumerated contexts against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import SparseLaw, open_source
from scalingdsl.engine.sources.chains.chain import Chain, chain_of
from scalingdsl.engine.sources.chains.evaluation_set import next_law
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.engine.sources.protocol import Evaluation
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.graphs import BarabasiAlbert, ErdosRenyi, Lattice
from scalingdsl.spec.vocabulary.words.sources import Walk

THREE = np.array([[0.1, 0.6, 0.3], [0.5, 0, 0.5], [0.25, 0.25, 0.5]])


def chain(matrix: np.ndarray) -> Chain:
    source, target = np.nonzero(matrix)
    return chain_of(len(matrix), source, target, matrix[source, target])


def some_model(prefix: tuple[int, ...], vocab: int) -> np.ndarray:
    """A next-token law that depends on the whole prefix, as a transformer's does."""
    score = [math.sin(1 + k + sum((i + 1) * (x + 2) * 0.7 for i, x in enumerate(prefix))) for k in range(vocab)]
    weight = np.exp(score)
    return np.asarray(weight / weight.sum())


def model_on(tokens: torch.Tensor, vocab: int) -> torch.Tensor:
    """[W, T, V] log q for the inputs `tokens[:, :-1]`."""
    rows = [[some_model(tuple(w[: t + 1]), vocab) for t in range(len(w) - 1)] for w in tokens.tolist()]
    return torch.tensor(np.log(np.array(rows)))


def excess(evaluation: Evaluation, log_q: torch.Tensor) -> torch.Tensor:
    """[W, T] KL(p || q) in nats, as training computes it: a gather of the model's row at the law's targets."""
    law, context = evaluation.law, evaluation.tokens[:, :-1]
    assert law is not None
    p = law.probability[context]
    return -law.entropy[context] - (p * log_q.gather(2, law.targets[context])).sum(-1)


def brute_force(matrix: np.ndarray, start: np.ndarray, length: int) -> float:
    """Mean over positions of E[KL], over every sequence of states there is."""
    total = 0.0
    for path in itertools.product(range(len(matrix)), repeat=length):
        weight = start[path[0]] * math.prod(matrix[a, b] for a, b in itertools.pairwise(path))
        for t in range(length if weight else 0):
            p, q = matrix[path[t]], some_model(path[: t + 1], len(matrix))
            total += weight * sum(x * math.log(x / y) for x, y in zip(p, q) if x > 0) / length
    return total


@pytest.mark.parametrize("length", [1, 2, 5])
@pytest.mark.parametrize("start", ["stationary", "uniform"])
def test_exhaustive_equals_brute_force(length: int, start: str) -> None:
    stream = ChainStream(chain(THREE), length, start, exhaustive=True)  # type: ignore[arg-type]
    evaluation = stream.evaluation()
    assert evaluation.weights is not None
    assert evaluation.weights.shape == evaluation.tokens[:, 1:].shape
    found = (evaluation.weights * excess(evaluation, model_on(evaluation.tokens, 3))).sum().item()
    assert abs(found - brute_force(THREE, stream.start_law, length)) < 1e-12


def test_sampled_evaluation_lies_within_four_standard_errors() -> None:
    stream = ChainStream(chain(THREE), 5, eval_walks=2_000)
    evaluation = stream.evaluation()
    assert evaluation.weights is None
    walk_means = excess(evaluation, model_on(evaluation.tokens, 3)).mean(dim=1)
    error = walk_means.std() / len(walk_means) ** 0.5
    assert abs(walk_means.mean() - brute_force(THREE, stream.start_law, 5)) < 4 * error


def test_weights_are_probabilities_of_paths() -> None:
    evaluation = ChainStream(chain(THREE), 4, exhaustive=True).evaluation()
    assert evaluation.weights is not None
    assert abs(evaluation.weights.sum().item() - 1) < 1e-12
    paths = [tuple(w) for w in evaluation.tokens[:, :-1].tolist()]
    assert len(set(paths)) == len(paths)
    assert all(THREE[a, b] > 0 for path in evaluation.tokens.tolist() for a, b in itertools.pairwise(path))
    stationary = chain(THREE).stationary
    for path, weight in zip(paths, evaluation.weights.sum(dim=1).tolist()):
        expected = stationary[path[0]] * math.prod(THREE[a, b] for a, b in itertools.pairwise(path))
        assert weight == pytest.approx(expected, rel=1e-12)


def test_the_mean_entropy_of_stationary_contexts_is_the_entropy_rate() -> None:
    stream = ChainStream(chain(THREE), 6, exhaustive=True)
    evaluation = stream.evaluation()
    assert evaluation.law is not None
    assert evaluation.weights is not None
    mean = (evaluation.weights * evaluation.law.entropy[evaluation.tokens[:, :-1]]).sum().item()
    assert abs(mean - stream.entropy_rate) < 1e-12


def test_too_many_contexts_are_refused() -> None:
    with pytest.raises(EngineError) as caught:
        open_source(Walk(graph=ErdosRenyi(n=512, p=0.02), length=32, exhaustive=True)).evaluation()
    assert str(caught.value) == (
        "exhaustive evaluation would enumerate more than 1,048,576 contexts: "
        "shorten length=32, take a smaller chain, or leave out `exhaustive`"
    )


def test_next_law_is_the_chain_padded() -> None:
    stream = open_source(Walk(graph=ErdosRenyi(n=60, p=0.05, seed=1), kappa=1.0))
    assert isinstance(stream, ChainStream)
    known, law = stream.chain, next_law(stream.chain)
    dense = np.zeros((known.n, known.n))
    dense[known.rows, known.indices] = known.probability
    back = torch.zeros(known.n, known.n, dtype=torch.float64).scatter_add_(1, law.targets, law.probability)
    assert np.array_equal(back.numpy(), dense)
    assert law.targets.shape[1] == np.diff(known.indptr).max()
    left_out = np.setdiff1d(np.arange(known.n), known.states)
    assert len(left_out) > 0
    assert not law.probability[left_out].any()
    positive = law.probability.clamp(min=1e-300)
    torch.testing.assert_close(-(law.probability * positive.log()).sum(1), law.entropy, atol=1e-14, rtol=0)
    moved = law.to("cpu")
    assert torch.equal(moved.targets, law.targets)


def test_a_hub_too_large_for_a_padded_table_is_kept_in_rows() -> None:
    stream = open_source(Walk(graph=BarabasiAlbert(n=200, m=2), kappa=1.0))
    assert isinstance(stream, ChainStream)
    padded = next_law(stream.chain)
    sparse = next_law(stream.chain, most_cells=1_000)
    assert isinstance(sparse, SparseLaw)
    states = torch.tensor([7, 0, 199, 7])
    targets, probability = sparse.to("cpu").rows(states)
    k = targets.shape[1]
    assert k == np.diff(stream.chain.indptr)[states].max()
    wanted, p = padded.rows(states)
    assert torch.equal(targets, wanted[:, :k])
    assert torch.equal(probability, p[:, :k])


def test_evaluation_has_the_asked_size() -> None:
    tokens = open_source(Walk(graph=Lattice(side=5), length=9, eval_walks=17)).evaluation().tokens
    assert tokens.shape == (17, 10)
