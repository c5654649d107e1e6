"""A statement with a syntax error, read on: so that its other mistakes are found too.

What the first mistake's fix says was meant stands for what was typed, and the parser goes on behind it; where there is
no fix, the argument, item, axis or comparison around the place is left out. Places are always those of the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from lark.exceptions import UnexpectedInput

from ...errors import Diagnostic, Edit, Fix, Label
from ...source import Source, Span
from .. import ast, parse_tables
from ..reading import Reading
from ..scanner import Chunk, lexemes
from ..tree_builder import Builder
from ..visit import transform
from .diagnose import diagnose
from .error_context import COMPONENTS, SyntaxErrorContext

#: Mistakes of one statement that are told; a text that has more is none of ours.
MOST = 12
LISTINGS = ("fit", "optimum", "budget", "report")


@dataclass
class _Patched:
    """A statement's text with repairs in it, and the place in the file that each of its characters comes from.

    Places in the text are counted from where the statement begins in the file, so that what stands before is the same.
    """

    text: str
    #: Of each character, where it begins and ends in the file; of one that was put in, the place of what it is for.
    origins: list[int]
    ends: list[int]
    typed: list[bool]
    #: Where the text begins and ends in the file.
    start: int
    end: int
    file: str
    repaired: list[Span] = field(default_factory=list)

    def apply(self, edits: Sequence[Edit]) -> _Patched:
        """The text with more repairs, whose places are those of the text as it is now."""
        text, origins, ends, typed = self.text, list(self.origins), list(self.ends), list(self.typed)
        repaired = list(self.repaired)
        for span, new in sorted(edits, key=lambda e: e.span, reverse=True):
            at = self.place(span)
            repaired.append(at)
            first, last = span.start - self.start, span.end - self.start
            text = text[:first] + new + text[last:]
            origins[first:last] = [at.start] * len(new)
            ends[first:last] = [at.end] * len(new)
            typed[first:last] = [False] * len(new)
        return replace(self, text=text, origins=origins, ends=ends, typed=typed, repaired=repaired)

    def place(self, span: Span) -> Span:
        """The place in the file of a span of the text."""
        if span.start < self.start:
            return span  # what stands before the statement is what it was
        if span.start > self.start + len(self.text):
            longer = len(self.text) - (self.end - self.start)
            return Span(span.start - longer, span.end - longer, self.file)
        first, last = span.start - self.start, min(span.end - self.start, len(self.origins)) - 1
        start = self.origins[first] if first < len(self.origins) else self.end
        if last < first:
            return Span(start, start, self.file)
        return Span(start, max(start, self.ends[last]), self.file)

    def placed(self, said: Diagnostic) -> Diagnostic:
        """A finding about the text as one about the file; a fix of something that was put in is none."""
        fixes = tuple(
            Fix(tuple(Edit(self.place(span), new) for span, new in fix.edits), fix.applicability)
            for fix in said.fixes
            if all(all(self.typed[max(0, e.span.start - self.start) : e.span.end - self.start]) for e in fix.edits)
        )
        labels = tuple(Label(self.place(label.span), label.text) for label in said.labels)
        return replace(said, span=self.place(said.span), labels=labels, fixes=fixes)


def read_on(source: Source, chunk: Chunk, start: str, error: UnexpectedInput, words: Mapping[str, str]) -> Reading:
    """What can be read of a statement (or test, or value) that has a syntax error, and all of its syntax errors."""
    typed = source.text[chunk.start : chunk.end]
    places = list(range(chunk.start, chunk.end))
    text = _Patched(typed, places, [at + 1 for at in places], [True] * len(typed), *chunk[:2], source.name)
    found: list[Diagnostic] = []
    whole = True
    while True:
        there = Chunk(chunk.start, chunk.start + len(text.text), chunk.depth)
        whole_text = Source(source.text[: chunk.start] + text.text, source.name) if found else source
        here = SyntaxErrorContext.of(whole_text, there, start, error, words)
        said = diagnose(here)
        found.append(text.placed(said))
        before = there.end - here.found.start
        for edits, complete in _repairs(here, said):
            patched = text.apply(edits)
            left = parse_tables.unread(patched.text, start)
            if left < before or (left == before == 0 and len(found) < MOST) or not patched.text.strip():
                whole &= complete
                break
        else:
            return Reading(None, tuple(found), tuple(text.repaired), False)
        text = patched
        if start == "statement" and all(x.kind == "comment" for x in lexemes(text.text)):
            return Reading(None, tuple(found), tuple(text.repaired))
        try:
            tree = parse_tables.tree_of(text.text, start)
        except UnexpectedInput as again:
            if len(found) >= MOST:
                return Reading(None, tuple(found), tuple(text.repaired), False)
            error = again
            continue
        node = _relocated(Builder(source.name, chunk.start).build(tree), text)
        return Reading(node, tuple(found), tuple(text.repaired), whole)


def _relocated(node: Any, text: _Patched) -> Any:
    def move(part: Any) -> Any:
        spans = {n: getattr(part, n) for n in type(part).__dataclass_fields__ if n.endswith("span")}
        return replace(part, **{n: text.place(span) for n, span in spans.items() if span != ast.NOWHERE})

    return transform(node, move)


def _repairs(error: SyntaxErrorContext, said: Diagnostic) -> Iterator[tuple[tuple[Edit, ...], bool]]:
    """What may be changed for the parser to go on, the likeliest first, and whether nothing is lost thereby."""
    for fix in said.fixes[:1]:
        if all(edit.span.start >= error.chunk.start for edit in fix.edits):
            yield tuple(edit for edit in fix.edits if edit.span.start <= error.chunk.end), True
    for first, last, instead in _gaps(error):
        span = Span(error.lexemes[first].start, error.lexemes[last].end, error.source.name)
        yield (Edit(span, instead),), False


def _gaps(error: SyntaxErrorContext) -> Iterator[tuple[int, int, str]]:
    """Parts of the statement that may be left out: the lexemes of each, and what stands for them."""
    for opener in reversed(error.open):
        closer = error.closing(opener)
        if closer is None:
            return
        bracket = error.lexemes[opener].text
        call = bracket == "(" and opener > 0 and error.calls(opener - 1)
        if call or bracket == "{":
            first, last = _item(error, opener, closer, max(error.index, opener + 1))
            if first < error.index <= last:
                yield error.index, last, ""
            if last >= first and (call or (first, last) != (opener + 1, closer - 1)):
                yield *_with_comma(error, first, last), ""
        if not call:
            yield opener, closer, "1"
        elif opener + 1 < closer:
            yield opener + 1, closer - 1, ""
    if error.keyword in COMPONENTS:
        starts = _clauses(error)
        first = max((i for i in starts if i < error.index), default=1)
        last = min((i for i in starts if i > max(error.index, first)), default=len(error.lexemes)) - 1
        if first == 1 and starts and starts[0] > error.index:
            first = max(1, error.index)
        if first <= last:
            yield first, last, " "
        if error.index <= last:
            yield error.index, last, " "
    elif error.keyword in LISTINGS:
        first, last = _item(error, 0, len(error.lexemes), error.index)
        if (first, last) != (1, len(error.lexemes) - 1) and first <= last:
            yield *_with_comma(error, first, last), ""


def _item(error: SyntaxErrorContext, opener: int, closer: int, at: int) -> tuple[int, int]:
    """First and last lexeme of the item around a place between two others, commas being the ends of items."""
    commas, depth = [opener], 0
    for i in range(opener + 1, closer):
        depth += {"open": 1, "close": -1}.get(error.lexemes[i].kind, 0)
        if depth <= 0 and error.lexemes[i].text == ",":
            commas.append(i)
    commas.append(closer)
    before = max((c for c in commas if c < at), default=opener)
    after = min((c for c in commas if c >= at and c > before), default=closer)
    return before + 1, after - 1


def _with_comma(error: SyntaxErrorContext, first: int, last: int) -> tuple[int, int]:
    if last + 1 < len(error.lexemes) and error.lexemes[last + 1].text == ",":
        return first, last + 1
    return (first - 1, last) if first > 1 and error.lexemes[first - 1].text == "," else (first, last)


def _clauses(error: SyntaxErrorContext) -> list[int]:
    """Lexemes at which an axis, a definition or a condition of a component begins, outside all brackets."""
    starts, depth = [], 0
    for i, (before, this) in enumerate(pairwise(error.lexemes), 1):
        depth += {"open": 1, "close": -1}.get(before.kind, 0)
        if depth > 0 or before.text in ("tune", "panel", "&"):
            continue
        after = error.lexemes[i + 1].text if i + 1 < len(error.lexemes) else ""
        if this.text in ("tune", "panel", "where") or (this.kind == "name" and after in ("in", "along", "=", "&")):
            starts.append(i)
    return starts
