"""The texts in a file of a corpus: its own, those of an archive, or a field of its records.

What a file looks like that is read as plain text all the same, and what seems to part its documents, is told.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMAError
from typing import Any

from .lines import text_of, whole
from .raw_file import MOST_BYTES, ZIP, FileError, unpacked, zip_members
from .tables.json_tables import parsed_json

#: Bytes that a file of text may hold.
MOST_TEXT = 4_000_000_000
#: How many times its size a packed text may come to; text comes to some four times, and a bomb to a thousand.
MOST_TIMES = 50
#: What stands between documents in the corpora of language models.
SEPARATORS = ("<|endoftext|>", "<|end_of_text|>", "<|endofdoc|>", "<|eod|>", "<eos>", "</s>")
#: Bytes at the beginning of a file that it is recognised by.
HEAD = 4096
#: Lines, records or rows that a message names.
NAMED = 5
#: Letters of a name that a message shows.
NAME = 80


@dataclass(frozen=True)
class TextForm:
    """How the texts of a file are to be read, as far as a study says."""

    #: Name of the text in records of JSON or rows of parquet; inside of others by its path, `a.b`.
    field: str = ""
    encoding: str = ""


#: Text as it stands.
PLAIN = TextForm()


def texts_in(raw: bytes, form: TextForm = PLAIN) -> Iterator[str]:
    """The texts of a file as it lies there, packed or not, with LF for line ends.

    Raises:
        FileError: It holds none.
    """
    if raw.startswith(ZIP):
        yield from _of_archive(raw, form)
        return
    content = unpacked(raw, max(MOST_BYTES, MOST_TIMES * len(raw)))
    if content.startswith(b"PAR1"):
        yield from _of_parquet(content, form.field)
    elif form.field:
        yield from _of_records(text_of(content, form.encoding), form.field)
    else:
        yield text_of(content, form.encoding).replace("\r\n", "\n").removeprefix("\ufeff")


def looks_like(raw: bytes) -> str:
    """The kind of file that a text is read as plain text of all the same; empty for plain text."""
    if raw.startswith(ZIP):
        return ""
    head = unpacked(raw, max(MOST_BYTES, MOST_TIMES * len(raw)))[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = head.split(b"\n", 1)[0].strip()
    if head[:1] == b"{" and first.endswith(b"}") and b'":' in first:
        return "JSON lines"
    if head[:1] in (b"{", b"[") and b'":' in head:
        return "JSON"
    if head[:9].lower() == b"<!doctype" or head[:5].lower() in (b"<html", b"<?xml"):
        return "HTML or XML"
    lines = [line for line in head.split(b"\n")[:-1] if line.strip()][:8]
    for delimiter in (b"\t", b",", b";"):
        counts = {line.count(delimiter) for line in lines}
        prose = any(b". " in line or line.rstrip().endswith((b".", b"!", b"?")) for line in lines)
        if len(lines) >= 4 and len(counts) == 1 and counts.pop() and not prose:
            return "a table"
    return ""


def separator_in(text: str) -> str:
    """The known separator of documents that a text has; empty where it has none."""
    return next((mark for mark in SEPARATORS if mark in text), "")


def _of_archive(raw: bytes, form: TextForm) -> Iterator[str]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        files = zip_members(archive)
        if sum(file.file_size for file in files) > max(MOST_BYTES, MOST_TIMES * len(raw)):
            raise FileError(": the archive unpacks to far more than text does; unpack it first")
        for file in files:
            held = archive.read(file)
            if held.startswith(ZIP):
                raise FileError(f": the archive holds another, {file.filename[:NAME]}; unpack it first")
            yield from texts_in(held, form)
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, LZMAError) as error:
        raise FileError(f": it is not a whole zip file: {error}") from None


def _of_records(text: str, field: str) -> Iterator[str]:
    begin = text.lstrip()[:1]
    if begin == "[":
        records = enumerate(parsed_json(text, ""), 1)
        place = "record"
    else:
        records = ((n, parsed_json(line, f", line {n}")) for n, line in enumerate(text.split("\n"), 1) if line.strip())  # type: ignore[assignment]
        place = "line"
    for number, record in records:
        held: Any = record
        for part in (field,) if isinstance(record, dict) and field in record else field.split("."):
            held = held.get(part) if isinstance(held, dict) else None
        if held is None:
            names = ", ".join(list(record)[:NAMED]) if isinstance(record, dict) else "none, for it is no object"
            raise FileError(f', {place} {number}: has no field "{field}"; its fields are {names}')
        if not isinstance(held, str):
            raise FileError(f', {place} {number}: the field "{field}" is no text')
        yield whole(held).replace("\r\n", "\n")


def _of_parquet(content: bytes, field: str) -> Iterator[str]:
    if not field:
        raise FileError(' is parquet; name the column of its text, as in field="text"')
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        hint = "pip install 'scalingdsl[parquet]'"
        raise FileError(f": reading parquet needs pyarrow ({hint}), or write the text as JSON lines") from None
    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        if field not in file.schema_arrow.names:
            raise FileError(f': has no column "{field}"; its columns are {", ".join(file.schema_arrow.names[:NAMED])}')
        row = 0
        for batch in file.iter_batches(batch_size=1_000, columns=[field]):
            for cell in batch.column(0).to_pylist():
                row += 1
                if not isinstance(cell, str):
                    raise FileError(f', row {row}: the column "{field}" holds no text')
                yield cell.replace("\r\n", "\n")
    except (ArrowException, OSError) as error:
        raise FileError(f" is no parquet that can be read: {error}") from None
