"""The columns of a table that a study reads: their names, and of each whether it holds numbers or text.

Plain Python, so that checking a study needs no numerical library; `engine/fits/tables/read_table.py` reads the same
files into arrays. A format that needs a library (parquet), or a file too large to look through, is left to be judged
there.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..vocabulary.quantities import QUANTITIES

#: What an empty number looks like in tables found in the wild.
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", "-"})
#: Files larger than this are not looked through while a study is checked.
MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Column:
    """What one column holds."""

    #: Least and greatest number; None where it holds text or nothing.
    low: float | None = None
    high: float | None = None
    #: Its distinct texts in order of appearance; empty for a column of numbers.
    labels: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether it holds something that is no number."""
        return bool(self.labels)


def columns_of(path: Path) -> dict[str, Column] | None:
    """The columns of a table by name; None where they cannot be told here."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
        suffixes = [s.lower() for s in path.suffixes]
        if suffixes[-1:] == [".gz"]:
            raw, suffixes = gzip.decompress(raw), suffixes[:-1]
        rows = _rows(raw.decode("utf-8-sig"), suffixes[-1] if suffixes else "")
    except (OSError, EOFError, ValueError, csv.Error):
        return None
    if not rows:
        return None
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _column(row.get(name) for row in rows) for name in names}


def _rows(content: str, kind: str) -> list[Mapping[str, Any]]:
    """The rows of a table as its format has them; none for a format that needs a library."""
    if kind in (".jsonl", ".ndjson"):
        found = [json.loads(line) for line in content.splitlines() if line.strip()]
    elif kind == ".json":
        found = json.loads(content)
        if isinstance(found, dict):
            found = [dict(zip(found, values, strict=False)) for values in zip(*found.values(), strict=False)]
    elif kind in (".csv", ".tsv", ".txt", ""):
        head = content.split("\n", 1)[0]
        lines = csv.reader(io.StringIO(content), delimiter=max(",\t;", key=head.count), skipinitialspace=True)
        names = [name.strip() for name in next(lines, ())]
        found = [{n: v for n, v in zip(names, line, strict=False) if n} for line in lines if line]
    else:
        return []
    return found if all(isinstance(row, dict) for row in found) else []


def _column(values: Iterable[Any]) -> Column:
    """What the cells of one column hold."""
    low, high = math.inf, -math.inf
    texts: dict[str, None] = {}
    is_text = False
    for value in values:
        if value is None or (isinstance(value, str) and value.strip().lower() in MISSING):
            continue
        texts[str(value)] = None
        try:
            number = float(value)
        except (TypeError, ValueError):
            is_text = True
            continue
        if math.isfinite(number):
            low, high = min(low, number), max(high, number)
    if is_text:
        return Column(labels=tuple(texts))
    return Column(low, high) if low <= high else Column()


def usual(name: str, columns: Iterable[str]) -> str | None:
    """The column that is taken for a quantity where a study names none; the one of exactly its name comes first."""
    there = list(columns)
    if name in there:
        return name
    headers = QUANTITIES[name].headers if name in QUANTITIES else ()
    known = [c for c in there if "".join(ch for ch in c.lower() if ch.isalnum()) in headers]
    return known[0] if len(known) == 1 else None
