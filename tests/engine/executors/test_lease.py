"""Leases of packs: one holder each, taken over from holders that are gone or silent, by the watcher's own clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from scalingdsl.engine.executors import lease as lease_module
from scalingdsl.engine.executors.lease import Heart, Holder, Lease, Leases

SILENCE_S = 90.0


class Clock:
    """A monotonic clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 0.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lease_module, "time", clock)
    return clock


def taken(folder: Path, pack: str = "p") -> Lease:
    lease = Leases(folder, SILENCE_S).take(pack)
    assert lease is not None
    return lease


def watch(leases: Leases, clock: Clock, seconds: float, beat: Callable[[], None] = lambda: None) -> bool:
    """Look every five seconds; whether the lease may be taken over at the end."""
    for _ in range(int(seconds / 5)):
        leases.abandoned("p")
        clock.now += 5
        beat()
    return leases.abandoned("p") is not None


def test_one_of_many_takes_it(tmp_path: Path) -> None:
    got: list[Lease | None] = []
    threads = [threading.Thread(target=lambda: got.append(Leases(tmp_path, SILENCE_S).take("p"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([lease for lease in got if lease is not None]) == 1
    assert Leases(tmp_path, SILENCE_S).names() == {"p"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.lease"]


def test_a_lease_names_its_holder_and_is_free_once_released(tmp_path: Path) -> None:
    lease, leases = taken(tmp_path), Leases(tmp_path, SILENCE_S)
    holder = leases.holder("p")
    assert holder == lease.holder
    assert holder is not None
    assert (holder.pid, holder.gone) == (os.getpid(), False)
    assert leases.take("p") is None
    lease.release()
    assert (leases.names(), leases.holder("p")) == (frozenset(), None)
    assert leases.take("p") is not None


def test_a_holder_that_shows_signs_of_life_keeps_it(tmp_path: Path, clock: Clock) -> None:
    lease, leases = taken(tmp_path), Leases(tmp_path, SILENCE_S)
    assert not watch(leases, clock, 1000, beat=lease.renew)
    assert not lease.lost
    assert not watch(leases, clock, 60)
    assert watch(leases, clock, 60)


def test_a_watcher_that_was_stopped_itself_has_not_watched(tmp_path: Path, clock: Clock) -> None:
    taken(tmp_path)
    leases = Leases(tmp_path, SILENCE_S)
    leases.abandoned("p")
    clock.now += 3600
    assert leases.abandoned("p") is None


def test_of_those_that_see_it_silent_one_takes_it_and_its_holder_leaves_off(tmp_path: Path, clock: Clock) -> None:
    lease = taken(tmp_path)
    watchers = [Leases(tmp_path, SILENCE_S) for _ in range(4)]
    for watcher in watchers:
        assert watch(watcher, clock, 120)
    bodies = [found[0] for watcher in watchers if (found := watcher.abandoned("p")) is not None]
    got = [watcher.take_over("p", body) for watcher, body in zip(watchers, bodies)]
    (new,) = [each for each in got if each is not None]
    assert got[0] is new
    new.renew()
    assert not new.lost
    lease.renew()
    assert lease.lost
    lease.release()  # which is no longer its own
    assert Leases(tmp_path, SILENCE_S).holder("p") == new.holder
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.lease"]


def test_a_holder_that_is_gone_is_known_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from scalingdsl.engine.executors.lease import Leases;"
        "Leases(Path(sys.argv[1]), 90).take('p')"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    found = Leases(tmp_path, SILENCE_S).abandoned("p")
    assert found is not None
    assert found[2]
    assert Leases(tmp_path, SILENCE_S).take_over("p", found[0]) is not None


def test_a_process_number_that_was_given_again_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    holder = taken(tmp_path).holder
    assert replace(holder, started=holder.started + 1).gone
    assert not replace(holder, started=holder.started + 1, system="another").gone
    assert not replace(holder, started=0).gone


def test_a_lease_whose_file_was_removed_is_linked_again(tmp_path: Path) -> None:
    lease = taken(tmp_path)
    lease.path.unlink()
    lease.renew()
    assert not lease.lost
    assert Leases(tmp_path, SILENCE_S).holder("p") == lease.holder


def test_one_whose_folder_was_removed_is_lost(tmp_path: Path) -> None:
    lease = taken(tmp_path / "leases")
    lease.path.unlink()
    lease.path.parent.rmdir()
    lease.renew()
    assert lease.lost
    assert not (tmp_path / "leases").exists()


def test_the_heart_renews_what_is_held(tmp_path: Path) -> None:
    lease = taken(tmp_path)
    before = lease.path.read_bytes()
    with Heart(0.01) as heart:
        heart.hold(lease)
        while lease.path.read_bytes() == before:
            pass
        heart.drop(lease)
    assert not lease.path.exists()


@pytest.mark.parametrize("cut", range(0, 300, 7))
def test_a_damaged_lease_is_judged_by_silence_alone(tmp_path: Path, clock: Clock, cut: int) -> None:
    lease, leases = taken(tmp_path), Leases(tmp_path, SILENCE_S)
    lease.path.write_bytes(lease.path.read_bytes()[:cut])
    assert not watch(leases, clock, 60)
    assert watch(leases, clock, 60)
    found = leases.abandoned("p")
    assert found is not None
    assert leases.take_over("p", found[0]) is not None


@pytest.mark.parametrize("spoilt", [{"pid": "1"}, {"pid": None}, {"pid": 2**70}, {"more": 1}, {"started": True}])
def test_strange_leases_are_no_fault(tmp_path: Path, spoilt: dict[str, object]) -> None:
    lease = taken(tmp_path)
    lease.path.write_text(json.dumps({**asdict(lease.holder), **spoilt}) + "\n000000000000\n")
    leases = Leases(tmp_path, SILENCE_S)
    leases.holder("p")
    leases.abandoned("p")
    lease.renew()


def test_words_of_a_holder() -> None:
    holder = replace(Holder.here(), host="node-3", pid=12, job="SLURM_JOB_ID 40")
    assert holder.words == "process 12 on node-3 (SLURM_JOB_ID 40)"
