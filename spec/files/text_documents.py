"""The documents that a text is cut into, and what is said where these cannot be trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from .raw_file import FileError

#: Documents a text is to have: it is cut at the coarsest of files, two blank lines, one, and none that gives as many.
ENOUGH = 20
_CUTS = (re.compile(r"\n[ \t]*\n[ \t]*\n\s*"), re.compile(r"\n[ \t]*\n\s*"), re.compile(r"\n"))
#: What stands between documents once they are joined.
BETWEEN = "\n\n"

#: Texts, each as a whole or in blocks one after another.
Texts = Iterable[str | Iterable[str]]


def in_blocks(text: str | Iterable[str]) -> Iterable[str]:
    """The blocks of a text, one of a text that is whole."""
    return (text,) if isinstance(text, str) else text


@dataclass(frozen=True)
class Documents:
    """The documents of files' texts, bare of blank edges and none empty; a pass over them cuts the texts anew.

    One document at a time is in memory, and of the texts no more than a block.
    """

    texts: Texts
    #: What they are cut at; None where a file is a document.
    between: re.Pattern[str] | None = None
    #: Characters of a match that are not blanks, at most.
    signs: int = 0
    #: Characters of the pieces that a text without line ends is cut into.
    size: int = 0

    def __iter__(self) -> Iterator[str]:
        parts: list[str] = []
        for part in self._parts():
            if part is not None:
                parts.append(part)
                continue
            bare = "".join(parts).strip()
            parts.clear()
            if bare:
                yield bare

    def at_least(self, count: int) -> bool:
        """True where there are so many; no more is read than shows it, and none of them is put together."""
        filled = False
        for part in self._parts():
            filled = filled or bool(part and not part.isspace())
            if part is None:
                count -= filled
                filled = False
                if count <= 0:
                    return True
        return False

    def _parts(self) -> Iterator[str | None]:
        """Parts of documents, and None where a document ends."""
        for text in self.texts:
            if self.size:
                yield from _by_size(in_blocks(text), self.size)
            elif self.between is None:
                yield from in_blocks(text)
            else:
                yield from _split(self.between, self.signs, in_blocks(text))
            yield None


def _split(between: re.Pattern[str], signs: int, blocks: Iterable[str]) -> Iterator[str | None]:
    """`between.split(text)` in parts, with None for a match. What may be the begin of one waits for the next block."""
    held = ""
    for block in chain(blocks, (None,)):
        text = held + (block or "")
        settled = len(text) if block is None else min(len(text.rstrip()), len(text) - max(0, signs - 1))
        at = 0
        for found in between.finditer(text):
            if found.start() >= settled:
                break
            yield text[at : found.start()]
            yield None
            at = found.end()
        end = max(at, settled)
        yield text[at:end]
        held = text[end:]


def _by_size(blocks: Iterable[str], size: int) -> Iterator[str | None]:
    """Pieces of one size, each up to a blank where there is one, with None after each."""
    held = ""
    for block in chain(blocks, (None,)):
        held += block or ""
        while len(held) >= 2 * size or (block is None and held):
            blank = held.find(" ", size, 2 * size)
            end = len(held) if size >= len(held) else blank if blank >= 0 else size
            yield held[:end]
            yield None
            held = held[end:]


def _characters(texts: Texts) -> int:
    """Characters of the longest text that is not blank."""
    most = 0
    for text in texts:
        size, filled = 0, False
        for block in in_blocks(text):
            size += len(block)
            filled = filled or bool(block and not block.isspace())
        most = max(most, size if filled else 0)
    return most


def cut(texts: Texts, separator: str = "", records: bool = False) -> Documents:
    """The documents of texts that can be gone through more than once.

    Args:
        texts: Of files, or the documents themselves.
        separator: What stands between documents, where it is known.
        records: Whether each text is a document already.

    Raises:
        FileError: The text is empty.
    """
    if separator or records:
        documents = Documents(texts, re.compile(re.escape(separator)) if separator else None, len(separator))
    else:
        documents = Documents(texts)
        for between in _CUTS:
            if documents.at_least(ENOUGH):
                break
            documents = Documents(texts, between)
    if not documents.at_least(1):
        raise FileError(": the text is empty")
    if separator or records or documents.at_least(2):
        return documents
    return Documents(texts, size=max(1, _characters(texts) // ENOUGH))


def no_split(documents: int, apart: int, share: float) -> str:
    """Why documents cannot be divided, of which so many are no near-duplicates of others."""
    found = f"{documents:,} document{'s' * (documents > 1)}"
    alike = f" ({apart:,} that are no near-duplicates)" if apart < documents else ""
    return f"a text of {found}{alike} cannot be split with {share:g} of it held out: take a longer text"


def too_few(train: int, held_out: int, length: int) -> str:
    """Why no sequences can be taken out of so many tokens; empty where they can."""
    if train > length and held_out > 2 * length:
        return ""
    return (
        f"{train:,} training and {held_out:,} held-out tokens are too few for sequences of {length}: take a longer "
        "text or a smaller length"
    )


def too_many(train: int, unique: int) -> str:
    """Why so many tokens cannot be drawn from; empty where they can."""
    return f"has {train:,} training tokens, and unique={unique:,} asks for more" if unique > train else ""
