"""Declared precisions, and the parts that other devices take, exercised where there is only a CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.families import attention
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.optimisers.adamw import RowwiseAdamW, StackedAdamW
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.training import AdamW

from ..make import SOURCE, make_run
from .watched import nobody_matters, train

MODEL = Transformer(width=32, heads=2, tied=False)


def gradients(precision: str, model: Transformer = MODEL) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients and losses of a pack of two."""
    stream = open_source(SOURCE)
    layout = transformer_layout(model, stream.vocab)
    params = torch.zeros(2, layout.stride)
    for row in range(2):
        layout.init_(params[row], init_generator(row))
    grads = torch.zeros_like(params)
    stack = StackedTransformer(model, stream.vocab, stream.length, 4, params, grads, precision)
    tokens = stream.batch(torch.tensor([0, 1]), torch.arange(4).expand(2, -1))
    with torch.no_grad():
        chunk = stack.chunk(tokens[None])
        stack.step(chunk, 0)
    return grads, stack.losses(chunk)


@pytest.mark.parametrize("tied", [True, False])
def test_bf16_gradients_are_those_of_fp32_to_its_rounding(tied: bool) -> None:
    model = MODEL.model_copy(update={"tied": tied})
    (exact, loss), (rough, rough_loss) = gradients("fp32", model), gradients("bf16", model)
    # bfloat16 has 8 bits: 0.4 % a rounding, a few of which meet in every gradient.
    assert float((exact - rough).norm() / exact.norm()) < 0.03
    torch.testing.assert_close(loss, rough_loss, rtol=0.01, atol=0)
    assert not torch.equal(exact, rough)


def test_bf16_trains_and_is_part_of_what_a_run_is() -> None:
    runs = [make_run(MODEL, steps=60, precision=p) for p in ("fp32", "bf16")]
    assert runs[0].key != runs[1].key
    losses = []
    for run in runs:
        (record,) = train([run]).values()
        assert record.provenance["precision"] == run.optimiser.precision
        losses.append(record.final.loss)
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    assert losses[1] != losses[0]


@pytest.mark.parametrize("precision", ["bf16", "tf32"])
def test_bits_depend_on_nobody(precision: str, tmp_path: Path) -> None:
    small = Transformer(width=16, layers=1)
    nobody_matters([make_run(small, seed=i, steps=14 - i, precision=precision) for i in range(3)], tmp_path)


def test_tf32_without_such_units_is_fp32() -> None:
    exact, other = (train([make_run(steps=20, precision=p)]).popitem()[1] for p in ("fp32", "tf32"))
    assert exact.final.loss == other.final.loss


@pytest.mark.parametrize("direct", [frozenset({"cpu"}), frozenset()], ids=["direct", "by autograd"])
def test_fused_attention_is_the_square_written_out(monkeypatch: pytest.MonkeyPatch, direct: frozenset[str]) -> None:
    square, square_loss = gradients("fp32")
    monkeypatch.setattr(attention, "CPU_SQUARE", 0)
    monkeypatch.setattr(attention, "DIRECT", direct)
    fused, loss = gradients("fp32")
    assert not torch.equal(fused, square), "two kernels were to be compared"
    torch.testing.assert_close(fused, square, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(loss, square_loss, rtol=1e-6, atol=0)


def test_the_stacked_optimiser_is_the_rowwise_one() -> None:
    layout = transformer_layout(Transformer(width=16, base_width=8), 20)
    words = [AdamW(decay=0.1, clip=0.5), AdamW(beta1=0.5, beta2=0.9, eps=1e-4), AdamW(lr=0.3, clip=1e9)]
    states = [State(3, layout.stride, "cpu", AdamW.moments) for _ in range(2)]
    for row in range(3):
        layout.init_(states[0].params[row], init_generator(row))
    states[1].params.copy_(states[0].params)
    updates = RowwiseAdamW(layout, states[0]), StackedAdamW(layout, states[1])
    generator = torch.Generator().manual_seed(0)
    for step in range(30):
        grads = torch.randn(3, layout.stride, generator=generator)
        grads[:, layout.n_params :] = 0
        rates = [0.01 / (step + 1), 0.1, 1e-3]
        for state, update in zip(states, updates):
            state.grads.copy_(grads)
            norms = update.step(update.chunk(words, np.array([rates])), 0)
            torch.testing.assert_close(norms, grads.norm(dim=1))
    torch.testing.assert_close(states[0].params, states[1].params, rtol=1e-4, atol=1e-5)
    assert torch.equal(states[0].steps, states[1].steps)
