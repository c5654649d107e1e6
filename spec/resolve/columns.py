"""The columns of a table that a study reads: their names, and of each whether it holds numbers or text.

A table that needs a library (parquet), or one too large to look through, is left to be judged where it is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files.table_file import number_in, read_columns
from ..vocabulary.quantities import QUANTITIES

#: Files larger than this are not looked through while a study is checked.
MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Column:
    """The content of one column."""

    #: Least and greatest number; None where it holds text or nothing.
    low: float | None = None
    high: float | None = None
    #: Its distinct texts in order of appearance; empty for a column of numbers.
    labels: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """True where it holds something that is no number."""
        return bool(self.labels)


def columns_of(path: Path) -> dict[str, Column] | None:
    """The columns of a table by name; None where they cannot be told here.

    Raises:
        NoTableError: Nor can they anywhere: the file is no table.
    """
    try:
        if path.suffix.lower() == ".parquet" or path.stat().st_size > MOST_BYTES:
            return None
        return {name: _column(cells) for name, cells in read_columns(path).items()}
    except OSError:
        return None


def _column(cells: Iterable[Any]) -> Column:
    """The content of one column from its cells."""
    low, high = math.inf, -math.inf
    texts: dict[str, None] = {}
    is_text = False
    for cell in cells:
        try:
            number = number_in(cell)
        except (TypeError, ValueError):
            is_text = True
            number = math.nan
        if number is None:
            continue
        texts[str(cell)] = None
        if math.isfinite(number):
            low, high = min(low, number), max(high, number)
    if is_text:
        return Column(labels=tuple(texts))
    return Column(low, high) if low <= high else Column()


def headed(name: str, columns: Iterable[str]) -> list[str]:
    """Columns that may be taken for a quantity: the one of exactly its name, else all that its usual names fit."""
    there = list(columns)
    if name in there:
        return [name]
    headers = QUANTITIES[name].headers if name in QUANTITIES else ()
    return [c for c in there if "".join(ch for ch in c.lower() if ch.isalnum()) in headers]
