"""JSON files of a results folder and of the user's cache, each with a format version."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.files.raw_file import FileError, read_packed

from .atomic import write_text

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
