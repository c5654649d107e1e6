"""Text into the syntax tree. Each statement is parsed alone: N broken ones give N diagnostics, and the rest stay.

    parse_study(source) -> (Study, diagnostics)     never raises on a user's text
    parse_test("alpha > .3")                         a condition; raises SpecError
    parse_value("[1..8]")                            a value; raises SpecError

The grammar is `grammar.lark`; what is said about text that does not fit it is in `diagnose.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple

from ..errors import Diagnostic, SpecError
from ..source import Source, Span
from . import ast
from .reading import Reading
from .scanner import Chunk, lexemes, scan
from .tree_builder import Builder

Start = Literal["statement", "test", "value"]
NO_WORDS: Mapping[str, str] = {}


class Parsed(NamedTuple):
    """What could be read of a file."""

    study: ast.Study
    diagnostics: tuple[Diagnostic, ...]
    #: The first words of statements that were not read in full, as far as can be told.
    broken: frozenset[str] = frozenset()
    #: Places at which something else was read than what stands there.
    repaired: tuple[Span, ...] = ()


def parse_study(source: Source) -> tuple[ast.Study, tuple[Diagnostic, ...]]:
    """The statements of a file that have no syntax error, and all that is wrong with the others."""
    scanned = scan(source)
    read = [(node, found) for node, found, *_ in (parse_chunk(source, c, "statement") for c in scanned.chunks)]
    sound = tuple(node for node, found in read if node is not None and all(d.severity == "warning" for d in found))
    study = ast.Study(sound, *scanned[1:], span=Span(0, len(source.text), source.name))
    return study, tuple(d for _, found in read for d in found)


#: Statements one after another that cannot be read, after which no more are.
MOST_BROKEN = 100


def read_study(source: Source, words: Mapping[str, str]) -> Parsed:
    """Everything that can be read of a file: statements with syntax errors too, as they were probably meant.

    `words` are those of the vocabulary, each with the statement that it stands in.
    """
    scanned = scan(source)
    parse = partial(parse_chunk, words=words)
    read = []
    for chunk in scanned.chunks:
        read.append((chunk, parse(source, chunk, "statement")))
        if len(read) > MOST_BROKEN and sum(not reading.whole for _, reading in read[-MOST_BROKEN:]) == MOST_BROKEN:
            break  # what is no study at all is not read to its end
    broken: frozenset[str] = frozenset()
    if any(not reading.whole for _, reading in read):
        from .recovery.unread import read_apart, read_together, unread_words

        apart = (pair for chunk, reading in read for pair in read_apart(source, chunk, reading, parse))
        read = read_together(source, tuple(apart), parse)
        broken = unread_words(source, read)
    nodes = tuple(reading.node for _, reading in read if reading.node is not None)
    study = ast.Study(nodes, *scanned[1:], span=Span(0, len(source.text), source.name))
    found = tuple(d for _, reading in read for d in reading.diagnostics)
    return Parsed(study, found, broken, tuple(span for _, reading in read for span in reading.repaired))


def parse_chunk(source: Source, chunk: Chunk, start: Start, words: Mapping[str, str] = NO_WORDS) -> Reading:
    """The node in `chunk`, or None where it cannot be read, with its diagnostics."""
    from lark.exceptions import UnexpectedInput

    from . import parse_tables, wellformed

    if chunk.depth > wellformed.DEEPEST:
        pieces = tuple(lexemes(source.text, chunk.start, chunk.end))
        return Reading(None, (wellformed.too_deep(source, chunk, pieces),), (), False)
    try:
        tree = parse_tables.tree_of(source.text[chunk.start : chunk.end], start)
    except UnexpectedInput as error:
        from .recovery.repair import read_on

        reading = read_on(source, chunk, start, error, words)
    else:
        reading = Reading(Builder(source.name, chunk.start).build(tree))
    if reading.node is None or (not reading.whole and wellformed.is_empty(reading.node)):
        return reading._replace(node=None)
    more = tuple(wellformed.after_parsing(source, reading.node))
    wrong = tuple(d.span for d in more if d.severity == "error")
    node = None if any(d.code == "SCL018" for d in more) else reading.node
    found = (*reading.diagnostics, *more)
    return Reading(node, found, (*reading.repaired, *wrong), reading.whole and not wrong)


@lru_cache(maxsize=8192)
def parse_test(text: str, file: str = "<text>") -> ast.Test:
    """A condition or expression such as `beta > .5 and kappa == 0`.

    Raises:
        SpecError: the text is none.
    """
    test: ast.Test = _parse_all(text, file, "test")
    return test


@lru_cache(maxsize=8192)
def parse_value(text: str, file: str = "<text>") -> ast.Value:
    """A value such as `er(n=512, p=.02)`, `[32..512]` or `{1, 2}`.

    Raises:
        SpecError: the text is none.
    """
    value: ast.Value = _parse_all(text, file, "value")
    return value


def _parse_all(text: str, file: str, start: Start) -> Any:
    source = Source(text, file)
    chunks = scan(source).chunks
    whole = Chunk(chunks[0].start, chunks[-1].end, max(c.depth for c in chunks)) if chunks else Chunk(0, 0, 0)
    node, diagnostics, *_ = parse_chunk(source, whole, start)
    if node is None or any(d.severity == "error" for d in diagnostics):
        raise SpecError(diagnostics[:1])
    return node
