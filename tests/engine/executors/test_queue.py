"""The queue of a folder: what is taken, in which order, by whom, and what becomes of packs that fail."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scalingdsl.engine.executors.events import (
    Died,
    Event,
    Failed,
    Finished,
    Joined,
    Lost,
    Noted,
    Retried,
    Split,
    Started,
)
from scalingdsl.engine.executors.job import Job, Site
from scalingdsl.engine.executors.lease import Leases
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.executors.puller import Puller
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.store.sealed_json import NewerError, sealed
from scalingdsl.engine.study.queue_packs import queue_packs
from scalingdsl.spec import load
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.plan.run_grid import Run

STUDY = """
data walk(er(n=64, p=.1), length=8)
models transformer(width=8)
train adamw(lr=.01)  steps=10  seed in [0..7 step 1]
"""
PLAN = load("s.scl", text=STUDY)
RUNS = tuple(PLAN.runs())
PACKS = {"short": RUNS[:2], "long": RUNS[2:6], "middle": RUNS[6:]}
SECONDS = {"short": 1.0, "middle": 60.0, "long": 600.0}


def job(pack: str) -> Job:
    return Job(Pack(pack, PACKS[pack], 2), 80, seconds=SECONDS[pack])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "out")
    store.adopt(PLAN, Origin("s", "s.scl", ""), {}, [run.key for run in RUNS])
    for pack in PACKS:
        PackQueue(store.queue).put(job(pack))
    return store


def puller(store: Store, heard: list[Event] | None = None) -> Puller:
    site = Site(str(store.folder), ".", silence_s=90.0)
    return Puller(store, site, (lambda event: None) if heard is None else heard.append)


@pytest.fixture
def one(store: Store) -> Iterator[Puller]:
    with puller(store) as made:
        yield made


def record(store: Store, run: Run) -> None:
    store.write_record(RunRecord.of(run, status="done", pack="p"))


def test_the_longest_first_and_each_to_one(store: Store, one: Puller) -> None:
    with puller(store) as two:
        names = [held.pack for taker in (one, two, one, two) if (held := taker.take()) is not None]
    assert names == ["long", "middle", "short"]


def test_what_is_done_leaves_the_queue_and_what_was_left_off_stays(store: Store, one: Puller) -> None:
    held = one.take()
    assert held is not None
    one.done(held)
    held = one.take()
    assert held is not None
    one.left_off(held)
    assert PackQueue(store.queue).names() == ("middle", "short")
    assert not one.leases.names()
    with puller(store) as two:
        again = two.take()
        assert again is not None
        assert again.pack == "middle"


def test_leases_go_with_their_taker(store: Store) -> None:
    with puller(store) as taker:
        taker.take()
        assert taker.leases.names() == {"long"}
    assert not taker.leases.names()


def test_a_pack_whose_runs_are_all_recorded_is_not_handed_out(store: Store, one: Puller) -> None:
    for run in PACKS["long"]:
        record(store, run)
    held = one.take()
    assert held is not None
    assert held.pack == "middle"
    assert PackQueue(store.queue).names() == ("middle", "short")


def test_tries_are_counted_in_the_file(store: Store) -> None:
    heard: list[Event] = []
    with puller(store, heard) as taker:
        for expected in ((1, 1), (2, 2)):
            held = taker.take()
            assert held is not None
            taker.failed(held, Died(held.pack, "killed"))
            jobs = [taker.queue.read(name) for name in taker.queue.names() if name.startswith("long")]
            assert {(each.deaths, each.attempts) for each in jobs if each is not None} == {expected}
    assert [type(event) for event in heard] == [Retried, Split]
    assert taker.queue.names() == ("long-a", "long-b", "middle", "short")
    assert [line["event"] for line in store.events("long")] == ["retried", "split"]


def test_a_worker_that_died_after_its_pack_got_on_says_nothing_of_the_pack(store: Store, one: Puller) -> None:
    for attempt in range(1, 5):
        held = one.take()
        assert held is not None
        store.checkpoints.mkdir(exist_ok=True)
        kept = store.checkpoints / f"{held.job.pack.runs[0].key}.safetensors"
        kept.write_bytes(b"")
        os.utime(kept, (held.lease.since + 1, held.lease.since + 1))
        one.failed(held, Died(held.pack, "killed"))
        found = one.queue.read("long")
        assert found is not None
        assert (found.deaths, found.attempts) == (1, attempt)


def test_runs_that_are_given_up_have_a_record_that_says_why(store: Store, one: Puller) -> None:
    held = one.take()
    assert held is not None
    record(store, PACKS["long"][0])
    one.failed(held, Failed(held.pack, "failed", "another graph", fatal=True))
    assert "long" not in one.queue.names()
    found = [store.record(run.key) for run in PACKS["long"]]
    assert [each.status for each in found if each is not None] == ["done", "failed", "failed", "failed"]
    assert found[1] is not None
    assert found[1].message == "another graph"


def test_a_pack_of_another_by_now_is_left_alone(store: Store, one: Puller) -> None:
    held = one.take()
    assert held is not None
    body = held.lease.path.read_bytes()
    other = Leases(store.leases, 0).take_over("long", body)
    assert other is not None
    held.lease.renew()
    one.failed(held, Failed(held.pack, "failed", "no memory", fatal=True))
    assert "long" in one.queue.names()
    assert other.path.exists()


def test_others_are_heard_through_the_logs_of_their_packs(store: Store) -> None:
    heard: list[Event] = []
    store.append("long", Started("long", ("before",)).to_json())
    with puller(store) as other, puller(store, heard) as mine:
        held = other.take()
        assert held is not None
        mine.look()
        store.append("long", Started("long", ("after",)).to_json())
        store.append("long", {"event": "of a later version"})
        mine._look_again = 0.0
        mine.look()
        store.append("long", Finished("long").to_json())
        other.done(held)
        mine._look_again = 0.0
        mine.look()
    assert [event for event in heard if not isinstance(event, Joined)] == [
        Started("long", ("after",)),
        Finished("long"),
    ]
    assert [len(event.who) for event in heard if isinstance(event, Joined)] == [1, 0]


def test_a_damaged_file_is_set_aside_and_told(store: Store) -> None:
    path = store.queue / "long.json"
    path.write_bytes(path.read_bytes()[:200])
    heard: list[Event] = []
    with puller(store, heard) as taker:
        packs = [held.pack for _ in range(3) if (held := taker.take()) is not None]
    assert packs == ["middle", "short"]
    (noted,) = [event for event in heard if isinstance(event, Noted)]
    assert "queue/long.json is damaged (" in noted.message
    assert not path.exists()


@pytest.mark.parametrize("spoilt", [{"seconds": 10**400}, {"terms": []}, {"longest": -1}])
def test_a_pack_with_values_that_none_has_is_damaged(store: Store, spoilt: dict[str, object]) -> None:
    path = store.queue / "long.json"
    body = {name: value for name, value in (json.loads(path.read_text()) | spoilt).items() if name != "checksum"}
    path.write_text(json.dumps(sealed(body)))
    with pytest.raises(StoreError, match="is damaged: it does not hold a pack"):
        PackQueue(store.queue).read("long")


def test_a_pack_that_a_later_version_queued_is_refused_and_left_alone(store: Store, one: Puller) -> None:
    path = store.queue / "long.json"
    body = json.loads(path.read_text()) | {"format_version": 99}
    path.write_text(json.dumps(sealed({name: value for name, value in body.items() if name != "checksum"})))
    with pytest.raises(NewerError, match=r"long\.json has format 99, newer than 2"):
        [one.take() for _ in range(3)]
    assert path.exists()
    assert one.leases.names() == {"middle", "short"}


def test_a_results_folder_that_was_removed_is_not_made_again(store: Store, one: Puller) -> None:
    (store.folder / "study.json").unlink()
    shutil.rmtree(store.folder / "plans")
    with pytest.raises(StoreError, match="moved or removed"):
        one.look()


def test_what_is_missing_is_queued_beside_what_is_at_work_or_was_tried(store: Store, one: Puller) -> None:
    held = one.take()
    assert held is not None
    tried = replace(job("middle"), attempts=2)
    PackQueue(store.queue).put(tried)
    cut: list[Run] = []

    def whole(runs: object) -> list[Job]:
        cut.extend(runs)  # type: ignore[arg-type]
        return [Job(Pack("new", tuple(cut), 4), 80)]

    assert queue_packs(store, RUNS, whole) == 3
    assert set(PackQueue(store.queue).names()) == {"long", "middle", "new"}
    assert cut == list(PACKS["short"])
    assert PackQueue(store.queue).read("middle") == tried


def test_the_first_final_record_stays(store: Store) -> None:
    def found(status: str, message: str = "") -> RunRecord:
        return RunRecord.of(RUNS[0], status=status, message=message)

    assert store.settle(found("failed")) == [""]
    assert store.settle(found("done")) == [""]
    assert store.settle(found("done")) == [""]
    assert "was trained twice: done on one machine, which is kept" in store.settle(found("diverged"))[0]
    kept = store.record(RUNS[0].key)
    assert kept is not None
    assert kept.status == "done"


def test_lost_runs_do_not_replace_what_another_found(store: Store, one: Puller) -> None:
    held = one.take()
    assert held is not None
    for run in PACKS["long"]:
        record(store, run)
    heard: list[Event] = []
    one.callback = heard.append
    one.failed(held, Failed(held.pack, "failed", "too late", fatal=True))
    assert not [event for event in heard if isinstance(event, Lost)]
    assert {record.status for record in store.records().values()} == {"done"}
