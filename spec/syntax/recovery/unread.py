"""Statements that were not read in full: lines that go on with the one above, and what is not judged for want of them.

A line in column 1 begins a statement; one that can only go on with the statement above is read with it all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from ...source import Source
from ..reading import Reading
from ..scanner import STATEMENTS, Chunk, lexemes
from .foreign.words import meant_statement

#: The findings about a line that should be indented, and about a statement inside another.
CONTINUES, RUNS_ON = "SCL020", "SCL019"
Parse = Callable[[Source, Chunk, Literal["statement"]], Reading]


def read_apart(source: Source, chunk: Chunk, reading: Reading, parse: Parse) -> list[tuple[Chunk, Reading]]:
    """A statement in which another begins, as two."""
    said = next((d for d in reading.diagnostics if d.code == RUNS_ON), None)
    if said is None:
        return [(chunk, reading)]
    ends = [x.end for x in lexemes(source.text, chunk.start, said.span.start)]
    one = Chunk(chunk.start, max(ends, default=chunk.start), chunk.depth)
    two = Chunk(said.span.start, chunk.end, chunk.depth)
    if one.end <= one.start:
        return [(chunk, reading)]
    (there, after), *more = read_apart(source, two, parse(source, two, "statement"), parse)
    rest = [(there, after._replace(diagnostics=(said, *after.diagnostics))), *more]
    return [(one, parse(source, one, "statement")), *rest]


def read_together(source: Source, read: Sequence[tuple[Chunk, Reading]], parse: Parse) -> list[tuple[Chunk, Reading]]:
    """A file's statements, those lines read with the statement above that can only go on with it."""
    found = list(read)
    above = 0
    for i, (chunk, reading) in enumerate(read):
        if not i or reading.node is not None or all(d.code != CONTINUES for d in reading.diagnostics[:1]):
            above = i
            continue
        first, before = found[above]
        if ";" in source.text[first.end : chunk.start]:
            continue
        whole = Chunk(first.start, chunk.end, max(first.depth, chunk.depth))
        together = parse(source, whole, "statement")
        if together.node is not None:
            more = tuple(d for d in together.diagnostics if d not in before.diagnostics)
            found[above] = (whole, together._replace(diagnostics=before.diagnostics))
            found[i] = (chunk, Reading(None, (*reading.diagnostics, *more)))
    return found


def unread_words(source: Source, read: Iterable[tuple[Chunk, Reading]]) -> frozenset[str]:
    """The words of the statements that were not read in full, as far as can be told: what needs them is not judged."""
    words: set[str] = set()
    for chunk, reading in read:
        if reading.whole:
            continue
        names = {x.text for x in lexemes(source.text, chunk.start, chunk.end) if x.kind == "name"}
        first = next(lexemes(source.text, chunk.start, chunk.end)).text
        words |= names & set(STATEMENTS)
        if first not in STATEMENTS:
            words |= {meant} if (meant := meant_statement(first)) else set(STATEMENTS)
    return frozenset(words)
