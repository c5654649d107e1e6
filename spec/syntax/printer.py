"""The syntax tree back into text: `to_text` for one node, `print_study` for a file with its comments (the formatter).

The canonical form: a statement a line, wrapped at 100 columns with each binding or item on an indented line of its own;
where the author broke a statement between its parts it stays broken, and what was joined stays joined as long as it
fits; a bracket that was broken after its opening holds an item a line. Two spaces between bindings; one around `=`,
`+`, `-` and comparisons, none around `*`, `/`, `^` and the `=` of an argument; parentheses as written, and where
precedence needs them. Numbers stay as typed, with a digit before the point: `.02` is `0.02`, so `[.1...9]` cannot be
written. At most one blank line stands between statements. Comments stay with what they stood beside; inside a statement
they break it over lines.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import ast
from .pretty import HARD, Broken, Doc, Line, Remark, group, join, lay_out, nest
from .tree_builder import with_leading_zero

_OR, _AND, _NOT, _RELATION, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(9)
_BINARY = {
    # operator: its level, and the least levels of its left and right operands
    "+": (_SUM, _SUM, _PRODUCT),
    "-": (_SUM, _SUM, _PRODUCT),
    "*": (_PRODUCT, _PRODUCT, _SIGN),
    "/": (_PRODUCT, _PRODUCT, _SIGN),
    "^": (_POWER, _ATOM, _SIGN),
}


def to_text(node: ast.Node) -> str:
    """Canonical text of any node, on one line; of a study, a line a statement."""
    printer = _Printer((), ())
    if isinstance(node, ast.Study):
        return "\n".join(to_text(s) for s in node.statements)
    return lay_out(group(printer.node(node)), width=1_000_000)


def print_study(study: ast.Study) -> str:
    """Canonical text of a file: the same tree, the same comments, and the same text when it is formatted again."""
    printer = _Printer(study.comments, study.newlines)
    lines: list[str] = []
    blanks = deque(study.blanks)
    end = 0  # of what was printed last
    after_statement = False

    def separate(start: int) -> bool:
        """Keep one blank line where the text has some between `end` and `start`."""
        blank = False
        while blanks and blanks[0] < start:
            blank = blanks.popleft() >= end
        if blank and lines:
            lines.append("")
        return blank

    def comment(remark: ast.Comment) -> None:
        nonlocal end, after_statement
        blank = separate(remark.span.start)
        after_statement = after_statement and not blank and remark.place != "own"
        lines.append(("  " if after_statement else "") + remark.text)
        end = remark.span.end

    for statement, following in zip(study.statements, [*study.statements[1:], None]):
        for remark in printer.before(statement.span.start):
            comment(remark)
        separate(statement.span.start)
        doc = printer.node(statement)
        beside = printer.beside(statement, following.span.start if following else None)
        lines.append(lay_out(join(group(doc), *([Remark(beside.text)] if beside else []))))
        end = max(statement.span.end, beside.span.end if beside else 0)
        after_statement = True
    for remark in printer.before(None):
        comment(remark)
    return "".join(f"{line}\n" for line in lines)


class _Piece(NamedTuple):
    """One item of a list with the comments before it and the one beside it."""

    lead: tuple[str, ...]
    doc: Doc
    remark: str | None

    @property
    def above(self) -> list[Doc]:
        """Comments before the item."""
        return [part for text in self.lead for part in (text, HARD)]

    @property
    def after(self) -> list[Doc]:
        """The comment beside the item."""
        return [] if self.remark is None else [Remark(self.remark)]

    def docs(self, separator: Doc = "") -> list[Doc]:
        """Comments before, the item, its separator, the comment beside."""
        return [*self.above, self.doc, separator, *self.after]


class _Printer:
    """Turns nodes into documents in the order of the text, dealing out comments on the way."""

    def __init__(self, comments: Sequence[ast.Comment], newlines: Sequence[int]) -> None:
        self._comments = comments
        self._newlines = newlines
        self._next = 0

    def apart(self, start: int, end: int) -> bool:
        """True where the author began a new line between two offsets."""
        return bisect_left(self._newlines, start) < bisect_left(self._newlines, end)

    # --- comments -----------------------------------------------------------------------------------------------------

    def before(self, offset: int | None) -> list[ast.Comment]:
        """The comments not yet dealt out that begin before `offset`; all, for None."""
        start = self._next
        while self._next < len(self._comments) and (offset is None or self._comments[self._next].span.start < offset):
            self._next += 1
        return list(self._comments[start : self._next])

    def beside(self, node: ast.Node, limit: int | None) -> ast.Comment | None:
        """The comment to stand beside `node`, before `limit`: one inside it that has no place there, or one after it.

        Where there are several, the others follow on lines of their own, as comments before whatever comes next.
        """
        if self._next == len(self._comments):
            return None
        comment = self._comments[self._next]
        inside = comment.span.start < node.span.end
        if not inside and (comment.place != "trailing" or (limit is not None and comment.span.start >= limit)):
            return None
        self._next += 1
        return comment

    def pieces(self, nodes: Sequence[Any], doc: Callable[[Any], Doc], end: int | None) -> list[_Piece]:
        """The nodes of a list with their comments. Something follows the list at `end`; if nothing does, None.

        Comments in and after the last node then fall to whatever the list is part of, so they stand at its end.
        """
        found = []
        for i, node in enumerate(nodes):
            lead = self.before(node.span.start)
            shown = doc(node)
            limit = nodes[i + 1].span.start if i + 1 < len(nodes) else end
            beside = None if limit is None else self.beside(node, limit)
            found.append(_Piece(tuple(c.text for c in lead), shown, beside.text if beside else None))
        return found

    def enclosed(
        self,
        brackets: str,
        nodes: Sequence[Any],
        doc: Callable[[Any], Doc],
        start: int,
        end: int,
        last: str = ",",
    ) -> Doc:
        """Items in brackets from `start` to `end`, commas between; `last` follows the last one in a broken list."""
        opener, closer = brackets[0], brackets[1]
        broken = bool(nodes) and self.apart(start, nodes[0].span.start)
        pieces = self.pieces(nodes, doc, end)
        dangling = [part for c in self.before(end) for part in (HARD, c.text)]
        if not pieces and not dangling:
            return opener + closer
        inner: list[Doc] = []
        for i, piece in enumerate(pieces):
            inner += [
                Line(" ") if i else Line("", forced=broken),
                *piece.docs("," if i + 1 < len(pieces) else Broken(last)),
            ]
        return group(opener, nest(*inner, *dangling), Line(""), closer)

    def single(self, head: str, node: ast.Node, doc: Callable[[Any], Doc], end: int | None) -> list[Doc]:
        """A word and the one thing after it."""
        (piece,) = self.pieces((node,), doc, end)
        if piece.lead:
            return [head, nest(HARD, *piece.docs())]
        return [f"{head} ", *piece.docs()]

    def rows(self, nodes: Sequence[Any], pieces: Sequence[_Piece], gap: str, separator: str = "") -> list[Doc]:
        """Parts of a statement, the first where the statement begins.

        A part that the author put on a line of its own, or that a comment parts from the one before, begins a row; a
        row that does not fit is broken before each of its parts.
        """
        begins = [
            i
            for i in range(1, len(nodes))
            if pieces[i].lead or pieces[i - 1].remark or self.apart(nodes[i - 1].span.end, nodes[i].span.start)
        ]
        docs: list[Doc] = []
        for begin, end in zip([0, *begins], [*begins, len(nodes)]):
            parts = [join(pieces[i].doc, separator if i + 1 < len(nodes) else "") for i in range(begin, end)]
            above, after = pieces[begin].above, pieces[end - 1].after
            if begin or above:
                docs += [nest(HARD, *above, group(*_between(parts, Line(gap))), *after)]
            else:
                docs += [group(parts[0], nest(*_between(["", *parts[1:]], Line(gap)))), *after]
        return docs

    # --- nodes --------------------------------------------------------------------------------------------------------

    def node(self, node: Any) -> Doc:
        """The document of any node."""
        doc: Doc = getattr(self, f"_{type(node).__name__.lower()}")(node)
        return doc

    def _at(self, node: ast.Node, least: int) -> Doc:
        """The node, in parentheses where it binds more loosely than `least`."""
        doc = self.node(node)
        return join("(", doc, ")") if _level(node) < least else doc

    def _operand(self, node: ast.Node) -> Doc:
        return self._at(node, _SUM)

    def _number(self, node: ast.Number) -> Doc:
        return with_leading_zero(node.text)

    def _string(self, node: ast.String) -> Doc:
        return f'"{node.value}"'

    def _name(self, node: ast.Name) -> Doc:
        return node.id

    def _call(self, node: ast.Call) -> Doc:
        return join(node.name, self.enclosed("()", node.args, self._argument, node.name_span.end, node.span.end - 1))

    def _argument(self, node: ast.Value | ast.Binding) -> Doc:
        if isinstance(node, ast.Define):
            return join(f"{node.name}=", self._operand(node.value))
        return self._operand(node)

    def _binary(self, node: ast.Binary) -> Doc:
        level, left, right = _BINARY[node.op]
        space = " " if level == _SUM else ""
        return join(self._at(node.left, left), f"{space}{node.op}{space}", self._at(node.right, right))

    def _negate(self, node: ast.Negate) -> Doc:
        return join("-", self._at(node.operand, _SIGN))

    def _group(self, node: ast.Group) -> Doc:
        return self.enclosed("()", node.items, self.node, node.span.start, node.span.end - 1, last="")

    def _range(self, node: ast.Range) -> Doc:
        ends = join("[", self._operand(node.start), "..", self._operand(node.stop))
        if node.grid is None or node.by is None:
            return join(ends, "]")
        return join(ends, f" {node.grid} ", self._operand(node.by), "]")

    def _entry(self, node: ast.Entry) -> Doc:
        return join(f"{node.label}: " if node.label is not None else "", self._operand(node.value))

    def _set(self, node: ast.Set) -> Doc:
        return self.enclosed("{}", node.entries, self.node, node.span.start, node.span.end - 1)

    def _or(self, node: ast.Or | ast.And) -> Doc:
        """`a and b and c`, broken before each word; the first operand binds as loosely as the whole."""
        kind: type[Any] = type(node)
        word, least = ("or", _AND) if kind is ast.Or else ("and", _NOT)
        operands: list[ast.Test] = []
        left: ast.Test = node
        while isinstance(left, kind):
            operands.append(left.right)
            left = left.left
        operands.append(left)
        operands.reverse()
        first, *rest = self.pieces(operands, lambda operand: self._at(operand, least), None)
        pieces = [first, *(piece._replace(doc=join(f"{word} ", piece.doc)) for piece in rest)]
        return join(*self.rows(operands, pieces, " "))

    _and = _or

    def _not(self, node: ast.Not) -> Doc:
        return join("not ", self._at(node.operand, _NOT))

    def _chain(self, node: ast.Chain) -> Doc:
        first = self._operand(node.first)
        rest = [part for sign, operand in node.rest for part in (Line(" "), f"{sign} ", self._operand(operand))]
        return group(first, nest(*rest))

    def _inside(self, node: ast.Inside) -> Doc:
        return join(self._operand(node.value), " in ", self._operand(node.where))

    def _near(self, node: ast.Near) -> Doc:
        value, tolerance = self._operand(node.value), self._operand(node.tolerance)
        return join(value, " within ", tolerance, " of ", self._operand(node.target))

    # --- bindings and statements --------------------------------------------------------------------------------------

    def _define(self, node: ast.Define) -> Doc:
        return join(f"{node.name} = ", self._operand(node.value))

    def _axis(self, node: ast.Axis) -> Doc:
        role, word = f"{node.role} " if node.role else "", "along" if node.along else "in"
        return join(f"{role}{' & '.join(node.names)} {word} ", self._operand(node.values))

    def _kept(self, node: ast.Kept) -> Doc:
        return f"{node.role} {', '.join(node.names)}"

    def _body(self, node: ast.Body) -> Doc:
        return join(*self._parts(node))

    def _parts(self, node: ast.Body) -> list[Doc]:
        nodes: list[Any] = [*([node.head] if node.head else []), *node.bindings]
        if node.where is not None:
            nodes.append(Condition(node.where))
        return self.rows(nodes, self.pieces(nodes, self.node, None), "  ") if nodes else []

    def _component(self, node: ast.Component) -> Doc:
        parts = self._parts(node.body)
        return join(node.kind, " " if parts else "", *parts)

    def _condition(self, node: Condition) -> Doc:
        return join(*self.single("where", node.test, self.node, None))

    def _item(self, node: ast.Item) -> Doc:
        return group(self._operand(node.value), *self._tail(node.value, node.where))

    def _tail(self, before: ast.Node, test: ast.Test | None) -> list[Doc]:
        """The `where` of an item, a definition or a claim: the first thing to go to a line of its own."""
        if test is None:
            return []
        return [nest(Line(" ", forced=self.apart(before.span.end, test.span.start)), self.node(Condition(test)))]

    def _listing(self, node: ast.Listing) -> Doc:
        pieces = self.pieces(node.items, self.node, None)
        rows = self.rows(node.items, pieces, " ", separator=",")
        return join(node.kind, "" if pieces[0].lead else " ", *rows)

    def _title(self, node: ast.Title) -> Doc:
        return f'title "{node.text}"'

    def _use(self, node: ast.Use) -> Doc:
        return f'use "{node.path}"'

    def _let(self, node: ast.Let) -> Doc:
        end = node.where.span.start if node.where else None
        return join(*self.single(f"let {node.name} =", node.value, self.node, end), *self._tail(node.value, node.where))

    def _expect(self, node: ast.Expect) -> Doc:
        end = node.where.span.start if node.where else None
        return join(*self.single("expect", node.test, self.node, end), *self._tail(node.test, node.where))


class Condition:
    """A condition on its way to being printed after `where`."""

    def __init__(self, test: ast.Test) -> None:
        self.test = test
        self.span = test.span


def _between(parts: Sequence[Doc], separator: Doc) -> list[Doc]:
    """The parts with a separator between any two."""
    return [doc for i, part in enumerate(parts) for doc in ((separator, part) if i else (part,))]


def _level(node: ast.Node) -> int:
    """The precedence of a node."""
    if isinstance(node, ast.Binary):
        return _BINARY[node.op][0]
    if isinstance(node, ast.Chain | ast.Inside | ast.Near):
        return _RELATION
    return {ast.Or: _OR, ast.And: _AND, ast.Not: _NOT, ast.Negate: _SIGN}.get(type(node), _ATOM)
