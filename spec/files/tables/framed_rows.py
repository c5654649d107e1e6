"""What people put about the rows of a table: a row of units below the names, totals and means under the last run.

Such a row is no measurement; it is left out, and told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..lines import number_of
from .cells import MISSING

#: First cells of rows that sum others up.
TOTALS = frozenset(("total", "totals", "sum", "grand total", "subtotal", "mean", "average", "avg", "median", "std"))
Columns = Mapping[str, Sequence[Any]]


def without_frame(columns: Columns, told: list[str]) -> dict[str, Any]:
    """The same columns without a row of units, and without rows of totals at their end."""
    first = next(iter(columns.values()), ())
    start, stop = int(_is_of_units(columns)), len(first)
    if start:
        told.append("the row below the names holds no number, and is taken for units")
    while stop > start + 1 and _text(first[stop - 1]).rstrip(":").lower() in TOTALS:
        stop -= 1
    if stop < len(first):
        are = "1 row at the end sums" if len(first) - stop == 1 else f"{len(first) - stop} rows at the end sum"
        told.append(
            f"{are} others up, and {'is' if len(first) - stop == 1 else 'are'} left out ({_text(first[stop])!r})"
        )
    if (start, stop) == (0, len(first)):
        return dict(columns)
    return {name: list(cells[start:stop]) for name, cells in columns.items()}


def _is_of_units(columns: Columns) -> bool:
    """True where the first row has no number in two columns or more, which hold nothing but numbers below it."""
    numeric = [cells for cells in columns.values() if len(cells) > 2 and all(map(_is_number, cells[1:]))]
    said = any(_text(cells[0]).lower() not in MISSING for cells in numeric)
    return said and len(numeric) > 1 and not any(_is_number(cells[0]) for cells in numeric)


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _is_number(cell: Any) -> bool:
    text = _text(cell)
    return text.lower() not in MISSING and number_of(text, comma=True) is not None
