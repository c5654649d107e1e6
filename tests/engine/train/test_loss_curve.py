"""Training losses along a run: the same whatever its pack, its chunks and its stops, and kept until it diverges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.store.record import Curve
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.train.loss_curve import ENDS, LossCurve
from scalingdsl.spec.vocabulary.words.training import Warmup, WarmupStableDecay

from ..make import make_run
from .test_identity import members
from .watched import Watched, stop_after, train


def test_means_are_over_log_spaced_intervals_and_the_rest() -> None:
    losses = np.random.default_rng(0).random(1000)
    curve = LossCurve(step_tokens=32)
    curve.add(losses)
    found = curve.value()
    assert found.steps == (*(end for end in ENDS if end < 1000), 1000)
    assert len(found.steps) == 28
    for first, last, mean in zip((0, *found.steps), found.steps, found.losses):
        assert mean == pytest.approx(np.mean(losses[first:last]), rel=1e-5)


def test_where_losses_are_cut_moves_nothing() -> None:
    losses = np.random.default_rng(1).random(500)
    whole = LossCurve(step_tokens=1)
    whole.add(losses)
    for size in (1, 7, 64):
        parts = LossCurve(step_tokens=1)
        for first in range(0, 500, size):
            parts.add(losses[first : first + size])
        assert parts == whole


@pytest.mark.slow
def test_unequal_packs_give_equal_curves(kernels: str) -> None:
    runs = members("narrow", 4, 90)
    packed = train(runs)
    other = train([runs[i] for i in (3, 0, 2)], slots=2, chunk_steps=7)
    for run in runs:
        alone = train([run], chunk_steps=32)[run.key]
        (curve,) = alone.curves
        assert (curve.steps[-1], curve.step_tokens) == (90, 32)
        assert packed[run.key].curves == alone.curves
        assert run.key not in other or other[run.key].curves == alone.curves
        assert curve.losses[0] > curve.losses[-1]


@pytest.mark.slow
def test_a_run_that_is_stopped_and_resumed_has_the_same_curve_and_shows_it_meanwhile(tmp_path: Path) -> None:
    runs = members("narrow", 3, 60)
    whole = train(runs)
    store = Store(tmp_path)
    got = train(runs, checkpoints=store.checkpoints, stop=stop_after(3), chunk_steps=7)
    on_the_way = store.curves(got)
    assert set(on_the_way) == {run.key for run in runs}
    for run in runs:
        (seen,), (final,) = on_the_way[run.key], whole[run.key].curves
        assert seen.losses == final.losses[: len(seen.losses)]
        assert 0 < len(seen.losses) < len(final.losses)
    while len(got) < len(runs):
        left = [run for run in runs if run.key not in got]
        got |= train(left, checkpoints=store.checkpoints, stop=stop_after(3), chunk_steps=7)
    assert {key: record.curves for key, record in got.items()} == {k: r.curves for k, r in whole.items()}


@pytest.mark.slow
@pytest.mark.parametrize("stop", [False, True])
def test_decay_branches_have_curves_of_their_own(tmp_path: Path, *, stop: bool) -> None:
    path = make_run(steps=80, marks=(20, 40, 80), schedule=WarmupStableDecay(decay=0.25), warmup=Warmup(steps=4))
    (want,) = train([path], 1).values()
    assert [(c.begins, c.steps[-1]) for c in want.curves] == [(0, 80), (15, 20), (30, 40)]
    got = {}
    while stop and not got:
        got = train([path], 1, checkpoints=tmp_path, stop=stop_after(4), chunk_steps=6)
    assert not stop or got[path.key].curves == want.curves


def test_a_run_that_diverges_has_its_curve_until_then() -> None:
    run = make_run(steps=60, seed=3)
    trainer = Watched([run], chunk_steps=10)

    poisoned = []

    def poison() -> bool:
        if trainer.rows and trainer.rows[0].step >= 20:
            poisoned.append(trainer.rows[0].step)
            trainer.state.params[0].fill_(float("nan"))
        return False

    (record,) = trainer.train(lambda made: None, poison, 1e9)
    (sound,) = train([run])[run.key].curves
    (curve,) = record.curves
    assert record.status == "diverged"
    assert curve.steps[-1] == poisoned[0]
    assert curve.losses[:-1] == sound.losses[: len(curve.losses) - 1]


def test_a_checkpoint_without_a_curve_goes_on_with_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As checkpoints of earlier versions have none."""
    run = make_run(steps=40)
    trainer = Watched([run], checkpoints=tmp_path, chunk_steps=8)
    save = trainer.checkpoints.save  # type: ignore[union-attr]
    without = lambda name, tensors, state: save(name, tensors, {k: v for k, v in state.items() if k != "curve"})  # noqa: E731
    monkeypatch.setattr(trainer.checkpoints, "save", without)
    assert list(trainer.train(lambda made: None, stop_after(2), 1e9)) == []
    assert Store(tmp_path.parent).curves({}) == {}
    (record,) = train([run], checkpoints=tmp_path).values()
    (curve,), (whole,) = record.curves, train([run])[run.key].curves
    assert curve.begins == 16
    assert curve.steps == tuple(step for step in whole.steps if step > 16)


def test_curves_are_read_from_records_first() -> None:
    run = make_run(steps=10)
    (record,) = train([run]).values()
    assert Store(Path("nowhere")).curves({run.key: record}) == {run.key: record.curves}
    assert record.changed(curves=()).curves == ()
    assert isinstance(record.curves[0], Curve)
