"""Texts of a Hugging Face data set, written to files that `text(...)` reads.

The library `datasets` reads them, a row at a time, so that of FineWeb-edu no more is fetched than is asked for. It is
no requirement of this project: the command says so where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.text_files import Content

from ..store.atomic import replacing
from ..store.sealed_json import write_json
from .package_corpora import TEXTS

#: Documents taken where nothing is said.
DOCUMENTS = 10_000
Row = Mapping[str, Any]


def prepare_dataset(
    identifier: str,
    place: Path,
    *,
    name: str | None = None,
    split: str = "train",
    column: str = "text",
    documents: int = DOCUMENTS,
) -> dict[str, Any]:
    """Write the first documents of a data set below `place`, a file each; what is known of them, as in its corpus.json.

    Args:
        identifier: Of the data set on the hub, such as "HuggingFaceFW/fineweb-edu", or a local folder of its files.
        place: A folder that is not there yet.
        name: Its configuration, such as "sample-10BT".
        split: Its split.
        column: The column that holds the text.
        documents: Documents at most.

    Raises:
        EngineError: there is something at that place, `datasets` is not installed, or it cannot read the data set.
    """
    if place.exists():
        raise EngineError(f"{place} is there already: remove it, or name another folder with --into")
    try:
        import datasets
    except ImportError as error:
        raise EngineError(
            f"{identifier} is read with the library datasets, which is not installed: `pip install datasets`, "
            "then the same command again"
        ) from error
    try:
        rows = datasets.load_dataset(identifier, name, split=split, streaming=True)
    except (OSError, ValueError) as error:
        raise _unread(identifier, error) from error
    texts = texts_of(_read(rows, identifier), column, documents, identifier)
    about = f"{identifier}{f', {name}' if name else ''}, split {split}"
    licence = getattr(rows.info, "license", "") or "as its page on the hub says"
    return write_texts(texts, place, about=about, licence=licence, package=f"datasets {datasets.__version__}")


def _read(rows: Iterable[Row], identifier: str) -> Iterator[Row]:
    """The rows; what goes wrong while they are fetched is the library's, what goes wrong with them is not."""
    try:
        yield from rows
    except (OSError, ValueError) as error:
        raise _unread(identifier, error) from error


def _unread(identifier: str, error: Exception) -> EngineError:
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return EngineError(f"the library datasets cannot read {identifier}: {said}")


def texts_of(rows: Iterable[Row], column: str, documents: int, identifier: str) -> Iterator[str]:
    """The first texts that are not blank, each as its row arrives.

    Raises:
        EngineError: no row has such a column of text, or all are blank.
    """
    found = 0
    for row in rows:
        text = row.get(column)
        if not isinstance(text, str):
            raise EngineError(
                f"{identifier} has no text in a column {column!r}; its columns are {', '.join(map(repr, row))}: "
                "name one with --column"
            )
        if text.strip():
            found += 1
            yield text
        if found == documents:
            break
    if not found:
        raise EngineError(f"{identifier} has no documents in its column {column!r}")


def write_texts(texts: Iterable[str], place: Path, *, about: str, **facts: str) -> dict[str, Any]:
    """Files of one document each in `place/text`, and `place/corpus.json` with what they are.

    One document at a time is in memory. All is written aside and renamed into place, so that what was broken off leaves
    nothing that looks like a corpus.

    Raises:
        EngineError: the files cannot be written.
    """
    found = Content()
    try:
        with replacing(place) as whole:
            folder = whole / TEXTS
            folder.mkdir(parents=True)
            for text in texts:
                raw = text.encode()
                (folder / f"{found.files:07d}.txt").write_bytes(raw)
                found.add(raw)
            known: dict[str, Any] = {"about": f"{about}, first {found.files:,} documents", **facts}
            known |= {"documents": found.files, "bytes": found.bytes, "sha256": found.digest}
            write_json(whole / "corpus.json", known)
    except OSError as error:
        raise EngineError(f"{place} cannot be written: {error.strerror or error}") from error
    return known
