"""Text into statements, before any grammar: so one broken statement never takes its neighbours with it.

A statement ends at `;`, or at a newline outside brackets that is followed by text in column 1. Inside brackets a
newline means nothing, unless the next line begins in column 1 with a word that starts a statement: then the bracket was
never closed, and the statement ends there. A string ends at its line's end at the latest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..source import Source, Span
from .ast import Comment, CommentPlace

#: Words that begin a statement.
STATEMENTS = ("title", "use", "let", "data", "models", "train", "fit", "optimum", "budget", "report", "expect")
#: Words with a meaning of their own inside a statement.
WORDS = ("where", "tune", "panel", "in", "along", "step", "times", "count", "and", "or", "not", "within", "of")
#: Words with one where a name alone follows them, and names anywhere else.
BEFORE_NAMES = ("median",)
#: Names nobody may give to a thing; `data`, `models` and `train` select (`inN(data=text)`) and so stay free.
RESERVED = frozenset((*STATEMENTS, *WORDS)) - {"data", "models", "train"}

#: Characters of a line that are looked through for the end of a bracket.
LONGEST_LINE = 200
CLOSER = {"(": ")", "[": "]", "{": "}"}

_LEXEME = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>"[^"\n]*(?:"|(?=\n)|$))
      | (?P<quoted>'[^'\n]*')
      | (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z%]*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<open>[\[({])
      | (?P<close>[\])}])
      | (?P<end>;)
      | (?P<newline>\n)
      | (?P<space>[ \t\r\f\uFEFF]+)
      | (?P<mark>\.\.|<=|>=|==|!=|[-+*/^<>=:,&])
      | (?P<bad>.)
    """,
    re.VERBOSE,
)
# Followed by one of these, a word in column 1 inside brackets is a name there (`data=text`), not a new statement.
_STARTS_STATEMENT = re.compile(
    rf"(?:{'|'.join(STATEMENTS)})(?![A-Za-z0-9_])(?![ \t]*(?:=(?!=)|[:,&)\]}}]|in\b|along\b))"
)


class Lexeme(NamedTuple):
    """A piece of text as the eye sees it.

    Its kind: `string`, `quoted` (in single quotes), `number`, `name`, `open`, `close`, `end`, `mark`, `comment`, `bad`.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.start + len(self.text)

    @property
    def unclosed(self) -> bool:
        """True for a string whose line ends before it does."""
        return self.kind == "string" and (len(self.text) == 1 or not self.text.endswith('"'))


class Brackets:
    """The brackets open at a place, outermost first."""

    def __init__(self) -> None:
        self.stack: list[Lexeme] = []
        self._count = dict.fromkeys(CLOSER, 0)

    def open(self, bracket: Lexeme) -> None:
        """Go into a bracket."""
        self.stack.append(bracket)
        self._count[bracket.text] += 1

    def close(self, closer: str) -> None:
        """Close the innermost bracket of the closer's kind and all inside it; where there is none, the innermost."""
        found = any(self._count[opener] for opener in CLOSER if CLOSER[opener] == closer)
        while self.stack:
            opener = self.stack.pop().text
            self._count[opener] -= 1
            if not found or CLOSER[opener] == closer:
                return


class Chunk(NamedTuple):
    """The characters `[start, end)` of one statement, first lexeme to last, and how deep its brackets go."""

    start: int
    end: int
    depth: int


class Scan(NamedTuple):
    """The statements, comments, blank lines and newlines of a file."""

    chunks: tuple[Chunk, ...]
    comments: tuple[Comment, ...]
    #: Offsets of every run of blank lines and of every newline, kept for the formatter.
    blanks: tuple[int, ...]
    newlines: tuple[int, ...]


def lexemes(text: str, start: int = 0, end: int | None = None) -> Iterator[Lexeme]:
    """Everything in `text[start:end]` but spaces and newlines."""
    for match in _LEXEME.finditer(text, start, len(text) if end is None else end):
        kind = match.lastgroup
        assert kind is not None
        if kind not in ("space", "newline"):
            yield Lexeme(kind, match[0], match.start())


def _closed_on_line(text: str, start: int, depth: int) -> bool:
    """True where the brackets open at a place, so many, are closed on its line before another statement begins."""
    end = text.find("\n", start)
    for lexeme in lexemes(text, start, min(len(text) if end < 0 else end, start + LONGEST_LINE)):
        if lexeme.kind == "name" and lexeme.text in STATEMENTS:
            return False
        depth += {"open": 1, "close": -1}.get(lexeme.kind, 0)
        if depth == 0:
            return True
    return False


def scan(source: Source) -> Scan:
    """Split a file into its statements, comments and blank lines. Linear in the text; never fails."""
    text = source.text
    chunks: list[Chunk] = []
    comments: list[Comment] = []
    blanks: list[int] = []
    newlines: list[int] = []
    brackets = Brackets()
    start, end, depth = -1, -1, 0  # of the statement being read; start < 0 between statements
    line_start, line_empty, was_blank = 0, True, False
    fresh_line = True  # nothing of a statement on this line yet
    broken = False  # an unclosed string may have eaten closing brackets

    def finish() -> None:
        nonlocal start, depth, broken, brackets
        if start >= 0:
            chunks.append(Chunk(start, end, depth))
        start, depth, broken = -1, 0, False
        brackets = Brackets()

    for match in _LEXEME.finditer(text):
        kind = match.lastgroup
        at = match.start()
        if kind == "newline":
            newlines.append(at)
            if line_empty and not was_blank:
                blanks.append(line_start)
            was_blank = line_empty
            line_start, line_empty, fresh_line = at + 1, True, True
            continue
        if kind == "space":
            continue
        column_one = at == line_start
        line_empty = False
        if kind == "comment":
            shown = match[0].rstrip()
            place: CommentPlace = "trailing" if not fresh_line else "own" if column_one else "indented"
            comments.append(Comment(shown, Span(at, at + len(shown), source.name), place))
            continue
        if (
            start >= 0
            and fresh_line
            and column_one
            and (not brackets.stack or broken or (kind == "name" and _STARTS_STATEMENT.match(text, at)))
        ):
            finish()
        fresh_line = False
        if kind == "end" and not (brackets.stack and _closed_on_line(text, match.end(), len(brackets.stack))):
            finish()
            continue
        if start < 0:
            start = at
        end = match.end()
        if kind == "open":
            brackets.open(Lexeme(kind, match[0], at))
            depth = max(depth, len(brackets.stack))
        elif kind == "close":
            brackets.close(match[0])
        elif kind == "string" and Lexeme("string", match[0], at).unclosed:
            broken = True
    finish()
    return Scan(tuple(chunks), tuple(comments), tuple(blanks), tuple(newlines))
