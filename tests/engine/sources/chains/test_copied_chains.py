"""Copies of chains: what they keep, what they lose, and that they are tested on the chain itself."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from scalingdsl.engine.executors.job import Job
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.chains.copied_chains import copied_chain, lost
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.memorising import CopiedSequences, Synthetic
from scalingdsl.spec.vocabulary.words.sources import Walk

from tests.spec.support import messages, plan_of

WALK = Walk(graph=ErdosRenyi(n=60, p=0.15), kappa=1.0, length=8, eval_walks=16)


def opened(**given: Any) -> Any:
    return open_source(Synthetic(source=WALK, **given).settled())


def test_a_copy_knows_the_likeliest_successors() -> None:
    chain = open_source(WALK).chain  # type: ignore[attr-defined]
    copy = copied_chain(chain, 3, 1.0)
    for state in chain.states[:10].tolist():
        own = slice(chain.indptr[state], chain.indptr[state + 1])
        kept = np.sort(chain.probability[own])[::-1][:3]
        there = copy.probability[copy.indptr[state] : copy.indptr[state + 1]]
        assert_allclose(np.sort(there)[::-1], kept / kept.sum())
        assert lost(chain, copy)[state] == pytest.approx(1 - kept.sum(), abs=1e-12)


def test_a_temperature_divides_logarithms() -> None:
    chain = open_source(WALK).chain  # type: ignore[attr-defined]
    squared = chain.probability**2
    expected = squared / np.bincount(chain.rows, squared)[chain.rows]
    assert_allclose(copied_chain(chain, None, 0.5).probability, expected)


def test_training_sequences_are_the_copys_and_the_evaluation_is_the_sources() -> None:
    source, copy, whole = open_source(WALK), opened(cut=2), opened(cut=2, generations=0)
    seeds, index = torch.zeros(1, dtype=torch.int64), torch.arange(400)[None]
    tokens = copy.batch(seeds, index).numpy()[0]
    pairs = set(zip(tokens[:, :-1].ravel().tolist(), tokens[:, 1:].ravel().tolist()))
    chain = copy.copy.chain
    assert pairs <= set(zip(chain.rows.tolist(), chain.indices.tolist()))
    assert torch.equal(copy.evaluation().tokens, source.evaluation().tokens)
    assert torch.equal(whole.batch(seeds, index), source.batch(seeds, index))
    assert copy.entropy_rate == source.entropy_rate
    assert "is in no sequence of the copy" in copy.notes[-1]
    assert len({copy.digest, whole.digest, opened(cut=2, real=0.5).digest, source.digest}) == 4


def test_a_share_of_sequences_is_real() -> None:
    seeds, index = torch.zeros(1, dtype=torch.int64), torch.arange(4000)[None]
    mixed, copied = (opened(cut=2, real=real).batch(seeds, index)[0] for real in (0.25, 0.0))
    source = open_source(WALK).batch(seeds, index)[0]
    own, theirs = ((mixed == other).all(1) for other in (source, copied))
    assert bool((own | theirs).all())
    assert float((own & ~theirs).double().mean()) == pytest.approx(
        0.25 * float((source != copied).any(1).double().mean()), abs=0.03
    )


def test_a_network_learns_from_a_copy() -> None:
    plan = plan_of(
        """let walks = walk(er(n=40, p=.2), kappa=1, length=8)
data {own: walks, copy: synthetic(walks, cut=3)}
models transformer(width=16)
train tokens=2k"""
    )
    own, copy = plan.runs()
    assert isinstance(copy.source, CopiedSequences)
    assert (copy.n_total, copy.n_tokens, copy.sequences.length) == (own.n_total, own.n_tokens, 8)


def test_copies_of_sequences_have_no_number_of_draws() -> None:
    found = messages("data synthetic(walk(er(n=40, p=.2)), seen=100)\nmodels width=16")
    assert any("know its law, not draws of it" in line for line in found)


def test_a_copy_crosses_to_another_process() -> None:
    plan = plan_of("""let items = zipf(items=100)
data {a: synthetic(items, cut=3), b: synthetic(synthetic(items, cut=9), cut=3)}
models memoriser(samples=10)""")
    walks = plan_of("data synthetic(walk(er(n=40, p=.2), length=8), cut=3)\nmodels width=16\ntrain tokens=2k")
    for runs in (tuple(plan.runs()), tuple(walks.runs())):
        job = Job(Pack("p", runs, 1), 0)
        assert Job.from_json(json.loads(json.dumps(job.to_json()))) == job
