"""A text in documents, and which of them are held out.

A corpus may be far larger than memory: its files are read again in every pass, long ones of plain text in blocks, and
of a document only its signature, size and hash are kept.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.documents_in import MOST_TEXT, PLAIN, SEPARATORS, TextForm, texts_in
from scalingdsl.spec.files.raw_file import FileError, read_packed
from scalingdsl.spec.files.text_documents import BETWEEN, Texts, in_blocks, no_split
from scalingdsl.spec.files.text_files import Content, blocks_of, head_of_long, iter_files, sized_files

from ..edges import Ints
from .near_duplicates import Signatures


@dataclass(frozen=True)
class Files:
    """The texts of a file, folder or pattern; a pass over them reads each anew."""

    path: Path
    #: Of their content.
    sha256: str
    form: TextForm = PLAIN

    @staticmethod
    def at(path: Path, sha256: str = "", form: TextForm = PLAIN) -> Files:
        """Read every file once, to know their content.

        Raises:
            EngineError: a file cannot be read, is no text, or is not what the study was checked with.
        """
        found = Content()
        try:
            for _ in sized_files(path):
                pass
        except FileError as error:
            raise EngineError(f"{path}{error}") from error
        for _ in _texts_at(path, found, form):
            pass
        if not found.files:
            raise EngineError(f"{path}: there is no such file")
        if sha256 and not found.digest.startswith(sha256):
            raise EngineError(f"{path}: has changed since the study was checked; check it again")
        return Files(path, found.digest, form)

    def __iter__(self) -> Iterator[str | Iterator[str]]:
        found = Content()
        yield from _texts_at(self.path, found, self.form)
        if found.digest != self.sha256:
            raise EngineError(f"{self.path}: has changed while it was read; run it again")


def _texts_at(path: Path, content: Content, form: TextForm) -> Iterator[str | Iterator[str]]:
    """The texts of each file, that of a long plain one in blocks; `content` is told of all of it."""
    for file in iter_files(path):
        with _naming(file):
            if head := head_of_long(file, form):
                blocks = _named(file, blocks_of(file, head, content.met))
                yield blocks
                for _ in blocks:  # what was not asked for is met all the same
                    pass
            else:
                raw = read_packed(file, MOST_TEXT)
                content.met(raw)
                yield from texts_in(raw, form)
        content.ended()


def _named(file: Path, blocks: Iterator[str]) -> Iterator[str]:
    with _naming(file):
        yield from blocks


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Tells what cannot be read with the name of its file."""
    try:
        yield
    except FileError as error:
        raise EngineError(f"{file}{error}") from error
    except OSError as error:
        raise EngineError(f"{error.filename}: cannot be read: {error.strerror or error}") from error


def separator_of(texts: Texts) -> str:
    """The known mark between documents that the first text with one has; empty where none has."""
    longest = max(map(len, SEPARATORS))
    for text in texts:
        there: set[str] = set()
        before = ""
        for block in in_blocks(text):
            seen = before + block
            there.update(mark for mark in SEPARATORS if mark not in there and mark in seen)
            before = seen[-longest:]
        if there:
            return min(there, key=SEPARATORS.index)
    return ""


@dataclass(frozen=True, eq=False)
class Split:
    """The documents that are held out, and counts met on the way."""

    #: [document]
    held_out: NDArray[np.bool_]
    #: [document] bytes of UTF-8.
    bytes: Ints
    #: Documents that are near-duplicates of an earlier one.
    copies: int

    def part(self, documents: Iterable[str], held_out: bool) -> Iterator[str]:
        """The documents of one side.

        Raises:
            EngineError: These are not the documents that were divided.
        """
        try:
            for text, out in zip(documents, self.held_out, strict=True):
                if out == held_out:
                    yield text
        except ValueError as error:
            raise EngineError("the text has changed while it was read; run it again") from error

    def joined(self, documents: Iterable[str], held_out: bool) -> Iterator[str]:
        """The documents of one side, each but the last with what stands between documents."""
        last = int((self.held_out == held_out).sum()) - 1
        for i, text in enumerate(self.part(documents, held_out)):
            yield text if i == last else text + BETWEEN

    def size(self, held_out: bool) -> int:
        """Bytes of UTF-8 of one side, joined."""
        here = self.bytes[self.held_out == held_out]
        return int(here.sum()) + len(BETWEEN) * (len(here) - 1)


def divide(documents: Iterable[str], share: float) -> Split:
    """Documents of which about `share` of the text is to be held out; near-duplicates stay on one side.

    Groups of near-duplicates are held out in the order of their content's hash, so that the choice depends on neither
    the order nor the names of the files; one too large for what is still to be held out is passed over.

    Raises:
        EngineError: All of the text would be held out, or none.
    """
    signatures, hashes, sizes = Signatures(), bytearray(), (array("q"), array("q"))
    for document in documents:
        raw = document.encode()
        signatures.add(document)
        hashes += hashlib.sha256(raw).digest()
        sizes[0].append(len(document))
        sizes[1].append(len(raw))
    group = signatures.kin()
    size, n_bytes = (np.frombuffer(part, dtype=np.int64) for part in sizes)
    weight = np.bincount(group, weights=size)
    wanted, out = share * size.sum(), np.zeros(len(weight), dtype=np.bool_)
    for g in _by_hash(group, np.frombuffer(hashes, dtype=">u8").astype(np.uint64).reshape(-1, 4)).tolist():
        if weight[g] / 2 <= wanted:
            wanted -= weight[g]
            out[g] = True
    held_out = out[group]
    if held_out.all() or not held_out.any():
        raise EngineError(no_split(len(group), len(weight), share))
    return Split(held_out, n_bytes, len(group) - len(weight))


def _by_hash(group: Ints, hashes: NDArray[np.uint64]) -> Ints:
    """The groups in the order of the least hash [document, 4] in each; equal ones, in that of their first document."""
    order = np.lexsort(hashes.T[::-1])
    rank = np.empty_like(order)
    differs = np.zeros(len(order), dtype=np.int64)
    differs[1:] = (hashes[order[1:]] != hashes[order[:-1]]).any(axis=1)
    rank[order] = np.cumsum(differs)
    least = np.full(group.max() + 1, len(group))
    np.minimum.at(least, group, rank)
    first = np.unique(group, return_index=True)[1]
    return np.asarray(np.lexsort((first, least)))
