"""Tables as text for other programs: csv and JSON lines, what is missing left out."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..analysis.analysis_result import Columns


def csv_text(columns: Columns) -> str:
    """A table with a row of names."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(row.values() for row in _rows(columns))
    return text.getvalue()


def jsonl_text(columns: Columns) -> str:
    """An object a row."""
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in _rows(columns))


def _rows(columns: Columns) -> Iterator[Mapping[str, Any]]:
    for row in zip(*(_plain(column) for column in columns.values())):
        yield dict(zip(columns, row))


def _plain(column: Any) -> list[Any]:
    """A column as Python values; what is missing or without bound as None."""
    return [None if isinstance(v, float) and not math.isfinite(v) else v for v in column.tolist()]
