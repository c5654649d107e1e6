"""Failures are said once for each cause."""

from __future__ import annotations

from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.study.failure_causes import failure_causes
from scalingdsl.spec import load

RUNS = tuple(
    load("s.scl", text="data walk(er(n=64, p=.1)); models width = 16; train steps=2 seed in [0..5 step 1]").runs()
)


def test_messages_that_differ_in_numbers_and_keys_have_one_cause() -> None:
    messages = [
        ("done", ""),
        ("diverged", "loss was no longer finite at step 3 of 20"),
        ("out_of_memory", "RuntimeError: tried to allocate 1024 bytes; see logs/node-3-0.log"),
        ("out_of_memory", "RuntimeError: tried to allocate 96.5 bytes; see logs/node-3-1.log"),
        ("failed", "the source of run 2662dce896b4d55a is another"),
        ("timed_out", "nothing was heard of its worker for 91 s"),
    ]
    records = [RunRecord.of(run, status=status, message=message) for run, (status, message) in zip(RUNS, messages)]
    assert [(cause.status, cause.runs) for cause in failure_causes(records)] == [
        ("out_of_memory", 2),
        ("failed", 1),
        ("timed_out", 1),
    ]
    assert failure_causes(records)[0].message.endswith("allocate 1024 bytes; see logs/node-3-0.log")
