"""What training says while it goes on, and what it does when asked to stop."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from types import SimpleNamespace

import pytest
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train import training_loop
from scalingdsl.engine.train.pack_progress import PackProgress
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Family
from scalingdsl.spec.vocabulary.words.training import AdamW

from ..make import SOURCE, make_run
from .watched import Watched, pack, train


def test_progress_adds_up() -> None:
    heard: list[PackProgress] = []
    runs = [make_run(steps=n) for n in (50, 30, 20)]
    records = train(runs, slots=2, progress=heard.append, chunk_steps=10)
    assert len(records) == 3
    assert all(p.active + p.waiting + p.ended == 3 for p in heard)
    assert max(p.active for p in heard) == 2
    assert heard[0].n_tokens == heard[0].step * 32
    assert (heard[-1].active, heard[-1].ended, heard[-1].n_tokens) == (0, 3, 0)
    assert all(p.loss is not None and 0 < p.loss < 5 for p in heard[:-1])
    assert all(p.tokens_per_s > 0 for p in heard)


def test_nothing_is_trained_once_stop_is_asked(tmp_path: Path) -> None:
    assert train([make_run()], checkpoints=tmp_path, stop=lambda: True) == {}
    assert not list(tmp_path.glob("*"))


def test_records_come_as_runs_end_and_checkpoints_go_with_them(tmp_path: Path) -> None:
    runs = [make_run(steps=60), make_run(steps=10)]
    made = training_loop.train_pack(pack(runs), open_source(SOURCE), checkpoints=tmp_path, checkpoint_every_s=0.0)
    assert next(made).key == runs[1].key
    assert next(made).key == runs[0].key
    assert list(made) == []
    assert list(tmp_path.iterdir()) == []


def test_checkpoints_take_two_percent_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which a chunk takes a second, and writing all rows another: three in two minutes, where one every
    two seconds was asked for.
    """
    now, saved = [0.0], []
    trainer = Watched([make_run(steps=120)], chunk_steps=1)
    monkeypatch.setattr(training_loop, "time", SimpleNamespace(monotonic=lambda: now[0], perf_counter=perf_counter))

    def a_second() -> bool:
        now[0] += 1.0
        return False

    monkeypatch.setattr(trainer, "_save", lambda: saved.append(now[0]) or a_second())
    list(trainer.train(lambda made: None, a_second, 2.0))
    assert saved == [3.0, 55.0, 107.0]


def test_seconds_of_a_pack_are_shared_among_its_runs() -> None:
    records = train([make_run(steps=100, seed=s) for s in range(3)])
    seconds = [r.seconds for r in records.values()]
    assert all(s > 0 for s in seconds)
    assert max(seconds) < 2 * min(seconds)


def test_a_pack_without_runs_or_with_an_unknown_word_is_an_error() -> None:
    with pytest.raises(EngineError, match="has no runs"):
        list(training_loop.train_pack(Pack("empty", (), 1), open_source(SOURCE)))
    run = make_run()

    class Oracle(Family):
        pass

    odd = run.model_copy(update={"model": Oracle()})
    with pytest.raises(EngineError, match="nothing here trains"):
        train([odd])


def test_an_odd_head_size_is_an_error() -> None:
    model = make_run().model.model_copy(update={"width": 18, "heads": 6})
    with pytest.raises(EngineError, match="no even head size"):
        train([make_run(model)])


def test_defaults_train() -> None:
    """A run with the defaults of the vocabulary, a handful of steps long."""
    run = make_run(steps=3, batch=AdamW().batch, lr=AdamW().lr)
    (record,) = train([run]).values()
    assert record.status == "done"
