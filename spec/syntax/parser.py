"""Text into the syntax tree. Each statement is parsed alone: N broken ones give N diagnostics, and the rest stay.

    parse_study(source) -> (Study, diagnostics)     never raises on a user's text
    parse_test("alpha > .3")                         a condition; raises SpecError
    parse_value("[1..8]")                            a value; raises SpecError

The grammar is `grammar.lark`; what is said about text that does not fit it is in `diagnose.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from ..errors import Diagnostic, SpecError
from ..source import Source, Span
from . import ast
from .scanner import Chunk, lexemes, scan
from .tree_builder import Builder

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

    from .recovery.error_context import SyntaxErrorContext

Start = Literal["statement", "test", "value"]


def parse_study(source: Source) -> tuple[ast.Study, tuple[Diagnostic, ...]]:
    """The study in a file and one diagnostic for each statement that could not be read."""
    scanned = scan(source)
    statements: list[ast.Statement] = []
    found: list[Diagnostic] = []
    for chunk in scanned.chunks:
        node, diagnostics = parse_chunk(source, chunk, "statement")
        found.extend(diagnostics)
        if node is not None:
            statements.append(node)
    whole = Span(0, len(source.text), source.name)
    return ast.Study(tuple(statements), *scanned[1:], span=whole), tuple(found)


def parse_chunk(source: Source, chunk: Chunk, start: Start) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The node in `chunk`, or None where it cannot be read, with its diagnostics."""
    from lark.exceptions import UnexpectedInput

    from . import parse_tables, wellformed

    if chunk.depth > wellformed.DEEPEST:
        return None, (wellformed.too_deep(source, chunk, tuple(lexemes(source.text, chunk.start, chunk.end))),)
    try:
        tree = parse_tables.parser().parse(source.text[chunk.start : chunk.end], start=start)
    except UnexpectedInput as error:
        from .recovery.diagnose import diagnose

        return None, (diagnose(_error_context(source, chunk, start, error)),)
    node = Builder(source.name, chunk.start).build(tree)
    diagnostics = tuple(wellformed.after_parsing(source, node))
    broken = any(d.severity == "error" for d in diagnostics)
    return (None, diagnostics[:1]) if broken else (node, diagnostics)


def _error_context(source: Source, chunk: Chunk, start: Start, error: UnexpectedInput) -> SyntaxErrorContext:
    """Lark's error in our own words: the lexeme it stopped at, and what could have stood there."""
    from .recovery.error_context import SyntaxErrorContext

    pieces = tuple(x for x in lexemes(source.text, chunk.start, chunk.end) if x.kind != "comment")
    ended = getattr(getattr(error, "token", None), "type", "") == "$END"
    offset = chunk.start + (error.pos_in_stream or 0)
    index = len(pieces) if ended else next((i for i, x in enumerate(pieces) if x.end > offset), len(pieces))
    return SyntaxErrorContext(source, chunk, start, pieces, index, accepted(error))


def accepted(error: UnexpectedInput) -> frozenset[str]:
    """The terminals expected where an error occurred: literal texts, "name", "number", "string", and "end"."""
    from . import parse_tables

    kinds = {"$END": "end", "NAME": "name", "NUMBER": "number", "STRING": "string"}
    found: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    literal = {t.name: t.pattern.value for t in parse_tables.parser().terminals if t.pattern.type == "str"}
    return frozenset(kinds.get(name) or literal.get(name) or name.lower() for name in found)


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
    node, diagnostics = parse_chunk(source, whole, start)
    if node is None:
        raise SpecError(diagnostics)
    return node
