"""Records are told of once they are on disk; those that wait for it go together; what cannot be written is raised."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from scalingdsl.engine.executors.events import Record
from scalingdsl.engine.executors.record_writer import RecordWriter
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.spec import load
from scalingdsl.spec.errors import StoreError

PLAN = load("s.scl", text="data walk(er(n=64, p=.1))\nmodels width=8\ntrain steps=10  seed in [0..7 step 1]\n")
RECORDS = [RunRecord.of(run, status="done", pack="p") for run in PLAN.runs()]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "out")
    store.adopt(PLAN, Origin("s", "s.scl", ""), {}, [])
    return store


def told(writer: RecordWriter) -> list[str]:
    return [event.key for event in writer.written() if isinstance(event, Record)]


def test_what_waits_for_the_disk_goes_together_and_is_told_afterwards(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go, together = threading.Event(), threading.Event(), []
    settle = Store.settle

    def slow(self: Store, *records: RunRecord) -> list[str]:
        begun.set()
        assert go.wait(60)
        together.append(len(records))
        return settle(self, *records)

    monkeypatch.setattr(Store, "settle", slow)
    with RecordWriter(Store(store.folder), "p") as writer:
        writer.put(RECORDS[0])
        assert begun.wait(60)
        for record in RECORDS[1:]:
            writer.put(record)
        assert told(writer) == []
        assert store.keys() == set()
        go.set()
        writer.wait()
        assert told(writer) == [record.key for record in RECORDS]
    assert together == [1, 7]
    assert store.records() == {record.key: record for record in sorted(RECORDS, key=lambda record: record.key)}
    assert [event["key"] for event in store.events("p")] == [record.key for record in RECORDS]
    assert told(writer) == []


def test_what_cannot_be_written_is_raised_and_the_others_are_there(store: Store) -> None:
    in_the_way = store.folder / "runs" / f"{RECORDS[1].key}.json"
    in_the_way.mkdir(parents=True)
    with pytest.raises(OSError, match=RECORDS[1].key):
        store.write_record(*RECORDS)
    assert {path.stem for path in in_the_way.parent.iterdir()} == {record.key for record in RECORDS}


def test_training_hears_at_its_next_record_that_one_was_not_written(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Store, *records: RunRecord) -> list[str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "settle", full)
    writer = RecordWriter(Store(store.folder), "p")

    def train() -> None:
        with writer:
            writer.put(RECORDS[0])
            writer._waiting.join()
            writer.put(RECORDS[1])

    with pytest.raises(OSError, match="No space left"):
        train()
    assert told(writer) == []


def test_a_folder_that_is_gone_is_said(store: Store) -> None:
    store.folder.rename(store.folder.with_name("moved"))
    writer = RecordWriter(Store(store.folder), "p")

    def train() -> None:
        with writer:
            writer.put(RECORDS[0])

    with pytest.raises(StoreError, match="is gone"):
        train()
