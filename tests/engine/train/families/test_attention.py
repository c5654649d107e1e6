"""Attention over scores whose rows begin at multiples, as on a GPU."""

from __future__ import annotations

import pytest
import torch
from scalingdsl.engine.train.families import transformer
from scalingdsl.engine.train.families.attention import score_columns
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.spec.vocabulary.words.families import Transformer

VOCAB, BATCH = 20, 4


@pytest.mark.parametrize("length", [5, 16])
def test_columns_beyond_the_context_change_nothing_whatever_is_in_them(
    monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """They are not numbers where a row has diverged that another one then takes."""
    model = Transformer(width=32, heads=2)
    layout = transformer_layout(model, VOCAB)
    params = 0.2 * torch.randn(2, layout.stride, generator=torch.Generator().manual_seed(0))
    tokens = torch.randint(VOCAB, (1, 2, BATCH, length + 1), generator=torch.Generator().manual_seed(1))
    found = []
    for columns in (length, score_columns(length, torch.device("meta")), length + 11):
        monkeypatch.setattr(transformer, "score_columns", lambda *how, columns=columns: columns)
        grads = torch.zeros_like(params)
        stack = StackedTransformer(model, VOCAB, length, BATCH, params, grads, "fp32")
        spare = [*(kept["weights"] for kept in stack.buffers.kept), stack.buffers.scratch["dweights"]]
        for _ in range(2):
            for buffer in spare:
                buffer.view(-1, columns)[:, length:] = float("nan")
            chunk = stack.chunk(tokens)
            with torch.no_grad():
                stack.step(chunk, 0)
        found.append(grads)
    assert torch.isfinite(found[0]).all()
    for grads in found[1:]:
        assert torch.allclose(grads, found[0], rtol=1e-5, atol=1e-7)


def test_rows_of_scores_begin_on_sixteen_bytes_on_a_gpu() -> None:
    assert [score_columns(length, torch.device("meta")) for length in (32, 50, 64)] == [32, 56, 64]
    assert score_columns(50, torch.device("cpu")) == 50
