"""The executor that trains in this very process, one pack after another: for debuggers, notebooks and tests."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ..hardware.devices import device_named
from ..store.results_folder import Store
from .events import Callback, Event, Failed, Record, Stopped
from .job import Request, Site, Stop
from .perform import prepare, train_job
from .puller import Held, Puller

#: Seconds between two looks while others are at work.
TICK_S = 0.5


class Inline:
    """No worker process, no wait for one; a crash takes the study's process with it."""

    here = True

    def __init__(self, request: Request) -> None:
        self._request = request

    def workers(self, device: str) -> int:
        """See `Executor.workers`."""
        return 1

    def execute(self, site: Site, callback: Callback, stop: Stop) -> frozenset[str]:
        """See `Executor.execute`."""
        prepare()
        site = replace(site, device=device_named(site.device))
        recorded: set[str] = set()

        def hear(event: Event) -> None:
            if isinstance(event, Record):
                recorded.add(event.key)
            callback(event)

        with Puller(Store(Path(site.folder)), site, hear) as puller:
            worked = time.monotonic()
            while not stop() and not puller.empty and time.monotonic() - worked <= self._request.idle_s:
                held = puller.take()
                if held is None:
                    time.sleep(0 if puller.empty else TICK_S)
                    puller.look()
                    continue
                _train(held, puller, site, stop)
                worked = time.monotonic()
        return frozenset(recorded)


def _train(held: Held, puller: Puller, site: Site, stop: Stop) -> None:
    last: list[Event] = []

    def hear(event: Event) -> None:
        puller.callback(event)
        last[:] = [event]

    train_job(held.job, site, hear, lambda: stop() or held.lease.lost)
    match last:
        case [Failed() as failure]:
            puller.failed(held, failure)
        case [Stopped()]:
            puller.left_off(held)
        case _:
            puller.done(held)


def executor(request: Request) -> Inline:
    """The inline executor; it has no use for a number of workers."""
    return Inline(request)
