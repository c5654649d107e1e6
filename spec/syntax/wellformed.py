"""Mistakes that the grammar lets through: reserved words as names, three dots, endless nesting, empty bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from . import ast
from .scanner import RESERVED, Chunk, Lexeme
from .visit import children

#: Deepest nesting of brackets and of the tree. Real studies nest to about ten; the limit keeps every recursion shallow.
DEEPEST = 64


def too_deep(source: Source, chunk: Chunk, pieces: tuple[Lexeme, ...]) -> Diagnostic:
    """Refuses brackets nested beyond `DEEPEST`, at the first that is too deep."""
    depth = 0
    for lexeme in pieces:
        depth += {"open": 1, "close": -1}.get(lexeme.kind, 0)
        if depth > DEEPEST:
            return _nested(Span(lexeme.start, lexeme.end, source.name), "brackets")
    return _nested(Span(chunk.start, chunk.end, source.name), "brackets")


def _nested(span: Span, what: str) -> Diagnostic:
    helps = ("name a part of it with `let`, and use the name",)
    return Diagnostic("SCL018", f"{what} nested more than {DEEPEST} deep", span, helps=helps)


def after_parsing(source: Source, node: ast.Node) -> Iterator[Diagnostic]:
    """Mistakes that the grammar lets through. The walk keeps its own stack: a long sum is a deep tree."""
    pending: list[tuple[ast.Node, int]] = [(node, 0)]
    while pending:
        part, depth = pending.pop()
        if depth > DEEPEST:
            yield _nested(part.span, "an expression")
            return
        for name, span in _names(part):
            if name in RESERVED:  # the grammar takes it, and a reader would stumble
                yield reserved(name, span)
        if isinstance(part, ast.Range):
            yield from _three_dots(source, part)
        if isinstance(part, ast.Component):
            yield from _empty(part)
        pending.extend((child, depth + 1) for child in reversed(list(children(part))))


def _names(node: ast.Node) -> tuple[tuple[str, Span], ...]:
    """The names a node gives or uses itself."""
    if isinstance(node, ast.Name):
        return ((node.id, node.span),)
    if isinstance(node, ast.Call | ast.Define | ast.Let):
        return ((node.name, node.name_span),)
    if isinstance(node, ast.Axis):
        return tuple((name, node.names_span) for name in node.names)
    if isinstance(node, ast.Entry) and node.label is not None:
        return ((node.label, Span(node.span.start, node.span.start + len(node.label), node.span.file)),)
    return ()


def reserved(word: str, span: Span) -> Diagnostic:
    """A word of the language that stands where a name should."""
    notes = ("`data`, `models` and `train` are the only words of the language that may stand as names",)
    helps: tuple[str, ...] = (f"choose another name, `{word}_` or `my_{word}` for instance",)
    if word == "where":
        helps = ("an item takes one `where`; two conditions are joined by `and` alone",)
    return Diagnostic("SCL017", f"`{word}` is a word of the language, not a name", span, notes=notes, helps=helps)


_PLAIN = re.compile(r"\d+(\.\d+)?|\.\d+")


def _three_dots(source: Source, node: ast.Range) -> Iterator[Diagnostic]:
    """`[5...9]`, which reads as 5 to .9."""
    at = node.stop.span.start
    if source.text[at - 2 : at] != ".." or source.text[at : at + 1] != ".":
        return
    number = _PLAIN.match(source.text, at)
    assert number is not None
    span = Span(at - 2, number.end(), source.name)
    start = source.text[node.start.span.start : node.start.span.end]
    whole = source.text[at + 1 : node.stop.span.end]
    if isinstance(node.stop, ast.Number) and (not whole.isdigit() or (start[:1] in "123456789" and "." not in start)):
        yield from _two_dots(source, node, start, whole, at)
        return
    ascending = _PLAIN.fullmatch(start) is not None and float(start) < float(number[0])
    zero = Fix((Edit(Span(at, at, source.name), "0"),), "machine-applicable" if ascending else "maybe-incorrect")
    two = Fix((Edit(Span(at, at + 1, source.name), ""),), "maybe-incorrect")
    yield Diagnostic(
        "SCL014",
        f"three dots in a row: this reads as `{start}` to `0{number[0]}`",
        span,
        severity="warning" if ascending else "error",
        helps=(f"write `..0{number[0]}` for {number[0]}", f"write `..{number[0][1:]}` for {number[0][1:]}"),
        fixes=(zero,) if ascending else (two, zero),
    )


def _two_dots(source: Source, node: ast.Range, start: str, stop: str, at: int) -> Iterator[Diagnostic]:
    """`[100k...400k]`, whose last value is no fraction of anything."""
    span = Span(at - 2, node.stop.span.end, source.name)
    message = f"three dots in a row: this reads as `{start}` to `0.{stop}`"
    fixes = (Fix((Edit(Span(at, at + 1, source.name), ""),)),)
    yield Diagnostic("SCL014", message, span, helps=(f"write `[{start}..{stop}]`",), fixes=fixes)


def is_empty(node: ast.Node) -> bool:
    """True for a component of which nothing is said."""
    return isinstance(node, ast.Component) and node.body == ast.Body(None)


def _empty(node: ast.Component) -> Iterator[Diagnostic]:
    """`data` and nothing after it."""
    if is_empty(node):
        from .statement_examples import EXAMPLES

        first, second = EXAMPLES[node.kind]
        helps = (f"for example `{first}`\n         or `{second}`",)
        yield Diagnostic("SCL001", f"nothing follows `{node.kind}`", node.span, helps=helps)
