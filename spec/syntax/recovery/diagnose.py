"""What is said about text that does not fit the grammar: one diagnostic a statement.

A statement that cannot be parsed is first shown to the slips of `patterns.py`, which know what people mean; only what
none of them recognises gets the general message.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...errors import Diagnostic
from ...source import Source
from ..scanner import STATEMENTS, lexemes, scan
from .error_context import Stuck, described, expected
from .patterns import SLIPS
from .statement_patterns import meant_statement


def explain(stuck: Stuck) -> Diagnostic:
    """The one diagnostic of a statement that cannot be parsed."""
    for slip in SLIPS:
        if (found := slip(stuck)) is not None:
            return found
    message = f"expected {expected(stuck.accepts, stuck.keyword)}, found {described(stuck.found)}"
    return stuck.diagnostic("SCL001", message, helps=(stuck.examples,))


def lost(source: Source, diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    """The words of the statements that could not be read, as far as can be told: what needs them is not judged."""
    wrong = [d.span.start for d in diagnostics if d.severity == "error"]
    words: set[str] = set()
    for chunk in scan(source).chunks if wrong else ():
        if not any(chunk.start <= at <= chunk.end for at in wrong):
            continue
        names = {x.text for x in lexemes(source.text, chunk.start, chunk.end) if x.kind == "name"}
        first = next(lexemes(source.text, chunk.start, chunk.end)).text
        words |= names & set(STATEMENTS)
        if first not in STATEMENTS:
            words |= {meant} if (meant := meant_statement(first)) else set(STATEMENTS)
    return frozenset(words)
