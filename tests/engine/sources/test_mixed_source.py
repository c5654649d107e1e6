"""Mixtures of two sources, against sums over all that could have been written; and sources tested on others."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.mixed_source import MixedChains, MixedStream
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi, WattsStrogatz
from scalingdsl.spec.vocabulary.words.mixtures import ChainMix, ExactShift, Mix, Shift
from scalingdsl.spec.vocabulary.words.sources import Rhm, Walk
from scalingdsl.spec.vocabulary.words.text import Text

from ...spec.support import messages, plan_of
from .passages import passage

ONE, OTHER = Walk(graph=ErdosRenyi(n=6, p=0.5), length=5), Walk(graph=WattsStrogatz(n=6, k=2), length=5, kappa=1)
MIX = Mix(first=ONE, second=OTHER, share=0.3, eval_walks=300).settled()


def test_the_law_of_a_mixture_is_that_of_its_sequences() -> None:
    """The probability of a beginning, summed over which of both writes it, over that of one token less."""
    stream = open_source(MIX)
    assert isinstance(stream, MixedChains)
    found = stream.evaluation()
    assert found.law is not None
    assert found.states is not None
    assert found.tokens.shape == (300, 6)

    def chance(tokens: list[int]) -> float:
        total = 0.0
        for part, share in ((stream.first, 0.7), (stream.second, 0.3)):
            step = np.zeros((6, 6))
            step[part.chain.rows, part.chain.indices] = part.chain.probability
            steps = pairwise(tokens)
            total += share * part.start_law[tokens[0]] * np.prod([step[a, b] for a, b in steps])
        return float(total)

    entropies = []
    for row, states in zip(found.tokens[:40].tolist(), found.states):
        targets, law = found.law.rows(states)
        dense = torch.zeros(5, 6, dtype=torch.float64).scatter_add_(1, targets, law)
        assert torch.equal((dense > 0).sum(1), (law > 0).sum(1)), "a token stands once"
        for t in range(5):
            want = [chance([*row[: t + 1], v]) / chance(row[: t + 1]) for v in range(6)]
            np.testing.assert_allclose(dense[t].numpy(), want, rtol=1e-12, atol=1e-15)
        entropies.append(float(-torch.special.xlogy(dense, dense).sum(1).mean()))
    np.testing.assert_allclose(stream._entropies[:40], entropies, rtol=1e-12)
    assert stream.entropy_rate == pytest.approx(stream._entropies.mean())
    assert 0 < stream.entropy_standard_error < 0.1


def test_as_many_sequences_are_of_the_second_as_its_share_says() -> None:
    stream = open_source(MIX)
    seeds, index = torch.tensor([4, 5]), torch.arange(4000).expand(2, -1)
    drawn = stream.batch(seeds, index)
    first, second = (open_source(part).batch(seeds, index) for part in (MIX.first, MIX.second))
    ours = (drawn == second).all(-1) & ~(drawn == first).all(-1)
    assert torch.equal(drawn[~ours], first[~ours])
    assert float(ours.double().mean()) == pytest.approx(0.3, abs=0.03)
    assert torch.equal(stream.batch(seeds[1:], index[1:, 7:9]), drawn[1:, 7:9])


@pytest.mark.parametrize(("share", "part"), [(0.0, "first"), (1.0, "second")])
def test_a_mixture_of_one_is_that_one(share: float, part: str) -> None:
    stream = open_source(MIX.changed(share=share).settled())
    alone = open_source(getattr(MIX, part))
    assert torch.equal(stream.evaluation().tokens, alone.evaluation().tokens)
    row = alone.chain.row_entropy[alone.evaluation().tokens[:, :-1].numpy()]  # type: ignore[attr-defined]
    assert stream.entropy_rate == pytest.approx(row.mean())


def test_what_is_known_of_a_mixture_is_declared() -> None:
    grammar = Rhm(symbols=6, rules=2, depth=2, length=4)
    assert type(MIX) is ChainMix
    walk = ONE.changed(length=4)
    mixed = Mix(first=walk, second=grammar).settled()
    assert (type(mixed), mixed.exact, mixed.length, mixed.eval_walks) == (Mix, False, 4, 256)
    stream = open_source(mixed)
    assert type(stream) is MixedStream
    assert stream.entropy_rate is None
    assert "No law of this mixture is known" in stream.notes[-1]
    assert stream.evaluation().law is None
    assert type(Shift(source=walk, truth=grammar).settled()) is ExactShift
    assert type(Shift(source=grammar, truth=mixed).settled()) is Shift


def test_a_shift_trains_on_one_and_is_tested_on_the_other(tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text(passage(60))
    term = Shift(source=ONE.changed(eval_walks=9), truth=OTHER.changed(eval_walks=40)).settled()
    assert (term.eval_walks, term.source.eval_walks) == (40, 256)
    stream, source, truth = (open_source(one) for one in (term, ONE, OTHER.changed(eval_walks=40)))
    seeds, index = torch.tensor([2]), torch.arange(7)[None]
    assert torch.equal(stream.batch(seeds, index), source.batch(seeds, index))
    assert torch.equal(stream.evaluation().tokens, truth.evaluation().tokens)
    assert stream.entropy_rate == truth.entropy_rate
    assert stream.digest not in (source.digest, truth.digest)
    text = Text(path="book.txt", length=5)
    bytewise = open_source(Shift(source=text, truth=text.changed(split=0.3)).settled(), tmp_path)
    assert (bytewise.entropy_rate, bytewise.vocab) == (None, 256)


def test_sources_that_do_not_go_together_are_refused() -> None:
    study = "data {}\nmodels transformer(width=8)"
    walk, other = "walk(er(n=6, p=.5))", "walk(er(n=7, p=.5))"
    assert "has 6 tokens and `walk` 7" in messages(study.format(f"mix({walk}, {other})"))[0]
    longer = "walk(er(n=6, p=.5), length=9)"
    assert "have 32 tokens, and those of `walk` 9" in messages(study.format(f"shift({walk}, truth={longer})"))[0]
    assert "its sources have 32 tokens a sequence" in messages(study.format(f"mix({walk}, {walk}, length=9)"))[0]
    assert "is said by `truth`" in messages(study.format(f"shift({walk}, truth={walk}, eval_walks=9)"))[0]
    assert (
        "wants a source of token sequences of one length, not `zipf`" in messages(study.format(f"mix({walk}, zipf)"))[0]
    )
    assert plan_of(study.format(f"mix({walk}, {walk}, share=20%)"))
