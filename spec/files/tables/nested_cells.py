"""Cells of csv that hold records, as W&B's `config` and `summary` do in the script of its manual: `{'lr': 0.1}`.

Written by Python or in JSON; each field is a column of its own, `config.lr`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from .cells import check_shape
from .json_tables import flat

#: Letters of a cell that is taken apart.
LONGEST = 20_000
_NAN, _INF = (re.compile(rf"(?<=[\s\-\[(]){name}(?=\s*[,}}\])])") for name in ("nan", "inf"))


def fields_of_cells(columns: Mapping[str, Sequence[Any]], told: list[str]) -> Mapping[str, Sequence[Any]]:
    """The same columns, those whose every cell is a record by their fields."""
    found: dict[str, Sequence[Any]] = {}
    for name, cells in columns.items():
        records = _records(cells)
        if records is None:
            found[name] = cells
            continue
        names = dict.fromkeys(f"{name}.{inner}" for record in records for inner in record)
        check_shape(len(names), len(records))
        # A column that stands there under such a name is kept as it is.
        for inner in (inner for inner in names if inner not in columns):
            found[inner] = [record.get(inner.removeprefix(f"{name}.")) for record in records]
        told.append(f'the column "{name}" holds records, whose fields are columns, such as "{next(iter(names), name)}"')
    return found


def _records(cells: Sequence[Any]) -> list[dict[str, Any]] | None:
    """The records of a column; None where a cell is none, or all are empty."""
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    there = [text for text in texts if text]
    if not there or not all(text[0] == "{" and text[-1] == "}" and len(text) <= LONGEST for text in there):
        return None
    found = [_record(text) if text else {} for text in texts]
    return None if any(record is None for record in found) else [record or {} for record in found]


def _with_nan(text: str) -> Any:
    """What Python writes for NaN and infinity are names to it, and no values."""
    return ast.literal_eval(_INF.sub("1e999", _NAN.sub("None", text)))


def _record(text: str) -> dict[str, Any] | None:
    for read in (json.loads, ast.literal_eval, _with_nan):
        try:
            held = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            continue
        if isinstance(held, dict) and all(isinstance(name, str) for name in held):
            return dict(flat(held))
    return None
