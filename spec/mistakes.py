"""What is said about text that does not fit the grammar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import ast
from .errors import Diagnostic
from .scanner import Chunk
from .source import Source, Span

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

#: Deepest nesting of brackets, and of the tree. Real studies nest to about ten; the limit keeps recursion shallow everywhere.
DEEPEST = 64


def too_deep(source: Source, chunk: Chunk) -> Diagnostic | None:
    """Refuses brackets nested beyond `DEEPEST`."""
    if chunk.depth <= DEEPEST:
        return None
    return Diagnostic(
        "SCL018",
        f"brackets nested {chunk.depth} deep; at most {DEEPEST} are read",
        Span(chunk.start, chunk.end, source.name),
    )


def explain(source: Source, chunk: Chunk, start: str, error: UnexpectedInput) -> Diagnostic:
    """The one diagnostic of a broken statement."""
    offset = error.pos_in_stream if error.pos_in_stream is not None else chunk.end - chunk.start
    at = min(chunk.start + offset, max(chunk.end - 1, 0))
    return Diagnostic(
        "SCL001", "this does not read as a statement", Span(at, min(at + 1, len(source.text)), source.name)
    )


def after_parsing(source: Source, chunk: Chunk, node: Any) -> Iterator[Diagnostic]:
    """Mistakes that the grammar lets through."""
    return iter(())
