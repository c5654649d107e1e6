"""Text into the syntax tree. Each statement is parsed alone: N broken ones give N diagnostics, and the rest stay.

    parse_study(source) -> (Study, diagnostics)     never raises on a user's text
    parse_test("alpha > .3")                         a condition; raises SpecError
    parse_value("[1..8]")                            a value; raises SpecError

The grammar is `grammar.lark`; what is said about text that does not fit it is in `mistakes.py`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from . import ast
from .build import Builder
from .errors import Diagnostic, SpecError
from .scanner import Chunk, scan
from .source import Source

if TYPE_CHECKING:
    from lark import Lark

Start = Literal["statement", "test", "value"]


@cache
def parser() -> Lark:
    """The LALR parser of `grammar.lark`, built once a process."""
    from lark import Lark

    text = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        text, parser="lalr", start=["statement", "test", "value"], keep_all_tokens=True, maybe_placeholders=True
    )


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
    study = ast.Study(
        tuple(statements), scanned.comments, scanned.blanks, span=ast.Span(0, len(source.text), source.name)
    )
    return study, tuple(found)


def parse_chunk(source: Source, chunk: Chunk, start: Start) -> tuple[Any, tuple[Diagnostic, ...]]:
    """The node in `chunk`, or None where it cannot be read, with its diagnostics."""
    from lark.exceptions import UnexpectedInput

    from . import mistakes

    if (deep := mistakes.too_deep(source, chunk)) is not None:
        return None, (deep,)
    try:
        tree = parser().parse(source.text[chunk.start : chunk.end], start=start)
    except UnexpectedInput as error:
        return None, (mistakes.explain(source, chunk, start, error),)
    node = Builder(source.name, chunk.start).build(tree)
    diagnostics = tuple(mistakes.after_parsing(source, chunk, node))
    broken = any(d.severity == "error" for d in diagnostics)
    return (None if broken else node), diagnostics


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
