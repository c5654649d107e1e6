"""A worker process: reads jobs as JSON lines, trains them, writes events as JSON lines; standard input and output.

It never outlives its parent for long: when standard input ends, it leaves off at the next checkpoint, or ends as it is
where it does not get there; what it has not written yet is trained again from the last checkpoint.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import time
from typing import Any

from ..hardware.stop_signals import STOP_SIGNALS, let_through
from .events import Beat, Event, Ready
from .job import Job, Site

#: Seconds between two signs of life.
BEAT_S = 2.0
#: Seconds an orphan has to reach a checkpoint.
ORPHAN_S = 10.0


class _Conversation:
    """The worker's side of the pipes to its parent."""

    def __init__(self) -> None:
        # Standard output belongs to the conversation; what libraries print goes to the log with everything on stderr.
        self._out = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        self._writing = threading.Lock()
        self.jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.stop = threading.Event()
        self.busy = threading.Event()
        for work in (self._listen, self._beat):
            threading.Thread(target=work, daemon=True).start()

    def emit(self, event: Event) -> None:
        """Tell the parent."""
        with self._writing:
            try:
                self._out.write(json.dumps(event.to_json(), allow_nan=False) + "\n")
            except BrokenPipeError:
                self.stop.set()

    def _beat(self) -> None:
        while True:
            self.emit(Beat())
            time.sleep(BEAT_S)

    def _listen(self) -> None:
        """Queue what the parent sends; end the process with the parent."""
        for line in sys.stdin:
            message = json.loads(line)
            if "stop" in message:
                self.stop.set()
            else:
                self.jobs.put(message)
        self.stop.set()
        for _ in range(int(ORPHAN_S / 0.05)):
            if not self.busy.is_set():
                break
            time.sleep(0.05)
        os._exit(0)


def main() -> None:
    """Work until standard input ends, or SIGTERM asks for the next checkpoint."""
    talk = _Conversation()
    for number in STOP_SIGNALS:  # the parent decides what Ctrl-C in the terminal and its closing mean
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, frame: talk.stop.set())
    let_through()
    site = Site(**talk.jobs.get())
    from .perform import prepare, train_job

    talk.emit(Ready(os.getpid(), prepare()))
    gc.freeze()  # what was imported stays: no pack's collection of garbage goes through it
    while not talk.stop.is_set():
        try:
            job = Job.from_json(talk.jobs.get(timeout=BEAT_S))
        except queue.Empty:
            continue
        talk.busy.set()
        train_job(job, site, talk.emit, talk.stop.is_set)
        talk.busy.clear()


if __name__ == "__main__":
    main()
