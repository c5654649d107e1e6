"""A table that is in memory: a mapping of columns, or the frame of a library. None of them is imported for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from scalingdsl.spec.errors import FitError

from .table_mapping import Columns, column


def columns_given(table: Any) -> Columns:
    """The columns of a table as a file with the same cells gives them: numbers as float64, everything else as text.

    Args:
        table: A mapping of names to arrays or lists; a pandas or polars DataFrame, or whatever else has `columns` and
            is indexed by their names; an Arrow table.

    Raises:
        FitError: It is no table, has no rows, or its columns differ in length.
    """
    columns = {str(name): column(_cells(str(name), values)) for name, values in _items(table)}
    lengths = {name: len(values) for name, values in columns.items()}
    if not any(lengths.values()):
        raise FitError("the table has no rows")
    if len(set(lengths.values())) > 1:
        raise FitError(f"columns differ in length: {', '.join(f'{name} has {n}' for name, n in lengths.items())}")
    return columns


def _items(table: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(table, Mapping):
        return table.items()
    if hasattr(table, "to_pydict"):
        return dict(table.to_pydict()).items()
    if hasattr(table, "columns") and hasattr(table, "__getitem__"):
        return ((name, table[name]) for name in table.columns)
    raise FitError(f"a {type(table).__name__} is no table: give a path, a DataFrame, or a mapping of names to arrays")


def _cells(name: str, values: Any) -> list[Any]:
    """The cells of a column, None where one is missing.

    Raises:
        FitError: It is no column: a single value, a matrix, or several columns of one name.
    """
    if np.ndim(values) != 1:
        raise FitError(f"{name} is no column of the table: it has {np.ndim(values)} dimensions, and a column has one")
    listed = values.tolist() if hasattr(values, "tolist") else list(values)
    return [None if _missing(value) else value for value in listed]


def _missing(value: Any) -> bool:
    """True for None, NaN, and what pandas writes for a value that is not there, which is equal to nothing."""
    if isinstance(value, float):
        return value != value
    return value is None or type(value).__name__ in ("NAType", "NaTType")
