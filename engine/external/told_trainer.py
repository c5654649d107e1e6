"""The trainer that a person told: a command, a function, or the name of a table in a `scalingdsl.toml` of their own.

A file of trainers is read where its trainer is asked for by name, and nowhere else: it lies in the folder that the
person is in, or in their configuration, never beside a study that lies elsewhere, and is a file of that person's own.
So opening, planning or running a stranger's study runs no command of a stranger's.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scalingdsl.spec.diagnostics.suggest import listing, similar
from scalingdsl.spec.errors import UsageError

from .result_files import check_path
from .trainer import Reading, Trainer, is_function
from .trainer_version import version_of_files

#: Name of a file of trainers.
FILE = "scalingdsl.toml"
#: Bytes that it may have.
MOST_FILE = 1_000_000
#: Seconds that importing a function may take.
IMPORT_S = 300
UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Asked:
    """What a person says of a trainer, on the command line or from Python."""

    trainer: str
    version: str | None = None
    timeout: str | None = None
    retries: int | None = None
    gpus: int | None = None


def told_or_none(
    trainer: str | None, version: str | None, timeout: str | None, retries: int | None, gpus: int | None
) -> Trainer | None:
    """The trainer that is meant; None where none is told.

    Raises:
        UsageError: See `told`; or something is said of how it is run, and not which it is.
    """
    if trainer is not None:
        return told(Asked(trainer, version, timeout, retries, gpus))
    said = {"--trainer-version": version, "--timeout": timeout, "--retries": retries, "--gpus-per-run": gpus}
    alone = [option for option, value in said.items() if value is not None]
    if alone:
        raise UsageError(f"{alone[0]} says how a trainer of yours is run; tell which: --trainer")
    return None


def told(asked: Asked) -> Trainer:
    """The trainer that is meant.

    Raises:
        UsageError: There is none of that name, or its table or command cannot be read.
    """
    given = asked.trainer.strip()
    if not given:
        raise UsageError("--trainer is empty; give a command, `module:function` or a name of scalingdsl.toml")
    named = given.replace("-", "").replace("_", "").isalnum() and not is_function(given)
    found = _of_table(given) if named else Trainer(_split(given), name=given, folder=os.getcwd())
    changes: dict[str, Any] = {}
    if asked.version is not None:
        changes |= {"version": asked.version, "files": ()}
    if asked.timeout is not None:
        changes["timeout_s"] = seconds(asked.timeout, "--timeout")
    if asked.retries is not None:
        changes["retries"] = asked.retries
    if asked.gpus is not None:
        changes["gpus"] = asked.gpus
    return Trainer(**{**vars(found), **changes})


def _split(command: str) -> tuple[str, ...]:
    """Arguments as a shell would part them; there is no shell, so nothing in them means anything."""
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"the trainer's command cannot be parted into arguments: {error}") from error


def seconds(text: str | float, what: str) -> float:
    """`90`, `30min`, `2h` as seconds."""
    word = str(text).strip()
    unit = next((u for u in ("min", "s", "h", "d") if word.endswith(u)), "")
    try:
        found = float(word.removesuffix(unit)) * UNITS.get(unit, 1)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        raise UsageError(f"{what} is a time such as 90s, 30min or 2h, not {text!r}")
    return found


# --- a file of trainers -----------------------------------------------------------------------------------------------


def _places() -> tuple[Path, ...]:
    """Where files of trainers are looked for: where the person is, then their configuration."""
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path.cwd() / FILE, config / "scalingdsl" / FILE


def _of_table(name: str) -> Trainer:
    known: list[str] = []
    for path in _places():
        if not path.is_file():
            continue
        tables = _tables(path)
        if name in tables:
            return _trainer(name, tables[name], path)
        known += tables
    places = listing([str(path) for path in _places()], last="or")
    if not known:
        raise UsageError(f"there is no trainer {name!r}: no table [trainers.{name}] in {places}")
    raise UsageError(
        f"there is no trainer {name!r}; there {'are' if len(known) > 1 else 'is'} {listing(known)}, in {places}"
    )


def _tables(path: Path) -> dict[str, Any]:
    facts = path.stat()
    if hasattr(os, "getuid") and facts.st_uid not in (os.getuid(), 0):
        raise UsageError(f"{path} belongs to another user, so its commands are not run; copy it to make it your own")
    if facts.st_size > MOST_FILE:
        raise UsageError(f"{path} is larger than a file of trainers is")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("trainers", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise UsageError(f"{path}: trainers are tables, such as [trainers.gpt]")
    return tables


#: Keys of a table: what each holds.
KEYS = {
    "command": "a command, in one text or a list of arguments; or `module:function`",
    "version": "a text; another version is another run",
    "files": "files whose content is the version, instead of `version`",
    "folder": "working folder, beside the file; the default is the file's own",
    "timeout": "how long a run may take: `2h`",
    "silence": "how long it may say nothing: `10min`",
    "retries": "further tries of a run whose process failed",
    "gpus": "GPUs that each run has for itself",
    "seconds": "seconds that a run takes, to plan with",
    "env": "variables of its environment",
    "read": "file in {out} that losses are read from, instead of its output",
    "loss": "name of the loss there, and in JSON lines",
    "tokens": "name of the tokens trained on",
    "step": "name of the step",
}


def _trainer(name: str, table: Mapping[str, Any], path: Path) -> Trainer:
    at = f"{path}: [trainers.{name}]"

    def take(key: str, kinds: type | tuple[type, ...], default: Any = None) -> Any:
        value = table.get(key, default)
        if key in table and (not isinstance(value, kinds) or isinstance(value, bool)):
            raise UsageError(f"{at}: `{key}` is {KEYS[key]}")
        return value

    for key in table:
        if key not in KEYS:
            near = similar(key, KEYS)
            raise UsageError(f"{at} has no `{key}`; " + (f"it has `{near}`" if near else f"it has {listing(KEYS)}"))
    command = take("command", (str, list))
    if not command or (isinstance(command, list) and not all(isinstance(part, str) for part in command)):
        raise UsageError(f"{at}: `command` is {KEYS['command']}")
    folder = path.parent / take("folder", str, ".")
    files = [folder / file for file in take("files", list, [])]
    version = take("version", (str, int, float), "")
    if files and version != "":
        raise UsageError(f"{at}: a version is given, or follows from files; leave one of `version` and `files` out")
    environment = take("env", dict, {})
    reading = Reading(take("read", str, ""), *(take(key, str, key) for key in ("loss", "tokens", "step")))
    if reading.path:
        check_path(reading.path)
    told_s = {key: seconds(table[key], f"{at}: `{key}`") for key in ("timeout", "silence", "seconds") if key in table}
    return Trainer(
        _split(command) if isinstance(command, str) else tuple(command),
        name=name,
        version=version_of_files(files) if files else str(version),
        files=tuple(map(str, files)),
        folder=str(folder),
        timeout_s=told_s.get("timeout"),
        silence_s=told_s.get("silence"),
        retries=max(0, take("retries", int, 1)),
        gpus=max(0, take("gpus", int, 0)),
        seconds=told_s.get("seconds"),
        environment={str(key): str(value) for key, value in environment.items()},
        reading=reading,
    )


# --- functions --------------------------------------------------------------------------------------------------------


def names_taken(trainer: Trainer) -> frozenset[str] | None:
    """Names that a trainer's function takes; None where it takes any, or for a command.

    Raises:
        UsageError: It cannot be imported.
    """
    if trainer.function is None:
        return None
    called = Path(__file__).with_name("function_call.py")
    try:
        asked = subprocess.run(  # noqa: S603 - the person's own function
            [sys.executable, str(called), trainer.function],
            cwd=trainer.folder,
            capture_output=True,
            text=True,
            timeout=IMPORT_S,
            check=False,
            env={**os.environ, **trainer.environment},
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"{trainer.function} was not imported within {IMPORT_S} s") from error
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UsageError(f"the trainer {trainer.function} cannot be imported from {trainer.folder}: {last}")
    names = json.loads(asked.stdout.splitlines()[-1])
    return None if names is None else frozenset(names)
