"""Steps recorded once and replayed, against steps taken in turn; on a GPU, against the CPU too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train import step_runner
from scalingdsl.engine.train.families.transformer import StackedTransformer, transformer_layout
from scalingdsl.engine.train.optimisers.adamw import StackedAdamW
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.step_runner import Eager, Recorded, Steps, steps_for
from scalingdsl.engine.train.training_loop import init_generator
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.training import AdamW

from ..make import SOURCE, make_run
from .watched import train

MODEL = Transformer(width=16, base_width=8)
WORDS = [AdamW(decay=0.1, clip=0.5), AdamW(beta1=0.5, beta2=0.9, eps=1e-4), AdamW(lr=0.3, clip=1e9)]
BATCH, STEPS = 4, 6

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU at hand")


def pack(kind: type[Eager] | type[Recorded], device: str = "cpu", rows: int = 4) -> tuple[Steps, State]:
    """A pack of `rows` seeds on a device, and its storage."""
    stream = open_source(SOURCE)
    layout = transformer_layout(MODEL, stream.vocab)
    state = State(rows, layout.stride, device, AdamW.moments)
    for row in range(rows):
        layout.init_(state.params[row], init_generator(row))
    stack = StackedTransformer(MODEL, stream.vocab, stream.length, BATCH, state.params, state.grads, "fp32")
    update = StackedAdamW(layout, state)
    return (Recorded(stack, update, state) if kind is Recorded else Eager(stack, update)), state


def take(steps: Steps, words: Sequence[AdamW], device: str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Losses and norms of some steps of the first rows."""
    rows = len(words)
    index = torch.arange(STEPS * BATCH).expand(rows, -1)
    tokens = open_source(SOURCE).batch(torch.arange(rows), index, device).unflatten(1, (STEPS, BATCH)).transpose(0, 1)
    rates = np.linspace(0.01, 0.03, STEPS * rows).reshape(STEPS, rows)
    with torch.no_grad():
        losses, norms = steps.take(steps.ready(tokens, words, rates))
    return losses.cpu(), norms.cpu()


@pytest.fixture(params=[1, 4], ids=["a step a graph", "four steps a graph, then one by one"])
def several(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Steps that are recorded as one where a chunk has so many; chunks here have six."""
    monkeypatch.setattr(step_runner, "SEVERAL", request.param)
    monkeypatch.setattr(step_runner, "MANY", STEPS)
    return int(request.param)


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_replay_is_the_step_and_idle_rows_change_nothing(rows: int, several: int) -> None:
    (eager, one), (recorded, other) = pack(Eager), pack(Recorded)
    untouched = other.params[rows:].clone()
    for _ in range(2):
        want, got = take(eager, WORDS[:rows]), take(recorded, WORDS[:rows])
        assert all(torch.equal(a, b) for a, b in zip(want, got))
        assert want[0].dtype == torch.float64
    assert torch.equal(one.params[:rows], other.params[:rows])
    assert torch.equal(one.steps[:rows], other.steps[:rows])
    assert torch.equal(untouched, other.params[rows:])


def test_recording_happens_for_powers_of_two_of_rows() -> None:
    recorded, _ = pack(Recorded)
    assert isinstance(recorded, Recorded)
    for rows in (3, 2, 1, 3):
        take(recorded, WORDS[:rows])
    assert sorted(recorded._recordings) == [(1, 1), (2, 1), (4, 1)]


def test_several_steps_are_one_replay_where_a_chunk_has_many(several: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six steps are six replays, or one and two of a single step; a chunk of fewer records no more than one."""
    recorded, _ = pack(Recorded)
    assert isinstance(recorded, Recorded)
    take(recorded, WORDS)
    counts = {count for _, count in recorded._recordings}
    assert counts == {1, several}
    replayed: list[int] = []
    for (_, count), recording in recorded._recordings.items():
        replay = recording.replay
        counted = replace(recording, replay=lambda count=count, replay=replay: replayed.append(count) or replay())
        recorded._recordings[4, count] = counted
    take(recorded, WORDS)
    assert replayed == ([1] * 6 if several == 1 else [4, 1, 1])
    monkeypatch.setattr(step_runner, "MANY", STEPS + 1)
    replayed.clear()
    take(recorded, WORDS)
    assert replayed == [1] * 6


def test_a_cpu_takes_steps_in_turn() -> None:
    steps, state = pack(Recorded)
    assert isinstance(steps, Recorded)
    assert isinstance(steps_for(steps._stack, steps._update, state), Eager)


def test_a_bad_row_spoils_no_other_when_idle_rows_are_bad() -> None:
    (clean, one), (spoilt, other) = pack(Recorded), pack(Recorded)
    other.params[3].fill_(float("nan"))
    want, got = take(clean, WORDS), take(spoilt, WORDS)
    assert all(torch.equal(a, b) for a, b in zip(want, got))
    assert torch.equal(one.params[:3], other.params[:3])


# --- on a GPU ---------------------------------------------------------------------------------------------------------


@needs_gpu
@pytest.mark.parametrize("rows", [1, 3])
def test_a_graph_repeats_bit_for_bit_what_it_was_recorded_from(rows: int, several: int) -> None:
    (eager, one), (recorded, other) = pack(Eager, "cuda"), pack(Recorded, "cuda")
    for _ in range(2):
        want, got = take(eager, WORDS[:rows], "cuda"), take(recorded, WORDS[:rows], "cuda")
        # Another number of rows may take another kernel: 1e-5 where the graph has idle ones, the same bits else.
        for a, b in zip(want, got):
            assert torch.allclose(a, b, rtol=1e-5) if rows == 3 else torch.equal(a, b)
    if rows == 1:
        assert torch.equal(one.params[:1], other.params[:1])


@needs_gpu
@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_a_run_on_a_gpu_is_the_run_on_the_cpu_early_in_training(precision: str) -> None:
    run = make_run(steps=20, precision=precision)
    losses = [train([run], device=device)[run.key].final.loss for device in ("cpu", "cuda")]
    assert losses[1] == pytest.approx(losses[0], rel=1e-5 if precision == "fp32" else 1e-2)


@needs_gpu
def test_a_pack_on_a_gpu_repeats_and_depends_on_no_companion() -> None:
    runs = [make_run(steps=40, seed=seed, lr=0.01 * (seed + 1)) for seed in range(4)]
    first, again = (train(runs, device="cuda") for _ in range(2))
    assert {k: r.measurements for k, r in first.items()} == {k: r.measurements for k, r in again.items()}
    others = [runs[2], *(make_run(steps=40, seed=seed) for seed in (7, 8, 9))]
    assert train(others, device="cuda")[runs[2].key].measurements == first[runs[2].key].measurements


@needs_gpu
def test_walks_are_the_same_on_every_device() -> None:
    stream = open_source(SOURCE)
    seeds, index = torch.arange(3), torch.arange(50).expand(3, -1)
    assert torch.equal(stream.batch(seeds, index), stream.batch(seeds, index, "cuda").cpu())
