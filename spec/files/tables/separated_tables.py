"""Tables of lines whose cells are parted by commas, semicolons, tabs, bars or blanks, under a line of names."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..lines import LONGEST, SEPARATOR, number_of, split_at
from ..raw_file import FileError
from .cells import check_shape
from .framed_rows import names_groups, without_frame

#: Characters of a line that a message shows.
SHOWN = 60
#: Lines that titles above a table take at most.
MOST_TITLES = 6
#: Names in single quotes, every one.
_SINGLE = re.compile(r"'[^']*'(?:\s*[,;\t]\s*'[^']*')+")
_RULE = re.compile(r"[|+\s:-]*-[|+\s:-]*")


def separated(text: str, told: list[str]) -> tuple[dict[str, list[Any]], str]:
    """Cells by the names of their columns, and what parts them; a blank parts where any run of blanks does.

    Raises:
        FileError: Rows of other lengths, two columns of one name, no names.
    """
    # Files that were put one below the other keep the mark that each began with.
    lines = [line.removeprefix("\ufeff") for line in io.StringIO(text, newline=None).read().split("\n")]
    start, header, delimiter = _head(lines, told)
    if start >= len(lines) and not header:
        raise FileError(": no rows")
    rows = _rows(lines[start:], delimiter)
    names = header or next(rows, [])
    columns = _columns([name.strip() for name in names], rows, told)
    return without_frame(columns, told), delimiter


def _head(lines: list[str], told: list[str]) -> tuple[int, list[str], str]:
    """The line at which the table begins, names that a comment gave, and the delimiter."""
    at, given, comments = 0, "", []
    while at < len(lines):
        bare = lines[at].strip("\ufeff ")
        if (sep := SEPARATOR.fullmatch(bare)) and not given:
            given = sep.group(1)
        elif bare.startswith(("#", "% ")):
            comments.append(bare)
        elif bare:
            break
        at += 1
    if at == len(lines):
        if not comments:
            return at, [], given or ","
        at, comments = next(i for i, line in enumerate(lines) if line.strip("\ufeff ").startswith(("#", "% "))), []
    title = _title(lines, at, given)
    if title:
        told.append(f"{title} line{'s are' if title > 1 else ' is'} left out before the names ({lines[at][:SHOWN]!r})")
        at += title
    head = lines[at].lstrip("#%").strip()
    rest = [line for line in lines[at + 1 : at + 20] if line.strip()]
    delimiter = given or _delimiter(head, rest)
    whole = lines[at].count('"') % 2 == 0
    if whole and len(rest) > 1 and names_groups(*(_cells(line, delimiter) for line in (lines[at], *rest[:2]))):
        told.append(f"the line above the names is left out ({lines[at][:SHOWN]!r})")
        at = lines.index(rest[0], at)
        head, rest = lines[at], rest[1:]
    if comments:
        first = _cells(head, delimiter)
        names = _cells(comments[-1].lstrip("#%").strip(), delimiter)
        numbers = [number_of(cell, comma=True) is not None for cell in first]
        words = all(number_of(name, comma=True) is None for name in names)
        if len(names) == len(first) and len(first) > 1 and any(numbers) and words:
            told.append(f"the comment {comments[-1][:SHOWN]!r} is taken for the names of the columns")
            return at, names, delimiter
        told.append(f"{len(comments)} lines before the names of the columns are left out ({comments[0][:SHOWN]!r})")
    if lines[at].startswith(("#", "%")):
        lines[at] = head
    return at, [], delimiter


def _title(lines: list[str], at: int, given: str) -> int:
    """Lines of one cell above the names of several columns, of which none is a number; blank ones among them."""
    rest = [line for line in lines[at + 1 : at + 20] if line.strip()]
    own = given or _delimiter(lines[at], rest)
    if lines[at].count('"') % 2 or (own != " " and _names_rows(_filled(lines[at], own), rest, own)):
        return 0
    for count in range(1, MOST_TITLES):
        place = at + count
        if place + 1 >= len(lines):
            return 0
        head, rest = lines[place], [line for line in lines[place + 1 : place + 20] if line.strip()]
        delimiter = given or _delimiter(head, rest)
        if delimiter == " " or any(len(_filled(line, delimiter)) > 1 for line in lines[at:place]):
            return 0
        names = _filled(head, delimiter)
        if len(names) > 1:
            return count if all(number_of(name, comma=True) is None for name in names) else 0
    return 0


def _names_rows(names: list[str], rest: list[str], delimiter: str) -> bool:
    """True of several names, none of them a number, above a row of as many cells."""
    several = len(names) > 1 and all(number_of(name, comma=True) is None for name in names)
    return several and bool(rest) and len(_cells(rest[0], delimiter)) == len(names)


def _filled(line: str, delimiter: str) -> list[str]:
    return [cell for cell in _cells(line, delimiter) if cell]


def _delimiter(head: str, rest: list[str]) -> str:
    if _RULE.fullmatch(head) or (head.startswith("|") and head.endswith("|")):
        return "|"
    outside = re.sub(r'"[^"]*"', "", head)
    there = sorted((mark for mark in "\t;," if mark in outside), key=outside.count, reverse=True)
    if there:
        # Of several, the one that parts the rows as it parts the names.
        even = (mark for mark in there if rest and all(len(_cells(x, mark)) == len(_cells(head, mark)) for x in rest))
        return next(even, there[0])
    if outside.count("|") and all("|" in line or _RULE.fullmatch(line.strip()) for line in rest[:2]):
        return "|"
    blanks = split_at(head, None)
    if len(blanks) > 1 and rest and all(len(split_at(line, None)) in (len(blanks), len(blanks) + 1) for line in rest):
        return " "
    return ","


def _cells(line: str, delimiter: str) -> list[str]:
    return split_at(line, None if delimiter == " " else delimiter)


def _rows(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter in " |":
        for line in lines:
            bare = line.strip()
            if delimiter == "|" and (_RULE.fullmatch(bare) or not bare):
                continue
            if bare:
                yield split_at(bare.strip("|"), "|") if delimiter == "|" else split_at(bare, None)
        return
    before = csv.field_size_limit(LONGEST)
    quote = "'" if lines and _SINGLE.fullmatch(lines[0].strip()) else '"'
    rows = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter, quotechar=quote, skipinitialspace=True)
    try:
        for row in rows:
            if row:
                yield row
    except csv.Error as error:
        raise FileError(f", line {rows.line_num}: {error}") from None
    finally:
        csv.field_size_limit(before)


def _columns(names: list[str], rows: Iterator[list[str]], told: list[str]) -> dict[str, list[Any]]:
    check_shape(len(names), 0)
    twice = sorted(name for name, n in Counter(names).items() if n > 1 and name)
    if twice:
        raise FileError(f": two columns are called {', '.join(twice[:5])}")
    if len(names) > 1 and all(number_of(name, comma=True) is not None for name in names):
        raise FileError(", row 1: holds numbers, where the names of the columns are wanted; write them in a first line")
    cells: list[list[str]] = [[] for _ in names]
    empty = again = comments = 0
    behind: list[str] = []
    for number, row in enumerate(rows, 2):
        if behind and any(cell.strip() for cell in row) and len(row) > 1:
            raise FileError(f", row {number - 1}: 1 value for {len(names)} columns")
        if len(row) == len(names) + 1 and number == 2 and row[-1].strip():  # R leaves out the name of row names
            names, cells = ["", *names], [[], *cells]
        while len(row) > len(names) and not row[-1].strip():
            row.pop()
        if len(row) != len(names):
            if row[0].startswith("#"):
                comments += 1
                continue
            if len(row) == 1 < len(names) and number_of(row[0], comma=True) is None and cells[0]:
                behind.append(row[0])
                continue
            raise FileError(f", row {number}: {len(row)} values for {len(names)} columns")
        if not any(cell.strip() for cell in row):
            empty += 1
        elif [cell.strip() for cell in row] == names:
            again += 1
        elif row[0].startswith("# ") and not any(number_of(cell, comma=True) is not None for cell in row):
            comments += 1
        else:
            for column, cell in zip(cells, row):
                column.append(cell)
    if behind:
        are = "1 line behind the rows is" if len(behind) == 1 else f"{len(behind):,} lines behind the rows are"
        told.append(f"{are} left out ({behind[0][:SHOWN]!r})")
    for count, what in (
        (again, "repeat the names of the columns, and are left out"),
        (empty, "are empty, and are left out"),
        (comments, "are taken for comments"),
    ):
        if count:
            told.append(
                f"{count:,} rows {what}"
                if count > 1
                else f"1 row {what.replace('are', 'is').replace('repeat', 'repeats')}"
            )
    return {name: column for name, column in zip(names, cells) if name}
