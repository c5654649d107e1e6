"""Events of a study at work, for showing and deciding only. Losing every one of them loses no result.

First come `Planned`, `Measuring` where the machine's speed is not known yet, and `Predicted`; then what workers say of
their packs, and what the executor decides about those that fail; at the end `Working`. Each crosses processes, and is
kept in a pack's log, as a JSON object with its kind under `event`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..store.record import Status
from ..train.pack_progress import PackProgress


@dataclass(frozen=True)
class Event:
    """Something that happened, one of the classes below."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {"event": type(self).__name__.lower(), **asdict(self)}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Event:
        """From plain JSON data."""
        kinds = {kind.__name__.lower(): kind for kind in Event.__subclasses__()}
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
        del fields["event"]
        return kinds[data["event"]](**fields)


Callback = Callable[[Event], None]


@dataclass(frozen=True)
class Planned(Event):
    """Runs of the plan; of these still to be trained, and taken over from used studies."""

    runs: int
    missing: int
    copied: int


@dataclass(frozen=True)
class Measuring(Event):
    """The machine's speed is measured, which takes some seconds; the load of other work where there is much."""

    load: float | None = None


@dataclass(frozen=True)
class Predicted(Event):
    """Packs to train, the wall seconds predicted for them on so many workers (None where nothing tells), and by run its
    tokens and seconds on one.

    Where the machine's speed was measured while it was busy with other work, the load then.
    """

    packs: int
    seconds: float | None
    workers: int
    tokens: Mapping[str, int]
    run_seconds: Mapping[str, float]
    load: float | None = None


@dataclass(frozen=True)
class Working(Event):
    """The study's own process is at work, on what it says: once training is over."""

    what: str


@dataclass(frozen=True)
class Ready(Event):
    """A worker process can train."""

    pid: int
    provenance: Mapping[str, str]


@dataclass(frozen=True)
class Beat(Event):
    """A sign of life of a worker process."""


@dataclass(frozen=True)
class Joined(Event):
    """Others are at work on packs of the study: who, in words."""

    who: tuple[str, ...]


@dataclass(frozen=True)
class Started(Event):
    """A worker has begun a pack, or gone on with it."""

    pack: str
    runs: tuple[str, ...]


@dataclass(frozen=True)
class Noted(Event):
    """Something to know of a pack's source."""

    pack: str
    message: str


@dataclass(frozen=True)
class Teaching(PackProgress, Event):
    """Progress of the teacher of a pack's source."""


@dataclass(frozen=True)
class Progress(PackProgress, Event):
    """Progress of a pack; a few a second at most."""


@dataclass(frozen=True)
class Record(Event):
    """A run has ended and its record is on disk."""

    pack: str
    key: str
    status: Status
    loss: float | None = None
    message: str = ""


@dataclass(frozen=True)
class Finished(Event):
    """Nothing of a pack is missing."""

    pack: str


@dataclass(frozen=True)
class Stopped(Event):
    """A pack left off at a checkpoint because it was asked to."""

    pack: str


@dataclass(frozen=True)
class Failed(Event):
    """Training raised; `fatal` where another try cannot help."""

    pack: str
    status: Status
    message: str
    fatal: bool = False


@dataclass(frozen=True)
class Died(Event):
    """The worker of a pack is gone."""

    pack: str
    message: str
    status: Status = "failed"
    fatal: bool = False


@dataclass(frozen=True)
class Retried(Event):
    """A pack will be tried again."""

    pack: str
    message: str


@dataclass(frozen=True)
class Split(Event):
    """A pack will be tried again as smaller packs."""

    pack: str
    into: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Lost(Event):
    """Runs of a pack have been given up."""

    pack: str
    runs: tuple[str, ...]
    status: Status
    message: str
