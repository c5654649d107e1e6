"""What is shown while a study runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scalingdsl.engine.console import progress_display
from scalingdsl.engine.console.progress_display import Counting, Plain, Tally, words
from scalingdsl.engine.executors.events import (
    Finished,
    Lost,
    Measuring,
    Planned,
    Predicted,
    Progress,
    Ready,
    Record,
    Retried,
    Started,
    Teaching,
    Working,
)
from scalingdsl.engine.train.pack_progress import PackProgress

PLANNED = Planned(runs=10, missing=4, copied=2)
PREDICTED = Predicted(
    packs=2, seconds=100.0, workers=2, tokens=dict.fromkeys("abcd", 100), run_seconds=dict.fromkeys("abcd", 24.0)
)
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
    assert tally.line().startswith("training: 3/4 runs; ")
    assert "; 1 diverged; 1 failed" in tally.line()


def test_stages_follow_one_another_and_time_goes_on() -> None:
    tally = Tally()
    seen = [tally.stage]
    for event in (
        *(PLANNED, Measuring(), PREDICTED, Ready(1, {}), Started("p", ("a", "b")), Teaching(**vars(AT))),
        *(Progress(**vars(AT)), Record("p", "a", "done", 2.0), Ready(2, {}), Working("fitting"), Working("drawing")),
    ):
        tally.update(event)
        if tally.stage != seen[-1]:
            seen.append(tally.stage)
    assert seen == [
        *("planning", "measuring", "starting workers", "preparing data", "training teachers", "training"),
        *("fitting", "drawing"),
    ]
    tally.begun -= 75
    assert tally.line() == "drawing: 1 min 15 s so far"


def test_the_loss_is_a_mean_over_runs_that_are_told(tally: Tally) -> None:
    tally.update(Progress(**vars(AT)))
    assert tally.line().endswith("; mean loss 3.000 of 1 run at work")
    tally.update(Progress(**vars(replace(AT, pack="q", active=3, loss=2.0))))
    assert tally.line().endswith("; mean loss 2.250 of 4 runs at work")
    tally.update(Finished("q"))
    tally.update(Finished("p"))
    assert "loss" not in tally.line()


def test_what_is_worth_a_line() -> None:
    assert words(PLANNED) == "10 runs: 6 done, 2 of them from used studies, 4 to train"
    assert words(PREDICTED) == "2 packs, predicted to take 1 min 40 s"
    under = replace(PREDICTED, load=8.5)
    assert str(words(under)).startswith(
        "2 packs, predicted to take 1 min 40 s, by a speed that was measured under load 8.5"
    )
    assert words(Measuring()) == "measuring how fast this machine trains, once ..."
    assert "busy with other work (load 8.5 on " in str(words(Measuring(8.5)))
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


def test_plain_lines_tell_each_stage_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Plain() as shown:
        for event in (PLANNED, PREDICTED, Ready(1, {}), Ready(2, {}), *[Progress(**vars(AT))] * 3, Working("fitting")):
            shown(event)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:2] == ["10 runs: 6 done, 2 of them from used studies, 4 to train", words(PREDICTED)]
    assert [line.split(":")[0] for line in lines[2:]] == ["preparing data", "training", "fitting ..."]


def test_a_teacher_in_training_is_told_of_once_and_its_share_until_students_begin() -> None:
    tally = Tally()
    teaching = Teaching(**vars(AT))
    said = [tally.once(words(event)) for event in (teaching, replace(teaching, step=60))]
    assert said == ["pack p: its teacher is trained first", None]
    tally.update(teaching)
    tally.update(PREDICTED)
    tally.update(teaching)
    assert tally.line().startswith("training teachers: 0/0 runs; ")
    assert "; teacher 25%" in tally.line()
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
