"""Markdown that a notebook shows for a value: short, with what is left out counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: Characters of a value's display, and of one cell of its tables.
MOST, MOST_OF_A_CELL = 1900, 90


def shown(*parts: str, rows: Sequence[str] = (), after: str = "") -> str:
    """Paragraphs, then rows of a list or table as far as there is room, then a last paragraph."""
    head = "\n\n".join(part for part in parts if part)
    room = MOST - len(head) - len(after) - 40
    kept: list[str] = []
    for row in rows:
        if room < len(row) + 1:
            break
        kept.append(row)
        room -= len(row) + 1
    left = len(rows) - len(kept)
    more = f"... and {left} more" if left else ""
    return "\n\n".join(part for part in (head, "\n".join(kept), more, after) if part)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(cell(text) for text in line) + " |" for line in lines]


def cell(text: str) -> str:
    """Text as a cell holds it: one line, cut where it is long."""
    plain = " ".join(text.split()).replace("|", "\\|")
    return plain if len(plain) <= MOST_OF_A_CELL else plain[: MOST_OF_A_CELL - 3] + "..."
