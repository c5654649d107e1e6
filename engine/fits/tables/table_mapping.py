"""A table found in the wild as arrays, and its columns that are N, D, C, the loss and the run: as requested, or by
their usual names.

`N=params*1e6` is an expression of the language over the table's columns; a name that is no identifier stands in
quotes or, where it is the whole expression, plainly. C = 6 N D supplies whichever of the three is not there.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.diagnostics.suggest import near_miss
from scalingdsl.spec.errors import FitError, SpecError
from scalingdsl.spec.files.tables.cells import Cells, number_in, typed
from scalingdsl.spec.files.tables.table_file import NoTableError, read_table_file
from scalingdsl.spec.resolve.columns import headed, in_names
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.parser import parse_test, parse_value
from scalingdsl.spec.vocabulary.functions import CELL_FUNCTIONS
from scalingdsl.spec.vocabulary.quantities import headers, tied

from ..core.array_algebra import Arrays
from ..core.fit_result import Array
from .column_questions import questions

Columns = dict[str, NDArray[Any]]

#: How compute is had where the table has none.
IDENTITY_C = "6*N*D"


def read_table(path: Path) -> Columns:
    """The columns of a table: numbers as float64 with NaN where one is missing, everything else as text.

    Raises:
        FitError: Not a table that can be read, with the file, the line and what was wrong.
    """
    return read_told_table(path)[0]


def read_told_table(path: Path) -> tuple[Columns, tuple[str, ...]]:
    """`read_table`, and what its reader guessed or left out.

    Raises:
        FitError: As there.
    """
    try:
        found = read_table_file(path)
    except NoTableError as error:
        raise FitError(f"{path}{error}") from error
    except OSError as error:
        raise FitError(f"cannot read {path}: {error.strerror or error}") from error
    return {name: _array(cells) for name, cells in found.columns.items()}, found.told


def column(cells: Sequence[Any]) -> NDArray[Any]:
    """Cells of one column: float64 where every one that is there is a number, else text."""
    return _array(typed(cells)[0])


def _array(cells: Cells) -> NDArray[Any]:
    return np.array(cells, dtype=np.float64 if isinstance(cells, array) else np.str_)


@dataclass(frozen=True)
class Named:
    """A table with its quantities found: `columns` has them beside its own; `source` says how each was had."""

    columns: Columns
    source: dict[str, str]
    n_rows: int
    #: Names of the columns as they were read.
    own: tuple[str, ...]

    def numbers(self, name: str) -> Array:
        """A column of numbers, or an expression over columns.

        Raises:
            FitError: No such column, or one of text.
        """
        if name not in self.columns:
            if not name.isidentifier():
                return of_text(name, self.columns)
            asked = "".join(f"\n  {question}" for question in questions(name, self.own))
            raise FitError(
                f"the table has no {name}; say which column it is, as in --columns {name}=COLUMN{asked}\n"
                f"  its columns are {', '.join(self.own)}"
            )
        found = self.columns[name]
        if found.dtype.kind != "f":
            row, text = first_text(found)
            read_from = self.source.get(name, name)
            shown = name if read_from == name else f"{name} ({read_from})"
            raise FitError(f"{shown} is no number in row {row}: {text!r}")
        return found


def first_text(values: NDArray[Any]) -> tuple[int, str]:
    """Row, counted from 1, and text of the first cell that is no number."""
    for row, value in enumerate(values.tolist(), 1):
        try:
            number_in(value)
        except ValueError:
            return row, value
    raise AssertionError("a column of text holds text")


def name_columns(table: Columns, requested: Mapping[str, str]) -> Named:
    """Find N, D, C, the loss and whatever else is requested for.

    Args:
        table: Columns as read.
        requested: Quantity -> column or expression.

    Raises:
        FitError: A quantity may be any of several columns, or an expression cannot be read.
    """
    n_rows = len(next(iter(table.values())))
    columns, source = dict(table), {}
    for name, text in requested.items():
        columns[name], source[name] = of_text(text, table), text
    for name, _ in headers():
        if name in source:
            continue
        known = headed(name, table)
        if len(known) > 1:
            raise FitError(f"{name} may be any of {', '.join(known)}: say which, as in --columns {name}={known[0]}")
        if known:
            columns[name], source[name] = table[known[0]], known[0]
    have = [name for name in tied() if name in source and columns[name].dtype.kind == "f"]
    if len(have) == 2:
        missing = next(name for name in tied() if name not in have)
        columns[missing], source[missing] = _identity(missing, columns)
    return Named(columns, source, n_rows, tuple(table))


def _identity(missing: str, columns: Mapping[str, NDArray[Any]]) -> tuple[Array, str]:
    """The third of N, D and C."""
    if missing == "C":
        return FLOPS_PER_PARAMETER_TOKEN * columns["N"] * columns["D"], IDENTITY_C
    other = "D" if missing == "N" else "N"
    with np.errstate(divide="ignore"):
        return columns["C"] / (FLOPS_PER_PARAMETER_TOKEN * columns[other]), f"C/(6*{other})"


def of_text(text: str, columns: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    """A column, or an expression over columns, by its text.

    Raises:
        FitError: The text does not parse, or names what is not there.
    """
    if text in columns:
        return columns[text]
    value = _evaluated(text, parse_value, columns)
    n_rows = len(next(iter(columns.values())))
    try:
        return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (n_rows,)))
    except ValueError:
        raise FitError(f"`{text}` is text, and no number") from None


def where(text: str, named: Named) -> NDArray[np.bool_]:
    """Rows for which a condition holds, shape (row,).

    Raises:
        FitError: The text is no condition on these columns.
    """
    held = np.asarray(_evaluated(text, parse_test, named.columns))
    if held.dtype != np.bool_:
        raise FitError(f"`{text}` is no condition; write a comparison, such as N < 1B")
    return np.array(np.broadcast_to(held, (named.n_rows,)))


def _evaluated(text: str, parse: Callable[[str], Any], columns: Mapping[str, NDArray[Any]]) -> Any:
    """The value of an expression over columns, elementwise."""
    plain, aliases = in_names(text, columns)

    def named(node: ast.Name) -> Any:
        return _named(aliases.get(node.id, node.id), text, columns)

    def refusal(call: ast.Call) -> FitError:
        if call.name in CELL_FUNCTIONS:
            return FitError(f"`{text}`: {call.name} does not take {len(call.args)} values")
        return FitError(f"`{text}`: no function is called {call.name}; there are {', '.join(CELL_FUNCTIONS)}")

    try:
        with np.errstate(all="ignore"):
            return Arrays(named, refusal).value(parse(plain))
    except SpecError as error:
        raise FitError(f"`{text}`: {error.diagnostics[0].message}") from error
    except (ArithmeticError, TypeError, ValueError) as error:
        raise FitError(f"`{text}` cannot be computed: {error}") from error


def _named(name: str, text: str, columns: Mapping[str, NDArray[Any]]) -> Any:
    """A column; or the name itself where it is a value of a column of text, as in `schedule == cosine`."""
    if name in columns:
        return columns[name]
    if any(c.dtype.kind == "U" and np.any(c == name) for c in columns.values()):
        return name
    raise FitError(f"`{text}`: no column is called {name}; there are {', '.join(columns)}{near_miss(name, columns)}")
