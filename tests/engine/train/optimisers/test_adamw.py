"""Row-wise AdamW against torch.optim.AdamW with clipping, a row at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scalingdsl.engine.train.optimisers import optimiser
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parameter_layout import layout
from scalingdsl.engine.train.parametrization import with_rates
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.training import AdamW

LAYOUT = with_rates(
    layout([("vectors", False, [("g", (10,), None)]), ("hidden", True, [("w", (20, 10), 0.5)])], unit=10),
    Transformer(width=256, base_width=64),
    AdamW(),
)
WORDS = [
    AdamW(lr=0.01, decay=0.1, clip=0.5),
    AdamW(lr=0.3, decay=0.0, beta1=0.5, beta2=0.9, eps=1e-3, clip=1e9),
    AdamW(lr=1e-4, decay=2.0, clip=3.0),
]


def test_rows_are_torch_adamw_each_with_its_own_numbers() -> None:
    generator = torch.Generator().manual_seed(0)
    state = State(3, LAYOUT.stride, "cpu", AdamW.moments)
    for row in range(3):
        LAYOUT.init_(state.params[row], generator)
    update = optimiser(WORDS[0], LAYOUT, state)
    plain = []
    for row, word in enumerate(WORDS):
        parts = [torch.nn.Parameter(state.params[row, g.start : g.stop].clone()) for g in LAYOUT.groups]
        groups = [
            {"params": [p], "lr": word.lr * g.rate, "weight_decay": word.decay if g.decays else 0.0}
            for p, g in zip(parts, LAYOUT.groups)
        ]
        plain.append((parts, torch.optim.AdamW(groups, betas=(word.beta1, word.beta2), eps=word.eps)))
    for _ in range(50):
        grads = torch.randn(3, LAYOUT.n_params, generator=generator)
        state.grads[:, : LAYOUT.n_params] = grads
        norms = update.step(update.chunk(WORDS, np.array([[w.lr for w in WORDS]])), 0)
        torch.testing.assert_close(norms, grads.norm(dim=1))
        for row, (parts, opt) in enumerate(plain):
            for p, g in zip(parts, LAYOUT.groups):
                p.grad = grads[row, g.start : g.stop].clone()
            torch.nn.utils.clip_grad_norm_(parts, WORDS[row].clip)
            opt.step()
    for row, (parts, _) in enumerate(plain):
        for p, g in zip(parts, LAYOUT.groups):
            torch.testing.assert_close(state.params[row, g.start : g.stop], p.detach(), rtol=2e-5, atol=1e-6)
    assert state.steps.tolist() == [50.0] * 3
    assert not state.params[:, LAYOUT.n_params :].any(), "padding stays zero"


def test_fewer_rows_than_there_are_leave_the_rest_alone() -> None:
    state = State(3, LAYOUT.stride, "cpu", AdamW.moments)
    state.params.fill_(1.0)
    state.grads.fill_(1.0)
    update = optimiser(WORDS[0], LAYOUT, state)
    update.step(update.chunk(WORDS[:2], np.full((1, 2), 0.1)), 0)
    assert state.steps.tolist() == [1, 1, 0]
    assert bool((state.params[2] == 1).all())
    assert not bool((state.params[1, : LAYOUT.n_params] == 1).any())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_bad_gradient_stays_in_its_row(bad: float) -> None:
    states = [State(2, LAYOUT.stride, "cpu", AdamW.moments) for _ in range(2)]
    for state in states:
        state.params.fill_(1.0)
        state.grads.fill_(0.5)
    states[1].grads[0, 3] = bad
    for state in states:
        update = optimiser(WORDS[0], LAYOUT, state)
        update.step(update.chunk(WORDS[:2], np.full((1, 2), 0.1)), 0)
    assert torch.equal(states[0].params[1], states[1].params[1])
    assert not bool(torch.isfinite(states[1].params[0]).all())


def test_a_word_that_nothing_implements_is_an_error() -> None:
    with pytest.raises(EngineError, match="nothing here trains with"):
        optimiser(Transformer(width=8), LAYOUT, State(1, LAYOUT.stride, "cpu", AdamW.moments))
