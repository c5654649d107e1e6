"""Queueing what is missing of a study, beside what is queued or at work already."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.plan.run_grid import Run

from ..executors.job import Job
from ..executors.lease import Leases
from ..executors.pack_queue import PackQueue
from ..store.results_folder import Store
from ..store.sealed_json import NewerError


def queue_packs(store: Store, missing: Sequence[Run], cut: Callable[[Sequence[Run]], Sequence[Job]]) -> int:
    """Queue every missing run once; the number of packs that are in the queue then.

    Packs that somebody is at work on stay as they are, and so do those that were tried in vain, whose tries count. All
    others are cut anew. Called with the folder's lock held.

    Args:
        store: The results folder.
        missing: Runs without a final record.
        cut: Packs of some of these runs.

    Raises:
        NewerError: A later version queued one.
    """
    queue, leases = PackQueue(store.queue), Leases(store.leases, silence_s=0)
    open_keys = {run.key for run in missing}
    kept: set[str] = set()
    packs = 0
    for pack in queue.names():
        try:
            job = queue.read(pack)
        except NewerError:
            raise
        except StoreError as error:
            store.set_aside(store.queue / f"{pack}.json", str(error), "its runs are queued anew")
            continue
        own = {run.key for run in job.pack.runs} & open_keys if job is not None else set()
        tried = job is not None and job.attempts > 0
        if pack not in leases.names() and not (tried and own):
            lease = leases.take(pack)
            if lease is not None:
                queue.remove(pack)
                lease.release()
                continue
        kept |= own
        packs += 1
    rest = [run for run in missing if run.key not in kept]
    new = cut(rest) if rest else ()
    queue.put(*new)
    return packs + len(new)
