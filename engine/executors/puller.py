"""Taking packs from a folder's queue: the longest first, one lease each, and what becomes of those that fail.

    take -> train -> done | left off | failed

Whoever holds a pack's lease decides what follows from a failure, whether training raised, its worker died, or another
machine was not heard of any more.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from scalingdsl.spec.errors import StoreError

from ..pack import Pack
from ..store.record import RunRecord, Status, unfinished
from ..store.results_folder import Store
from ..store.sealed_json import NewerError
from .events import Callback, Died, Event, Failed, Joined, Lost, Noted
from .follow import Follower
from .job import Job, Site, after_failure
from .lease import Heart, Lease, Leases
from .pack_queue import PackQueue

#: Seconds between two looks at the queue as a whole, and the share of time that looking may take.
LOOK_EVERY_S, LOOK_SHARE = 1.0, 0.02
#: Signs of life in the time after which a silent worker is given up.
BEATS = 6
#: Tries of one pack in all, however far each of them got.
MOST_ATTEMPTS = 100


@dataclass(frozen=True)
class Held:
    """A pack that this process has the lease of."""

    job: Job
    lease: Lease

    @property
    def pack(self) -> str:
        """Its key."""
        return self.job.pack.key


class Puller:
    """The queue of one results folder as one process sees it: `with Puller(store, site, callback) as puller`."""

    def __init__(self, store: Store, site: Site, callback: Callback) -> None:
        self.store, self.site, self.callback = store, site, callback
        self.queue = PackQueue(store.queue)
        self.leases = Leases(store.leases, site.silence_s)
        self._heart = Heart(site.silence_s / BEATS)
        self._follower = Follower(store, callback)
        self._held: dict[str, Lease] = {}
        self._waiting: list[str] = []
        self._look_again = 0.0
        self._others: tuple[str, ...] = ()
        self._at_work = 0
        #: True once nothing waits and nothing is at work, here or elsewhere.
        self.empty = False

    def __enter__(self) -> Puller:
        self._heart.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for lease in list(self._held.values()):
            self._drop(lease)
        self._heart.__exit__()

    # --- looking --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """See what waits and what others are at work on; not more often than pays.

        Raises:
            StoreError: The results folder is gone.
        """
        begun = time.monotonic()
        if begun < self._look_again:
            return
        self.store.must_exist()
        names = self.queue.names()
        leased = self.leases.names() - self._held.keys()
        self.empty = not names and not self._held
        self._waiting = [pack for pack in reversed(names) if pack not in self._held and pack not in leased]
        for pack in sorted(leased):
            if found := self.leases.abandoned(pack):
                self._take_over(pack, *found)
        self._follower.look(leased.intersection(names))
        self._at_work = len(leased.intersection(names))
        self._tell(leased.intersection(names))
        ended = time.monotonic()
        self._look_again = ended + max(LOOK_EVERY_S, (ended - begun) / LOOK_SHARE)

    def _tell(self, leased: Iterable[str]) -> None:
        holders = {holder.words for pack in leased if (holder := self.leases.holder(pack)) is not None}
        others = tuple(sorted(holders))
        if others != self._others:
            self._others = others
            self.callback(Joined(others))

    @property
    def waiting(self) -> int:
        """Packs that nobody is at work on, as last seen."""
        return len(self._waiting)

    @property
    def at_work(self) -> int:
        """Packs that others are at work on, as last seen."""
        return self._at_work

    # --- taking ---------------------------------------------------------------------------------------------------

    def take(self) -> Held | None:
        """The lease of the longest pack that nobody is at work on; None where there is none now."""
        if not self._waiting:
            self.look()
        while self._waiting:
            pack = self._waiting.pop()
            lease = self.leases.take(pack)
            if lease is None:
                continue
            held = self._hold(lease)
            if held is not None:
                return held
        return None

    def _hold(self, lease: Lease) -> Held | None:
        """Hold on to a lease if there is anything left to do of its pack.

        Raises:
            NewerError: A later version queued it.
        """
        self._heart.hold(lease)
        self._held[lease.pack] = lease
        try:
            job = self.queue.read(lease.pack)
        except NewerError:
            self._drop(lease)
            raise
        except StoreError as error:
            self.callback(Noted(lease.pack, self._set_aside(self.store.queue / f"{lease.pack}.json", error)))
            job = None
        if job is None:
            self._drop(lease)
            return None
        held = Held(job, lease)
        if not self._left(job):
            self.done(held)
            return None
        return held

    def _set_aside(self, path: Path, error: StoreError) -> str:
        """Keep a damaged file apart; what became of it, in words. Its runs are planned anew by the next `run`."""
        self.store.set_aside(path, str(error), "the next `run` plans its runs anew")
        return self.store.warnings.pop()

    def _left(self, job: Job) -> frozenset[str]:
        """Keys of a job's runs that have no final record."""
        found = ((run.key, self.store.record(run.key)) for run in job.pack.runs)
        records = {key: record for key, record in found if record is not None}
        return frozenset(run.key for run in unfinished(job.pack.runs, records))

    def _drop(self, lease: Lease, done: bool = False) -> None:
        """Let go of a lease; where its pack is not done, the queue is another now."""
        self._heart.drop(lease)
        self._held.pop(lease.pack, None)
        self._follower.skip(lease.pack)
        if not done or not self._waiting:
            self._waiting, self._look_again = [], 0.0

    # --- what became of it ----------------------------------------------------------------------------------------

    def done(self, held: Held) -> None:
        """Nothing of a pack is missing."""
        if not held.lease.lost:
            self.queue.remove(held.pack)
        self._drop(held.lease, done=True)

    def left_off(self, held: Held) -> None:
        """A pack was left at a checkpoint, for whoever takes it up."""
        self._drop(held.lease)

    def failed(self, held: Held, failure: Failed | Died) -> None:
        """A pack raised, or its worker died: it is retried, halved, or given up, which its file tells from now on."""
        if not held.lease.lost:
            self._after(held.job, failure, held.lease)
        self._drop(held.lease)

    def _after(self, job: Job, failure: Failed | Died, lease: Lease) -> None:
        left = self._left(job)
        if isinstance(failure, Died) and job.attempts < MOST_ATTEMPTS and self._got_on(job, left, lease.since):
            job = replace(job, deaths=0)
        done = frozenset(run.key for run in job.pack.runs) - left
        again = after_failure(job, done, failure, lambda event: self._decided(job, event))
        self.queue.put(*again)
        if job.pack.key not in {each.pack.key for each in again}:
            self.queue.remove(job.pack.key)

    def _got_on(self, job: Job, left: frozenset[str], since: float) -> bool:
        """True if a run was recorded or a checkpoint written after `since`, by the clock of the file system."""
        if len(left) < len(job.pack.runs):
            return True
        try:
            kept = [entry for entry in os.scandir(self.store.checkpoints) if entry.name[0] != "."]
            return any(entry.stat().st_mtime > since for entry in kept if any(key in entry.name for key in left))
        except OSError:
            return False

    def _decided(self, job: Job, event: Event) -> None:
        """Keep a decision in the pack's log; runs that are given up get a record that says why."""
        if isinstance(event, Lost):
            for run in job.pack.runs:
                if run.key in event.runs:
                    self.store.write_record(given_up(job.pack, run.key, event.status, event.message))
        self.store.append(job.pack.key, event.to_json())
        self.callback(event)

    def _take_over(self, pack: str, body: bytes, why: str, gone: bool) -> None:
        """Take a pack from a holder that is gone or silent, and put it back into the queue.

        A holder that is gone was killed with all its workers, which says nothing of the pack. One that fell silent may
        have been brought down by it.
        """
        lease = self.leases.take_over(pack, body)
        if lease is None:
            return
        held = self._hold(lease)
        if held is None:
            return
        if gone:
            self.callback(Noted(pack, f"{why}; its pack is taken up again"))
            self.left_off(held)
        else:
            self.failed(held, Died(pack, why, "timed_out"))


def given_up(pack: Pack, key: str, status: Status, message: str) -> RunRecord:
    """The record of a run that could not be trained; the next `run` tries it again."""
    run = next(run for run in pack.runs if run.key == key)
    return RunRecord.of(run, status=status, message=message, pack=pack.key)
