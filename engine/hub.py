"""Texts of a Hugging Face data set, written to files that `text(...)` reads.

The library `datasets` reads them, a row at a time, so that of FineWeb-edu no more is fetched than is asked for. It is
no requirement of this project: the command says so where it is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scalingdsl.spec.corpus import content
from scalingdsl.spec.errors import EngineError

from .corpora import TEXTS
from .files import write_json

#: Documents taken where nothing is said.
DOCUMENTS = 10_000


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
        texts = texts_of(rows, column, documents, identifier)
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise EngineError(f"the library datasets cannot read {identifier}: {said}") from error
    about = f"{identifier}{f', {name}' if name else ''}, split {split}, first {len(texts):,} documents"
    licence = getattr(rows.info, "license", "") or "as its page on the hub says"
    return write_texts(texts, place, about=about, licence=licence, package=f"datasets {datasets.__version__}")


def texts_of(rows: Iterable[Mapping[str, Any]], column: str, documents: int, identifier: str) -> list[str]:
    """The first texts that are not blank.

    Raises:
        EngineError: no row has such a column of text, or all are blank.
    """
    found: list[str] = []
    for row in rows:
        text = row.get(column)
        if not isinstance(text, str):
            raise EngineError(
                f"{identifier} has no text in a column {column!r}; its columns are {', '.join(map(repr, row))}: "
                "name one with --column"
            )
        if text.strip():
            found.append(text)
        if len(found) == documents:
            break
    if not found:
        raise EngineError(f"{identifier} has no documents in its column {column!r}")
    return found


def write_texts(texts: Iterable[str], place: Path, **facts: str) -> dict[str, Any]:
    """Files of one document each in `place/text`, and `place/corpus.json` with what they are."""
    folder = place / TEXTS
    folder.mkdir(parents=True)
    raws = [text.encode() for text in texts]
    for number, raw in enumerate(raws):
        (folder / f"{number:07d}.txt").write_bytes(raw)
    known = {**facts, "documents": len(raws), "bytes": sum(map(len, raws)), "sha256": content(raws)}
    write_json(place / "corpus.json", known)
    return known
