"""JSON files of a results folder and of the user's cache: each says its kind and format, and a checksum of its content.

What is read is what was written, or `DamagedError`; a file of a later format is refused, one of an earlier format is
migrated. Files of the first format have no checksum.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.files.raw_file import FileError, read_packed

from .atomic import write_files, write_text

#: Bytes that a file of a results folder may hold.
MOST_JSON = 256_000_000
#: The present format of each kind of file; of kinds not named here, SEALED.
FORMATS: dict[str, int] = {}
#: The first format with a checksum.
SEALED = 2
#: What becomes of a body of a kind in a format to bring it to the next one. From 1 to 2 only the checksum was added.
MIGRATIONS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}

_SUM = "checksum"
_HEX = re.compile(r"[0-9a-f]{64}")


class DamagedError(StoreError):
    """A file that does not hold what was written."""


class NewerError(StoreError):
    """A file of a later format than this version reads."""


def checksum(body: Any) -> str:
    """SHA-256 of plain data, however its text is laid out."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Plain data with its checksum, as JSON gives them back: names are texts."""
    plain = json.loads(json.dumps(body, allow_nan=False))
    return {_SUM: checksum(plain), **plain}


def read_json(path: Path, kind: str = "data") -> dict[str, Any]:
    """A file as plain data.

    Raises:
        DamagedError: It does not hold what was written, or is a file of another kind.
        NewerError: It is newer than this version.
        OSError: It is not there, or cannot be read.
    """
    try:
        body = json.loads(read_packed(path, MOST_JSON))
    except FileError as error:
        raise DamagedError(f"{path}{error}") from error
    except IsADirectoryError as error:
        raise DamagedError(f"{path} is a folder") from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{path} is damaged: it is no JSON, {error}") from error
    try:
        return opened(body, kind)
    except DamagedError as error:
        raise DamagedError(f"{path} is damaged: {error}") from error
    except NewerError as error:
        raise NewerError(f"{path} {error}") from error


def opened(body: Any, kind: str) -> dict[str, Any]:
    """What a file of a kind holds, in its present format, given its JSON.

    Raises:
        DamagedError: It is not what was written.
        NewerError: It is newer than this version.
    """
    if not isinstance(body, dict):
        raise DamagedError("it is not a JSON object")
    found = body.get("format_version")
    # A version is believed once the checksum fits: a flipped bit makes a newer one too.
    if _SUM in body:
        content = {name: value for name, value in body.items() if name != _SUM}
        if checksum(content) != body[_SUM]:
            raise DamagedError("its checksum does not fit its content")
    elif found != 1 or isinstance(found, bool):
        raise DamagedError("it has no checksum")
    if not isinstance(found, int) or isinstance(found, bool):
        raise DamagedError("it has no format version")
    now = FORMATS.get(kind, SEALED)
    if found > now:
        raise NewerError(f"has format {found}, newer than {now}: read it with a newer scalingdsl")
    if found >= SEALED and body.get("kind") != kind:
        raise DamagedError(f"it is a file of another kind, {body.get('kind')!r}")
    for step in range(found, now):
        body = MIGRATIONS.get((kind, step), _as_it_is)(body)
    return body


def _as_it_is(body: dict[str, Any]) -> dict[str, Any]:
    return body


def json_text(kind: str, body: Mapping[str, Any], *, flat: bool = False) -> str:
    """The text of a file of a kind, laid out for people, or `flat`, a line for each name: several times as fast, for
    kinds that a folder has a file of for each run.
    """
    about = {"format_version": FORMATS.get(kind, SEALED), "kind": kind, "written_by": _written_by()}
    assert not about.keys() & body.keys(), "these names say what the file is"
    full = sealed({**about, **body})
    if not flat:
        return json.dumps(full, indent=1, allow_nan=False) + "\n"
    lines = (f" {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in full.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_all_json(bodies: Mapping[Path, Mapping[str, Any]], kind: str = "data", *, flat: bool = False) -> None:
    """Write files, each whole or not at all, in little more time than one."""
    write_files({path: json_text(kind, body, flat=flat).encode() for path, body in bodies.items()})


def write_json(path: Path, body: Mapping[str, Any], kind: str = "data") -> None:
    """Write a file, whole or not at all."""
    write_text(path, json_text(kind, body))


@cache
def _written_by() -> str:
    return f"scalingdsl {version('scalingdsl')}"


# --- lines of a log ---------------------------------------------------------------------------------------------------


def line_of(body: Mapping[str, Any]) -> bytes:
    """Plain data as a line of a log, with a checksum."""
    return json.dumps(sealed(body), sort_keys=True, allow_nan=False).encode()


def body_of(line: bytes) -> dict[str, Any] | None:
    """What a line holds; None where it is torn or damaged. Lines of earlier versions have no checksum."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    said = body.pop(_SUM, None)
    if said is None:
        # A checksum under a name that was damaged: no other text is as long and of these digits alone.
        named = any(isinstance(value, str) and _HEX.fullmatch(value) for value in body.values())
        return None if named else body
    return body if said == checksum(body) else None
