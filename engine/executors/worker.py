"""A worker process: reads jobs as JSON lines, trains them, writes events as JSON lines; standard input and output.

It never outlives its parent: when standard input ends, it ends, whatever it is doing; what it has not written yet is
trained again from the last checkpoint.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from typing import Any

from .events import Event, Ready
from .job import Job, Site


def main() -> None:
    """Work until standard input ends."""
    # The parent decides what Ctrl-C in the terminal means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Standard output belongs to the conversation; what libraries print goes to the log with everything on stderr.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    writing = threading.Lock()

    def emit(event: Event) -> None:
        with writing:
            out.write(json.dumps(event.to_json(), allow_nan=False) + "\n")

    jobs: queue.SimpleQueue[Any] = queue.SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(jobs, stop), name="listen", daemon=True).start()

    site = Site(**jobs.get())
    from .perform import prepare, train_job

    emit(Ready(os.getpid(), prepare()))
    while True:
        train_job(Job.from_json(jobs.get()), site, emit, stop.is_set)


def _listen(jobs: queue.SimpleQueue[Any], stop: threading.Event) -> None:
    """Queue what the parent sends; end the process with the parent."""
    for line in sys.stdin:
        message = json.loads(line)
        if "stop" in message:
            stop.set()
        else:
            jobs.put(message)
    os._exit(0)


if __name__ == "__main__":
    main()
