"""Jobs: packs with their runs, as plain data, so that a job can cross to another machine. Results go to the results
folder; progress comes back in events.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.base import REGISTRY, Frozen, Term

from ..pack import Pack
from .events import Callback, Died, Failed, Lost, Retried, Split

Stop = Callable[[], bool]
#: Fields of a run that are terms, which runs of a pack mostly share.
TERMS = ("source", "model", "optimiser")


@dataclass(frozen=True)
class Site:
    """The setting that all jobs of a study share: folders, device, checkpoints."""

    #: Results folder.
    folder: str
    #: Study directory, where the files that sources name are found.
    base: str
    #: "auto" is settled on the machine that trains.
    device: str = "cpu"
    checkpoint_every_s: float = 60.0
    #: Workers that share the memory of this machine.
    workers: int = 1
    #: Seconds after which a worker that shows no sign of life is given up, and its pack taken over.
    silence_s: float = 90.0


@dataclass(frozen=True)
class Job:
    """One pack to train."""

    pack: Pack
    #: Tokens that the study's longest run reads of the pack's source.
    longest: int
    #: Tries since the pack last got on that ended in the death of a worker, and all of them.
    deaths: int = 0
    attempts: int = 0
    #: Seconds predicted for it on one worker.
    seconds: float = 0.0
    #: Whether the study asks for losses by position in the sequences of evaluations.
    by_position: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data: each term once, and runs that name their terms by place."""
        places: dict[Term, int] = {}
        runs = [
            dict(run) | {name: places.setdefault(getattr(run, name), len(places)) for name in TERMS}
            for run in self.pack.runs
        ]
        pack = {"key": self.pack.key, "runs": runs, "slots": self.pack.slots}
        counts = {name: getattr(self, name) for name in ("longest", "deaths", "attempts", "seconds")}
        asked = {"by_position": True} if self.by_position else {}
        return {"pack": pack, "terms": [_plain(t) for t in places], **counts, **asked}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Job:
        """From plain JSON data."""
        terms = [_value(term) for term in data["terms"]]
        pack = data["pack"]
        runs = tuple(Run(**run | {name: terms[run[name]] for name in TERMS}) for run in pack["runs"])
        counts = {name: _count(data[name]) for name in ("longest", "deaths", "attempts")}
        asked = bool(data.get("by_position"))
        whole = Pack(pack["key"], runs, max(1, _count(pack["slots"])))
        return Job(whole, by_position=asked, seconds=float(data["seconds"]), **counts)


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value


def _plain(value: Any) -> Any:
    """A value of the vocabulary as JSON data; a term has its word among its fields."""
    if isinstance(value, Frozen):
        fields = {name: _plain(field) for name, field in value}
        return {"word": value.word, **fields} if isinstance(value, Term) else fields
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _value(data: Any) -> Any:
    """The other way; what is no term is left to the field that it stands in."""
    if isinstance(data, dict):
        fields = {name: _value(field) for name, field in data.items()}
        if "word" not in fields:
            return fields
        word = REGISTRY[fields.pop("word")]
        assert issubclass(word, Term), f"{word.word} has no value"
        return word.rebuilt(fields)
    return tuple(map(_value, data)) if isinstance(data, list) else data


@dataclass(frozen=True)
class Request:
    """The workers that are asked for."""

    #: Packs trained at a time; None leaves it to the executor.
    workers: int | None = None
    #: Options of a scheduler, as its own command takes them.
    options: str = ""
    #: Seconds after which it leaves off though packs are at work elsewhere, if there was none to take.
    idle_s: float = math.inf


class Executor(Protocol):
    """Gets the packs of a folder's queue trained. `engine/executors/<name>.py` is one, made by `executor(request)`."""

    #: True if packs are trained on this machine alone, so that it is this one's device that counts.
    here: bool

    def workers(self, device: str) -> int:
        """Packs that will be trained at a time."""
        ...

    def execute(self, site: Site, callback: Callback, stop: Stop) -> frozenset[str]:
        """Work until the queue is empty, or there has been nothing to take for too long; keys of runs recorded here.

        Packs that others are at work on are waited for. Once `stop()` is true no pack is begun, and those at work
        leave off at a checkpoint.
        """
        ...


def after_failure(job: Job, done: frozenset[str], failure: Failed | Died, callback: Callback) -> list[Job]:
    """Jobs to try next once one failed or its worker died: the same again, halves of it, or nothing.

    A pack whose worker died is retried once: the cause may have been another process. After that, and at once where
    training itself raised, it is halved, which mends lack of memory and sets a poisonous run apart from the others.
    """
    key, slots = job.pack.key, job.pack.slots
    left = tuple(run for run in job.pack.runs if run.key not in done)
    if not left:
        return []
    message = failure.message
    died = isinstance(failure, Died)
    tried = replace(job, deaths=job.deaths + died, attempts=job.attempts + 1)
    if died and job.deaths == 0:
        callback(Retried(key, message))
        return [replace(tried, pack=Pack(key, left, slots))]
    if failure.fatal or len(left) == 1:
        callback(Lost(key, tuple(run.key for run in left), failure.status, message))
        return []
    half = (len(left) + 1) // 2
    packs = [
        Pack(f"{key}-{letter}", part, min(len(part), max(1, slots // 2)))
        for letter, part in (("a", left[:half]), ("b", left[half:]))
    ]
    callback(Split(key, tuple(pack.key for pack in packs), message))
    return [replace(tried, pack=pack, seconds=job.seconds * len(pack.runs) / len(job.pack.runs)) for pack in packs]
