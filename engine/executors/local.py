"""The executor that is always there: persistent worker processes on this machine, one thread each.

One thread, because two one-thread processes train two packs faster than one process of two threads trains either
(docs/benchmarks.md). A worker that dies is replaced; its pack is retried, then halved, then given up (`after_failure`).
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from scalingdsl.spec.errors import EngineError

from ..hardware.devices import worker_environment
from ..store.results_folder import Store
from .events import Callback, Died, Event, Failed, Finished, Ready, Record, Stopped
from .job import Job, Site, Stop, after_failure

#: Seconds between two looks at `stop`.
TICK_S = 0.2
#: Seconds a worker has to reach a checkpoint once it is asked to stop.
GRACE_S = 60.0


class Local:
    """Up to `workers` processes, each with one pack at a time."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def execute(self, jobs: Sequence[Job], site: Site, callback: Callback, stop: Stop) -> None:
        """See `Executor.execute`."""
        waiting = deque(jobs)
        store = Store(Path(site.folder))
        team = [_Worker(n, site, store) for n in range(min(self.workers, len(jobs)))]
        try:
            self._supervise(team, waiting, site, store, callback, stop)
        finally:
            for worker in team:
                worker.end()

    def _supervise(
        self, team: list[_Worker], waiting: deque[Job], site: Site, store: Store, callback: Callback, stop: Stop
    ) -> None:
        deadline = float("inf")
        while True:
            if stop() and deadline == float("inf"):
                deadline = time.monotonic() + GRACE_S
                for worker in team:
                    worker.request_stop()
            stopping = deadline < float("inf")
            for worker in team:
                if worker.job is None and waiting and not stopping:
                    worker.begin(waiting.popleft())
            busy = [w for w in team if w.job is not None]
            if not busy or time.monotonic() > deadline:
                return
            for worker in _readable(busy):
                for event in worker.events():
                    again = self._handle(worker, event, callback)
                    if stopping:
                        again = []
                    waiting.extendleft(reversed(again))
                if worker.gone and not stopping:
                    team[team.index(worker)] = worker.replacement(site, store)

    def _handle(self, worker: _Worker, event: Event, callback: Callback) -> list[Job]:
        """Pass an event on and keep track of its worker; the jobs to try again."""
        job = worker.job
        callback(event)
        match event:
            case Ready():
                worker.ready = True
            case Record(key=key):
                worker.done.add(key)
            case Died(message=message) if not worker.ready:
                raise EngineError(f"a worker process could not start: {message}")
            case Finished() | Stopped():
                worker.job = None
            case Failed() | Died():
                worker.job = None
                return [] if job is None else after_failure(job, frozenset(worker.done), event, callback)
        return []


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, number: int, site: Site, store: Store) -> None:
        self.number = number
        self.job: Job | None = None
        self.done: set[str] = set()
        self.ready = False
        self.gone = False
        self._log = store.log(f"worker-{number}")
        self._rest = b""
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "scalingdsl.engine.executors.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=worker_environment(site.device, number),
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin: IO[bytes] = self._process.stdin
        self.stdout: IO[bytes] = self._process.stdout
        os.set_blocking(self.stdout.fileno(), False)
        self._send(vars(site))

    def replacement(self, site: Site, store: Store) -> _Worker:
        """A new process in this one's place."""
        self.end()
        return _Worker(self.number, site, store)

    def begin(self, job: Job) -> None:
        """Give the worker its next job."""
        self.job = job
        self.done = set()
        self._send(job.to_json())

    def request_stop(self) -> None:
        """Let it leave off at its next checkpoint."""
        self._send({"stop": True})

    def _send(self, message: Any) -> None:
        try:
            self._stdin.write(json.dumps(message).encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            return  # it is dead; its output will tell, and its job will be taken up again

    def events(self) -> list[Event]:
        """Events since the last call; a dead worker's death is one."""
        data = self.stdout.read()
        if data is None:
            return []
        events: list[Event] = []
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            events.append(Event.from_json(json.loads(line)))
        if not data:
            self.gone = True
            events.append(Died(self.job.pack.key if self.job else "", self._exit_reason()))
        return events

    def _exit_reason(self) -> str:
        code = self._process.wait()
        if code == -signal.SIGKILL:
            how = "its worker was killed (signal 9), as the system does when memory runs out"
        elif code < 0:
            how = f"its worker crashed (signal {-code}, {signal.Signals(-code).name})"
        else:
            how = f"its worker ended with status {code}"
        return f"{how}; see {self._log}"

    def end(self) -> None:
        """Close its standard input, which ends it."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.stdout.close()


def _readable(workers: Sequence[_Worker]) -> list[_Worker]:
    """Workers with output to read, waiting a tick for the first of them."""
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.stdout, selectors.EVENT_READ, worker)
        return [key.data for key, _ in selector.select(TICK_S)]


def executor(workers: int) -> Local:
    """Local worker processes."""
    return Local(workers)
