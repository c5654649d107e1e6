"""Files of numbers and names that a study refers to: read once, checked against what the study was checked with.

A file is text, plain or gzip whatever its name; fields are split by commas where a line has any, else by blanks;
empty lines and lines that start with `#` or `%` are skipped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.resolve.text_files import decode


@dataclass(frozen=True)
class Line:
    """One line that holds data."""

    number: int
    fields: tuple[str, ...]


@dataclass(frozen=True)
class DataFile:
    """The lines of one file, and how to complain about them."""

    path: Path
    lines: tuple[Line, ...]

    def wrong(self, line: Line | int, message: str) -> EngineError:
        """An error at one line."""
        return EngineError(f"{self.path}:{line if isinstance(line, int) else line.number}: {message}")


def read(path: Path, sha256: str = "") -> DataFile:
    """The data lines of a file, whose content has the digest `sha256` if one is known.

    Raises:
        EngineError: the file cannot be read, has changed, is not text, or holds no data.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EngineError(f"{path}: cannot be read: {error.strerror or error}") from error
    if sha256 and not hashlib.sha256(raw).hexdigest().startswith(sha256):
        raise EngineError(f"{path}: has changed since the study was checked; check it again")
    try:
        text = decode(raw)
    except ValueError as error:
        raise EngineError(f"{path}: {error}") from error
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare and bare[0] not in "#%":
            fields = bare.split(",") if "," in bare else bare.split()
            found.append(Line(number, tuple(field.strip() for field in fields)))
    if not found:
        raise EngineError(f"{path}: holds no data")
    return DataFile(path, tuple(found))
