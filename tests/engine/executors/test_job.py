"""What is tried next when a pack fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scalingdsl.engine.executors import names
from scalingdsl.engine.executors.job import Job, after_failure

DIED = {"event": "died", "pack": "p", "message": "killed", "status": "failed"}
FULL = {"event": "failed", "pack": "p", "status": "out_of_memory", "message": "no memory", "fatal": False}
FATAL = {"event": "failed", "pack": "p", "status": "failed", "message": "another graph", "fatal": True}
FOUR = Job("p", ("a", "b", "c", "d"), slots=4)


def next_of(job: Job, event: dict[str, Any], *done: str) -> tuple[list[Job], list[dict[str, Any]]]:
    heard: list[dict[str, Any]] = []
    return after_failure(job, frozenset(done), event, lambda e: heard.append(dict(e))), heard


def test_a_job_is_plain_data() -> None:
    assert Job.of(json.loads(json.dumps(FOUR.data()))) == FOUR


def test_a_pack_whose_worker_died_is_retried_with_what_is_left() -> None:
    assert next_of(FOUR, DIED, "a")[0] == [Job("p", ("b", "c", "d"), 4, deaths=1)]


def test_then_it_is_halved() -> None:
    jobs, heard = next_of(Job("p", FOUR.runs, 4, deaths=1), DIED)
    assert jobs == [Job("p-a", ("a", "b"), 2, deaths=2), Job("p-b", ("c", "d"), 2, deaths=2)]
    assert [event["event"] for event in heard] == ["split"]


def test_lack_of_memory_halves_at_once_and_halves_the_slots() -> None:
    assert [(job.runs, job.slots) for job in next_of(Job("p", FOUR.runs, 2), FULL)[0]] == [
        (("a", "b"), 1),
        (("c", "d"), 1),
    ]


def test_a_single_run_that_fails_again_is_given_up() -> None:
    jobs, heard = next_of(Job("p", ("a",), 1, deaths=1), DIED)
    assert jobs == []
    assert heard == [{"event": "lost", "pack": "p", "runs": ["a"], "status": "failed", "message": "killed"}]
    assert next_of(Job("p", ("a",), 1), FULL)[1][0]["status"] == "out_of_memory"


def test_what_another_try_cannot_mend_is_given_up_whole() -> None:
    jobs, heard = next_of(FOUR, FATAL, "b")
    assert jobs == []
    assert heard[0]["runs"] == ["a", "c", "d"]


def test_nothing_is_left_of_a_pack_whose_runs_were_all_recorded() -> None:
    assert next_of(FOUR, DIED, *FOUR.runs) == ([], [])


@pytest.mark.parametrize("poison", range(8))
def test_one_poisonous_run_never_takes_others_with_it(poison: int) -> None:
    """A worker dies whenever it meets the run: all others end, after a bounded number of deaths."""
    runs = tuple("abcdefgh")
    waiting, done, lost, deaths = [Job("p", runs, 8)], set(), set(), 0
    while waiting:
        job = waiting.pop(0)
        if runs[poison] not in job.runs:
            done |= set(job.runs)
            continue
        deaths += 1
        again, heard = next_of(job, DIED)
        waiting += again
        lost |= {key for event in heard if event["event"] == "lost" for key in event["runs"]}
    assert lost == {runs[poison]}
    assert done == set(runs) - lost
    assert deaths <= 5


def test_executors_are_found_by_name() -> None:
    assert names() == ("inline", "local")
