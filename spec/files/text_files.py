"""The files that a text is made of, and their identity: a file, every file below a folder, or those of a pattern."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .documents_in import MOST_TEXT, texts_in
from .raw_file import allowed, too_large


def iter_files(path: Path) -> Iterator[Path]:
    """The files, in the order of their names; hidden ones are left out of folders and patterns.

    They come one after another, for folders of millions.
    """
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from _below(path)
    else:
        found = map(Path, glob.glob(str(path), recursive=True))
        yield from sorted(p for p in found if p.is_file() and not p.name.startswith("."))


def sized_files(path: Path) -> Iterator[Path]:
    """The same files, as long as they hold no more than a text may; none is opened.

    Raises:
        FileError: They hold more.
    """
    most, total = allowed(MOST_TEXT), 0
    for file in iter_files(path):
        total += file.stat().st_size
        if total > most:
            raise too_large(most, instead="take a part of it")
        yield file


def _below(folder: Path) -> Iterator[Path]:
    """Names of one folder at a time are in memory; linked folders are not entered, as they may lead round."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except PermissionError:
        return
    for name in names:
        path = folder / name
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _below(path)


def decode(raw: bytes) -> str:
    """A file's text; `ValueError` says why it is none."""
    return "\n\n".join(texts_in(raw))


def content(raws: Iterable[bytes]) -> str:
    """SHA-256 of the files' contents in order: of one file its own, of several that of their digests."""
    found = Content()
    for raw in raws:
        found.add(raw)
    return found.digest


class Content:
    """`content` of files that are met one after another."""

    def __init__(self) -> None:
        self.files = self.bytes = 0
        self._last = ""
        self._of_all = hashlib.sha256()

    def add(self, raw: bytes) -> None:
        """One more file."""
        self._last = hashlib.sha256(raw).hexdigest()
        self._of_all.update(self._last.encode())
        self.files += 1
        self.bytes += len(raw)

    @property
    def digest(self) -> str:
        """Of all files so far."""
        return self._last if self.files == 1 else self._of_all.hexdigest()
