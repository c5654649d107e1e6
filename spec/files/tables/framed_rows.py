"""What people put about the rows of a table: names of groups above the names, a row of units below them, totals, means,
the least and greatest above the first run or under the last.

Such a row is no measurement; it is left out, and told. Units of size, `(M)`, then stand behind the names as if they
had been written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..lines import number_of
from .cells import MISSING

#: Words in rows that sum others up, in front of their numbers.
TOTALS = frozenset(
    (
        *("total", "totals", "sum", "grand total", "subtotal", "mean", "means", "average", "averages", "avg", "median"),
        *("std", "stdev", "std dev", "sd", "standard deviation", "mean ± std", "mean ± sd"),
    )
)
#: Words of which the numbers beside them must be what they say.
ENDS = {"min": min, "minimum": min, "max": max, "maximum": max}
#: Rows from which on gaps below a text are told.
FEWEST = 4
_SIZE = re.compile(r"[(\[]?(k|M|B|G|T|thousands?|millions?|billions?|trillions?)[)\]]?")
_SIGNS = re.compile(r"\s*(?:±|\+/-|\+-)\s*")
Columns = Mapping[str, Sequence[Any]]


def without_frame(columns: Columns, told: list[str]) -> dict[str, Any]:
    """The same columns without a row of units, and without rows at either end that sum the others up."""
    first = next(iter(columns.values()), ())
    start, stop = int(_is_of_units(columns)), len(first)
    if start:
        told.append("the row below the names holds no number, and is taken for units")
        columns = {_with_size(name, cells[0]): cells for name, cells in columns.items()}
    begin, end = start, stop
    while stop > start + 1 and _sums_up(columns, stop - 1, start, stop):
        stop -= 1
    while start < stop - 1 and _sums_up(columns, start, start, stop):
        start += 1
    for n, where, at in ((start - begin, "beginning", begin), (end - stop, "end", stop)):
        if n:
            are = "1 row at the {} sums others up, and is" if n == 1 else f"{n} rows at the {{}} sum others up, and are"
            told.append(f"{are.format(where)} left out ({_word(columns, at)[1]!r})")
    if (start, stop) == (0, len(first)):
        return dict(columns)
    return {name: list(cells[start:stop]) for name, cells in columns.items()}


def names_groups(row: Sequence[Any], names: Sequence[Any], first: Sequence[Any]) -> bool:
    """True of a row with gaps, as merged cells leave them, above names without any, above a row with numbers."""
    there = [cell for cell in row if _filled(cell)]
    texts = all(map(_filled, names)) and not any(map(_is_number, (*names, *there)))
    return 0 < len(there) < len(names) == len(set(map(_text, names))) and texts and any(map(_is_number, first))


def told_of_gaps(columns: Columns) -> Iterator[str]:
    """What is told of columns of texts that stand in the first row of each group alone, as merged cells leave them."""
    for name, cells in columns.items():
        if not isinstance(cells, list) or len(cells) < FEWEST or not _filled(cells[0]):
            continue
        there = [i for i, cell in enumerate(cells) if _filled(cell)]
        apart = [b - a for a, b in pairwise((*there, len(cells)))]
        if min(apart) > 1 and len({cells[i] for i in there}) == len(there):
            held = f'the column "{name}" holds a text in {len(there):,} of {len(cells):,} rows'
            yield f"{held}; write it in each row if it is that of the rows below, too"


def _sums_up(columns: Columns, at: int, start: int, stop: int) -> bool:
    name, word = _word(columns, at)
    plain = _SIGNS.sub(" ± ", word.lower().strip(" :.="))
    if plain not in TOTALS and plain not in ENDS:
        return False
    others = [_text(columns[name][i]) for i in range(start, stop) if i != at]
    if word in others:
        return False
    return plain in TOTALS or all(_is_end(cells, at, start, stop, ENDS[plain]) for cells in columns.values())


def _is_end(cells: Sequence[Any], at: int, start: int, stop: int, end: Any) -> bool:
    """True where a cell is no number, or the least or greatest of its column."""
    if not _is_number(cells[at]):
        return True
    number = _number(cells[at])  # rounded, perhaps
    return bool(number == end(number, *(_number(cells[i]) for i in range(start, stop) if _is_number(cells[i]))))


def _word(columns: Columns, at: int) -> tuple[str, str]:
    """The first text of a row that is no number, and its column; empty where there is none."""
    return next(_texts(columns, at), ("", ""))


def _texts(columns: Columns, at: int) -> Iterator[tuple[str, str]]:
    for name, cells in columns.items():
        if _filled(cells[at]) and not _is_number(cells[at]):
            yield name, _text(cells[at])


def _is_of_units(columns: Columns) -> bool:
    """True where the first row has no number in two columns or more, which hold nothing but numbers below it."""
    numeric = [cells for cells in columns.values() if len(cells) > 2 and all(map(_is_number, cells[1:]))]
    said = any(_filled(cells[0]) for cells in numeric)
    return said and len(numeric) > 1 and not any(_is_number(cells[0]) for cells in numeric)


def _with_size(name: str, unit: Any) -> str:
    """A column's name with the unit of size below it, `params (M)`."""
    found = _SIZE.fullmatch(_text(unit))
    return f"{name} ({found.group(1)})" if found else name


def _text(cell: Any) -> str:
    return cell.strip() if isinstance(cell, str) else "" if cell is None else str(cell)


def _filled(cell: Any) -> bool:
    return _text(cell).lower() not in MISSING


def _number(cell: Any) -> float:
    found = number_of(_text(cell), comma=True) if isinstance(cell, str) else float(cell)
    assert found is not None
    return found


def _is_number(cell: Any) -> bool:
    if isinstance(cell, int | float):
        return not isinstance(cell, bool)
    return isinstance(cell, str) and _filled(cell) and number_of(cell.strip(), comma=True) is not None
