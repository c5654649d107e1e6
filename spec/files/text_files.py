"""The files that a text is made of, and their identity: a file, every file below a folder, or those of a pattern."""

from __future__ import annotations

import codecs
import glob
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from .documents_in import HEAD, MOST_TEXT, PLAIN, TextForm, texts_in
from .lines import encoding_of
from .raw_file import BLOCK, allowed, is_packed, open_regular, read_packed, too_large

#: Bytes from which on a plain text is gone through in blocks, and of a block.
LONG, READ = 16 * BLOCK, 4 * BLOCK


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


def head_of_long(file: Path, form: TextForm) -> bytes:
    """What a plain text begins with that need not be in memory to be checked; nothing of one that is short, packed, in
    an encoding that is named, or of records.

    Raises:
        FileError: No regular file.
        OSError: It cannot be read.
    """
    if form != PLAIN or file.stat().st_size < LONG:
        return b""
    with open_regular(file) as opened:
        head = opened.read(HEAD)
    return b"" if is_packed(head) or head.startswith(b"PAR1") or head[257:262] == b"ustar" else head


def blocks_of(file: Path, head: bytes, met: Callable[[bytes], None]) -> Iterator[str]:
    """The text of a long plain file with LF for line ends, a block after another, of whose bytes `met` hears.

    Raises:
        FileError: It is no text.
        OSError: It cannot be read.
    """
    decoder, held, most, total = codecs.getincrementaldecoder(encoding_of(head))(), "", allowed(MOST_TEXT), 0
    with open_regular(file) as opened:
        while True:
            raw = opened.read(READ)
            met(raw)
            total += len(raw)
            if total > most:
                raise too_large(most, instead="take a part of it")
            try:
                text = held + decoder.decode(raw, final=not raw)
            except UnicodeDecodeError:
                # Its place is told by who has the whole.
                for _ in texts_in(read_packed(file, MOST_TEXT)):
                    pass
                raise
            if not raw:
                yield text
                return
            # Lines stay whole, unless one is longer than a block; a CR at the end may be half of a line's.
            end = text.rfind("\n") + 1 or len(text.removesuffix("\r"))
            held = text[end:]
            yield text[:end].replace("\r\n", "\n")


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
        self._this = hashlib.sha256()
        self._last = ""
        self._of_all = hashlib.sha256()

    def add(self, raw: bytes) -> None:
        """One more file."""
        self.met(raw)
        self.ended()

    def met(self, block: bytes) -> None:
        """One more part of a file that is met in blocks."""
        self._this.update(block)
        self.bytes += len(block)

    def ended(self) -> None:
        """The end of that file."""
        self._last = self._this.hexdigest()
        self._this = hashlib.sha256()
        self._of_all.update(self._last.encode())
        self.files += 1

    @property
    def digest(self) -> str:
        """Of all files so far."""
        return self._last if self.files == 1 else self._of_all.hexdigest()
