"""A table made elsewhere, read into columns: csv (commas, tabs or semicolons), jsonl, json, parquet; gzip too.

Plain Python, so that checking a study needs no numerical library; only parquet needs one, and only where it is read.
What is refused here is refused wherever a table is read.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .text_files import decode

#: What an empty number looks like in tables found in the wild.
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})


class NoTableError(ValueError):
    """A file that is no table; the text continues its name: `, line 2: not JSON`."""


def read_columns(path: Path) -> dict[str, list[Any]]:
    """The cells of every column by its name; None where a row has none.

    Raises:
        NoTableError: Not a table that can be read.
        OSError: Not a file that can be read.
    """
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes[-1:] == [".parquet"]:
        return _parquet(path)
    zipped = suffixes[-1:] == [".gz"]
    kind = "".join((suffixes[:-1] if zipped else suffixes)[-1:])
    if kind not in _READERS:
        raise NoTableError(f": tables are csv, tsv, jsonl, json or parquet, not {kind}")
    raw = path.read_bytes()
    try:
        if zipped and not raw.startswith(b"\x1f\x8b"):
            raise ValueError("it is not a whole gzip file, as its name says")
        content = decode(raw)
    except ValueError as error:
        raise NoTableError(f": {error}") from error
    columns: dict[str, list[Any]] = {}
    for count, row in enumerate(_READERS[kind](content)):
        for name, cell in row.items():
            columns.setdefault(name, [None] * count).append(cell)
        if len(row) < len(columns):
            for name in columns.keys() - row.keys():
                columns[name].append(None)
    if not columns:
        raise NoTableError(": no rows")
    return columns


def number_in(cell: Any) -> float | None:
    """The number in a cell; None where it is missing.

    Raises:
        TypeError, ValueError: It holds something else.
    """
    return None if cell is None or (isinstance(cell, str) and cell.strip().lower() in MISSING) else float(cell)


def _json_lines(content: str) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(io.StringIO(content), 1):
        if line.strip():
            row = _json(line, f", line {number}")
            if not isinstance(row, dict):
                raise NoTableError(f", line {number}: each line is one object with the names of the columns")
            yield row


def _json_table(content: str) -> Iterable[Mapping[str, Any]]:
    rows = _json(content, "")
    if isinstance(rows, dict) and rows and all(isinstance(v, list) for v in rows.values()):
        lengths = {len(v) for v in rows.values()}
        if len(lengths) > 1:
            raise NoTableError(f": columns of different lengths ({', '.join(map(str, sorted(lengths)))})")
        return [dict(zip(rows, values)) for values in zip(*rows.values())]
    if not (isinstance(rows, list) and all(isinstance(r, dict) for r in rows)):
        raise NoTableError(": a JSON table is a list of objects, or an object of columns")
    return rows


def _json(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise NoTableError(f"{place}: not JSON ({error})") from error


def _separated(content: str) -> Iterator[Mapping[str, Any]]:
    head = content.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(content), delimiter=max(",\t;", key=head.count), skipinitialspace=True)
    names: list[str] = []
    try:
        for number, line in enumerate((line for line in lines if line), 1):
            if number == 1:
                names = [name.strip() for name in line]
                twice = sorted({n for n in names if names.count(n) > 1 and n})
                if twice:
                    raise NoTableError(f": two columns are called {', '.join(twice)}")
            elif len(line) != len(names):
                raise NoTableError(f", row {number}: {len(line)} values for {len(names)} columns")
            else:
                yield {name: cell for name, cell in zip(names, line) if name}
    except csv.Error as error:
        raise NoTableError(f", line {lines.line_num}: {error}") from error


def _parquet(path: Path) -> dict[str, list[Any]]:
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        hint = "pip install 'scalingdsl[parquet]'"
        raise NoTableError(f": reading parquet needs pyarrow ({hint}), or convert the table") from error
    try:
        columns: dict[str, list[Any]] = parquet.read_table(path).to_pydict()
    except ArrowException as error:
        raise NoTableError(f" is no table in parquet that can be read: {error}") from error
    return columns


_READERS = {
    **dict.fromkeys((".jsonl", ".ndjson"), _json_lines),
    ".json": _json_table,
    **dict.fromkeys((".csv", ".tsv", ".txt", ""), _separated),
}
