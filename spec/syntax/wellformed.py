"""Mistakes that the grammar lets through: reserved words as names, three dots, endless nesting, empty bodies."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from . import ast
from .scanner import RESERVED, Chunk, Lexeme, lexemes, scan
from .visit import children

#: What may stand behind a decimal comma, where a thousand would have three digits.
_HUNDREDTHS = re.compile(r"\d{1,2}%?")
#: What stands behind a comma of thousands, and pieces of a number up to which commas alone do not part several.
_GROUP, THOUSANDS = re.compile(r"\d{3}"), 3

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
            # The grammar takes it, and a reader would stumble. What `report` names is judged as a word.
            if name in RESERVED and not (isinstance(node, ast.Listing) and node.kind == "report"):
                column = isinstance(part, ast.Name) and data_of_table(source) is not None
                yield _stepped(source, span) or reserved(name, span, column)
        for judge in _JUDGED.get(type(part), ()):
            yield from judge(source, part)
        pending.extend((child, depth + 1) for child in reversed(list(children(part))))


def data_of_table(source: Source) -> Chunk | None:
    """The statement of a study that takes its data from a table."""
    for chunk in scan(source).chunks:
        pieces = [x.text for x in lexemes(source.text, chunk.start, chunk.end)]
        if pieces[0] == "data" and ("table", "(") in itertools.pairwise(pieces):
            return chunk
    return None


def _names(node: ast.Node) -> tuple[tuple[str, Span], ...]:
    """The names a node gives or uses itself."""
    if isinstance(node, ast.Name):
        return ((node.id, node.span),)
    if isinstance(node, ast.Call | ast.Define | ast.Let):
        return ((node.name, node.name_span),)
    if isinstance(node, ast.Axis | ast.Kept):
        return tuple((name, node.names_span) for name in node.names)
    if isinstance(node, ast.Entry) and node.label is not None:
        return ((node.label, Span(node.span.start, node.span.start + len(node.label), node.span.file)),)
    return ()


_SCHEDULE = re.compile(r"schedule\w*\s*=\s*\Z")


def _stepped(source: Source, span: Span) -> Diagnostic | None:
    """`schedule=step`: a rate that falls in steps, which none does here."""
    if not _SCHEDULE.search(source.text, 0, span.start):
        return None
    helps = ("write `wsd`, whose rate falls in a straight line at the end, or `cosine`",)
    fixes = (Fix((Edit(span, "wsd"),), "maybe-incorrect"),)
    return Diagnostic("SCL017", "no schedule falls in steps", span, helps=helps, fixes=fixes)


def reserved(word: str, span: Span, column: bool = False) -> Diagnostic:
    """A word of the language that stands where a name should, of a table's column perhaps."""
    notes = ("`data`, `models` and `train` are the only words of the language that may stand as names",)
    helps: tuple[str, ...] = (f"choose another name, `{word}_` or `my_{word}` for instance",)
    if column and word != "where":
        helps = (f'for a column of that name write `{word}_="{word}"` in `table(...)`, and `{word}_` here',)
    if word == "where":
        helps = ("an item takes one `where`, and no comma before it; two conditions are joined by `and` alone",)
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
    counted = not whole.isdigit() or start[:1] in "123456789"
    if isinstance(node.stop, ast.Number) and counted and "." not in start:
        yield from _two_dots(source, node, start, whole, at)
        return
    typed = f".{whole}" if isinstance(node.stop, ast.Number) else number[0]
    ascending = _PLAIN.fullmatch(start) is not None and float(start) < float(number[0])
    zero = Fix((Edit(Span(at, at, source.name), "0"),), "machine-applicable" if ascending else "maybe-incorrect")
    two = Fix((Edit(Span(at, at + 1, source.name), ""),), "maybe-incorrect")
    yield Diagnostic(
        "SCL014",
        f"three dots in a row: this reads as `{start}` to `0{typed}`",
        span,
        severity="warning" if ascending else "error",
        helps=(f"write `..0{typed}` for {typed}", f"write `..{typed[1:]}` for {typed[1:]}"),
        fixes=(zero,) if ascending else (two, zero),
    )


def _two_dots(source: Source, node: ast.Range, start: str, stop: str, at: int) -> Iterator[Diagnostic]:
    """`[100k...400k]`, whose last value is no fraction of anything."""
    span = Span(at - 2, node.stop.span.end, source.name)
    message = f"three dots in a row: this reads as `{start}` to `0.{stop}`"
    fixes = (Fix((Edit(Span(at, at + 1, source.name), ""),)),)
    yield Diagnostic("SCL014", message, span, helps=(f"write `[{start}..{stop}]`",), fixes=fixes)


def _divided_numbers(source: Source, node: ast.Call | ast.Set) -> Iterator[Diagnostic]:
    """`er(n=1,000, p=0,02)` and `{100,000, 1,000,000}`, where commas inside a number have made it several values."""
    parts: tuple[Any, ...] = node.args if isinstance(node, ast.Call) else tuple(e.value for e in node.entries)
    runs: list[list[Any]] = []
    for part in parts:
        value = part.value if isinstance(part, ast.Define) else part
        behind = isinstance(part, ast.Number) and runs and runs[-1][-1].span.end + 1 == part.span.start
        if isinstance(value, ast.Number):
            runs[-1:] = [[*runs[-1], part]] if behind else [*runs[-1:], [part]]
    for run in runs:
        named = isinstance(run[0], ast.Define)
        nodes = [run[0].value if named else run[0], *run[1:]]
        typed = [source.text[n.span.start : n.span.end] for n in nodes]
        apart = named or len(runs) > 1 or len(typed) <= THOUSANDS
        at = 0
        while at + 1 < len(typed):
            head, tail, own = typed[at], typed[at + 1], named and at == 0
            groups = list(itertools.takewhile(_GROUP.fullmatch, typed[at + 1 :]))[: None if apart else 1]
            whole = bool(groups) and head.isdigit() and len(head) < 4
            whole = whole and (own or tail[0] == "0" or (len(runs) > 1 and groups[-1] == "000"))
            decimal = head == "0" and tail.isdigit() and own
            split = not decimal and own and head.isdigit() and _HUNDREDTHS.fullmatch(tail) is not None
            if not (split or decimal or whole):
                at += 1
                continue
            joined = [tail] if decimal or split else groups
            meant = f"{head}.{tail}" if decimal or split else "".join((head, *joined))
            message = "a decimal has a point" if decimal or split else "a number holds no comma"
            span = nodes[at].span.to(nodes[at + len(joined)].span)
            fixes = (Fix((Edit(span, meant),), "maybe-incorrect" if split else "machine-applicable"),)
            count = "two values" if len(joined) == 1 else "several values"
            said = f"{message}: `{','.join((head, *joined))}` is {count}"
            yield Diagnostic("SCL013", said, span, helps=(f"write `{meant}`",), fixes=fixes)
            at += 1 + len(joined)


def is_empty(node: ast.Node) -> bool:
    """True for a component of which nothing is said."""
    return isinstance(node, ast.Component) and node.body == ast.Body(None)


def _empty(source: Source, node: ast.Component) -> Iterator[Diagnostic]:
    """`data` and nothing after it."""
    if is_empty(node):
        from .statement_examples import EXAMPLES

        first, second = EXAMPLES[node.kind]
        helps = (f"for example `{first}`\n         or `{second}`",)
        yield Diagnostic("SCL001", f"nothing follows `{node.kind}`", node.span, helps=helps)


#: Kind of node -> what may be wrong with it.
_JUDGED: Mapping[type[ast.Node], tuple[Callable[[Source, Any], Iterator[Diagnostic]], ...]] = {
    ast.Range: (_three_dots,),
    ast.Component: (_empty,),
    ast.Call: (_divided_numbers,),
    ast.Set: (_divided_numbers,),
}
