"""The time that is said to be left is honest: it follows what was measured, and is never nothing while work goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scalingdsl.engine.console import time_left
from scalingdsl.engine.console.time_left import TimeLeft
from scalingdsl.engine.executors.events import Finished, Lost, Predicted, Progress, Record, Started
from scalingdsl.engine.planning.costs import START_S
from scalingdsl.engine.train.pack_progress import PackProgress

#: Two packs of two runs on two workers; on as many tokens the wide runs of `q` take three times as long as `p`.
TOKENS = dict.fromkeys("abcd", 1000)
SECONDS = {"a": 50.0, "b": 50.0, "c": 150.0, "d": 150.0}
PREDICTED = Predicted(packs=2, seconds=START_S + 300, workers=2, tokens=TOKENS, run_seconds=SECONDS)
AT = PackProgress("p", active=2, waiting=0, ended=0, step=0, steps=10, n_tokens=0, tokens_per_s=1.0, loss=3.0)


class Clock:
    """The time, as the test sets it."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time_left, "time", clock)
    return clock


@pytest.fixture
def left(clock: Clock) -> TimeLeft:
    left = TimeLeft()
    left.update(PREDICTED)
    return left


def progress(pack: str, tokens: int) -> Progress:
    return Progress(**vars(replace(AT, pack=pack, n_tokens=tokens)))


def begin(left: TimeLeft) -> None:
    for pack, runs in (("p", ("a", "b")), ("q", ("c", "d"))):
        left.update(Started(pack, runs))
    left.update(progress("p", 0))


def test_nothing_is_said_before_there_is_a_prediction() -> None:
    assert TimeLeft().words is None


def test_a_slow_start_does_not_eat_up_the_training_to_come(left: TimeLeft, clock: Clock) -> None:
    clock.now += START_S / 2
    assert left.seconds == pytest.approx(300 + START_S / 2)
    clock.now += 500
    assert left.seconds == pytest.approx(300)


def test_training_as_predicted_ends_as_predicted(left: TimeLeft, clock: Clock) -> None:
    begin(left)
    clock.now += 75
    left.update(progress("p", 1500))
    left.update(progress("q", 500))
    assert left.seconds == pytest.approx(225, rel=0.01)


def test_training_at_half_the_speed_takes_twice_as_long(left: TimeLeft, clock: Clock) -> None:
    begin(left)
    clock.now += 150
    left.update(progress("p", 1500))
    left.update(progress("q", 500))
    assert left.seconds == pytest.approx(450, rel=0.01)


def test_a_prediction_that_was_far_too_short_is_no_longer_believed(left: TimeLeft, clock: Clock) -> None:
    """Longer than the whole was to take, and a hundredth of the work is done."""
    begin(left)
    clock.now += 400
    left.update(progress("q", 4000 // 300))
    assert left.seconds is not None
    assert left.seconds > 20 * 300


def test_where_nothing_was_heard_of_it_is_as_long_again_at_least(left: TimeLeft, clock: Clock) -> None:
    begin(left)
    clock.now += 1000
    assert left.seconds == pytest.approx(1000)


def test_a_worker_with_a_whole_pack_to_go_is_waited_for(left: TimeLeft, clock: Clock) -> None:
    begin(left)
    clock.now += 100
    for key in "ab":
        left.update(Record("p", key, "done", 2.0))
    left.update(Finished("p"))
    left.update(progress("q", 100))
    assert left.seconds is not None
    assert left.seconds > 0.9 * 285


def test_work_of_an_earlier_session_is_no_evidence_of_speed(left: TimeLeft, clock: Clock) -> None:
    left.update(Started("q", ("c", "d")))
    left.update(progress("q", 1000))
    clock.now += 15
    left.update(progress("q", 1100))
    assert left.seconds == pytest.approx(135, rel=0.01)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        *((0.2, "a little more"), (9.3, "9 s left"), (43, "45 s left"), (58, "1 min 00 s left")),
        *((197, "3 min 20 s left"), (1000, "17 min left"), (8000, "2 h 13 min left")),
    ],
)
def test_words_are_no_finer_than_a_guess(
    monkeypatch: pytest.MonkeyPatch, left: TimeLeft, seconds: float, words: str
) -> None:
    monkeypatch.setattr(TimeLeft, "seconds", seconds)
    assert left.words == words


def test_when_all_runs_are_over_a_little_is_still_to_come(left: TimeLeft, clock: Clock) -> None:
    begin(left)
    clock.now += 10
    left.update(Record("p", "a", "done", 2.0))
    left.update(Lost("p", ("b",), "failed", "killed"))
    for key in "cd":
        left.update(Record("q", key, "done", 2.0))
    assert left.words == "a little more"
