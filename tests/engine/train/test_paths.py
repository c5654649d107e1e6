"""Paths: several token counts from one run, as points on the way or as decay branches."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from scalingdsl.engine.train import training_loop
from scalingdsl.spec.vocabulary.words.training import Constant, Warmup, WarmupStableDecay

from ..make import make_run
from .watched import Watched, final_params, stop_after, train

MARKS = (20, 40, 80, 160)
WSD = {"schedule": WarmupStableDecay(decay=0.25), "warmup": Warmup(steps=6)}


@pytest.mark.slow
def test_a_constant_rate_is_measured_on_the_way() -> None:
    constant = {"schedule": Constant(), "warmup": Warmup(steps=6)}
    path = make_run(steps=160, marks=MARKS, **constant)
    (record,) = train([path]).values()
    assert [m.step for m in record.measurements] == list(MARKS)
    assert [m.n_tokens for m in record.measurements] == [32 * mark for mark in MARKS]
    for mark, measured in zip(MARKS, record.measurements):
        (alone,) = train([make_run(steps=mark, **constant)]).values()
        assert alone.final is not None
        assert measured.loss == alone.final.loss


def test_a_decay_branch_is_the_run_trained_to_its_mark_alone() -> None:
    path = make_run(steps=160, marks=MARKS, **WSD)
    trunk_alone = final_params([make_run(steps=160, **WSD)])
    finals = final_params([path], slots=2)
    assert set(finals) == {path.key, *(f"{path.key}.{mark}" for mark in MARKS[:-1])}
    assert torch.equal(finals[path.key], *trunk_alone.values())
    for mark in MARKS[:-1]:
        assert torch.equal(finals[f"{path.key}.{mark}"], *final_params([make_run(steps=mark, **WSD)]).values())
    (record,) = train([path]).values()
    assert [m.step for m in record.measurements] == list(MARKS)


def test_branches_cost_their_decay_alone() -> None:
    path = make_run(steps=160, marks=MARKS, **WSD)
    trainer = Watched([path], slots=1)
    taken = 0
    before = training_loop.Trainer._chunk

    def counted(self: Watched) -> float:
        nonlocal taken
        steps = sum(m.step for m in self.rows)
        rate = before(self)
        taken += sum(m.step for m in self.rows) - steps
        return rate

    trainer._chunk = counted.__get__(trainer)  # type: ignore[method-assign]
    assert len(list(trainer.train(lambda made: None, lambda: False, 1e9))) == 1
    assert taken == 160 + sum(mark // 4 for mark in MARKS[:-1])


@pytest.mark.slow
@pytest.mark.parametrize("slots", [1, 2, 4])
def test_a_path_goes_on_where_it_was_stopped(tmp_path: Path, slots: int) -> None:
    runs = [make_run(steps=160, marks=MARKS, seed=s, **WSD) for s in (0, 1)]
    want = train(runs, slots)
    got = {}
    for _ in range(200):
        left = [run for run in runs if run.key not in got]
        if not left:
            break
        got |= train(left, slots, checkpoints=tmp_path, stop=stop_after(2), chunk_steps=11)
    assert {k: r.measurements for k, r in got.items()} == {k: r.measurements for k, r in want.items()}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_lost_branch_begins_the_path_anew(tmp_path: Path) -> None:
    path = make_run(steps=160, marks=MARKS, **WSD)
    (want,) = train([path], 1).values()
    train([path], 1, checkpoints=tmp_path, stop=stop_after(8), chunk_steps=11)
    branches = [f for f in tmp_path.iterdir() if f.name.startswith(f"{path.key}.20")]
    assert branches
    for file in branches:
        file.unlink()
    (got,) = train([path], 1, checkpoints=tmp_path).values()
    assert got.measurements == want.measurements


def test_a_path_that_diverges_keeps_what_it_measured_before() -> None:
    path = make_run(steps=80, marks=(8, 80), schedule=Constant(), warmup=Warmup(steps=1), seed=3)
    trainer = Watched([path], chunk_steps=10)

    def poison() -> bool:
        if trainer.rows and trainer.rows[0].step >= 20:
            trainer.state.params[0].fill_(float("nan"))
        return False

    (record,) = trainer.train(lambda made: None, poison, 1e9)
    assert record.status == "diverged"
    assert [m.step for m in record.measurements] == [8]


def test_a_mark_shorter_than_its_warmup_still_ends_at_its_mark() -> None:
    late = {"schedule": WarmupStableDecay(decay=1.0), "warmup": Warmup(steps=50)}
    path = make_run(steps=60, marks=(10, 60), **late)
    finals = final_params([path], slots=1)
    assert torch.equal(finals[f"{path.key}.10"], *final_params([make_run(steps=10, **late)]).values())
