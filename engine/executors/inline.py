"""The executor that trains in this very process, one pack after another: for debuggers, notebooks and tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .events import Callback, Event, Failed, Record
from .job import Job, Site, Stop, after_failure
from .perform import prepare, train_job


class Inline:
    """No worker process, no wait for one; a crash takes the study's process with it."""

    def execute(self, jobs: Sequence[Job], site: Site, callback: Callback, stop: Stop) -> None:
        """See `Executor.execute`."""
        prepare()
        waiting = deque(jobs)
        while waiting and not stop():
            job = waiting.popleft()
            done: set[str] = set()
            failures: list[Failed] = []

            def listen(event: Event, done: set[str] = done, failures: list[Failed] = failures) -> None:
                callback(event)
                match event:
                    case Record(key=key):
                        done.add(key)
                    case Failed():
                        failures.append(event)

            train_job(job, site, listen, stop)
            for failure in failures:
                waiting.extendleft(reversed(after_failure(job, frozenset(done), failure, callback)))


def executor(workers: int) -> Inline:
    """The inline executor; it has no use for a number of workers."""
    return Inline()
