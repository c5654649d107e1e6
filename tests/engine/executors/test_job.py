"""What is tried next when a pack fails, and what crosses to a worker and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from scalingdsl.engine.executors import names
from scalingdsl.engine.executors.events import Died, Event, Failed, Lost, Progress, Record, Split, Started
from scalingdsl.engine.executors.job import Job, after_failure
from scalingdsl.engine.pack import Pack
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

STUDY = """
data walk(er(n=64, p in {.1, .2}), length=8)
models transformer(width=8)
train {a: adamw(lr=.01, warmup=2%), b: adamw(lr=.02, schedule=constant)}  steps=10  seed in {0, 1}
"""
RUNS = tuple(load("s.scl", text=STUDY).runs())
DIED = Died("p", "killed")
FULL = Failed("p", "out_of_memory", "no memory")
FATAL = Failed("p", "failed", "another graph", fatal=True)


def job(runs: tuple[Run, ...] = RUNS[:4], slots: int = 4, key: str = "p", deaths: int = 0, attempts: int = 0) -> Job:
    return Job(Pack(key, runs, slots), 640, deaths, attempts)


def next_of(job: Job, failure: Failed | Died, *done: Run) -> tuple[list[Job], list[Event]]:
    heard: list[Event] = []
    return after_failure(job, frozenset(run.key for run in done), failure, heard.append), heard


def test_a_job_is_plain_data_and_carries_its_runs() -> None:
    assert Job.from_json(json.loads(json.dumps(job(RUNS, 8).to_json()))) == job(RUNS, 8)
    asking = replace(job(), by_position=True)
    assert Job.from_json(json.loads(json.dumps(asking.to_json()))) == asking
    assert "by_position" not in job().to_json()


def test_a_term_that_runs_share_is_said_once() -> None:
    assert len(job(RUNS).to_json()["terms"]) == 2 + 1 + 2


@pytest.mark.parametrize(
    "event",
    [
        Started("p", ("a", "b")),
        Progress("p", 1, 0, 0, 30, 120, 10, 1.5, None),
        Record("p", "a", "done", 2.5),
        Lost("p", ("a",), "failed", "killed"),
    ],
)
def test_an_event_is_plain_data(event: Event) -> None:
    assert Event.from_json(json.loads(json.dumps(event.to_json()))) == event


def test_a_pack_whose_worker_died_is_retried_with_what_is_left() -> None:
    assert next_of(job(), DIED, RUNS[0])[0] == [job(RUNS[1:4], deaths=1, attempts=1)]


def test_then_it_is_halved() -> None:
    jobs, heard = next_of(job(deaths=1), DIED)
    assert jobs == [job(RUNS[:2], 2, "p-a", 2, 1), job(RUNS[2:4], 2, "p-b", 2, 1)]
    assert heard == [Split("p", ("p-a", "p-b"), "killed")]


def test_lack_of_memory_halves_at_once_and_halves_the_slots() -> None:
    assert next_of(job(slots=2), FULL)[0] == [job(RUNS[:2], 1, "p-a", 0, 1), job(RUNS[2:4], 1, "p-b", 0, 1)]


def test_a_single_run_that_fails_again_is_given_up() -> None:
    one, key = RUNS[:1], RUNS[0].key
    assert next_of(job(one, 1, deaths=1), DIED) == ([], [Lost("p", (key,), "failed", "killed")])
    assert next_of(job(one, 1), FULL) == ([], [Lost("p", (key,), "out_of_memory", "no memory")])


def test_what_another_try_cannot_mend_is_given_up_whole() -> None:
    keys = tuple(run.key for run in RUNS[:4] if run is not RUNS[1])
    assert next_of(job(), FATAL, RUNS[1]) == ([], [Lost("p", keys, "failed", "another graph")])


def test_nothing_is_left_of_a_pack_whose_runs_were_all_recorded() -> None:
    assert next_of(job(), DIED, *RUNS[:4]) == ([], [])


@pytest.mark.parametrize("poison", RUNS)
def test_one_poisonous_run_never_takes_others_with_it(poison: Run) -> None:
    """A worker dies whenever it meets the run: all others end, after a bounded number of deaths."""
    waiting, done, lost, deaths = [job(RUNS, 8)], set(), set(), 0
    while waiting:
        here = waiting.pop(0)
        if poison not in here.pack.runs:
            done |= {run.key for run in here.pack.runs}
            continue
        deaths += 1
        again, heard = next_of(here, DIED)
        waiting += again
        lost |= {key for event in heard if isinstance(event, Lost) for key in event.runs}
    assert lost == {poison.key}
    assert done == {run.key for run in RUNS} - lost
    assert deaths <= 5


def test_executors_are_found_by_name() -> None:
    assert names() == ("inline", "local", "ray", "slurm")
