"""Every write, sync, rename, link and removal that the store makes, broken once each: by an error, or by death.

`python -m tests.engine.store.faults FOLDER [STEP]` breaks every STEP-th of them in each way, below FOLDER, and prints
how many; it ends with a traceback where a file is then neither as before nor as it was to be, or where the same work,
begun again, does not end in the same files.
"""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from scalingdsl.engine.executors.events import Finished, Started
from scalingdsl.engine.executors.job import Job
from scalingdsl.engine.executors.lease import Lease, Leases
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.atomic import publish, replacing, write_bytes
from scalingdsl.engine.store.checkpoint import Checkpoints
from scalingdsl.engine.store.checkpoint_state import ENDING, words_of
from scalingdsl.engine.store.damage import LOG
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.spec.errors import StoreError

from ..make import Law, record_of
from .folders import ORIGIN, TEXT, fill, plan_of

WIDER = TEXT.replace("[16..64]", "[16..128]")
#: Ways in which an operation breaks, and the exit status of a death.
WAYS = (errno.ENOSPC, errno.EIO, "death")
DEAD, FAULT = 137, 70

Snapshot = dict[str, bytes]


def leased(folder: Path, pack: str) -> Lease:
    """The lease of a pack, taken from a process that is gone where one left it there."""
    leases = Leases(folder / "leases", 0)
    left = leases.abandoned(pack)
    lease = leases.take(pack) if left is None else leases.take_over(pack, left[0])
    if lease is None:
        raise StoreError(f"the lease of {pack} cannot be had now")
    return lease


def begun(folder: Path) -> Path:
    """A study that is done, one record of its wider grid damaged, a pack's lease left by a process that is gone."""
    store = fill(folder)
    key = list(plan_of(WIDER).runs())[-1].key
    (store.folder / "runs" / f"{key}.json").write_bytes(b'{"format_version": 2, "rec')
    child = os.fork()
    if child == 0:
        Leases(store.leases, 0).take("p")
        os._exit(0)
    os.waitpid(child, 0)
    return store.folder


def work(folder: Path) -> None:
    """Everything that the store writes in a study that is taken up again with a wider grid."""
    store, plan = Store(folder), plan_of(WIDER)
    runs = tuple(plan.runs())
    lease, queue = leased(folder, "p"), PackQueue(store.queue)
    queue.put(Job(Pack("p", runs[-4:], 4), 80))
    lease.renew()
    with store.lock():
        store.adopt(plan, ORIGIN, {"a.scl": WIDER}, [run.key for run in runs])
    store.keep_files(Path(__file__).parent, ["folders.py"])
    store.state_claims(plan.claims)
    store.predict(dict.fromkeys((run.key for run in runs), 2.5))
    store.check_source(runs[0].source, "0123456789abcdef")
    store.keep_statistics(runs[0].source, {"word": "walk"})
    if not list(store.events("p")):
        store.append("p", Started("p", tuple(run.key for run in runs)).to_json(), sync=True)
    missing = [run for run in runs[-4:] if store.record(run.key) is None]
    for run in missing:
        Checkpoints(store.checkpoints).save(run.key, {"w": torch.arange(4.0)}, {"step": 1})
        Checkpoints(store.checkpoints).save(run.key, {"w": torch.arange(8.0)}, {"step": 2})
    store.settle(*(record_of(run, Law()) for run in missing))
    if len(list(store.events("p"))) < 2:
        store.append("p", Finished("p").to_json(), sync=True)
    store.forget_checkpoints()
    queue.remove("p")
    lease.release()
    publish(folder / "published", b"mine")
    write_bytes(folder / "report.md", b"found")
    if not (folder / "whole").is_dir():
        with replacing(folder / "whole") as aside:
            aside.mkdir()
            (aside / "part").write_bytes(b"part")


def snapshot(folder: Path) -> Snapshot:
    """Contents of the files that are no writer's own, less what differs each time: nonces, and names of the damaged."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part.startswith(".") for part in path.parts[len(folder.parts) :]):
            found[name] = path.read_bytes()
            if name.startswith("leases/"):  # its nonce is another each time; one that is torn has no holder
                found[name] = str(Leases(path.parent, 0).holder(path.stem) is not None).encode()
            if name.startswith("damaged/"):
                content = found.pop(name)
                if not name.endswith(LOG):
                    found[name.rpartition(".")[0]] = content
            if name.endswith(ENDING):  # the order of its texts is another each time
                found[name] = json.dumps(words_of(io.BytesIO(found[name])), sort_keys=True).encode()
    return found


@contextmanager
def hooked(before: Callable[[], Callable[[], None] | None]) -> Iterator[None]:
    """Ask before every operation: None lets it be, else it is done by half, where it can be, and that is called."""

    def broken(whole: Callable[..., Any], half: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            fault = before()
            if fault is None:
                return whole(*args, **named)
            half(*args, **named)
            return fault()

        return call

    def nothing(*args: Any, **named: Any) -> None:
        """An operation that breaks before it does anything."""

    write, pwrite, write_file = os.write, os.pwrite, Path.write_bytes
    patches = [
        mock.patch.object(
            os, "write", broken(write, lambda handle, data: write(handle, bytes(data)[: len(data) // 2]))
        ),
        mock.patch.object(
            Path, "write_bytes", broken(write_file, lambda path, data: write_file(path, data[: len(data) // 2]))
        ),
        mock.patch.object(
            os, "pwrite", broken(pwrite, lambda handle, data, at: pwrite(handle, data[: len(data) // 2], at))
        ),
    ]
    for name in ("fsync", "replace", "link", "unlink", "mkdir", "rename"):
        patches.append(mock.patch.object(os, name, broken(getattr(os, name), nothing)))
    patches.append(mock.patch.object(shutil, "copyfile", broken(shutil.copyfile, nothing)))
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def seen_on_the_way(folder: Path) -> tuple[int, dict[str, set[bytes | None]]]:
    """Operations of the work, and the contents that each file has between two of them; None where it is not there."""
    states = [snapshot(folder)]

    def look() -> None:
        states.append(snapshot(folder))

    with hooked(look):
        work(folder)
    states.append(snapshot(folder))
    names = {name for state in states for name in state}
    return len(states) - 2, {name: {state.get(name) for state in states} for name in names}


def break_at(number: int, way: int | str, folder: Path) -> bool:
    """Do the work and break its operation `number`; False where it was done nevertheless."""
    count = 0

    def strike() -> Callable[[], None] | None:
        nonlocal count
        count += 1
        return None if count != number else fault

    def fault() -> None:
        if way == "death":
            os._exit(DEAD)
        assert isinstance(way, int)
        raise OSError(way, os.strerror(way))

    child = os.fork()
    if child == 0:
        status = FAULT
        try:
            with hooked(strike):
                work(folder)
            status = 0
        except (OSError, StoreError):
            status = DEAD
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, DEAD), f"operation {number}, {way}: an exception that is neither the system's nor the store's"
    return status == DEAD


def check(folder: Path, allowed: dict[str, set[bytes | None]], after: Snapshot, told: str) -> None:
    """Each file is as it was or as it was to be, and the same work ends in the same files."""
    for name, content in snapshot(folder).items():
        if name in ("lock",) or content in allowed.get(name, ()):
            continue
        # A log grows: what is there of it begins what it is to be.
        assert name.startswith("packs/"), f"{told}: {name} is neither as before nor as it was to be"
        assert any(known is not None and known.startswith(content) for known in allowed[name]), f"{told}: {name}"
    assert Store(folder).exists, told
    work(folder)
    now = snapshot(folder)
    for name in after.keys() | now.keys():
        # A torn line stays, closed; what cannot be set aside for want of room is written over.
        if name.startswith(("packs/", "damaged/")):
            continue
        assert now.get(name) == after.get(name), f"{told}: {name} is another once the work is done again"
    with Store(folder).lock():
        left = [p for p in folder.rglob(".*") if p.is_file() and p.name != ".lock"]
    assert not left, f"{told}: {left} is left"


def main(home: Path, begin: Path, step: int = 1) -> int:
    """Break every `step`-th operation in every way, beginning each time with a copy of a folder; how many were."""
    trace = home / "trace"
    shutil.copytree(begin, trace / "a")
    operations, allowed = seen_on_the_way(trace / "a")
    after = snapshot(trace / "a")
    broken = 0
    for number in range(1, operations + 1, step):
        for way in WAYS:
            place = home / f"{number}-{way}"
            shutil.copytree(begin, place / "a")
            broken += break_at(number, way, place / "a")
            check(place / "a", allowed, after, f"operation {number}, {way}")
            shutil.rmtree(place)
    return broken


if __name__ == "__main__":
    where = Path(sys.argv[1])
    sys.stdout.write(f"{main(where, begun(where / 'begin'), int(sys.argv[2]) if sys.argv[2:] else 1)}\n")
