"""Text and places in it. Every diagnostic carries a `Span`; a `Source` turns one into a line and a column."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True, order=True)
class Span:
    """Half-open range of characters `[start, end)` in the text of one file."""

    start: int
    end: int
    file: str = "<study>"

    def to(self, other: Span) -> Span:
        """The span from this one's start to `other`'s end."""
        return Span(self.start, max(self.end, other.end), self.file)

    def __contains__(self, other: object) -> bool:
        """True where another span lies within this one."""
        return (
            isinstance(other, Span) and other.file == self.file and self.start <= other.start and other.end <= self.end
        )


class Position(NamedTuple):
    """A place as people count: line and column from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    """One file's text and the name it is shown by."""

    text: str
    name: str = "<study>"

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(i + 1 for i, c in enumerate(self.text) if c == "\n"))

    def position(self, offset: int) -> Position:
        """Line and column of a character offset; offsets past the end are those of the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The user's own line, counted from 1, without its newline."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end]


def source_of(span: Span, sources: Mapping[str, Source]) -> Source:
    """The text a span lies in; an empty one where it is not known, so that a finding is never lost."""
    return sources.get(span.file) or Source("", span.file)
