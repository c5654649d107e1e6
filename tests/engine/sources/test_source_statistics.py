"""Statistics of sources: exact where the law is known, right where it is counted."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.source_statistics import (
    SINGLE,
    conditional_entropies,
    counts_of,
    next_share,
    pair_counts,
    ranked,
    statistics,
)
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.text import Bpe, Ngram, Text

from .passages import passage


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_walk_is_known_exactly() -> None:
    term = Walk(graph=ErdosRenyi(n=64, edges=256, seed=0), length=16)
    stream = open_source(term)
    found = statistics(term, stream, 60_000)
    chain = stream.chain  # type: ignore[attr-defined]
    assert found["entropy_rate"] == chain.entropy_rate
    assert (found["standard_error"], found["known"]) == (0.0, "law")
    # Two directions an edge, so that transitions less states is the 2E - n of the counting estimator.
    assert found["transitions"] == 2 * 256
    assert found["states"] == len(chain.states)
    assert found["bigram"]["exact"]
    assert found["bigram"]["y"][0] == pytest.approx(chain.probability.max(), rel=1e-5)
    assert found["unigram"]["y"] == sorted(found["unigram"]["y"], reverse=True)
    # Beyond the present token the past says nothing of a walk.
    nothing, one, two = found["contexts"][:3]
    assert one == pytest.approx(chain.entropy_rate, abs=0.01)
    assert two == pytest.approx(chain.entropy_rate, abs=0.03)
    assert nothing > one + 1
    json.dumps(found, allow_nan=False)


def test_a_text_has_no_entropy_rate(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(passage(300))
    term = Text(path="corpus.txt", length=12)
    found = statistics(term, open_source(term, tmp_path), 1_000_000)
    assert (found["entropy_rate"], found["standard_error"], found["known"]) == (None, None, "")
    assert (found["states"], found["transitions"]) == (None, None)
    assert not found["bigram"]["exact"]
    entropies = found["contexts"]
    assert entropies[0] > entropies[1] > entropies[2]


def test_an_ngram_walks_on_contexts(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text(passage(300))
    term = Ngram(text=Text(path="corpus.txt", length=12, tokenizer=Bpe(size=300)), n=3, drop=1).settled()
    stream = open_source(term, tmp_path)
    found = statistics(term, stream, 200_000)
    assert found["states"] > 300 / 2
    assert found["contexts"][2] == pytest.approx(found["entropy_rate"], abs=0.05)
    assert not found["unigram"]["exact"]


def test_entropies_of_independent_tokens() -> None:
    tokens = torch.randint(0, 8, (500, 40), generator=torch.Generator().manual_seed(0)).numpy()
    found = conditional_entropies(tokens)
    for entropy, _ in found[:4]:
        assert entropy == pytest.approx(np.log(8), abs=0.01)
    assert found[0][1] < found[1][1] < found[2][1]


def test_pairs_and_their_shares() -> None:
    first, second, counts = pair_counts(np.array([[0, 1, 0, 1], [0, 2, 0, 1]]))
    assert list(zip(first.tolist(), second.tolist(), counts.tolist())) == [(0, 1, 3), (0, 2, 1), (1, 0, 1), (2, 0, 1)]
    assert next_share((first, second, counts)).tolist() == [0.75, 0.25, 1.0, 1.0]


def test_large_counts_are_binned_without_loss() -> None:
    counts = np.concatenate([np.full(100, 1), np.full(10, SINGLE), np.arange(SINGLE + 1, 2_000)])
    found = counts_of(counts)
    assert found["x"][:2] == [1.0, float(SINGLE)]
    assert found["y"][:2] == [100.0, 10.0]
    np.testing.assert_allclose(found["y"][2:], 1.0)
    assert len(found["x"]) < 100


def test_ranks_end_at_the_last() -> None:
    found = ranked(np.array([0.0, 0.25, 0.5, 0.25]), exact=True)
    assert found == {"x": [1, 2, 3], "y": [0.5, 0.25, 0.25], "exact": True}
