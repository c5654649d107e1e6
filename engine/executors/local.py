"""The executor that is always there: persistent worker processes on this machine, one thread each.

One thread, because two one-thread processes train two packs faster than one process of two threads trains either
(docs/benchmarks.md). This process takes packs from the queue and hands them to its workers. A worker that dies, or
shows no sign of life, is replaced; its pack is retried, then halved, then given up (`after_failure`).
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from scalingdsl.spec.errors import EngineError

from ..hardware.devices import default_workers, device_named, worker_environment
from ..hardware.stop_signals import held_back
from ..store.results_folder import Store
from .events import Beat, Callback, Died, Event, Failed, Finished, Progress, Ready, Record, Stopped, Teaching
from .job import Request, Site, Stop
from .lease import LOOK_S
from .puller import Held, Puller

#: Seconds between two looks at `stop`.
TICK_S = 0.2
#: Seconds a worker has to reach a checkpoint once it is asked to stop.
GRACE_S = 20.0
#: Workers that may end before they are ready, one after the other, before none is started any more.
MOST_STILLBORN = 3
#: A pack that gets no further though its worker lives: after so many times its predicted seconds, and so many at least.
STALLED, STALLED_S = 20.0, 3600.0


class Local:
    """Up to so many processes, each with one pack at a time."""

    here = True

    def __init__(self, request: Request) -> None:
        self._request = request

    def workers(self, device: str) -> int:
        """See `Executor.workers`."""
        return self._request.workers or default_workers(device)

    def execute(self, site: Site, callback: Callback, stop: Stop) -> frozenset[str]:
        """See `Executor.execute`."""
        device = device_named(site.device)
        site = replace(site, device=device, workers=self.workers(device))
        store = Store(Path(site.folder))
        with Puller(store, site, callback) as puller:
            team = _Team(puller, site, self._request.idle_s)
            try:
                team.work(stop)
            finally:
                team.end()
        return frozenset(team.recorded)


class _Team:
    """Worker processes and the packs they are at."""

    def __init__(self, puller: Puller, site: Site, idle_s: float) -> None:
        self._puller, self._site, self._most, self._idle_s = puller, site, site.workers, idle_s
        self._workers: list[_Worker] = []
        self._stillborn = 0
        self._ever_ready = False
        #: Keys of the runs that these workers have recorded.
        self.recorded: set[str] = set()

    def end(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.hang_up()
        for worker in self._workers:
            worker.end()

    def work(self, stop: Stop) -> None:
        """Until the queue is empty, there has been nothing to take for too long, or `stop()` and all have left off."""
        looked = worked = time.monotonic()
        deadline = float("inf")
        while True:
            now = time.monotonic()
            if now - looked > LOOK_S:  # this process was stopped: its workers may have spoken all the while
                for worker in self._workers:
                    worker.heard += now - looked
                    worker.got_on += now - looked
            looked = now
            if deadline == float("inf") and stop():
                deadline = now + GRACE_S
                for worker in self._workers:
                    self._stop(worker)
            stopping = deadline < float("inf")
            if not stopping:
                self._puller.look()
                self._assign()
            busy = [worker for worker in self._workers if worker.held is not None]
            worked = now if busy else worked
            if now > deadline:
                for worker in busy:
                    worker.kill()
                    self._put_back(worker)
                return
            if not busy and (stopping or self._puller.empty or now - worked > self._idle_s):
                return
            for worker in _readable(self._workers):
                for event in worker.events():
                    self._handle(worker, event)
            for worker in busy:
                self._watch(worker)
            for worker in [worker for worker in self._workers if worker.gone]:
                worker.end()
                self._workers.remove(worker)

    def _stop(self, worker: _Worker) -> None:
        """Have a worker leave off: at its next checkpoint, or now if it has trained nothing yet of what it has."""
        if worker.training:
            worker.request_stop()
        elif worker.held is not None:
            worker.kill()
            self._put_back(worker)

    def _assign(self) -> None:
        """Give packs to workers that have none; new workers where there are not enough."""
        idle = [worker for worker in self._workers if worker.held is None]
        while idle or len(self._workers) < self._most:
            held = self._puller.take()
            if held is None:
                return
            if idle:
                worker = idle.pop()
            else:
                number = min(set(range(self._most)) - {worker.number for worker in self._workers})
                worker = _Worker(number, self._site, self._puller.store)
                self._workers.append(worker)
            worker.begin(held)

    def _handle(self, worker: _Worker, event: Event) -> None:
        """Pass an event on, and see to the pack of its worker."""
        held = worker.held
        if isinstance(event, Beat):
            return
        self._puller.callback(event)
        match event:
            case Ready():
                worker.ready = self._ever_ready = True
                self._stillborn = 0
            case Record(key=key):
                self.recorded.add(key)
                worker.got_on = time.monotonic()
            case Progress() | Teaching():
                worker.got_on = time.monotonic()
                worker.training = isinstance(event, Progress)
            case Finished() if held is not None:
                worker.held = None
                self._puller.done(held)
            case Stopped():
                self._put_back(worker)
            case Died(message=message) if not worker.ready:
                self._put_back(worker)
                self._stillborn += 1
                if (worker.refused and not self._ever_ready) or self._stillborn >= MOST_STILLBORN:
                    raise EngineError(f"a worker process could not start: {message}")
            case Died() if worker.left:
                self._put_back(worker)
            case (Failed() | Died()) as failure if held is not None:
                worker.held = None
                if isinstance(failure, Failed) and not failure.fatal:
                    failure = replace(failure, message=f"{failure.message}; see {worker.log}")
                self._puller.failed(held, failure)

    def _put_back(self, worker: _Worker) -> None:
        """Let others have the pack of a worker."""
        if worker.held is not None:
            held, worker.held = worker.held, None
            self._puller.left_off(held)

    def _watch(self, worker: _Worker) -> None:
        """Stop a worker whose pack is another's by now; kill one that is silent, or whose pack gets no further."""
        held, now = worker.held, time.monotonic()
        if held is None:
            return
        if held.lease.lost:
            worker.request_stop()
        stalled_s = max(STALLED_S, STALLED * held.job.seconds)
        if now - worker.heard > self._site.silence_s:
            why = f"nothing was heard of its worker for {now - worker.heard:.0f} s"
        elif now - worker.got_on > stalled_s:
            why = f"it got no further for {now - worker.got_on:.0f} s"
        else:
            return
        worker.kill()
        self._handle(worker, Died(held.pack, f"{why}; see {worker.log}", "timed_out"))


class _Worker:
    """The parent's side of one worker process."""

    def __init__(self, number: int, site: Site, store: Store) -> None:
        self.number = number
        self.held: Held | None = None
        self.ready = self.training = self.gone = False
        #: When it last showed a sign of life, and when its pack last got further.
        self.heard = self.got_on = time.monotonic()
        self.log = store.log(f"{_name()}-{number}")
        self._rest = b""
        self._asked = False
        with open(self.log, "ab") as log, held_back():
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

    def begin(self, held: Held) -> None:
        """Give the worker its next pack."""
        self.held, self.training = held, False
        self.heard = self.got_on = time.monotonic()
        self._send(held.job.to_json())

    def request_stop(self) -> None:
        """Let it leave off at its next checkpoint."""
        if not self._asked:
            self._asked = True
            self._send({"stop": True})

    def _send(self, message: Any) -> None:
        try:
            self._stdin.write(json.dumps(message).encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError:
            return  # it is dead; its output will tell, and its pack will be taken up again

    def events(self) -> list[Event]:
        """Events since the last call; a dead worker's death is one."""
        data = self.stdout.read()
        if data is None:
            return []
        self.heard = time.monotonic()
        events: list[Event] = []
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            events.append(Event.from_json(json.loads(line)))
        if not data:
            self.gone = True
            events.append(Died(self.held.pack if self.held else "", self._exit_reason()))
        return events

    @property
    def refused(self) -> bool:
        """True if it ended by itself with an error, which another one would meet too."""
        return (self._process.poll() or 0) > 0

    @property
    def left(self) -> bool:
        """True if it ended as it was asked to."""
        return self._process.poll() == 0

    def _exit_reason(self) -> str:
        code = self._process.wait()
        if code == -signal.SIGKILL:
            how = "its worker was killed (signal 9), as the system does when memory runs out"
        elif code < 0:
            how = f"its worker crashed (signal {-code}, {signal.Signals(-code).name})"
        else:
            how = f"its worker ended with status {code}"
        return f"{how}; see {self.log}"

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self.gone = True

    def hang_up(self) -> None:
        """Close its standard input, which ends it."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def end(self) -> None:
        """Have it ended, by force where it does not."""
        self.hang_up()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.stdout.close()


def _name() -> str:
    """This host as part of the name of a log."""
    return re.sub(r"[^0-9A-Za-z]", "-", socket.gethostname())[:40].strip("-") or "host"


def _readable(workers: Sequence[_Worker]) -> list[_Worker]:
    """Workers with output to read, waiting a tick for the first of them."""
    if not workers:
        time.sleep(TICK_S)
        return []
    with selectors.DefaultSelector() as selector:
        for worker in workers:
            selector.register(worker.stdout, selectors.EVENT_READ, worker)
        return [key.data for key, _ in selector.select(TICK_S)]


def executor(request: Request) -> Local:
    """Local worker processes."""
    return Local(request)
