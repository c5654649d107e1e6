"""LSTMs against torch.nn.LSTM, in packs, and under muP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.families import family
from scalingdsl.engine.train.families.lstm import LstmStack
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parametrization import with_rates
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Lstm
from scalingdsl.spec.vocabulary.words.optimisers import Muon
from scalingdsl.spec.vocabulary.words.training import AdamW
from torch import nn
from torch.nn import functional as nnf

from ...make import SOURCE, make_run
from ..watched import nobody_matters, train


class Plain(nn.Module):
    """The module that anyone would write."""

    def __init__(self, model: Lstm, vocab: int, row: torch.Tensor) -> None:
        super().__init__()
        m = model.width
        self.model, self.embed = model, nn.Embedding(vocab, m)
        self.lstm = nn.LSTM(m, m, model.layers, batch_first=True)
        layout = LstmStack.layout(model, vocab)
        named = {"read": "weight_ih", "keep": "weight_hh", "bias": "bias_ih"}
        with torch.no_grad():
            for slot in layout.slots:
                value = row[slot.start : slot.stop].view(slot.shape)
                name, _, layer = slot.name.partition(".")
                if name == "embed":
                    self.embed.weight.copy_(value)
                else:
                    getattr(self.lstm, f"{named[name]}_l{layer}").copy_(value.T if value.dim() == 2 else value)
            for layer in range(model.layers):
                getattr(self.lstm, f"bias_hh_l{layer}").zero_()

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        mult = self.model.width_mult
        read, said = (1.0, 1.0) if mult is None else (self.model.width**0.5, mult**-0.5)
        out, _ = self.lstm(self.embed(tokens) * read)
        logits: torch.Tensor = out @ self.embed.weight.T * said
        return logits


@pytest.mark.parametrize("model", [Lstm(width=12, base_width=4), Lstm(width=8, layers=1, param="SP")])
def test_logits_and_gradients_are_those_of_torch(model: Lstm) -> None:
    stream = open_source(SOURCE)
    layout = LstmStack.layout(model, stream.vocab)
    assert layout.n_params == model.n_total(stream.vocab)
    assert tuple(model.matrices(stream.vocab)) == layout.shapes
    params = torch.zeros(2, layout.stride)
    for row in range(2):
        layout.init_(params[row], init_generator(row))
    params += 0.05 * torch.randn(params.shape, generator=torch.Generator().manual_seed(5))
    grads = torch.zeros_like(params)
    tokens = stream.batch(torch.tensor([3, 4]), torch.arange(6).expand(2, -1))
    stack = family(model).stack(model, stream.vocab, stream.length, 6, params, grads, "fp32")
    chunk = stack.chunk(tokens[None])
    stack.step(chunk, 0)
    for row in range(2):
        net = Plain(model, stream.vocab, params[row])
        logits = net(tokens[row, :, :-1])
        loss = nnf.cross_entropy(logits.flatten(0, 1), tokens[row, :, 1:].flatten())
        loss.backward()
        assert float(stack.losses(chunk)[0, row]) == pytest.approx(float(loss.detach()), rel=1e-6)
        judge = family(model).forward(model, stream.vocab, stream.length, 6, params[row : row + 1], "fp32")
        torch.testing.assert_close(judge.logits(tokens[row, :, :-1]), logits.flatten(0, 1), rtol=1e-5, atol=1e-6)
        for layer in range(model.layers):
            for name, theirs in (("read", "weight_ih"), ("keep", "weight_hh"), ("bias", "bias_ih")):
                slot = layout.slot(f"{name}.{layer}")
                want = getattr(net.lstm, f"{theirs}_l{layer}").grad
                got = grads[row, slot.start : slot.stop].view(slot.shape)
                torch.testing.assert_close(got.T if got.dim() == 2 else got, want, rtol=1e-4, atol=1e-6)
        slot = layout.slot("embed")
        assert net.embed.weight.grad is not None
        got = grads[row, slot.start : slot.stop].view(slot.shape)
        torch.testing.assert_close(got, net.embed.weight.grad, rtol=1e-4, atol=1e-6)


def test_bits_depend_on_nobody(tmp_path: Path) -> None:
    model = Lstm(width=10, layers=2)
    runs = [make_run(model, seed=i, lr=0.01 * (i + 1), steps=13 - i) for i in range(3)]  # type: ignore[arg-type]
    nobody_matters(runs, tmp_path)


def test_it_learns_by_any_optimiser() -> None:
    model = Lstm(width=24)
    for word in (AdamW(lr=0.02), Muon()):
        run = make_run(model, steps=300, word=word.changed(batch=8))  # type: ignore[arg-type]
        rate = open_source(run.source).entropy_rate
        assert rate is not None
        assert train([run])[run.key].measurements[-1].loss < rate + 0.9


def test_bfloat16_is_refused() -> None:
    with pytest.raises(EngineError, match="float32"):
        LstmStack.stack(Lstm(width=8), 5, 4, 2, torch.zeros(1, 1000), torch.zeros(1, 1000), "bf16")


def test_coordinate_check() -> None:
    """Under muP a few steps move what is said by as much at any width."""
    stream = open_source(SOURCE)
    tokens = stream.batch(torch.tensor([0]), torch.arange(8 * 13)[None]).unflatten(1, (13, 8)).transpose(0, 1)
    widths, moved = (32, 64, 128, 256), []
    for width in widths:
        model, word = Lstm(width=width, base_width=32), AdamW(lr=0.02)
        layout = with_rates(LstmStack.layout(model, stream.vocab), model, word)
        state = State(1, layout.stride, "cpu", word.moments)
        layout.init_(state.params[0], init_generator(0))
        stack = LstmStack.stack(model, stream.vocab, stream.length, 8, state.params, state.grads, "fp32")
        update = optimiser(word, layout, state)
        before = stack.logits(tokens[-1, 0, :, :-1]).clone()
        chunk, numbers = stack.chunk(tokens), update.chunk([word], np.full((12, 1), word.lr))
        with torch.no_grad():
            for at in range(12):
                stack.step(chunk, at)
                update.step(numbers, at)
        moved.append(float((stack.logits(tokens[-1, 0, :, :-1]) - before).square().mean().sqrt()))
    assert abs(np.polyfit(np.log(widths), np.log(moved), 1)[0]) < 0.2, moved
