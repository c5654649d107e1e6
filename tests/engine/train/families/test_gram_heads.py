"""Heads that match n-grams: bits that depend on nobody, and what they are there for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.train.families.gram_heads import averages
from scalingdsl.engine.train.families.reference_transformer import followers
from scalingdsl.engine.train.families.transformer import StackedTransformer, TransformerFamily, transformer_layout
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.identity import canonical_term
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk

from ...make import make_run
from ..watched import nobody_matters

MODEL = Transformer(width=16, layers=1, grams=2)
#: Shapes whose element counts are, and are not, multiples of what vectorised loops take at once.
SOURCES = [(Walk(graph=ErdosRenyi(n=9, p=0.4), length=n, eval_walks=4), batch) for n, batch in ((16, 4), (7, 3))]


def test_what_matches_has_equal_shares() -> None:
    """By one matrix of matches after another, and by comparing all grams at once."""
    tokens = torch.randint(0, 3, (2, 5, 20), generator=torch.Generator().manual_seed(0))
    for n, share in enumerate(averages(tokens, 3), 1):
        for model in range(2):
            assert torch.equal(share[model], followers(tokens[model], n))
        assert set(share.sum(-1).round(decimals=5).flatten().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(("source", "batch"), SOURCES)
def test_bits_depend_on_nobody(source: Walk, batch: int, tmp_path: Path) -> None:
    runs = [make_run(MODEL, source=source, seed=i, lr=0.01 * (i + 1), steps=14 - i, batch=batch) for i in range(3)]
    nobody_matters(runs, tmp_path)


def test_without_them_a_model_is_what_it_was() -> None:
    assert "grams" not in canonical_term(Transformer(width=16))
    assert canonical_term(MODEL)["grams"] == 2
    plain, more = transformer_layout(Transformer(width=16, layers=1), 9), transformer_layout(MODEL, 9)
    assert more.slots[: len(plain.slots)] == plain.slots
    assert MODEL.matrices(9) == more.shapes


def test_they_are_trained_in_float32_by_torch() -> None:
    params = torch.zeros(1, transformer_layout(MODEL, 9).stride)
    stack = TransformerFamily.stack(MODEL, 9, 8, 2, params, torch.zeros_like(params), "fp32")
    assert isinstance(stack, StackedTransformer)
    with pytest.raises(EngineError, match="float32"):
        TransformerFamily.forward(MODEL, 9, 8, 2, params, "bf16")
