"""Laying text out in lines: documents whose breaks are taken only where a group does not fit.

After Wadler, "A prettier printer", with two additions for comments: `Remark`, which waits for the end of its line, and
breaks that must be taken. Anything that holds one of these is laid out over several lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

#: Columns of a line.
WIDTH = 100
#: Columns of one step of indentation.
STEP = 2


class Line(NamedTuple):
    """A newline where its group is broken, `flat` where it is not."""

    flat: str = " "
    forced: bool = False


class Broken(NamedTuple):
    """Text that appears only where its group is broken: a comma after the last item."""

    text: str


class Remark(NamedTuple):
    """A comment for the end of the line on which it falls."""

    text: str


class Join(NamedTuple):
    """Documents one after another."""

    parts: tuple[Doc, ...]
    forced: bool


class Nest(NamedTuple):
    """A document whose new lines are indented by one step more."""

    inner: Doc
    forced: bool


class Group(NamedTuple):
    """A document that is laid out flat if that fits, else with all of its own breaks taken."""

    inner: Doc
    forced: bool


Doc = str | Line | Broken | Remark | Join | Nest | Group

HARD = Line("", forced=True)


def forced(doc: Doc) -> bool:
    """True for a document that cannot stand on one line."""
    return isinstance(doc, Remark) or (not isinstance(doc, str | Broken) and doc.forced)


def join(*parts: Doc) -> Join:
    """The documents one after another."""
    return Join(parts, any(map(forced, parts)))


def nest(*parts: Doc) -> Nest:
    """The documents one after another, a step further in."""
    return Nest(join(*parts), any(map(forced, parts)))


def group(*parts: Doc) -> Group:
    """The documents one after another, on one line if they fit."""
    return Group(join(*parts), any(map(forced, parts)))


def lay_out(doc: Doc, width: int = WIDTH) -> str:
    """The document as text; a word that is longer than a line stands over its end."""
    out: list[str] = []
    remarks: list[str] = []
    column = 0
    pending: list[tuple[int, bool, Doc]] = [(0, True, doc)]  # indentation, whether broken, what
    while pending:
        indent, broken, doc = pending.pop()
        if isinstance(doc, str):
            out.append(doc)
            column += len(doc)
        elif isinstance(doc, Join):
            pending.extend((indent, broken, part) for part in reversed(doc.parts))
        elif isinstance(doc, Nest):
            pending.append((indent + STEP, broken, doc.inner))
        elif isinstance(doc, Group):
            pending.append((indent, doc.forced or not _fits(doc.inner, pending, width - column), doc.inner))
        elif isinstance(doc, Remark):
            remarks.append(doc.text)
        elif isinstance(doc, Broken):
            pending.append((indent, broken, doc.text if broken else ""))
        elif broken or doc.forced:
            out.extend(f"  {remark}" for remark in remarks)
            remarks.clear()
            out.append("\n" + " " * indent)
            column = indent
        else:
            pending.append((indent, broken, doc.flat))
    out.extend(f"  {remark}" for remark in remarks)
    return "\n".join(line.rstrip() for line in "".join(out).split("\n"))


def _fits(doc: Doc, rest: list[tuple[int, bool, Doc]], room: int) -> bool:
    """True where `doc`, flat, and the rest up to the next newline take at most `room` columns."""
    pending: list[tuple[bool, Iterator[Doc]]] = [(False, iter((doc,)))]
    following = len(rest)
    while room >= 0:
        if not pending:
            if following == 0:
                return True
            following -= 1
            _, broken, behind = rest[following]
            pending.append((broken, iter((behind,))))
        broken, docs = pending[-1]
        part = next(docs, None)
        if part is None:
            pending.pop()
        elif isinstance(part, str):
            room -= len(part)
        elif isinstance(part, Join):
            pending.append((broken, iter(part.parts)))
        elif isinstance(part, Nest):
            pending.append((broken, iter((part.inner,))))
        elif isinstance(part, Group):
            pending.append((part.forced, iter((part.inner,))))
        elif isinstance(part, Broken):
            room -= len(part.text) if broken else 0
        elif isinstance(part, Line):
            if broken or part.forced:
                return True
            room -= len(part.flat)
    return False
