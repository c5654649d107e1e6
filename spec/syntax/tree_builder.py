"""Lark's parse tree into the syntax tree: one method a rule, called on children that are built already.

Tokens of every kind are kept in the parse tree, so that a node's span runs from its first token to its last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..source import Span
from . import ast

if TYPE_CHECKING:
    from lark import Token, Tree

#: Rules whose node holds some of their children as they are: the node, and the places of those.
_PLAIN: dict[str, tuple[type[Any], tuple[int, ...]]] = {
    "negate": (ast.Negate, (1,)),
    "not_": (ast.Not, (1,)),
    "or_": (ast.Or, (0, 2)),
    "and_": (ast.And, (0, 2)),
    "inside": (ast.Inside, (0, 2)),
    "near": (ast.Near, (0, 2, 4)),
}


def with_leading_zero(text: str) -> str:
    """A number as studies are printed: as typed, but with a digit before the point (`.02` is `0.02`)."""
    return f"0{text}" if text.startswith(".") else text


class Builder:
    """Builds the nodes of one piece of text that begins at offset `base` of `file`."""

    def __init__(self, file: str, base: int) -> None:
        self.file = file
        self.base = base

    def build(self, tree: Tree[Token] | Token) -> Any:
        """The node of a parse tree; a loop over a stack, since a long sum is a deep tree."""
        pending: list[tuple[Any, bool]] = [(tree, False)]
        built: list[Any] = []
        while pending:
            node, opened = pending.pop()
            if not hasattr(node, "children"):
                built.append(node)
            elif not opened:
                pending.append((node, True))
                pending.extend((child, False) for child in reversed(node.children))
            else:
                size = len(node.children)
                parts = built[len(built) - size :]
                del built[len(built) - size :]
                parts = [p for p in parts if p is not None]
                if node.data in _PLAIN:
                    kind, places = _PLAIN[node.data]
                    built.append(kind(*(parts[i] for i in places), span=self.place(parts)))
                else:
                    built.append(getattr(self, node.data)(parts))
        return built[0]

    def place(self, parts: Sequence[Any]) -> Span:
        """From the first part to the last, each a token or something with a span."""
        if not parts:
            return Span(self.base, self.base, self.file)
        return self._span(parts[0]).to(self._span(parts[-1]))

    def _span(self, part: Any) -> Span:
        if hasattr(part, "span"):
            span: Span = part.span
            return span
        return Span(self.base + part.start_pos, self.base + part.start_pos + len(part), self.file)

    # --- values -------------------------------------------------------------------------------------------------------

    def number(self, parts: list[Any]) -> ast.Number:
        return ast.Number(with_leading_zero(str(parts[0])), span=self.place(parts))

    def string(self, parts: list[Any]) -> ast.String:
        return ast.String(str(parts[0])[1:-1], span=self.place(parts))

    def name(self, parts: list[Any]) -> ast.Name:
        return ast.Name(str(parts[0]), span=self.place(parts))

    def call(self, parts: list[Any]) -> ast.Call:
        args = tuple(p for p in parts[1:] if isinstance(p, ast.Node))
        return ast.Call(str(parts[0]), args, span=self.place(parts), name_span=self._span(parts[0]))  # type: ignore[arg-type]

    def binary(self, parts: list[Any]) -> ast.Binary:
        left, op, right = parts
        return ast.Binary(str(op), left, right, span=self.place((left, right)))  # type: ignore[arg-type]

    def group(self, parts: list[Any]) -> ast.Group:
        return ast.Group(tuple(parts[1:-1:2]), span=self.place(parts))

    def range(self, parts: list[Any]) -> ast.Range:
        _, start, _, stop, *rest = parts
        grid, by = rest[:2] if len(rest) == 3 else (None, None)
        return ast.Range(start, stop, grid, by, span=self.place(parts))

    def grid(self, parts: list[Any]) -> str:
        return str(parts[0])

    def entry(self, parts: list[Any]) -> ast.Entry:
        label = str(parts[0]) if len(parts) == 3 else None
        return ast.Entry(label, parts[-1], span=self.place(parts))

    def set(self, parts: list[Any]) -> ast.Set:
        return ast.Set(tuple(p for p in parts if isinstance(p, ast.Entry)), span=self.place(parts))

    # --- conditions ---------------------------------------------------------------------------------------------------

    compare = grid

    def chain(self, parts: list[Any]) -> ast.Chain:
        return ast.Chain(parts[0], tuple(zip(parts[1::2], parts[2::2])), span=self.place((parts[0], parts[-1])))

    # --- bindings -----------------------------------------------------------------------------------------------------

    def define(self, parts: list[Any]) -> ast.Define:
        return ast.Define(str(parts[0]), parts[2], span=self.place(parts), name_span=self._span(parts[0]))

    def names(self, parts: list[Any]) -> tuple[tuple[str, ...], Span]:
        return tuple(str(p) for p in parts[::2]), self.place(parts)

    def role(self, parts: list[Any]) -> Any:
        return parts[0]

    def axis(self, parts: list[Any]) -> ast.Axis:
        *role, (names, names_span), word, values = parts
        span = (self._span(role[0]) if role else names_span).to(values.span)
        given: Any = str(role[0]) if role else None
        return ast.Axis(names, values, given, str(word) == "along", span=span, names_span=names_span)

    path = axis

    def kept(self, parts: list[Any]) -> ast.Kept:
        role, *rest = parts
        names, place = tuple(str(p) for p in rest[::2]), self.place(rest)
        given: Any = str(role)
        return ast.Kept(names, given, span=self._span(role).to(place), names_span=place)

    # --- statements ---------------------------------------------------------------------------------------------------

    def body(self, parts: list[Any]) -> ast.Body:
        bindings = tuple(p for p in parts if isinstance(p, ast.Binding | ast.Kept))
        head = parts[0] if parts and isinstance(parts[0], ast.Name | ast.Call | ast.Set) else None
        where = parts[-1] if parts and isinstance(parts[-1], _Where) else None
        return ast.Body(head, bindings, where.test if where else None, span=self.place(parts))

    def where(self, parts: list[Any]) -> _Where:
        return _Where(parts[1], self.place(parts))

    def item(self, parts: list[Any]) -> ast.Item:
        return ast.Item(parts[0], parts[1].test if len(parts) > 1 else None, span=self.place(parts))

    def items(self, parts: list[Any]) -> list[ast.Item]:
        return parts[::2]

    def title(self, parts: list[Any]) -> ast.Title:
        return ast.Title(str(parts[1])[1:-1], span=self.place(parts))

    def use(self, parts: list[Any]) -> ast.Use:
        return ast.Use(str(parts[1])[1:-1], span=self.place(parts))

    def let(self, parts: list[Any]) -> ast.Let:
        name, value = parts[1], parts[3]
        where = parts[4].test if len(parts) > 4 else None
        return ast.Let(str(name), value, where, span=self.place(parts), name_span=self._span(name))

    def component(self, parts: list[Any]) -> ast.Component:
        kind, body = parts
        empty = body.head is None and not body.bindings and body.where is None
        if empty:
            after = self._span(kind).end
            body = ast.Body(None, span=Span(after, after, self.file))
        return ast.Component(str(kind), body, span=self.place((kind, body)))  # type: ignore[arg-type]

    def listing(self, parts: list[Any]) -> ast.Listing:
        kind, items = parts
        return ast.Listing(str(kind), tuple(items), span=self.place((kind, items[-1])))  # type: ignore[arg-type]

    def expect(self, parts: list[Any]) -> ast.Expect:
        return ast.Expect(parts[1], parts[2].test if len(parts) > 2 else None, span=self.place(parts))


class _Where(NamedTuple):
    """A `where` on its way to the node that keeps its test."""

    test: ast.Test
    span: Span
