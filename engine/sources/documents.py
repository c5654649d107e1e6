"""A text in documents, and which of them are held out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scalingdsl.spec.corpus import content, decoded, files_at
from scalingdsl.spec.errors import EngineError

from .duplicates import kin

#: Documents a text is to have: it is cut at the coarsest of files, two blank lines, one, and none that gives as many.
ENOUGH = 20
_CUTS = (re.compile(r"\n[ \t]*\n[ \t]*\n\s*"), re.compile(r"\n[ \t]*\n\s*"), re.compile(r"\n"))


@dataclass(frozen=True)
class Documents:
    """The documents of a text in order, each with whether it is held out."""

    texts: tuple[str, ...]
    held_out: tuple[bool, ...]
    #: Documents that are near-duplicates of an earlier one.
    copies: int

    def part(self, held_out: bool) -> list[str]:
        """The documents of one side."""
        return [text for text, out in zip(self.texts, self.held_out) if out == held_out]


def read_files(path: Path, sha256: str = "") -> tuple[list[str], str]:
    """The texts of a file, folder or pattern, and the digest of their content.

    Raises:
        EngineError: a file cannot be read, is no text, or is not what the study was checked with.
    """
    files = files_at(path)
    if not files:
        raise EngineError(f"{path}: there is no such file")
    try:
        raws = [file.read_bytes() for file in files]
    except OSError as error:
        raise EngineError(f"{error.filename}: cannot be read: {error.strerror or error}") from error
    digest = content(raws)
    if sha256 and not digest.startswith(sha256):
        raise EngineError(f"{path}: has changed since the study was checked; check it again")
    texts = []
    for file, raw in zip(files, raws):
        try:
            texts.append(decoded(raw).replace("\r\n", "\n"))
        except ValueError as error:
            raise EngineError(f"{file}: {error}") from error
    return texts, digest


def divide(texts: Sequence[str], share: float) -> Documents:
    """Documents, of which about `share` of the text is held out; near-duplicates stay on one side.

    Groups of near-duplicates are held out in the order of their content's hash, so that the choice depends on neither
    the order nor the names of the files; one too large for what is still to be held out is passed over.

    Raises:
        EngineError: All of the text would be held out, or none.
    """
    documents = cut(texts)
    group = kin(documents)
    size = np.array([len(document) for document in documents])
    names = [hashlib.sha256(document.encode()).hexdigest() for document in documents]
    first: dict[int, str] = {}
    for name, g in zip(names, group.tolist()):
        first[g] = min(first.get(g, name), name)
    weight = np.bincount(group, weights=size)
    wanted, out = share * size.sum(), set()
    for g in sorted(first, key=first.__getitem__):
        if weight[g] / 2 <= wanted:
            wanted -= weight[g]
            out.add(g)
    held_out = tuple(g in out for g in group.tolist())
    if all(held_out) or not any(held_out):
        found = f"{len(documents):,} document{'s' * (len(documents) > 1)}"
        apart = f" ({len(first):,} that are no near-duplicates)" if len(first) < len(documents) else ""
        raise EngineError(f"a text of {found}{apart} cannot be split with {share:g} of it held out: take a longer text")
    return Documents(tuple(documents), held_out, len(documents) - len(first))


def cut(texts: Sequence[str]) -> list[str]:
    """The documents of files' texts, without blank edges; empty ones are left out.

    Raises:
        EngineError: The text is empty.
    """
    documents = _whole(texts)
    for between in _CUTS:
        if len(documents) >= ENOUGH:
            break
        documents = _whole(part for text in texts for part in between.split(text))
    if not documents:
        raise EngineError("the text is empty")
    return documents


def _whole(parts: Iterable[str]) -> list[str]:
    return [bare for part in parts if (bare := part.strip())]
