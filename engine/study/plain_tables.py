"""Tables for other programs: csv, JSON lines and parquet, what is missing left out, whole numbers as whole numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, canonical

if TYPE_CHECKING:
    from ..analysis.analysis_result import Columns

#: Units of what is counted: an axis of them may hold broken numbers, of which as many are trained as the nearest whole.
COUNTED = ("tokens", "steps")
#: How texts begin that spreadsheets compute.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
#: Whole numbers are exact up to here.
EXACT = 2.0**53


def csv_text(columns: Columns) -> str:
    """A table with a row of names."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([_inert(name) for name in columns])
    table.writerows([_inert(value) for value in row.values()] for row in _rows(columns))
    return text.getvalue()


def _inert(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: a text that begins like one gets an apostrophe before it.

    Reference: OWASP, "CSV Injection".
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def jsonl_text(columns: Columns) -> str:
    """An object a row."""
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in _rows(columns))


def parquet_bytes(columns: Columns) -> bytes:
    """A table with typed columns.

    Raises:
        UsageError: pyarrow, which writes it, is not installed.
    """
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError("parquet is written by pyarrow: pip install 'scalingdsl[parquet]'") from error
    into = io.BytesIO()
    parquet.write_table(pyarrow.table({name: plain(name, column) for name, column in columns.items()}), into)
    return into.getvalue()


def _rows(columns: Columns) -> Iterator[Mapping[str, Any]]:
    for row in zip(*(plain(name, column) for name, column in columns.items())):
        yield dict(zip(columns, row))


def plain(name: str, column: Any) -> list[Any]:
    """A column as Python values: what is missing or without bound as None, whole where every number there is whole."""
    if column.dtype.kind != "f":
        return list(column.tolist())
    known = np.isfinite(column)
    quantity = QUANTITIES.get(canonical(name)) if name in QUANTITIES else None
    counted = quantity is not None and (quantity.whole or quantity.unit in COUNTED)
    values = np.where(known, np.round(column) if counted else column, 0.0)
    whole = bool(np.any(known)) and bool(np.all((values == np.round(values)) & (np.abs(values) < EXACT)))
    return [(int(v) if whole else v) if there else None for v, there in zip(values.tolist(), known.tolist())]
