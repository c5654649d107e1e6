"""What is shown while a study runs."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from scalingdsl.engine.console import progress_display
from scalingdsl.engine.console.progress_display import Counting, Plain, Tally, words
from scalingdsl.engine.executors.events import Lost, Planned, Predicted, Progress, Record, Retried, Teaching
from scalingdsl.engine.train.pack_progress import PackProgress

PLANNED = Planned(runs=10, missing=4, copied=2)
PREDICTED = Predicted(packs=2, seconds=100.0, tokens={"a": 100, "b": 100, "c": 100, "d": 100})
AT = PackProgress("p", active=1, waiting=0, ended=0, step=30, steps=120, n_tokens=10, tokens_per_s=1.0, loss=3.0)


@pytest.fixture
def tally() -> Tally:
    tally = Tally()
    tally.update(PLANNED)
    tally.update(PREDICTED)
    return tally


def test_runs_are_counted_by_what_became_of_them(tally: Tally) -> None:
    tally.update(Record("p", "a", "done", 2.0))
    tally.update(Record("p", "b", "diverged", None))
    tally.update(Lost("p", ("c",), "failed", "killed"))
    assert (tally.n_done, tally.n_diverged, tally.n_lost, tally.n_ended) == (1, 1, 1, 3)
    assert tally.line().startswith("3/4 runs, 1 diverged, 1 failed")


def test_time_left_is_the_prediction_until_something_is_known(tally: Tally) -> None:
    assert tally.seconds_left == pytest.approx(100, abs=1)


def test_then_it_follows_what_was_measured(tally: Tally) -> None:
    tally.begun = time.monotonic() - 200
    for key in "ab":
        tally.update(Record("p", key, "done", 2.0))
    # half of the tokens took 200 s where 50 were predicted: between 50 and 200 are left
    assert tally.seconds_left == pytest.approx(0.5 * (0.5 * 100 + 0.5 * 400), abs=1)


def test_what_is_worth_a_line() -> None:
    assert words(PLANNED) == "10 runs: 6 done, 2 of them from used studies, 4 to train"
    assert words(PREDICTED) == "2 packs, predicted to take 1 min 40 s"
    assert words(Progress(**vars(AT))) is None
    assert words(Retried("p", "its worker was killed")) == "pack p: its worker was killed; trying again"


def test_plain_lines_hold_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    with Plain() as shown:
        shown(PLANNED)
        shown(Lost("p", ("c",), "failed", "[red]killed[/red]"))
    assert capsys.readouterr().err.splitlines() == [
        "10 runs: 6 done, 2 of them from used studies, 4 to train",
        "gave up on 1 run of pack p: [red]killed[/red]",
    ]


def test_a_teacher_in_training_is_told_of_once_and_its_share_until_students_begin() -> None:
    tally = Tally()
    teaching = Teaching(**vars(AT))
    said = [tally.once(words(event)) for event in (teaching, replace(teaching, step=60))]
    assert said == ["pack p: its teacher is trained first", None]
    tally.update(teaching)
    assert "teacher 25%" in tally.line()
    tally.update(Progress(**vars(AT)))
    assert "teacher" not in tally.line()


def test_a_count_is_silent_at_first_and_then_says_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 3.0, 4.0, 14.0])
    monkeypatch.setattr(progress_display.time, "monotonic", lambda: next(clock))
    with Counting() as shown:
        shown("reading the table", 0, 1)
        shown("reading the table", 0, 1)
        shown("draws", 0, 1000)
        shown("draws", 400, 1000)
    assert capsys.readouterr().err.splitlines() == ["reading the table ...", "draws: 400 of 1000"]
