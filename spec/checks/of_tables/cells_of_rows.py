"""The cells of a table that is short enough to be looked through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ...expressions.canonical_tree import text
from ...files.tables.cells import Cells
from ...files.tables.table_file import NoTableError, read_table_file
from ...resolve.columns import headed
from ...resolve.components import Alternative
from ...resolve.table_quantities import TableColumns
from ...syntax import ast

#: Rows of a table that is looked through.
MOST_ROWS = 20_000


def texts_given(alternative: Alternative) -> dict[str, str]:
    """The arguments of a table's call that are texts: its path, and the column of each quantity."""
    return {a.name: a.value.value for a in alternative.call.named if isinstance(a.value, ast.String)}


def column_of(quantity: str, given: Mapping[str, str], table: TableColumns) -> str:
    """What gives a quantity: the text that is written for it, else the column that is called as it; empty for none."""
    return given.get(quantity) or next(iter(headed(quantity, table.file)), "")


def sizes_of(
    quantity: str, alternative: Alternative, table: TableColumns, columns: Mapping[str, Cells]
) -> list[tuple[object, ...]]:
    """What tells one `quantity` of a row from another's, a row each: cells of the columns that give it; none where none
    does.
    """
    given = next((text(a.value) for a in alternative.call.named if a.name == quantity), "")
    written = given or next((name for name in headed(quantity, table.file)), "")
    read = [name for name in columns if name == written.strip('"') or name in re.findall(r"\w+", written)]
    return list(zip(*(columns[name] for name in read), strict=True))


def cells_of_rows(given: Mapping[str, str], table: TableColumns, base: Path) -> Mapping[str, Cells]:
    """The columns of one file by name; none of a long one, of two that are joined, or of one that cannot be read."""
    if "sha256" not in given or "beside" in given:
        return {}
    if any(table.columns[n].finite.bit_count() > MOST_ROWS for n in table.file if n in table.columns):
        return {}
    return _read(base / given["path"], given["sha256"])


@lru_cache(maxsize=2)
def _read(path: Path, content: str) -> Mapping[str, Cells]:
    try:
        return read_table_file(path).columns
    except (OSError, NoTableError):
        return {}
