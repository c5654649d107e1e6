"""A trainer: the command or function that trains a study's models, told by whoever runs the study.

No results folder holds one, so that nobody runs a stranger's command by going on with a stranger's study: processes of
one `run` hand it on in their environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields

#: The variable that hands a trainer on to worker processes.
VARIABLE = "SCALINGDSL_TRAINER"


@dataclass(frozen=True)
class Reading:
    """The place that a trainer's losses are read from, and what they are called there."""

    #: A file or pattern in the run's folder; its standard output where there is none.
    path: str = ""
    loss: str = "loss"
    tokens: str = "tokens"
    step: str = "step"


@dataclass(frozen=True)
class Trainer:
    """How one run is trained."""

    #: Arguments of the process, with `{name}` where a value of the run goes; or `module:function` alone.
    command: tuple[str, ...]
    #: What to call it: its name in a file of trainers, or its command.
    name: str = ""
    #: Another version is another run.
    version: str = ""
    #: Files whose content is the version: they stay as they are while it is at work.
    files: tuple[str, ...] = ()
    #: Working folder of the process.
    folder: str = "."
    #: Seconds that a run may take, and that it may be silent for; None for as long as it likes.
    timeout_s: float | None = None
    silence_s: float | None = None
    #: Further tries of a run whose process failed.
    retries: int = 1
    #: GPUs that a run has for itself; 0 to leave that to the process.
    gpus: int = 0
    #: Seconds that a run takes, where that is known before any was trained.
    seconds: float | None = None
    #: Variables of its environment beside those of this process.
    environment: dict[str, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)

    @property
    def function(self) -> str | None:
        """`module:function`, where it is a function of Python."""
        return self.command[0] if len(self.command) == 1 and is_function(self.command[0]) else None


def is_function(text: str) -> bool:
    """True for `module:function`."""
    module, colon, function = text.partition(":")
    return bool(colon) and function.isidentifier() and all(part.isidentifier() for part in module.split("."))


@contextmanager
def handed_on(trainer: Trainer | None) -> Iterator[None]:
    """Processes begun meanwhile know the trainer."""
    before = os.environ.get(VARIABLE)
    if trainer is not None:
        os.environ[VARIABLE] = json.dumps(asdict(trainer))
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = before


def at_hand() -> Trainer | None:
    """The trainer that this process was begun with."""
    text = os.environ.get(VARIABLE)
    if text is None:
        return None
    known = {one.name for one in fields(Trainer)}
    data = {name: value for name, value in json.loads(text).items() if name in known}
    reading, files = Reading(**data.get("reading", {})), tuple(data.get("files", ()))
    return Trainer(**data | {"command": tuple(data["command"]), "files": files, "reading": reading})
