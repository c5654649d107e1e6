"""Files that a source is made of, read by the readers that a study is checked with, and known to be the same files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.raw_file import FileError, read_raw

T = TypeVar("T")


def read_checked(path: Path, sha256: str, reader: Callable[[bytes], T]) -> T:
    """What `reader` makes of a file, whose content has the digest `sha256` if one is known.

    Raises:
        EngineError: The file cannot be read, or has changed.
    """
    try:
        raw = read_raw(path)
        if sha256 and not raw.sha256.startswith(sha256):
            raise EngineError(f"{path}: has changed since the study was checked; check it again")
        return reader(raw.content)
    except FileError as error:
        raise EngineError(f"{path}{error}") from error
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror or error}") from error


def sentences(told: tuple[str, ...]) -> tuple[str, ...]:
    """What a reader told of a file as whole sentences."""
    return tuple(f"{text[0].upper()}{text[1:]}." for text in told)
