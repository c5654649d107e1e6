"""The texts in a file of a corpus: its own, those of an archive, or a field of its records.

What a file looks like that is read as plain text all the same, and what seems to part its documents, is told.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from lzma import LZMAError
from typing import Any

from .lines import encoding_of, text_of, whole
from .raw_file import MOST_BYTES, ZIP, FileError, allowed, is_workbook, other_format, unpacked, zip_members
from .tables.json_tables import parsed_json

#: Bytes that the files of a text may hold together.
MOST_TEXT = 1_000_000_000
#: How many times its size a packed text may come to; text comes to some four times, and a bomb to a thousand.
MOST_TIMES = 20
#: What stands between documents in the corpora of language models.
SEPARATORS = ("<|endoftext|>", "<|end_of_text|>", "<|endofdoc|>", "<|eod|>", "<eos>", "</s>")
#: Bytes at the beginning of a file that it is recognised by.
HEAD = 4096
#: Lines, records or rows that a message names.
NAMED = 5
#: Letters of a name that a message shows.
NAME = 80
#: How often a line comes that may part documents, and the characters of a text that are looked at for one.
OFTEN = 20
MOST_LOOKED_AT = 1_000_000
_MARK = re.compile(r"^[ \t]*(([-=*~#_%+])(?: ?\2){2,40}|<[^<>\s]{1,30}>|\[[A-Z_]{2,30}\])[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_][\w .-]{0,40}")
_CELL = re.compile(r'"(?:[^"]|"")*"')
_CELLS = re.compile(rf"{_CELL.pattern}(?:,{_CELL.pattern})+")
_KEY = re.compile(rb'"\s*:')
#: What a page begins with; `<s>` is a mark that corpora begin with.
_TAG = re.compile(rb"<(?!s>)([A-Za-z!?][^<>\s]*)[^<>]*>")
#: Names of columns of texts, of which one is above rows that tabs part.
_TEXTS = frozenset((b"text", b"sentence", b"content", b"body", b"document", b"review", b"abstract", b"title", b"label"))


@dataclass(frozen=True)
class TextForm:
    """How the texts of a file are to be read, as far as a study says."""

    #: Name of the text in records of JSON or rows of csv or parquet; inside of others by its path, `a.b`.
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
        for held in _members(raw):
            yield from texts_in(held, form)
        return
    content = unpacked(raw, _most(raw))
    if content[257:262] == b"ustar":
        raise FileError(" is a tar archive; unpack it, and name its folder")
    if content.startswith(b"PAR1"):
        yield from _of_parquet(content, form.field)
    elif form.field:
        text = _decoded(content, form.encoding)
        yield from (_of_records if text.lstrip()[:1] in ("{", "[") else _of_rows)(text, form.field)
    else:
        yield _decoded(content, form.encoding).replace("\r\n", "\n")


def _decoded(content: bytes, encoding: str) -> str:
    """A file's text without a mark of its encoding.

    Raises:
        FileError: It is none: in a program's own format, or another encoding.
    """
    try:
        return text_of(content, encoding).removeprefix("\ufeff")
    except FileError:
        if what := other_format(content):
            raise FileError(f" is {what}; save its text alone") from None
        raise


def _most(raw: bytes) -> int:
    """Bytes that a packed text may come to."""
    return min(MOST_TEXT, max(MOST_BYTES, MOST_TIMES * len(raw)))


def longest_column(raw: bytes) -> str:
    """The column of a table whose first cell is the longest; empty where that is not told."""
    try:
        lines = unpacked(raw, _most(raw))[:HEAD].decode("utf-8", "replace").splitlines()
        rows = list(csv.reader(lines[:2], delimiter="\t" if "\t" in "".join(lines[:1]) else ","))
    except (FileError, csv.Error):
        return ""
    if len(rows) < 2 or len(rows[0]) != len(rows[1]) or len(rows[0]) < 2:
        return ""
    return max(zip(rows[0], rows[1], strict=True), key=lambda column: len(column[1]))[0]


#: What a text of pairs of whole numbers looks like, a pair a line, and how many lines tell.
EDGES, FEWEST_EDGES = "a list of edges", 20
_PAIR = re.compile(rb"\s*\d+(?:[ \t]+|[ \t]*[,;][ \t]*)\d+\s*")


def _is_edges(head: bytes) -> bool:
    lines = [x for x in head.split(b"\n")[:-1] if x.strip() and x[:1] not in b"#%"]
    return len(lines) >= FEWEST_EDGES and all(_PAIR.fullmatch(line) for line in lines)


def looks_like(raw: bytes) -> str:
    """The kind of file that a text is read as plain text of all the same; empty for plain text."""
    if raw.startswith(ZIP):
        return next(filter(None, map(looks_like, _members(raw))), "")
    content = unpacked(raw, _most(raw))
    head = content[:HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = head.split(b"\n", 1)[0].strip()
    if head[:1] == b"{" and first.endswith(b"}") and _KEY.search(first):
        return "JSON lines"
    if head[:1] in (b"{", b"[") and (_KEY.search(head) or (head[:1] == b"[" and head[1:].lstrip()[:1] == b'"')):
        return "JSON"
    if tag := _TAG.match(head):
        whole_page = b"</%s>" % tag.group(1)
        if head[:2] in (b"<!", b"<?") or b"</" in head or content.rstrip().endswith(whole_page):
            return "HTML or XML"
    if head.startswith(b"WARC/1."):
        return "a web archive (WARC)"
    if head.startswith(b"{\\rtf"):
        return "RTF"
    if b"\0" in head and encoding_of(content) == "utf-8":
        return "binary data"
    if _is_csv(head) or _is_quoted(head):
        return "a table"
    if _is_edges(head):
        return EDGES
    lines = [line for line in head.split(b"\n")[:-1] if line.strip()][:8]
    for delimiter in (b"\t", b",", b";"):
        counts = {line.count(delimiter) for line in lines}
        prose = any(b". " in line or line.rstrip().endswith((b".", b"!", b"?")) for line in lines)
        names = delimiter == b"\t" and not _TEXTS.isdisjoint(first.lower().split(delimiter))
        if len(lines) >= 4 and len(counts) == 1 and counts.pop() and (names or not prose):
            return "a table"
    return ""


def _is_csv(head: bytes) -> bool:
    """True of a header of plain names over rows of as many cells, each with a text in quotes."""
    first, _, rest = head.decode("utf-8", "replace").partition("\n")
    names = [name.strip('" \r') for name in first.split(",")]
    if not all(_NAME.fullmatch(name) for name in names):
        return False
    try:
        rows = [row for row in csv.reader(io.StringIO(rest)) if row][:-1]
    except csv.Error:
        return False
    return len(rows) > 1 and {len(row) for row in rows} == {len(names)} and rest.count('"') >= 2 * len(rows)


def _is_quoted(head: bytes) -> bool:
    """True of lines that are cells in quotes, as many in each, without a header: classes, titles and texts."""
    lines = head.decode("utf-8", "replace").split("\n")[:-1]
    widths = {len(_CELL.findall(line)) for line in lines if _CELLS.fullmatch(line.rstrip("\r"))}
    return len(lines) > 2 and len(widths) == 1 and all(_CELLS.fullmatch(line.rstrip("\r")) for line in lines)


def separator_in(text: str) -> str:
    """The known separator of documents that a text has; empty where it has none."""
    return next((mark for mark in SEPARATORS if mark in text), "")


def repeated_mark(text: str) -> str:
    """A line of signs or in brackets that comes so often that it may part documents; empty where there is none."""
    lines = Counter(found.group(1) for found in _MARK.finditer(text, 0, MOST_LOOKED_AT))
    most = max(lines, key=lines.__getitem__, default="")
    return most if lines[most] >= OFTEN else ""


def _members(raw: bytes) -> Iterator[bytes]:
    """The files in an archive, up to the first that is one.

    Raises:
        FileError: It is none, or unpacks to far more than text does.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
        if is_workbook(archive):
            raise FileError(" is a document of Word or Excel; save it as plain text")
        files = zip_members(archive)
        if sum(file.file_size for file in files) > allowed(_most(raw)):
            raise FileError(": the archive unpacks to far more than text does; unpack it first")
        for file in files:
            held = archive.read(file)
            if held.startswith(ZIP):
                raise FileError(f": the archive holds another, {file.filename[:NAME]}; unpack it first")
            yield held
    except (zipfile.BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, LZMAError) as error:
        raise FileError(f": it is not a whole zip file: {error}") from None


def _of_records(text: str, field: str) -> Iterator[str]:
    begin = text.lstrip()[:1]
    if begin == "[":
        records = enumerate(parsed_json(text, ""), 1)
        place = "record"
    else:
        # Files that were put one below the other keep the mark that each began with.
        lines = ((n, line.removeprefix("\ufeff")) for n, line in enumerate(text.split("\n"), 1) if line.strip())
        records = ((n, parsed_json(line, f", line {n}")) for n, line in lines)  # type: ignore[assignment]
        place = "line"
    for number, record in records:
        held: Any = record
        for part in (field,) if isinstance(record, dict) and field in record else field.split("."):
            held = held.get(part) if isinstance(held, dict) else None
        if held is None and isinstance(record, dict) and field in record:
            raise FileError(f', {place} {number}: the field "{field}" is null')
        if held is None:
            names = ", ".join(list(record)[:NAMED]) if isinstance(record, dict) else "none, for it is no object"
            own = [n for n, value in record.items() if isinstance(value, str)] if isinstance(record, dict) else []
            likely = max(own, key=lambda n: len(record[n]), default="")
            meant = f'; write `field="{likely}"`' if likely else ""
            raise FileError(f', {place} {number}: has no field "{field}"; its fields are {names}{meant}')
        if not isinstance(held, str):
            raise FileError(f', {place} {number}: the field "{field}" is no text')
        yield whole(held).replace("\r\n", "\n")


def _of_rows(text: str, name: str) -> Iterator[str]:
    """The texts in a column of a table with a header, parted by tabs, semicolons or commas."""
    delimiter = max("\t;,", key=text.split("\n", 1)[0].count)
    before = csv.field_size_limit(len(text))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [found.strip() for found in next(reader, [])]
        if name not in names:
            shown = ", ".join(f'"{found[:NAME]}"' for found in names[:NAMED])
            raise FileError(
                f': is neither JSON nor a table with a column "{name}"; its first line is {shown}; '
                f'of plain text leave `field="{name}"` out'
            )
        at = names.index(name)
        for row in filter(None, reader):
            if len(row) != len(names):
                raise FileError(f", line {reader.line_num}: {len(row)} cells under {len(names)} names")
            yield whole(row[at]).replace("\r\n", "\n")
    except csv.Error as error:
        raise FileError(f", line {reader.line_num}: {error}") from None
    finally:
        csv.field_size_limit(before)


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
        names = file.schema_arrow.names
        # One inside of others by its path, as in records.
        inside = [] if field in names else field.split(".")[1:]
        outer = field if field in names else field.split(".")[0]
        if outer not in names:
            raise FileError(f': has no column "{field}"; its columns are {", ".join(names[:NAMED])}')
        row = 0
        for batch in file.iter_batches(batch_size=1_000, columns=[outer]):
            for cell in batch.column(0).to_pylist():
                row += 1
                for name in inside:
                    cell = cell.get(name) if isinstance(cell, dict) else None
                if not isinstance(cell, str):
                    raise FileError(f', row {row}: the column "{field}" holds no text')
                yield cell.replace("\r\n", "\n")
    except (ArrowException, OSError) as error:
        raise FileError(f" is no parquet that can be read: {error}") from None
