"""The syntax tree: one frozen class a grammar rule.

Spans are kept, but left out of equality, so a test reads `parse(text) == tree`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, dataclass_transform

from ..source import Span

NOWHERE = Span(0, 0)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
@dataclass(frozen=True)
class Node:
    """Anything with a place; subclasses are frozen dataclasses, equal where they are written alike."""

    span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)

    def __init_subclass__(cls) -> None:
        # Equality, hash and repr stand here once: generating them for every class is a tenth of the time of `validate`.
        dataclass(frozen=True, eq=False, repr=False)(cls)

    def _compared(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name, part in self.__dataclass_fields__.items() if part.compare)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((type(self), self._compared()))

    def __repr__(self) -> str:
        shown = (f"{n}={getattr(self, n)!r}" for n, part in self.__dataclass_fields__.items() if part.repr)
        return f"{type(self).__name__}({', '.join(shown)})"


# --- values -----------------------------------------------------------------------------------------------------------


class Number(Node):
    """A number with the letters typed after it: `.02`, `64k`, `2%`, `30min`. Judged in `numbers.py`."""

    text: str


class String(Node):
    """`"text"`, without its quotes."""

    value: str


class Name(Node):
    """A name that stands for a value."""

    id: str


class Call(Node):
    """`name(args)`; arguments are values by position or bindings by name."""

    name: str
    args: tuple[Value | Binding, ...] = ()
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)

    @property
    def named(self) -> tuple[Define, ...]:
        """The arguments that are given by name."""
        return tuple(arg for arg in self.args if isinstance(arg, Define))


class Binary(Node):
    """`a + b` and the like."""

    op: Literal["+", "-", "*", "/", "^"]
    left: Expr
    right: Expr


class Negate(Node):
    """`-a`."""

    operand: Expr


class Group(Node):
    """`(x)` or, with several items, one plural value `(E, alpha)`."""

    items: tuple[Test, ...]


class Range(Node):
    """`[a..b]`, `[a..b step s]`, `[a..b times r]`, `[a..b count k]`."""

    start: Expr
    stop: Expr
    grid: Literal["step", "times", "count"] | None = None
    by: Expr | None = None


class Entry(Node):
    """`x` or `label: x` of a set."""

    label: str | None
    value: Value


class Set(Node):
    """`{x, y}` or `{label: x, ...}`."""

    entries: tuple[Entry, ...]


# --- conditions and claims --------------------------------------------------------------------------------------------


class Or(Node):
    """`a or b`."""

    left: Test
    right: Test


class And(Node):
    """`a and b`."""

    left: Test
    right: Test


class Not(Node):
    """`not a`."""

    operand: Test


Comparison = Literal["<", "<=", ">", ">=", "==", "!="]


class Chain(Node):
    """`a < b <= c`."""

    first: Expr
    rest: tuple[tuple[Comparison, Expr], ...]


class Inside(Node):
    """`x in [a..b]` (a closed interval) or `x in {a, b}`."""

    value: Expr
    where: Value


class Near(Node):
    """`x within t of y`; a percent `t` is relative to y."""

    value: Expr
    tolerance: Expr
    target: Expr


# --- bindings ---------------------------------------------------------------------------------------------------------


class Define(Node):
    """`name = value`: a definition, no axis (unless the value is itself a sweep)."""

    name: str
    value: Value
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


class Axis(Node):
    """`[tune|panel|median] a & b in sweep`, or `tokens along sweep`: points on one run's way."""

    names: tuple[str, ...]
    values: Value
    role: Literal["tune", "panel", "median"] | None = None
    along: bool = False
    names_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


class Kept(Node):
    """`tune lr, batch` behind a table: columns of a sweep that was made elsewhere, of which the best is kept."""

    names: tuple[str, ...]
    role: Literal["tune", "panel", "median"] = "tune"
    names_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


Expr = Number | String | Name | Call | Binary | Negate | Group
Value = Expr | Range | Set
Test = Expr | Or | And | Not | Chain | Inside | Near
Binding = Define | Axis


# --- statements -------------------------------------------------------------------------------------------------------


class Body(Node):
    """The head, bindings and condition after `data`, `models` or `train`."""

    head: Name | Call | Set | None
    bindings: tuple[Binding | Kept, ...] = ()
    where: Test | None = None


class Item(Node):
    """One of the values after `fit`, `optimum`, `budget` or `report`, with its condition."""

    value: Value
    where: Test | None = None


class Title(Node):
    """`title "text"`."""

    text: str


class Use(Node):
    """`use "path"`."""

    path: str


class Let(Node):
    """`let name = value`, with a condition behind a law or an optimum."""

    name: str
    value: Value | Test
    where: Test | None = None
    name_span: Span = field(default=NOWHERE, compare=False, kw_only=True, repr=False)


class Component(Node):
    """`data`, `models` or `train` with its body."""

    kind: Literal["data", "models", "train"]
    body: Body


class Listing(Node):
    """`fit`, `optimum`, `budget` or `report` with its items."""

    kind: Literal["fit", "optimum", "budget", "report"]
    items: tuple[Item, ...]


class Expect(Node):
    """`expect test where test`."""

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


class Study(Node):
    """The statements of a file."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    #: Offsets of every run of blank lines and of every newline, kept for the formatter.
    blanks: tuple[int, ...] = field(default=(), compare=False, repr=False)
    newlines: tuple[int, ...] = field(default=(), compare=False, repr=False)
