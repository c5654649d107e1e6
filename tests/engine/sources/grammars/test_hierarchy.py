"""Random hierarchies of rules against every tree there is, and their streams against the declared laws."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.grammars.hierarchy import Hierarchy, random_hierarchy
from scalingdsl.engine.sources.grammars.rhm import RhmStream
from scalingdsl.spec.vocabulary.words.sources import Rhm

SMALL = [(3, 2, 2, 2, 0), (2, 2, 2, 3, 1), (3, 2, 3, 2, 2), (4, 3, 2, 2, 5), (3, 3, 2, 2, 4)]


def every_tree(made: Hierarchy) -> tuple[np.ndarray, np.ndarray]:
    """Leaves [n, s^L] of all trees and their probabilities, by writing down every choice."""
    trees = [((root,), 1.0 / made.symbols) for root in range(made.symbols)]
    for level in made.levels:
        rules = level.tuples.shape[1]
        trees = [
            (
                tuple(leaf for node, rule in zip(nodes, choice) for leaf in level.tuples[node, rule]),
                p / rules ** len(nodes),
            )
            for nodes, p in trees
            for choice in product(range(rules), repeat=len(nodes))
        ]
    return np.array([nodes for nodes, _ in trees]), np.array([p for _, p in trees])


@pytest.mark.parametrize("shape", SMALL)
def test_entropies_laws_and_covariances_are_those_of_every_tree(shape: tuple[int, ...]) -> None:
    made = random_hierarchy(*shape)
    leaves, chance = every_tree(made)
    assert chance.sum() == pytest.approx(1, abs=1e-12)
    assert len(np.unique(leaves, axis=0)) == len(leaves), "leaves tell how they came about"
    assert -(chance @ np.log(chance)) == pytest.approx(made.tree_entropy, abs=1e-12)
    exact = made.entropies()
    assert exact is not None
    assert exact.sum() == pytest.approx(made.tree_entropy, abs=1e-12)
    symbols = made.parsed(leaves)
    for place in range(made.leaves):
        _, group = np.unique(leaves[:, :place], axis=0, return_inverse=True)
        joint = np.zeros((group.max() + 1, made.symbols))
        np.add.at(joint, (group.ravel(), leaves[:, place]), chance)
        law = joint / joint.sum(1, keepdims=True)
        entropy = -float(joint.sum(1) @ np.where(law > 0, law * np.log(np.where(law > 0, law, 1)), 0).sum(1))
        assert exact[place] == pytest.approx(entropy, abs=1e-12)
        np.testing.assert_allclose(made.next_leaf(symbols, place), law[group.ravel()], rtol=0, atol=1e-12)
    for first, second in ((0, 1), (0, made.leaves - 1), (1, made.branch), (2, 2)):
        joint = np.zeros((made.symbols, made.symbols))
        np.add.at(joint, (leaves[:, first], leaves[:, second]), chance)
        want = joint - np.outer(joint.sum(1), joint.sum(0))
        np.testing.assert_allclose(made.covariance(first, second), want, rtol=0, atol=1e-12)


def test_trees_are_parsed_level_by_level() -> None:
    made = random_hierarchy(5, 3, 2, 3, 0)
    leaves, _ = every_tree(random_hierarchy(5, 1, 2, 1, 0))
    assert leaves.shape == (5, 2)
    stream = RhmStream(made, 8, 16)
    trees = stream.batch(torch.tensor([0]), torch.arange(50)[None])[0, :, :8].numpy()
    root, *below = made.parsed(trees)
    for level, above, symbols in zip(made.levels, [root, *below], below):
        tuples = symbols.reshape(len(trees), -1, 2)
        assert all((level.tuples[a] == t).all(1).any() for a, t in zip(above.ravel(), tuples.reshape(-1, 2)))


def test_a_stream_draws_trees_of_its_law_whatever_the_batch() -> None:
    term = Rhm(symbols=4, rules=2, branch=2, depth=2, length=8, eval_walks=64)
    stream = open_source(term)
    assert stream.entropy_rate == pytest.approx((np.log(4) + 3 * np.log(2)) / 4, abs=1e-12)
    drawn = stream.batch(torch.tensor([3, 4]), torch.arange(20_000).expand(2, -1))
    assert drawn.shape == (2, 20_000, 9)
    assert torch.equal(drawn[1, 7:9], stream.batch(torch.tensor([4]), torch.tensor([[7, 8]]))[0])
    leaves, chance = every_tree(random_hierarchy(4, 2, 2, 2, 0))
    expected = {tuple(tree): p for tree, p in zip(leaves.tolist(), chance)}
    found: dict[tuple[int, ...], int] = {}
    trees = drawn[:, :, :8].reshape(-1, 4).tolist()
    for tree in trees:
        found[tuple(tree)] = found.get(tuple(tree), 0) + 1
    assert found.keys() == expected.keys()
    for tree, p in expected.items():
        # Five standard deviations of a share.
        assert abs(found[tree] / len(trees) - p) < 5 * np.sqrt(p / len(trees))


def test_an_evaluation_knows_the_law_of_every_token() -> None:
    term = Rhm(symbols=6, rules=3, branch=2, depth=3, length=16, eval_walks=2000)
    evaluation = open_source(term).evaluation()
    assert evaluation.law is not None
    assert evaluation.states is not None
    _, law = evaluation.law.rows(evaluation.states.flatten())
    torch.testing.assert_close(law.sum(1), torch.ones(len(law), dtype=torch.float64))
    entropy = (-torch.special.xlogy(law, law).sum(1)).view(2000, 16).mean(0)
    exact = random_hierarchy(6, 3, 2, 3, 0).entropies()
    assert exact is not None
    np.testing.assert_allclose(entropy.numpy(), np.roll(np.tile(exact, 2), -1), rtol=0, atol=0.05)
    happened = law.gather(1, evaluation.tokens[:, 1:].reshape(-1, 1))
    assert (happened > 0).all(), "what came next could come next"
    assert float(-happened.log().mean()) == pytest.approx(open_source(term).entropy_rate or 0, abs=0.02)


def test_exponents_of_the_grammar_of_the_paper() -> None:
    """Correlations fall m = 4 times a level, so as lag^-2; entropies at ends of subtrees in the end v^(s - 1)/m = 4."""
    made = [random_hierarchy(16, 4, 2, 4, seed) for seed in range(8)]
    lags, norms = made[0].correlations()
    assert lags.tolist() == [1, 2, 4, 8]
    norms = np.mean([one.correlations()[1] for one in made], axis=0)
    assert np.polyfit(np.log(lags), np.log(norms), 1)[0] == pytest.approx(-2, abs=0.05)
    ends = np.mean([np.array(one.entropies())[[0, 1, 3, 7, 15]] for one in made], axis=0)
    # Simulated elsewhere, on one hierarchy.
    assert ends[:4] == pytest.approx([2.773, 1.451, 0.582, 0.261], rel=0.15)
