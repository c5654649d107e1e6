"""Files and folders that are whole or absent: made aside, synced, renamed; JSON files each with a format version."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.files.raw_file import FileError, read_packed

#: Bytes that a file of a results folder may hold.
MOST_JSON = 256_000_000
#: Of the files written here; a newer one is refused, an older one would be migrated on reading.
FORMAT_VERSION = 1


class NewerError(StoreError):
    """A file of a later format than this version reads."""


def read_json(path: Path) -> dict[str, Any]:
    """A file as plain data; `StoreError` where it is damaged, `NewerError` where it is newer than this version."""
    try:
        body = json.loads(read_packed(path, MOST_JSON))
    except FileError as error:
        raise StoreError(f"{path}{error}") from error
    except (ValueError, RecursionError) as error:
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
    """Write a file, whole or not at all."""
    with replacing(path) as aside:
        aside.write_text(text)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` for a file or a folder to be made at: on disk and in place at the end, or gone.

    A reader sees what was there before, or all that is new, whenever the process or the machine stops.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield aside
        if aside.is_dir():
            getattr(os, "sync", lambda: None)()  # a folder may hold very many files
        else:
            _sync(aside, os.O_RDWR)
        aside.replace(path)
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        aside.unlink(missing_ok=True)
    with contextlib.suppress(PermissionError):  # Windows opens no folder, and needs none to be synced
        _sync(path.parent, os.O_RDONLY)


def _sync(path: Path, mode: int) -> None:
    handle = os.open(path, mode)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ends_line(path: Path) -> bool:
    """True if a file that is not empty ends with a newline."""
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
