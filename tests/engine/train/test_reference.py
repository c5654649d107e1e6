"""The hand-written steps, in C and in torch, against a plain nn.Module with autograd and torch.optim.AdamW."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.families.reference_transformer import ReferenceTransformer, reference_losses
from scalingdsl.engine.train.families.transformer import TransformerFamily, transformer_layout
from scalingdsl.engine.train.members import Member, Trajectory
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parametrization import with_rates
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer

from ..make import SOURCE, make_run

MODELS = [
    Transformer(width=16, param="SP", tied=True),
    Transformer(width=16, param="SP", tied=False, layers=3),
    Transformer(width=32, param="muP", tied=True, heads=4, base_width=8),
    Transformer(width=24, param="muP", tied=False, heads=2, mlp=2.5, base_width=1),
    Transformer(width=16, param="muP", layers=1, grams=2, base_width=8),
]


def named(model: Transformer) -> str:
    return f"{model.param}-{'tied' if model.tied else 'untied'}{'-grams' * (model.grams > 0)}"


def engine_losses(runs: list[Run], steps: int, watch: Callable[[State], None] = lambda state: None) -> torch.Tensor:
    """Training losses [S, P] of a pack of runs, by the pieces the loop is made of; `watch` sees every step's state."""
    stream = open_source(runs[0].source)
    layout = with_rates(transformer_layout(runs[0].model, stream.vocab), runs[0].model, runs[0].stepping)
    word = runs[0].stepping
    state = State(len(runs), layout.stride, "cpu", word.moments, word.beside(layout.shapes))
    for row, run in enumerate(runs):
        layout.init_(state.params[row], init_generator(run.seed))
    batch = runs[0].optimiser.batch
    stack = TransformerFamily.stack(
        runs[0].model, stream.vocab, stream.length, batch, state.params, state.grads, "fp32"
    )
    opt = optimiser(runs[0].optimiser, layout, state)
    rates = np.stack([Member(Trajectory(run), run.steps).rates(steps) for run in runs], axis=1)
    index = torch.arange(steps * batch).expand(len(runs), -1)
    tokens = stream.batch(torch.tensor([r.seed for r in runs]), index).unflatten(1, (steps, batch)).transpose(0, 1)
    with torch.no_grad():
        chunk, numbers = stack.chunk(tokens), opt.chunk([r.optimiser for r in runs], rates)
        for at in range(steps):
            stack.step(chunk, at)
            opt.step(numbers, at)
            watch(state)
        return stack.losses(chunk)


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", MODELS, ids=lambda m: f"{m.param}-{'tied' if m.tied else 'untied'}{'-grams' * (m.grams > 0)}"
)
def test_losses_agree_with_the_plain_loop_over_100_steps(model: Transformer, kernels: str) -> None:
    rates = {"SP": (0.01, 0.003), "muP": (0.03, 0.01)}[model.param]
    runs = [make_run(model, seed=seed, lr=lr, steps=100) for seed, lr in enumerate(rates)]
    got = engine_losses(runs, 100)
    stream = open_source(SOURCE)
    layout = transformer_layout(model, stream.vocab)
    for row, run in enumerate(runs):
        start = torch.zeros(layout.stride)
        layout.init_(start, init_generator(run.seed))
        want = torch.tensor(reference_losses(run, stream, start, list(Member(Trajectory(run), 100).rates(100))))
        assert want[-1] < want[0] - 0.2, "the data must be learnt for the comparison to mean anything"
        torch.testing.assert_close(got[:, row], want.double(), rtol=1e-5, atol=0)


@pytest.mark.parametrize(
    "model", MODELS, ids=lambda m: f"{m.param}-{'tied' if m.tied else 'untied'}{'-grams' * (m.grams > 0)}"
)
def test_gradients_and_logits_agree_with_autograd(model: Transformer, kernels: str) -> None:
    stream = open_source(SOURCE)
    layout = transformer_layout(model, stream.vocab)
    params = torch.zeros(1, layout.stride)
    layout.init_(params[0], init_generator(3))
    grads = torch.zeros_like(params)
    tokens = stream.batch(torch.tensor([3]), torch.arange(4)[None])
    stack = TransformerFamily.stack(model, stream.vocab, stream.length, 4, params, grads, "fp32")
    judge = TransformerFamily.forward(model, stream.vocab, stream.length, 4, params, "fp32")
    assert stack.kernels == judge.kernels == ("torch" if model.grams else kernels)
    net = ReferenceTransformer(model, stream.vocab, params[0])
    logits = net(tokens[0, :, :-1])
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[0, :, 1:].flatten()).backward()
    with torch.no_grad():
        stack.step(stack.chunk(tokens[None]), 0)
        torch.testing.assert_close(judge.logits(tokens[0, :, :-1]), logits.flatten(0, 1), rtol=1e-4, atol=1e-5)
    for slot in layout.slots:
        name, _, block = slot.name.partition(".")
        its = net.gram[int(block)] if name == "gram" else getattr(net.blocks[int(block)] if block else net, name)
        want = its.weight.grad
        got = grads[0, slot.start : slot.stop].view(slot.shape)
        got = got.T if block and got.dim() == 2 else got
        # float32 sums of a few hundred terms, relative to the largest entry of the tensor.
        assert (got - want).abs().max() <= 2e-6 * want.abs().max() + 1e-9, slot.name
