"""Rows of numbers that are no transition matrix by their number, and what they are seen to be."""

from __future__ import annotations

from collections.abc import Sequence

from ..lines import number_of
from ..raw_file import FileError

#: How far the numbers of a row may be off their sum, relative to it.
OFF = 0.02


def not_square(rows: Sequence[Sequence[str]], comma: bool = False) -> FileError:
    """Of rows of as many fields, which are not as many as there are rows."""
    if not any(number_of(row[0].removesuffix("%"), comma) is not None for row in rows):
        rows = [row[1:] for row in rows]
    n, width = len(rows), len(rows[0])
    values = [[number_of(cell.removesuffix("%"), comma) or 0.0 for cell in row] for row in rows]
    if n == width - 1 and all(_near(row[-1], sum(row[:-1])) for row in values):
        return FileError(": the last number of each row is the sum of those before it: leave that column out")
    if not sums_alike(rows, comma):
        general = "a transition matrix is square, and triples have three fields: i j probability"
        return FileError(f": {_counted(n, 'row')} of {width} numbers; {general}")
    between = f"{_counted(n, 'row')} of {width} numbers that sum to {'1' if _near(sum(values[0]), 1) else '100'}"
    lack = f"{width - n} {'is' if width - n == 1 else 'are'} missing" if n < width else f"leave {n - width} of them out"
    return FileError(
        f": {between}: a chain of {width} states has a row for each, {'and' if n < width else 'so'} {lack}"
    )


def sums_alike(rows: Sequence[Sequence[str]], comma: bool = False) -> bool:
    """True of rows of shares, or of percentages, that each sum to the whole."""
    values = [[number_of(cell.removesuffix("%"), comma) for cell in row] for row in rows]
    if any(x is None or x < 0 for row in values for x in row):
        return False
    sums = [sum(x or 0.0 for x in row) for row in values]
    return any(all(_near(total, whole) for total in sums) for whole in (1, 100))


def no_states(rows: Sequence[Sequence[str]], comma: bool = False) -> FileError | None:
    """Of triples whose first two numbers are no states; None where that is all there is to say."""
    values = [[number_of(cell, comma) for cell in row] for row in rows]
    if sums_alike(rows, comma):
        return not_square(rows, comma)
    known = [[x for x in row if x is not None] for row in values]
    if any(len(row) < len(rows[0]) for row in known):
        return None
    if len(rows) == 2 and all(_near(row[2], row[0] + row[1]) for row in known):
        return not_square(rows, comma)
    typed = next((cell for row in rows for cell in row[:2] if not cell.isdigit()), None)
    if typed is not None and all(x.is_integer() and x >= 0 for row in known for x in row[:2]):
        whole = number_of(typed, comma) or 0.0
        return FileError(f": states are whole numbers: write `{whole:g}` for `{typed}`, and so in every line")
    if all(0 <= row[0] <= 1 and x.is_integer() for row in known for x in row[1:]):
        first = rows[0]
        meant = ",".join((*first[1:], first[0]))
        return FileError(f": a line is i j probability, which stands last: write `{meant}`, and so in every line")
    return None


def _near(value: float, whole: float) -> bool:
    return abs(value - whole) <= OFF * abs(whole)


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
