"""The cells of a column as numbers, where all that are there are numbers however people write them, else as texts.

Decimal commas, thousands apart, units of size (`7B`, `1.4T`, `10M tokens`) and percentages are read for what they are
where a whole column is written so, and it is told.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..raw_file import FileError

#: What an empty number looks like in tables found in the wild.
MISSING = frozenset(
    {
        *("", "na", "n/a", "n.a.", "nan", "none", "null", "nil", "(null)", "\\n", "-", "--", ".", "?", "<na>"),
        *("#n/a", "#div/0!", "#value!", "#ref!", "#num!", "missing", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind"),
    }
)

#: Columns that a table may have, and cells, of rows in JSON or in cells too, which lack most of each other's names.
MOST_COLUMNS, MOST_CELLS = 10_000, 10_000_000
#: Digits that floating point keeps.
DIGITS = 15

#: Numbers, NaN where one is missing; or texts, empty where one is missing.
Cells = array | list  # type: ignore[type-arg]

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:([,'’_ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?")
#: Thousands parted by points, and by blanks or quotes, in a file of decimal commas.
_POINTED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_BLANKS = re.compile(r"[+-]?\d{1,3}(?:(['’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:,\d+)?")
#: `1.0D+07`, as Fortran writes 1e7.
_FORTRAN = re.compile(r"([+-]?\d*\.\d*)[dD]([+-]?\d+)")
#: `3×10^7`, `3*10**7`, `10⁷`.
_POWER = re.compile(r"(?:([+-]?\d+[.]?\d*)\s*[x×*·]\s*)?10\s*(?:(?:\^|\*\*)\s*\{?([+-]?\d+)\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))")
_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*)(?:,\d+)?(?:[eE][+-]?\d+)?")
_UNIT = re.compile(
    r"([+-]?(?:\d+[.]?\d*|[.]\d+)(?:[eE][+-]?\d+)?)\s*([kKmMbBgGtT](?![A-Za-z])|thousand|million|billion|trillion)?"
    r"\s*(?:tokens?|params?|parameters?|flops?|steps?|nats?)?",
    re.IGNORECASE,
)
_FACTORS = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "b": 1e9,
    "g": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "trillion": 1e12,
}


def check_shape(columns: int, rows: int) -> None:
    """Refuse a table that is made of more than it is worth.

    Raises:
        FileError: It has too many columns, or too many cells.
    """
    if columns > MOST_COLUMNS:
        raise FileError(f": has {columns:,} columns, more than {MOST_COLUMNS:,}; leave out those that no fit needs")
    if columns * rows > MOST_CELLS:
        raise FileError(f": has {columns:,} columns of {rows:,} rows, more than {MOST_CELLS:,} cells; thin it out")


def number_in(cell: Any) -> float | None:
    """The number in a cell; None where it is missing.

    Raises:
        TypeError, ValueError: It holds something else.
    """
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in MISSING):
        return None
    try:
        return float(cell)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if cell > 0 else -math.inf


def plain_numbers(cells: Iterable[Any], read: Callable[[Any], float | None] = number_in) -> array[float] | None:
    """Numbers as `read` reads them; None where a cell is none."""
    found = array("d")
    try:
        for cell in cells:
            number = read(cell)
            found.append(math.nan if number is None else number)
    except (TypeError, ValueError):
        return None
    return found


def typed(cells: Sequence[Any], comma: bool = False) -> tuple[Cells, str]:
    """A column, and what its cells were taken for; nothing where they are plain numbers or texts.

    Args:
        cells: As they were read.
        comma: Whether numbers of this file have decimal commas.
    """
    pointed = comma and _are_thousands(cells)
    if not pointed and (found := plain_numbers(cells)) is not None:
        if _are_names(cells):
            return [
                "" if cell is None else str(cell) for cell in cells
            ], "holds names of many digits, and is read as text"
        return found, ""
    if all(cell is None or isinstance(cell, str) for cell in cells):
        for read, what in _COMMAS if comma else _POINTS:
            if (found := plain_numbers(cells, read)) is not None:
                shown = next((c for c in cells if not _is_plain(c)), next((c for c in cells if "." in (c or "")), ""))
                return found, what.format(shown=shown.strip(), number=read(shown))
    return ["" if cell is None else str(cell) for cell in cells], ""


def _are_thousands(cells: Sequence[Any]) -> bool:
    """True where every point parts thousands, `1.234` and `1.234.567`, and there is one."""
    pointed = [cell.strip() for cell in cells if isinstance(cell, str) and "." in cell and "," not in cell]
    return any(_POINTED.fullmatch(cell) for cell in pointed) and all(
        _POINTED.fullmatch(cell) or cell.lower() in MISSING for cell in pointed
    )


def _are_names(cells: Sequence[Any]) -> bool:
    """True of whole numbers of so many digits that different ones would be one as floating point."""
    digits = {cell.strip() for cell in cells if isinstance(cell, str) and len(cell.strip()) > DIGITS}
    return bool(digits) and all(cell.isdecimal() for cell in digits) and len({*map(float, digits)}) < len(digits)


def has_decimal_commas(columns: Iterable[Sequence[Any]], likely: bool = False) -> bool:
    """True where some cell can only be a number with a decimal comma, `5,343153` or `0,5`.

    Of `1,234` alone nothing can be told; these count where decimal commas are `likely`.
    """
    for cells in columns:
        for cell in cells:
            text = cell.strip() if isinstance(cell, str) else ""
            if "," not in text or not _COMMA.fullmatch(text):
                continue
            if likely or _THOUSANDS.fullmatch(text) is None or text.startswith("0,"):
                return True
    return False


def _is_plain(cell: Any) -> bool:
    try:
        number_in(cell)
    except (TypeError, ValueError):
        return False
    return True


def _with(pattern: re.Pattern[str], convert: Callable[[re.Match[str]], float]) -> Callable[[Any], float | None]:
    def read(cell: Any) -> float | None:
        try:
            return number_in(cell)
        except ValueError:
            found = pattern.fullmatch(cell.strip())
            if found is None:
                raise
            return convert(found)

    return read


def _comma(cell: Any) -> float | None:
    text = cell.strip() if cell is not None else ""
    if text.lower() in MISSING:
        return None
    if "," not in text and text.count(".") < 2 and not _POINTED.fullmatch(text):
        return float(text)
    if not _COMMA.fullmatch(text):
        raise ValueError(text)
    return float(text.replace(".", "").replace(",", "."))


def _of_unit(found: re.Match[str]) -> float:
    return float(found.group(1)) * (_FACTORS[found.group(2).lower()] if found.group(2) else 1.0)


_SIZES = (_with(_UNIT, _of_unit), "has sizes with letters: {shown!r} is read as {number:.15g}")
_SHARES = (
    _with(re.compile(r"([+-]?\d+[.]?\d*)\s*%"), lambda m: float(m.group(1)) / 100),
    "is in per cent: {shown!r} is read as {number:.15g}",
)
_POINTS: tuple[tuple[Callable[[Any], float | None], str], ...] = (
    (
        _with(_THOUSANDS, lambda m: float(re.sub(r"[^0-9.+-]", "", m.group(0)))),
        "marks thousands: {shown!r} is read as {number:.15g}",
    ),
    _SIZES,
    _SHARES,
    (
        _with(_FORTRAN, lambda m: float(f"{m.group(1)}e{m.group(2)}")),
        "is written by Fortran: {shown!r} is read as {number:.15g}",
    ),
    (
        _with(_POWER, lambda m: float(f"{m.group(1) or 1}e{m.group(2) or m.group(3).translate(_RAISED)}")),
        "is in powers of ten: {shown!r} is read as {number:.15g}",
    ),
)
_COMMAS = (
    (_comma, "has decimal commas: {shown!r} is read as {number:.15g}"),
    (
        _with(_BLANKS, lambda m: float(re.sub(r"[^0-9,+-]", "", m.group(0)).replace(",", "."))),
        "marks thousands: {shown!r} is read as {number:.15g}",
    ),
    _SIZES,
    _SHARES,
)
