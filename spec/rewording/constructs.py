"""Whole constructs of other tools, each told once where it begins, with what is written for it here.

A comprehension, a call of `np.logspace`, `GROUP BY`, `approx(0.34, abs=.05)`, options of a command line: read piece by
piece they are many mistakes, and hide those beside them. So they are found in the text of a statement that is wrong,
and the study is checked with what stands for them; what is then found is told at its place in the text as it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from ..diagnostics.fixes import UNSAFE, edits_of, mend
from ..errors import Diagnostic, Edit, Fix, Label
from ..source import Source, Span
from ..syntax.recovery.foreign.words import meant_statement
from ..syntax.scanner import CLOSER, STATEMENTS, lexemes, scan

#: Characters of a statement that is looked through, and constructs of a study.
LONGEST, MOST = 2_000, 40
#: Findings about what a file holds, which is as it is however it is asked for.
OF_FILES = ("SCL416", "SCL417")
#: The finding about a name that is given twice, of which what is written is one.
TWICE = "SCL113"
#: Findings about a parameter that a word does not have.
UNKNOWN_NAME = "SCL104"
NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*"
#: Findings about how a thing is written, and which words, numbers and lists stand where.
OF_FORM = re.compile("SCL(?:[01]|20[1-36]|30)")
Check = Callable[[str], Sequence[Diagnostic]]


@dataclass(frozen=True)
class Statement:
    """The text of one statement, from its first character on, in its study."""

    text: str
    study: str
    start: int = 0
    #: Whether the mends of all that is wrong with it make it right.
    mended: bool = False

    @cached_property
    def keyword(self) -> str:
        """The statement that it is, or was meant to be; empty where that is not known."""
        first = re.match(r"\w+", self.text)
        word = first[0] if first else ""
        return word if word in STATEMENTS else meant_statement(word) or ""


class Construct(NamedTuple):
    """One construct: its place in the statement, what is said of it, and what stands for it."""

    start: int
    end: int
    said: str
    #: What is written in its place; None where nothing can be.
    written: str | None
    helps: tuple[str, ...] = ()
    #: Further changes to the statement: first character, the one after the last, and the text.
    more: tuple[tuple[int, int, str], ...] = ()
    code: str = "SCL001"

    @property
    def edits(self) -> tuple[tuple[int, int, str], ...]:
        """Every change, in places of the statement."""
        return () if self.written is None else ((self.start, self.end, self.written), *self.more)


#: Finds the constructs of one kind in a statement.
Finder = Callable[[Statement], Iterator[Construct]]


@dataclass(frozen=True)
class Patched:
    """A text with some pieces replaced, and where its places were before."""

    text: str
    edits: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, text: str, edits: Sequence[Edit]) -> Patched:
        """The text with the edits, none of which touches another."""
        ordered = tuple(sorted(edits, key=lambda e: e.span))
        for edit in reversed(ordered):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
        return cls(text, ordered)

    def before(self, at: int, end: bool = False) -> int:
        """The place that a place of the new text was; inside of what was replaced, where that began or ended."""
        shift = 0
        for span, new in self.edits:
            first, last = span.start + shift, span.start + shift + len(new)
            if at < first or (end and at == first):
                break
            if at < last or (end and at == last):
                return span.end if end else span.start
            shift += len(new) - (span.end - span.start)
        return at - shift

    def untouched(self, span: Span) -> bool:
        """True for a place of the new text that nothing was written into."""
        shift = 0
        for old, new in self.edits:
            first, last = old.start + shift, old.start + shift + len(new)
            if span.start < last and first < span.end:
                return False
            shift += len(new) - (old.end - old.start)
        return True

    def written(self, span: Span) -> bool:
        """True for a place of the new text that begins or ends inside of what was written into it."""
        shift = 0
        for old, new in self.edits:
            first, last = old.start + shift, old.start + shift + len(new)
            if first <= span.start < last or first < span.end <= last:
                return True
            shift += len(new) - (old.end - old.start)
        return False

    def start_of(self, edit: Edit) -> int:
        """The place where the text of an edit begins."""
        before = (e for e in self.edits if e.span < edit.span)
        return edit.span.start + sum(len(e.text) - (e.span.end - e.span.start) for e in before)

    def written_by(self, span: Span, wholly: bool = False) -> Edit | None:
        """The edit that wrote a place of the new text, where that begins or ends, or `wholly`."""
        for edit in self.edits:
            first = self.start_of(edit)
            last = first + len(edit.text)
            inside = first <= span.start and span.end <= last
            if inside or (not wholly and (first <= span.start < last or first < span.end <= last)):
                return edit
        return None

    def place(self, span: Span) -> Span:
        """A place of the new text in the old one."""
        start = self.before(span.start)
        return Span(start, max(start, self.before(span.end, end=True)), span.file)

    def told(self, said: Diagnostic, file: str) -> Diagnostic:
        """A finding about the new text at its place in the old one; a fix of what was replaced is none."""
        if not self.edits:
            return said
        fixes = tuple(
            replace_fix
            for fix in said.fixes
            if all(e.span.file != file or self.untouched(e.span) for e in fix.edits)
            for replace_fix in (
                Fix(
                    tuple(Edit(self.place(s), new) if s.file == file else Edit(s, new) for s, new in fix.edits),
                    fix.applicability,
                ),
            )
        )
        labels = tuple(Label(self.place(x.span) if x.span.file == file else x.span, x.text) for x in said.labels)
        span = self.place(said.span) if said.span.file == file else said.span
        return replace(said, span=span, labels=labels, fixes=fixes)


def constructs(
    found: Sequence[Diagnostic], text: str, file: str, check: Check, finders: Sequence[Finder]
) -> tuple[Patched, tuple[Diagnostic, ...]]:
    """The text with what stands for every construct of another tool, and a finding about each.

    A construct whose text is refused is left as it is, unless nothing stands for it.
    """
    wrong = [d for d in found if d.severity == "error" and d.span.file == file]
    there: list[tuple[Construct, Statement]] = []
    taken: list[tuple[int, int]] = []
    for chunk in scan(Source(text)).chunks:
        if chunk.end - chunk.start > LONGEST or not any(chunk.start <= d.span.start <= chunk.end for d in wrong):
            continue
        said = [d for d in wrong if chunk.start <= d.span.start <= chunk.end]
        mended = _mended(said, text, file, chunk.start, check)
        statement = Statement(text[chunk.start : chunk.end], text, chunk.start, mended)
        for one in _apart(statement, finders):
            places = [(chunk.start + a, chunk.start + b) for a, b, _ in one.edits]
            if len(there) < MOST and not any(a < d and c < b for a, b in places for c, d in taken):
                there.append((one, statement))
                taken += places
    for _ in range(3):
        edits = [Edit(Span(s.start + a, s.start + b, file), new) for c, s in there for a, b, new in c.edits]
        patched = Patched.of(text, edits)
        if not there:
            return patched, ()
        errors = [d for d in check(patched.text) if d.severity == "error" and d.span.file == file]
        refused = {
            (one.start, statement.start)
            for one, statement in there
            if one.edits and any(_within(patched.place(d.span), one, statement, d) for d in errors)
        }
        if not refused:
            break
        there = [(c, s) for c, s in there if (c.start, s.start) not in refused]
    return patched, tuple(_finding(one, statement, file) for one, statement in there)


def _mended(said: Sequence[Diagnostic], text: str, file: str, start: int, check: Check) -> bool:
    """True where the changes that findings about one statement offer leave nothing wrong in it."""
    if not all(edits_of(d, UNSAFE) for d in said):
        return False
    changed, applied = mend(text, file, said, UNSAFE)
    end = next((c.end for c in scan(Source(changed)).chunks if c.start == start), start)
    wrong = [d for d in check(changed) if d.severity == "error" and d.span.file == file and OF_FORM.match(d.code)]
    return applied == len(said) and not any(start <= d.span.start <= end for d in wrong)


def beside(told: Sequence[Diagnostic], found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The findings that are not about a piece of a construct for which nothing can be written."""
    whole = [d.span for d in told if not d.fixes]
    return [d for d in found if d.severity != "error" or not any(d.span in span for span in whole)]


def _apart(statement: Statement, finders: Sequence[Finder]) -> list[Construct]:
    """Constructs that do not touch each other, those of earlier kinds first, and none of what a comment says."""
    kept: list[Construct] = []
    comments = [x for x in lexemes(statement.text) if x.kind == "comment"]
    for finder in finders:
        for one in finder(statement):
            places = [(a, b) for a, b, _ in one.edits] or [(one.start, one.end)]
            if any(x.start <= a < x.end for x in comments for a in (one.start, *(a for a, _ in places))):
                continue
            others = [(a, b) for c in kept for a, b, _ in c.edits or ((c.start, c.end, ""),)]
            if not any((a < d and c < b) or (a == c and b == d) for a, b in places for c, d in others):
                kept.append(one)
    return sorted(kept)


def _within(place: Span, one: Construct, statement: Statement, said: Diagnostic) -> bool:
    """True for an error in what was written for a construct."""
    return (
        said.code < "SCL43"
        and said.code not in OF_FILES
        and not (said.code == TWICE and one.written and one.written.count(said.message.split("`")[1]) == 1)
        and not (said.code == UNKNOWN_NAME and _typed(said, statement, one))
        and any(statement.start + a <= place.start and place.end <= statement.start + b for a, b, _ in one.edits)
    )


def _typed(said: Diagnostic, statement: Statement, one: Construct) -> bool:
    """True for a finding about the name of an axis that is replaced, which is no fault of what stands for it."""
    name = said.message.split("`")[-2] if said.message.count("`") > 1 else ""
    swept = rf"(?<!\w){re.escape(name)}\s+(?:in|along)\b|\b(?:tune|panel)\s+{re.escape(name)}(?!\w)"
    return re.search(swept, statement.text[one.start : one.end]) is not None


def _finding(one: Construct, statement: Statement, file: str) -> Diagnostic:
    at = statement.start
    edits = tuple(Edit(Span(at + a, at + b, file), new) for a, b, new in one.edits)
    fixes = (Fix(edits, "maybe-incorrect"),) if edits else ()
    helps = one.helps or ((f"write `{one.written}`",) if one.written else ("leave it out",))
    return Diagnostic(one.code, one.said, Span(at + one.start, at + one.end, file), helps=helps, fixes=fixes)


# --- texts with brackets ----------------------------------------------------------------------------------------------


def closing(text: str, at: int) -> int | None:
    """The place after the bracket that closes the one at a place; None where none does."""
    stack: list[str] = []
    quote = ""
    for i in range(at, len(text)):
        c = text[i]
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in CLOSER:
            stack.append(CLOSER[c])
        elif c in CLOSER.values():
            if not stack or stack.pop() != c:
                return None
            if not stack:
                return i + 1
    return None


def parts(text: str, by: str = ",") -> list[str]:
    """The pieces of a text between commas outside of brackets and quotes."""
    found, depth, quote, begin = [], 0, "", 0
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in CLOSER:
            depth += 1
        elif c in CLOSER.values():
            depth -= 1
        elif c in by and depth == 0:
            found.append(text[begin:i].strip())
            begin = i + 1
    return [p for p in (*found, text[begin:].strip()) if p]


def value_end(text: str, at: int) -> int:
    """The end of the value that begins at a place: a bracket, a call, a number, with what is multiplied to it."""
    i = at
    while True:
        word = re.compile(r"[-+]?(?:[\w.]*\w|\d+\.(?=\s*[*^]))").match(text, i)
        i = word.end() if word else i
        end = closing(text, i) if i < len(text) and text[i] in CLOSER else None
        if end is None and word is None:
            return i
        i = end if end is not None else i
        while (more := re.compile(r"\.\w+(?=\()").match(text, i)) and (end := closing(text, more.end())):
            i = end
        sign = re.compile(r"\s*(?:\.?\*\*|\.?\^|\.?\*|//|\+(?=\s*[\[(])|<<)\s*").match(text, i)
        if sign is None:
            return i
        i = sign.end()
