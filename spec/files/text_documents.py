"""The documents that a text is cut into, and what is said where these cannot be trained on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from .raw_file import FileError

#: Documents a text is to have: it is cut at the coarsest of files, two blank lines, one, and none that gives as many.
ENOUGH = 20
_CUTS = (re.compile(r"\n[ \t]*\n[ \t]*\n\s*"), re.compile(r"\n[ \t]*\n\s*"), re.compile(r"\n"))
#: What stands between documents once they are joined.
BETWEEN = "\n\n"

Texts = Iterable[str]


@dataclass(frozen=True)
class Documents:
    """The documents of files' texts, bare of blank edges and none empty; a pass over them cuts the texts anew."""

    texts: Texts
    #: What they are cut at; None where a file is a document.
    between: re.Pattern[str] | None = None
    #: Pieces that a text without line ends is cut into, by size.
    pieces: int = 1

    def __iter__(self) -> Iterator[str]:
        for text in self.texts:
            if self.pieces > 1:
                parts = _by_size(text, self.pieces)
            else:
                parts = iter((text,)) if self.between is None else _split(self.between, text)
            for part in parts:
                if bare := part.strip():
                    yield bare


def _split(between: re.Pattern[str], text: str) -> Iterator[str]:
    """`between.split(text)` one part at a time."""
    at = 0
    for found in between.finditer(text):
        yield text[at : found.start()]
        at = found.end()
    yield text[at:]


def _by_size(text: str, pieces: int) -> Iterator[str]:
    """A text in as many pieces of one size, each up to a blank where there is one."""
    size, at = max(1, len(text) // pieces), 0
    while at < len(text):
        end = at + size
        blank = text.find(" ", end, end + size)
        end = len(text) if end >= len(text) else blank if blank >= 0 else end
        yield text[at:end]
        at = end


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
        documents = Documents(texts, re.compile(re.escape(separator)) if separator else None)
        if next(iter(documents), None) is None:
            raise FileError(": the text is empty")
        return documents
    documents = Documents(texts)
    for between in _CUTS:
        if sum(1 for _ in islice(documents, ENOUGH)) == ENOUGH:
            break
        documents = Documents(texts, between)
    first = list(islice(documents, 2))
    if not first:
        raise FileError(": the text is empty")
    return documents if len(first) > 1 else Documents(texts, pieces=ENOUGH)


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
