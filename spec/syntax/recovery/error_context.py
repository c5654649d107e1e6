"""The context of a syntax error: the statement, the offending lexeme, the terminals expected, and words for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ...diagnostics.suggest import listing
from ...errors import Applicability, Diagnostic, Edit, Fix, Label
from ...source import Source, Span
from .. import parse_tables
from ..scanner import CLOSER, STATEMENTS, WORDS, Brackets, Chunk, Lexeme, lexemes
from ..statement_examples import EXAMPLES

if TYPE_CHECKING:
    from lark.exceptions import UnexpectedInput

COMPONENTS = ("data", "models", "train")
SIGNS = frozenset({"<", "<=", ">", ">=", "==", "!="})
ARITHMETIC = frozenset({"+", "-", "*", "/", "^"})
#: What a search of another tool is mostly for, and is tuned here.
TUNED = "lr"
#: What stands first after a word.
_HEADS = {"data": "a source", "models": "a model", "train": "an optimiser"}
_LONGEST_SHOWN = 40


@dataclass(frozen=True)
class SyntaxErrorContext:
    """A statement (or test, or value) whose lexeme at `index` no rule of the grammar takes there."""

    source: Source
    chunk: Chunk
    #: What the parser was asked for: "statement", "test" or "value".
    start: str
    #: The statement's lexemes, comments left out.
    lexemes: tuple[Lexeme, ...]
    #: The lexeme at which the parser stopped; one past the last where the text ended too early.
    index: int
    #: Every piece of text, and every kind of word, that could have stood there instead (see `accepted`).
    accepts: frozenset[str]
    #: Words, parameters and settings of the vocabulary, each with the statement it stands in; quantities with none.
    words: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, source: Source, chunk: Chunk, start: str, error: UnexpectedInput, words: Mapping[str, str]
    ) -> SyntaxErrorContext:
        """Lark's error in our own words: the lexeme it stopped at, and what could have stood there."""
        pieces = tuple(x for x in lexemes(source.text, chunk.start, chunk.end) if x.kind != "comment")
        ended = getattr(getattr(error, "token", None), "type", "") == "$END"
        offset = chunk.start + (error.pos_in_stream or 0)
        index = len(pieces) if ended else next((i for i, x in enumerate(pieces) if x.end > offset), len(pieces))
        return cls(source, chunk, start, pieces, index, accepted(error), words)

    @cached_property
    def found(self) -> Lexeme:
        """The lexeme that does not fit; an empty one at the end of the statement."""
        return self.at(0)

    def at(self, offset: int) -> Lexeme:
        """The lexeme so many places from the one found; outside of the statement an empty one, of no kind."""
        i = self.index + offset
        if 0 <= i < len(self.lexemes):
            return self.lexemes[i]
        return Lexeme("", "", self.lexemes[-1].end if self.lexemes and i > 0 else self.chunk.start)

    def word(self, index: int) -> str:
        """The text of the lexeme at an index; empty past the last."""
        return self.at(index - self.index).text

    @property
    def previous(self) -> Lexeme:
        """The lexeme before the one found."""
        return self.at(-1)

    @property
    def keyword(self) -> str | None:
        """The word the statement begins with."""
        first = self.lexemes[0].text if self.lexemes else ""
        return first if self.start == "statement" and first in STATEMENTS else None

    @property
    def span(self) -> Span:
        """The lexeme found, or the place after the last one."""
        return self.span_of(self.found)

    def span_of(self, first: Lexeme, last: Lexeme | None = None) -> Span:
        """From the first lexeme to the last."""
        return Span(first.start, (last or first).end, self.source.name)

    def span_from(self, start: int, end: int) -> Span:
        """From one character to another."""
        return Span(start, end, self.source.name)

    # --- brackets -----------------------------------------------------------------------------------------------------

    @cached_property
    def open(self) -> tuple[int, ...]:
        """Indices of the brackets open where the parser got stuck, outermost first."""
        brackets = Brackets()
        at = {}
        for i, lexeme in enumerate(self.lexemes[: self.index]):
            if lexeme.kind == "open":
                brackets.open(lexeme)
                at[lexeme.start] = i
            elif lexeme.kind == "close":
                brackets.close(lexeme.text)
        return tuple(at[b.start] for b in brackets.stack)

    @cached_property
    def never_closed(self) -> bool:
        """True where the statement ends with the innermost of these brackets still open."""
        depth = 0
        for lexeme in self.lexemes[self.index :]:
            depth += {"open": 1, "close": -1}.get(lexeme.kind, 0)
        return bool(self.open) and depth > -len(self.open)

    @property
    def opener(self) -> Lexeme | None:
        """The innermost open bracket."""
        return self.lexemes[self.open[-1]] if self.open else None

    @property
    def callee(self) -> str | None:
        """The name whose arguments are being read."""
        i = self.open[-1] if self.open else 0
        if not i or self.lexemes[i].text != "(" or not self.calls(i - 1):
            return None
        return self.lexemes[i - 1].text

    def calls(self, index: int) -> bool:
        """True for a name that may be called."""
        return self.lexemes[index].kind == "name" and self.lexemes[index].text not in (*WORDS, *STATEMENTS)

    def closing(self, index: int) -> int | None:
        """Index of the bracket that closes the one at `index`."""
        brackets = Brackets()
        for i in range(index, len(self.lexemes)):
            if self.lexemes[i].kind == "open":
                brackets.open(self.lexemes[i])
            elif self.lexemes[i].kind == "close":
                brackets.close(self.lexemes[i].text)
                if not brackets.stack:
                    return i
        return None

    def opening(self, index: int) -> int | None:
        """Index of the bracket that the one at `index` closes."""
        depth = 0
        for i in range(index, -1, -1):
            depth += {"open": -1, "close": 1}.get(self.lexemes[i].kind, 0)
            if depth == 0:
                return i
        return None

    # --- words --------------------------------------------------------------------------------------------------------

    @property
    def within(self) -> str:
        """The construct being read, as a key of `EXAMPLES`."""
        if self.opener is not None:
            return {"[": "range", "{": "set"}.get(self.opener.text, "call" if self.callee else "group")
        if self.start != "statement":
            return self.start
        if any(lexeme.text == "where" for lexeme in self.lexemes[max(self.item[0], 1) : self.index]):
            return "where"
        return self.keyword or "data"

    @property
    def earlier_where(self) -> Lexeme | None:
        """The `where` of the same item, outside brackets, before the place."""
        depth = 0
        for i in range(self.index - 1, self.item[0] - 1, -1):
            lexeme = self.lexemes[i]
            depth += {"open": -1, "close": 1}.get(lexeme.kind, 0)
            if depth == 0 and lexeme.text == "where":
                return lexeme
        return None

    def earlier(self) -> int:
        """Index of the `where` of the item, or of the item's beginning."""
        before = [i for i in range(self.index) if self.lexemes[i].text == "where"]
        return before[-1] if before else self.item[0]

    def end_of_binding(self) -> int:
        """Index of the last lexeme of the axis or definition that begins at the place."""
        depth = 0
        for i in range(self.index + 1, len(self.lexemes)):
            depth += {"open": 1, "close": -1}.get(self.lexemes[i].kind, 0)
            after = self.lexemes[i + 1] if i + 1 < len(self.lexemes) else None
            ends = after is not None and (after.text in ("tune", "panel", "where", ",") or after.kind == "name")
            if depth == 0 and i > self.index + 1 and ends:
                return i
        return len(self.lexemes) - 1

    @property
    def reading(self) -> str:
        """The construct being read, in words."""
        words = {
            "title": "the title",
            "use": "the file after `use`",
            "let": "a `let`",
            "fit": "the laws after `fit`",
            "optimum": "the methods after `optimum`",
            "budget": "the limits after `budget`",
            "report": "the formats after `report`",
            "expect": "the claim after `expect`",
            "call": f"the arguments of `{self.callee}`",
            "group": "what stands in parentheses",
            "range": "a range",
            "set": "a set",
            "where": "the condition after `where`",
            "test": "a condition",
            "value": "a value",
        }
        return words.get(self.within, f"a `{self.within}` statement")

    @property
    def examples(self) -> str:
        """Two things that could stand there."""
        first, second = EXAMPLES[self.within]
        return f"for example `{first}`\n         or `{second}`"

    @cached_property
    def item(self) -> tuple[int, int]:
        """First and last index of the item around the place: from the bracket or comma before it to the one after."""
        return self._reach(-1, self.index - 1), self.end_of(self.index)

    def end_of(self, index: int) -> int:
        """Last index of the item that goes on at `index`."""
        return self._reach(1, index)

    def _reach(self, way: int, i: int) -> int:
        depth = 0
        while 0 <= i < len(self.lexemes):
            lexeme = self.lexemes[i]
            if depth == 0 and (lexeme.text == "," or lexeme.kind == ("open" if way < 0 else "close")):
                break
            depth += {"open": way, "close": -way}.get(lexeme.kind, 0)
            i += way
        return i - way

    def shown(self, first: int, last: int) -> str:
        """The user's text from one lexeme to another, on one line and not too long; dots where there is none."""
        last = min(last, len(self.lexemes) - 1)
        if not 0 <= first <= last:
            return "..."
        text = " ".join(self.source.text[self.lexemes[first].start : self.lexemes[last].end].split())
        return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."

    # --- diagnostics --------------------------------------------------------------------------------------------------

    def diagnostic(
        self,
        code: str,
        message: str,
        *,
        span: Span | None = None,
        labels: tuple[Label, ...] = (),
        helps: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
        read: bool = True,
    ) -> Diagnostic:
        """A diagnostic at the place, with a note on what was being read unless `read` is false."""
        notes: tuple[str, ...] = (f"while reading {self.reading}",) if read else ()
        # Quoted pieces of the user's text are cut to a length that can be read.
        message, *words = (re.sub(r"`([^`]{100})[^`]{20,}`", r"`\1...`", text) for text in (message, *notes, *helps))
        notes, helps = tuple(words[: len(notes)]), tuple(words[len(notes) :])
        return Diagnostic(code, message, span or self.span, labels=labels, notes=notes, helps=helps, fixes=fixes)

    def replaced(self, text: str, sure: bool = True) -> tuple[Fix, ...]:
        """The fix that puts a text in place of the lexeme found."""
        return self.fix((self.found.start, self.found.end, text), sure=sure)

    def fix(self, *edits: tuple[int, int, str], sure: bool = True) -> tuple[Fix, ...]:
        """A change to the text; certain only if the parser then comes further than the place, and nothing stands there
        twice, which is as likely one too many.
        """
        changes = tuple(Edit(Span(start, end, self.source.name), text) for start, end, text in edits)
        text, shift = self.source.text[self.chunk.start : self.chunk.end], self.chunk.start
        for start, end, new in sorted(edits, reverse=True):
            text = text[: start - shift] + new + text[end - shift :]
        twice = self.found.kind in ("name", "number", "string") and self.found.text == self.previous.text
        sure = sure and not (twice and any(new for *_, new in edits))
        certain = sure and parse_tables.unread(text, self.start) <= max(0, self.chunk.end - self.found.start - 1)
        applicability: Applicability = "machine-applicable" if certain else "maybe-incorrect"
        return (Fix(changes, applicability),)


def interval(low: str, high: str) -> str:
    """The range between two numbers; a point right after its two would be a third."""
    return f"[{low}..{'0' if high.startswith('.') else ''}{high}]"


def accepted(error: UnexpectedInput) -> frozenset[str]:
    """The terminals expected where an error occurred: literal texts, "name", "number", "string", and "end"."""
    states = tuple(error.interactive_parser.parser_state.state_stack)
    if (known := _ACCEPTED.get(states)) is not None:
        return known
    kinds = {"$END": "end", "NAME": "name", "NUMBER": "number", "STRING": "string"}
    found: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    literal = {t.name: t.pattern.value for t in parse_tables.parser().terminals if t.pattern.type == "str"}
    if len(_ACCEPTED) >= MOST_KEPT:
        _ACCEPTED.clear()
    _ACCEPTED[states] = frozenset(kinds.get(name) or literal.get(name) or name.lower() for name in found)
    return _ACCEPTED[states]


#: What is accepted depends on the states that the parser is in alone, and takes it long to find.
_ACCEPTED: dict[tuple[int, ...], frozenset[str]] = {}
MOST_KEPT = 4096


def describe_expected(accepts: Iterable[str], keyword: str | None = None) -> str:
    """The terminals that could have stood there, by their role: "a value", "`,` or `)`"."""
    accepts = set(accepts)
    if keyword in _HEADS and {"tune", "{"} <= accepts and "number" not in accepts:
        return f"{_HEADS[keyword]} or an axis"
    roles: list[str] = []
    if "number" in accepts:
        if "tune" in accepts:
            roles.append("an argument")
        elif "not" in accepts:
            roles.append("a condition" if "[" not in accepts else "a value or a condition")
        else:
            roles.append("a value" if "[" in accepts else "a number or a name")
    elif "tune" in accepts:
        roles.append("an axis or a definition")
    elif "name" in accepts:
        roles.append("a name")
    elif "string" in accepts:
        roles.append("a text in double quotes")
    if accepts >= SIGNS and "in" in accepts and "end" not in accepts and "where" not in accepts:
        roles.append("a comparison")
    marks = [
        m for m in ("in", "along", "=", ":", "&", "..", "step", "of", ",", "where", *CLOSER.values()) if m in accepts
    ]
    if "step" in marks:
        marks[marks.index("step") : marks.index("step") + 1] = ["step", "times", "count"]
    if accepts >= SIGNS and "in" in marks:
        marks.remove("in")
    roles += [f"`{m}`" for m in marks]
    if not roles and accepts & ARITHMETIC:
        roles.append("an operator")
    if "end" in accepts:
        roles.append("the end of the statement")
    if not roles:  # a lone value: nothing but its end could follow
        roles.append("the end of the expression")
    return roles[0] if len(roles) == 1 else f"{', '.join(roles[:-1])} or {roles[-1]}"


def describe_lexeme(lexeme: Lexeme) -> str:
    """A lexeme by its role: "the name `p`"."""
    if not lexeme.text:
        return "the end of the statement"
    text = lexeme.text if len(lexeme.text) <= _LONGEST_SHOWN else f"{lexeme.text[: _LONGEST_SHOWN - 3]}..."
    kind = {"name": "the name ", "number": "the number ", "string": "the text "}.get(lexeme.kind, "")
    if lexeme.text in (*STATEMENTS, "where", "tune", "panel", "in", "along"):
        kind = ""
    return f"{kind}{listing([text])}"
