"""What the host does for a chunk of steps beside launching them: it grows with a pack's schedules, not its rows."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest
import torch
from scalingdsl.engine.teachers.teacher_samples import TeacherLaw
from scalingdsl.engine.train import members, step_runner
from scalingdsl.engine.train.loss_curve import LossCurve
from scalingdsl.engine.train.members import Member, Trajectory, rates_of
from scalingdsl.engine.train.optimisers.adamw import StackedAdamW
from scalingdsl.engine.train.pack_state import State
from scalingdsl.engine.train.parameter_layout import layout
from scalingdsl.engine.train.schedule import rates, warmup_steps
from scalingdsl.spec.vocabulary.words.training import AdamW, Constant, WarmupStableDecay

from ..make import make_run
from .test_step_runner import WORDS, Recorded, pack, take
from .watched import Watched


def test_members_of_one_schedule_share_what_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [make_run(steps=90, lr=0.001 * (i + 1)) for i in range(30)]
    runs += [make_run(steps=90, lr=0.002, schedule=Constant()), make_run(steps=50)]
    rows = [Member(Trajectory(run), run.steps, step=7) for run in runs]
    asked = []

    def counted(*how: object) -> object:
        asked.append(how)
        return rates(*how)  # type: ignore[arg-type]

    monkeypatch.setattr(members, "rates", counted)
    found = rates_of(rows, 20)
    assert len(asked) == 3
    for column, run in zip(found.T, runs):
        opt = run.stepping
        alone = opt.lr * rates(opt.schedule, warmup_steps(opt.warmup, run.steps), run.steps, np.arange(7, 27))
        assert np.array_equal(column, alone)


def test_numbers_of_a_chunk_are_laid_out_step_by_step() -> None:
    places = layout([("hidden", True, [("w", (4, 4), 0.1)])])
    words = [AdamW(decay=0.1, clip=0.5), AdamW(beta1=0.5, eps=1e-4), AdamW()]
    each = np.arange(6.0).reshape(2, 3) / 7
    chunk = StackedAdamW(places, State(3, places.stride, "cpu", AdamW.moments)).chunk(words, each)
    assert chunk.shape == (2, 6, 3, 1)
    assert chunk.is_contiguous()
    for step, row in np.ndindex(2, 3):
        w = words[row]
        assert chunk[step, :, row, 0].tolist() == [each[step, row], w.decay, w.beta1, w.beta2, w.eps, w.clip]


def test_recording_a_step_is_not_taken_for_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second chunk's steps are reckoned from the first's time, and recording takes longer than many steps."""
    ticks = count()
    monkeypatch.setattr(step_runner.time, "perf_counter", lambda: float(next(ticks)))
    steps, _ = pack(Recorded)
    spent = []
    for rows in (3, 3, 1):
        take(steps, WORDS[:rows])
        spent.append(steps.recording_s)
    assert spent == [1.0, 0.0, 1.0]


def ahead(trainer: Watched) -> Watched:
    """A trainer that makes chunks ready as on a GPU."""
    trainer.ahead = True
    return trainer


class Awaited:
    """Losses that say when they are waited for."""

    def __init__(self, found: torch.Tensor, said: list[str]) -> None:
        self.found, self.said = found, said

    def cpu(self) -> torch.Tensor:
        self.said.append("read")
        return self.found


def test_a_chunk_is_made_ready_before_the_losses_of_the_one_before_are_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer = ahead(Watched([make_run(steps=6), make_run(steps=6, seed=1)], chunk_steps=2))
    said: list[str] = []
    ready, take, add = trainer.steps.ready, trainer.steps.take, LossCurve.add
    monkeypatch.setattr(trainer.steps, "ready", lambda *how: said.append("ready") or ready(*how))
    monkeypatch.setattr(trainer.steps, "take", lambda chunk: [Awaited(found, said) for found in take(chunk)])
    monkeypatch.setattr(LossCurve, "add", lambda *how: said.append("curve") or add(*how))
    list(trainer.train(lambda made: None, lambda: False, 1e9))
    curves, read = ["curve"] * 2, ["read"] * 2
    assert said == ["ready", "ready", *read, *curves, "ready", *read, *curves, *read, *curves]


def test_chunks_made_ready_ahead_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """With rows that end, diverge and are filled again, and decays that branch off."""
    wsd = WarmupStableDecay(decay=0.4)
    runs = [make_run(steps=9), make_run(steps=5, seed=1), make_run(steps=7, lr=1000.0, clip=1e30)]
    runs += [make_run(steps=8, seed=3, schedule=wsd, marks=(4, 8))]
    finals = []
    for trainer in (Watched(runs, 2, chunk_steps=2), ahead(Watched(runs, 2, chunk_steps=2))):
        records = {r.key: r for r in trainer.train(lambda made: None, lambda: False, 1e9)}
        finals.append((trainer.finals, {key: record.measurements for key, record in records.items()}))
    (one, measured), (other, again) = finals
    assert measured == again
    assert one.keys() == other.keys()
    assert all(torch.equal(params.view(torch.int32), other[name].view(torch.int32)) for name, params in one.items())


def test_a_teachers_law_stays_on_the_device_of_the_evaluation() -> None:
    """On device meta, which gives no number back, as a GPU would have to be waited for."""
    table = np.log(np.full((6, 4), 0.25, np.float32))
    targets, p = TeacherLaw(table).to("meta").rows(torch.zeros(3, dtype=torch.int64, device="meta"))
    assert p.shape == (3, 4)
    assert targets.device.type == p.device.type == "meta"
    assert torch.equal(TeacherLaw(table).rows(torch.tensor([5]))[1], torch.full((1, 4), 0.25, dtype=torch.float64))
