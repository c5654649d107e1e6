"""What an executor is given and what it says back. All of it is plain data, so that a job can cross to another machine.

A job names a pack's runs by key; the plan they belong to lies in the results folder, and so does all that training
gives. What is said back is for showing and deciding only: losing every event loses no result.

Events are dictionaries with an `event`. First come `planned` (runs, missing, copied), `measuring` where
the machine's speed is not known yet, and `predicted` (packs, seconds, tokens by run). Then:

    started   pack, runs                      a worker has begun (or gone on with) a pack
    noted     pack, message                   something to know of its source
    teaching  pack, step, steps, loss, ...    the teacher of its source is in training
    progress  pack, step, n_tokens, loss, ... how far it is; a few a second at most
    record    pack, key, status, loss         a run has ended and its record is on disk
    finished  pack                            nothing of it is missing
    stopped   pack                            it left off at a checkpoint because it was asked to
    failed    pack, status, message, fatal    training raised; `fatal` where another try cannot help
    died      pack, message                   its worker is gone
    retried   pack, message                   it will be tried again
    split     pack, into, message             it will be tried again as smaller packs
    lost      pack, runs, status, message     its runs have been given up
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

Event = Mapping[str, Any]
Hear = Callable[[Event], None]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Site:
    """Where the work of one study is done, and how: what all its jobs have in common."""

    #: Results folder, and digest of the plan in it that the runs' keys belong to.
    folder: str
    plan: str
    #: Study directory, where the files that sources name are found.
    base: str
    device: str = "cpu"
    checkpoint_every_s: float = 30.0


@dataclass(frozen=True)
class Job:
    """One pack to train: its runs by key, and how many of them are stacked at a time."""

    pack: str
    runs: tuple[str, ...]
    slots: int
    #: Tries that ended in the death of a worker.
    deaths: int = 0

    def data(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    @staticmethod
    def of(data: Mapping[str, Any]) -> Job:
        """From plain JSON data."""
        return Job(**{**data, "runs": tuple(data["runs"])})


class Executor(Protocol):
    """Gets jobs done somewhere. `engine/executors/<name>.py` is one, made by `executor(workers)`."""

    def execute(self, jobs: Sequence[Job], site: Site, hear: Hear, stop: Stop) -> None:
        """Do all jobs, the first ones first; return when each is finished, lost, or stopped.

        Once `stop()` is true no job is begun and those at work leave off at a checkpoint.
        """
        ...


def after_failure(job: Job, done: frozenset[str], event: Event, hear: Hear) -> list[Job]:
    """What to try next once a job failed or its worker died: the same again, halves of it, or nothing.

    A pack whose worker died is retried once: the cause may have been another process. After that, and at once where
    training itself raised, it is halved, which mends lack of memory and sets a poisonous run apart from the others.
    """
    left = tuple(key for key in job.runs if key not in done)
    if not left:
        return []
    message = str(event.get("message", ""))
    died = event["event"] == "died"
    deaths = job.deaths + died
    if died and job.deaths == 0:
        hear({"event": "retried", "pack": job.pack, "message": message})
        return [Job(job.pack, left, job.slots, deaths)]
    if event.get("fatal") or len(left) == 1:
        status = "failed" if died else event["status"]
        hear({"event": "lost", "pack": job.pack, "runs": list(left), "status": status, "message": message})
        return []
    half = (len(left) + 1) // 2
    halves = [
        Job(f"{job.pack}-{letter}", part, min(len(part), max(1, job.slots // 2)), deaths)
        for letter, part in (("a", left[:half]), ("b", left[half:]))
    ]
    hear({"event": "split", "pack": job.pack, "into": [h.pack for h in halves], "message": message})
    return halves
