"""A table found in the wild as arrays; the language reads its file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.resolve.table_file import NoTableError, number_in, read_columns

Columns = dict[str, NDArray[Any]]


def read_table(path: Path) -> Columns:
    """The columns of a table: numbers as float64 with NaN where one is missing, everything else as text.

    Raises:
        FitError: Not a table that can be read, with the file, the line and what was wrong.
    """
    try:
        return {name: column(cells) for name, cells in read_columns(path).items()}
    except NoTableError as error:
        raise FitError(f"{path}{error}") from error


def column(cells: Sequence[Any]) -> NDArray[Any]:
    """Cells of one column: float64 where every one that is there is a number, else text."""
    try:
        numbers = [number_in(cell) for cell in cells]
    except (TypeError, ValueError):
        return np.array(["" if cell is None else str(cell) for cell in cells])
    return np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)
