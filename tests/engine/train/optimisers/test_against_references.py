"""Every optimiser against a plain one: on a transformer of one page with autograd, and on gradients drawn at random."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.families.reference_transformer import ReferenceTransformer
from scalingdsl.engine.train.families.transformer import transformer_layout
from scalingdsl.engine.train.members import Member, Trajectory
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.optimisers.by_rows import ByRows
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parameter_layout import Layout, layout
from scalingdsl.engine.train.parametrization import with_rates
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.optimisers import Lion, Muon, Scion, Shampoo, Soap
from scalingdsl.spec.vocabulary.words.training import Sgd
from torch.nn import functional as nnf

from ...make import make_run
from ..test_reference import engine_losses
from .references import Weight, step

WORDS = [
    Sgd(lr=0.3),
    Sgd(lr=0.1, momentum=0.9, decay=0.01, clip=1.0),
    Sgd(lr=0.1, momentum=0.9, nesterov=True),
    Lion(lr=0.002, decay=0.1),
    Muon(lr=0.02, decay=0.1),
    Muon(lr=0.02, nesterov=False, momentum=0.8, iterations=3),
    Scion(lr=0.02),
    Soap(lr=0.01, every=7),
    Shampoo(lr=0.02, every=5),
]
names = lambda word: f"{word.word}-{word.lr:g}"  # noqa: E731
MODEL = Transformer(width=16, heads=2, base_width=8)


def weights_of(made: Layout, row: torch.Tensor) -> list[Weight]:
    """The tensors of a row of parameters, in double precision."""
    found = []
    for slot in made.slots:
        group = next(g for g in made.groups if g.start <= slot.start < g.stop)
        value = row[slot.start : slot.stop].view(slot.shape).double()
        found.append(Weight(value, group.kind, group.rate))
    return found


def give_bases(weights: list[Weight], kept: dict[str, torch.Tensor]) -> None:
    """Give each hidden matrix the bases that the engine keeps after a step."""
    begins = [0, 0]
    for weight in weights:
        if weight.kind != "hidden" or not kept:
            continue
        found = []
        for side, name in enumerate(("left_turn", "right_turn")):
            n = weight.value.shape[side]
            found.append(kept[name][begins[side] : begins[side] + n * n].view(n, n).to(weight.value.dtype, copy=True))
            begins[side] += n * n
        weight.bases = lambda found=found: (found[0], found[1])


@pytest.mark.parametrize("together", [1, 2], ids=["row by row", "all rows at once"])
@pytest.mark.parametrize("word", WORDS, ids=names)
def test_gradients_at_random(word: Any, together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows at steps of their own, each with numbers of its own, tall matrices and wide ones."""
    monkeypatch.setattr(ByRows, "together", lambda self, rows: min(rows, together))
    made = with_rates(
        layout(
            [
                ("vectors", False, [("g", (12,), None)]),
                ("vocabulary", True, [("e", (7, 12), 0.3)]),
                ("hidden", True, [("wide", (12, 36), 0.3), ("square", (12, 12), 0.3), ("tall", (36, 12), 0.3)]),
            ],
            unit=12,
        ),
        Transformer(width=256, base_width=64),
        word,
    )
    words = [word, word.changed(lr=word.lr / 3)]
    generator = torch.Generator().manual_seed(0)
    state = State(2, made.stride, "cpu", word.moments, word.beside(made.shapes))
    for row in range(2):
        made.init_(state.params[row], generator)
    plain = [weights_of(made, state.params[row]) for row in range(2)]
    update = optimiser(word, made, state)
    base = torch.randn(2, made.n_params, generator=generator)
    for turn in range(100):
        grads = base + torch.randn(2, made.n_params, generator=generator)
        state.grads[:, : made.n_params] = grads
        rows = 2 if turn < 90 else 1  # a member that has ended
        update.step(update.chunk(words[:rows], np.array([[w.lr for w in words[:rows]]])), 0)
        for row in range(rows):
            for weight, slot in zip(plain[row], made.slots):
                weight.grad = grads[row, slot.start : slot.stop].view(slot.shape).double()
            give_bases(plain[row], {name: part[row] for name, part in state.beside.items()})
            step(plain[row], words[row], words[row].lr)
    for row in range(2):
        for weight, slot in zip(plain[row], made.slots):
            got = state.params[row, slot.start : slot.stop].view(slot.shape)
            assert (got - weight.value).norm() <= 1e-5 * weight.value.norm(), slot.name
    assert not state.params[:, made.n_params :].any(), "padding stays zero"


def plain_losses(run: Run, steps: int, kept: list[dict[str, torch.Tensor]]) -> list[float]:
    """Training losses of a plain module under a plain optimiser, in nats a token; `kept` as the engine had it."""
    stream, word = open_source(run.source), run.stepping
    made = with_rates(transformer_layout(run.model, stream.vocab), run.model, word)
    row = torch.zeros(made.stride)
    made.init_(row, init_generator(run.seed))
    assert isinstance(run.model, Transformer)
    net = ReferenceTransformer(run.model, stream.vocab, row)
    tensors = [_tensor(net, slot.name) for slot in made.slots]
    weights = [
        Weight(value.data, next(g for g in made.groups if g.start <= slot.start < g.stop).kind, 0.0)
        for (value, _), slot in zip(tensors, made.slots)
    ]
    for weight, (value, turned), slot in zip(weights, tensors, made.slots):
        weight.value = value.data.T if turned else value.data
        weight.mult = next(g for g in made.groups if g.start <= slot.start < g.stop).rate
    losses = []
    for at, rate in enumerate(Member(Trajectory(run), run.steps).rates(steps)):
        tokens = stream.batch(torch.tensor([run.seed]), torch.arange(at * word.batch, (at + 1) * word.batch)[None])[0]
        net.zero_grad()
        loss = nnf.cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        with torch.no_grad():
            for weight, (value, turned) in zip(weights, tensors):
                assert value.grad is not None
                weight.grad = value.grad.T if turned else value.grad
            give_bases(weights, kept[at])
            step(weights, word, float(rate))
        losses.append(float(loss.detach()))
    return losses


def _tensor(net: ReferenceTransformer, slot: str) -> tuple[torch.nn.Parameter, bool]:
    """The module's tensor of a slot, and whether it is kept as (out, in) there."""
    name, _, block = slot.partition(".")
    weight = getattr(net.blocks[int(block)] if block else net, name).weight
    return weight, bool(block) and weight.dim() == 2


@pytest.mark.parametrize("word", WORDS, ids=names)
def test_losses_agree_with_a_plain_module_over_100_steps(word: Any) -> None:
    run = make_run(MODEL, steps=100, word=word.changed(batch=8))
    kept: list[dict[str, torch.Tensor]] = []
    got = engine_losses([run], 100, lambda state: kept.append({n: p[0].clone() for n, p in state.beside.items()}))[:, 0]
    want = torch.tensor(plain_losses(run, 100, kept)).double()
    assert want[-1] < want[0] - 0.1, "the data must be learnt for the comparison to mean anything"
    torch.testing.assert_close(got, want, rtol=1e-5, atol=0)
