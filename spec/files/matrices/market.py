"""Matrix Market files of coordinates: a banner, comments, a line of sizes, then `i j value` counted from 1.

Reference: Boisvert, Pozo & Remington 1996, NISTIR 5935.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..lines import number_of, numbered
from ..raw_file import FileError

BANNER = b"%%matrixmarket"


@dataclass(frozen=True)
class Banner:
    """The first line of a file."""

    weighted: bool
    symmetric: bool


Entry = tuple[int, int, int, float]


def is_matrix_market(content: bytes) -> bool:
    """True of content that begins with the banner."""
    return content.lstrip()[: len(BANNER)].lower() == BANNER


def coordinates(content: bytes) -> tuple[Banner, tuple[int, int], Iterator[Entry]]:
    """The banner, rows and columns, and the entries as (line, i, j, value), i and j from 1; a pattern's values are 1.

    Raises:
        FileError: Another kind of Matrix Market file, or one that is damaged.
    """
    lines = numbered(content)
    words = next(lines)[1].lower().split()[1:]
    kinds = ("real", "double", "integer", "pattern")
    if len(words) != 4 or words[:2] != ["matrix", "coordinate"] or words[2] not in kinds:
        raise FileError(": of Matrix Market files only `matrix coordinate` of real numbers is read; save it as csv")
    if words[3] not in ("general", "symmetric"):
        raise FileError(f": a matrix that is {words[3]} has no positive weights")
    banner = Banner(words[2] != "pattern", words[3] == "symmetric")
    data = ((number, line.split()) for number, line in lines if not line.startswith("%"))
    number, sizes = next(data, (1, []))
    if len(sizes) != 3 or not all(s.isdecimal() and len(s) < 16 for s in sizes):
        raise FileError(f", line {number}: wanted the numbers of rows, columns and entries")
    rows, columns, entries = map(int, sizes)

    def read() -> Iterator[Entry]:
        n = 0
        for number, fields in data:
            value = 1.0 if not banner.weighted else number_of(fields[2]) if len(fields) == 3 else None
            i, j = (int(f) if f.isdecimal() and len(f) < 16 else 0 for f in (*fields, "", "")[:2])
            if value is None or not (1 <= i <= rows and 1 <= j <= columns):
                raise FileError(f", line {number}: is no entry of a matrix of {rows:,} rows and {columns:,} columns")
            n += 1
            yield number, i, j, value
        if n != entries:
            raise FileError(f": {entries:,} entries are announced, and {n:,} are there")

    return banner, (rows, columns), read()
