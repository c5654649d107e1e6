"""The syntax tree: one frozen class a grammar rule.

Spans are kept, but left out of equality, so a test reads `parse(text) == tree`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..source import Span

NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Node:
    """Anything with a place."""

    span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


# --- values -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Number(Node):
    """A number with the letters typed after it: `.02`, `64k`, `2%`, `30min`. Judged in `numbers.py`."""

    text: str


@dataclass(frozen=True)
class String(Node):
    value: str


@dataclass(frozen=True)
class Name(Node):
    id: str


@dataclass(frozen=True)
class Call(Node):
    """`name(args)`; arguments are values by position or bindings by name."""

    name: str
    args: tuple[Value | Binding, ...] = ()
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True)
class Binary(Node):
    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Negate(Node):
    operand: Expr


@dataclass(frozen=True)
class Group(Node):
    """`(x)` or, with several items, one plural value `(E, alpha)`."""

    items: tuple[Test, ...]


@dataclass(frozen=True)
class Range(Node):
    """`[a..b]`, `[a..b step s]`, `[a..b times r]`, `[a..b count k]`."""

    start: Expr
    stop: Expr
    grid: Literal["step", "times", "count"] | None = None
    by: Expr | None = None


@dataclass(frozen=True)
class Entry(Node):
    label: str | None
    value: Value


@dataclass(frozen=True)
class Set(Node):
    """`{x, y}` or `{label: x, ...}`."""

    entries: tuple[Entry, ...]


# --- conditions and claims --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Or(Node):
    left: Test
    right: Test


@dataclass(frozen=True)
class And(Node):
    left: Test
    right: Test


@dataclass(frozen=True)
class Not(Node):
    operand: Test


Comparison = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True)
class Chain(Node):
    """`a < b <= c`."""

    first: Expr
    rest: tuple[tuple[Comparison, Expr], ...]


@dataclass(frozen=True)
class Inside(Node):
    """`x in [a..b]` (a closed interval) or `x in {a, b}`."""

    value: Expr
    where: Value


@dataclass(frozen=True)
class Near(Node):
    """`x within t of y`; a percent `t` is relative to y."""

    value: Expr
    tolerance: Expr
    target: Expr


# --- bindings ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Define(Node):
    """`name = value`: a definition, no axis (unless the value is itself a sweep)."""

    name: str
    value: Value
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True)
class Axis(Node):
    """`[tune|panel] a & b in sweep`."""

    names: tuple[str, ...]
    values: Value
    role: Literal["tune", "panel"] | None = None
    names_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True)
class Path(Node):
    """`tokens along sweep`: points on one run's way."""

    names: tuple[str, ...]
    values: Value
    role: Literal["tune", "panel"] | None = None
    names_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


Expr = Number | String | Name | Call | Binary | Negate | Group
Value = Expr | Range | Set
Test = Expr | Or | And | Not | Chain | Inside | Near
Binding = Define | Axis | Path


# --- statements -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Body(Node):
    """What follows `data`, `models` or `train`."""

    head: Name | Call | Set | None
    bindings: tuple[Binding, ...] = ()
    where: Test | None = None


@dataclass(frozen=True)
class Item(Node):
    value: Value
    where: Test | None = None


@dataclass(frozen=True)
class Title(Node):
    text: str


@dataclass(frozen=True)
class Use(Node):
    path: str


@dataclass(frozen=True)
class Let(Node):
    name: str
    value: Value | Test
    where: Test | None = None
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


@dataclass(frozen=True)
class Component(Node):
    """`data`, `models` or `train` with its body."""

    kind: Literal["data", "models", "train"]
    body: Body


@dataclass(frozen=True)
class Listing(Node):
    """`fit`, `optimum`, `budget` or `report` with its items."""

    kind: Literal["fit", "optimum", "budget", "report"]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Expect(Node):
    test: Test
    where: Test | None = None


Statement = Title | Use | Let | Component | Listing | Expect


#: `own`: alone on its line, from column 1; `indented`: alone on its line; `trailing`: after part of a statement.
CommentPlace = Literal["own", "indented", "trailing"]


@dataclass(frozen=True)
class Comment:
    """A comment with its `#`, kept apart from the tree for the formatter."""

    text: str
    span: Span
    place: CommentPlace = "own"


@dataclass(frozen=True)
class Study(Node):
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    #: Offset of every run of blank lines, kept for the formatter.
    blanks: tuple[int, ...] = field(default=(), compare=False, repr=False)
