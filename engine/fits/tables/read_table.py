"""Any table of runs as columns: csv (commas, tabs or semicolons), jsonl, json, parquet; gzip where the name says so."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.resolve.columns import MISSING

Columns = dict[str, NDArray[Any]]


def read_table(path: Path) -> Columns:
    """The columns of a table: numbers as float64 with NaN where one is missing, everything else as text.

    Raises:
        FitError: Not a table that can be read, with the file, the line and what was wrong.
    """
    suffixes = [s.lower() for s in path.suffixes]
    if suffixes[-1:] == [".parquet"]:
        return _parquet(path)
    text = _text(path, zipped=suffixes[-1:] == [".gz"])
    kind = next((s for s in reversed(suffixes) if s != ".gz"), "")
    if kind in (".jsonl", ".ndjson"):
        rows = [_object(line, f"{path}, line {i}") for i, line in enumerate(text.splitlines(), 1) if line.strip()]
    elif kind == ".json":
        rows = _array(text, str(path))
    elif kind in (".csv", ".tsv", ".txt", ""):
        rows = _separated(text, str(path))
    else:
        raise FitError(f"{path}: tables are csv, tsv, jsonl, json or parquet, not {kind}")
    if not rows:
        raise FitError(f"{path}: no rows")
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {name: column([row.get(name) for row in rows]) for name in names}


def column(values: Sequence[Any]) -> NDArray[Any]:
    """Cells of one column: float64 where every one that is there is a number, else text."""
    numbers = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if value is None or (isinstance(value, str) and value.strip().lower() in MISSING):
            continue
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError):
            return np.array(["" if v is None else str(v) for v in values])
    return numbers


def _text(path: Path, zipped: bool) -> str:
    raw = path.read_bytes()
    try:
        return (gzip.decompress(raw) if zipped else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise FitError(f"{path}: not {'gzip of ' if zipped else ''}UTF-8 text ({error})") from error


def _object(line: str, where: str) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise FitError(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise FitError(f"{where}: each line is one object with the names of the columns")
    return row


def _array(text: str, where: str) -> list[Mapping[str, Any]]:
    try:
        rows = json.loads(text)
    except ValueError as error:
        raise FitError(f"{where}: not JSON ({error})") from error
    if isinstance(rows, dict) and rows and all(isinstance(v, list) for v in rows.values()):
        lengths = {len(v) for v in rows.values()}
        if len(lengths) > 1:
            raise FitError(f"{where}: columns of different lengths ({', '.join(map(str, sorted(lengths)))})")
        return [dict(zip(rows, values)) for values in zip(*rows.values())]
    if not (isinstance(rows, list) and all(isinstance(r, dict) for r in rows)):
        raise FitError(f"{where}: a JSON table is a list of objects, or an object of columns")
    return rows


def _separated(text: str, where: str) -> list[Mapping[str, Any]]:
    head = text.split("\n", 1)[0]
    separator = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    rows: list[Mapping[str, Any]] = []
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise FitError(f"{where}, line {reader.line_num}: {error}") from error
    if not lines:
        return []
    names = [name.strip() for name in lines[0]]
    twice = sorted({n for n in names if names.count(n) > 1 and n})
    if twice:
        raise FitError(f"{where}: two columns are called {', '.join(twice)}")
    for number, line in enumerate(lines[1:], 2):
        if len(line) != len(names):
            raise FitError(f"{where}, row {number}: {len(line)} values for {len(names)} columns")
        rows.append({name: value for name, value in zip(names, line) if name})
    return rows


def _parquet(path: Path) -> Columns:
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        hint = "pip install 'scalingdsl[parquet]'"
        raise FitError(f"{path}: reading parquet needs pyarrow ({hint}), or convert the table") from error
    try:
        read = parquet.read_table(path).to_pydict()
    except ArrowException as error:
        raise FitError(f"{path} is no table in parquet that can be read: {error}") from error
    return {name: column(values) for name, values in read.items()}
