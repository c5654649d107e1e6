"""JSON files that are whole or absent: written aside, synced, renamed; each with a format version."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import StoreError

#: Of the files written here; a newer one is refused, an older one would be migrated on reading.
FORMAT_VERSION = 1


class NewerError(StoreError):
    """A file of a later format than this version reads."""


def read_json(path: Path) -> dict[str, Any]:
    """A file as plain data; `StoreError` where it is damaged, `NewerError` where it is newer than this version."""
    try:
        body = json.loads(path.read_text())
    except ValueError as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if not isinstance(body, dict):
        raise StoreError(f"{path} is damaged: it is not a JSON object")
    found = body.get("format_version")
    if not isinstance(found, int):
        raise StoreError(f"{path} is damaged: it has no format version")
    if found > FORMAT_VERSION:
        raise NewerError(f"{path} has format {found}, newer than {FORMAT_VERSION}: read it with a newer scalingdsl")
    return body


def write_json(path: Path, body: Mapping[str, Any]) -> None:
    """Write a file, whole or not at all."""
    whole = {"format_version": FORMAT_VERSION, "written_by": f"scalingdsl {version('scalingdsl')}", **body}
    write_text(path, json.dumps(whole, indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write aside, sync, and rename into place, so that a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(aside, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def ends_line(path: Path) -> bool:
    """Whether a file that is not empty ends with a newline."""
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
