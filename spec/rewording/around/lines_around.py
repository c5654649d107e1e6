"""A right study among lines of something else, Markdown, a script, a notebook: told once, with those lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence

from ...errors import Diagnostic, Edit, Fix
from ...source import Source, Span
from ...syntax.recovery.foreign.words import NO_STATEMENTS, SYNONYMS
from ...syntax.scanner import STATEMENTS, Chunk, lexemes, scan
from ...vocabulary.base import REGISTRY
from ..loose.loose_reading import understood
from ..other_programs import KINDS_OF_FILES

#: Characters of a text that is looked at, and how often it is, for a line that is left out may hide another.
LONGEST, ROUNDS = 20_000, 3
#: What tells that lines of something else stand around, and what that is called.
_AROUND = (
    (re.compile(r"(?m)^[ \t]*(?:```|~~~)"), "Markdown"),
    (re.compile(r"(?m)^%%?[a-z]\w+|^![a-z]"), "a cell of a notebook"),
    *KINDS_OF_FILES,
    (re.compile(r"<<-?[ \t]*[\"']?[A-Z]+"), "a script of a shell"),
)
#: A line that a notebook takes for itself or its shell.
_MAGIC = re.compile(r"%%?[a-z]\w+|![a-z]")
_SETTING = re.compile(r"[\w.+-]+\s*(?:[:=]|:=|<-)\s*\S")
_DATA = re.compile(r"(?m)^data\b")
_INNER = re.compile(rf"(?m)^[ \t]+(?:{'|'.join(STATEMENTS)})[ \t]")
Check = Callable[[str], Sequence[Diagnostic]]


def lines_around(text: str, file: str, check: Check) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text of a study with the lines hidden that something else has around it, and the finding about these.

    What hides a line is as long as it, so that every other finding keeps its place. No line is hidden that might say
    something of the study: one that sets something, names a word or is a statement.
    """
    kind = next((said for sign, said in _AROUND if sign.search(text)), "")
    if len(text) > LONGEST or not kind or _INNER.search(text) or not _DATA.search(text):
        return text, ()
    known = {*SYNONYMS, *NO_STATEMENTS} if kind == _AROUND[0][1] else ()
    out: list[Chunk] = []
    rest = text
    for _ in range(ROUNDS):
        errors = [d for d in check(rest) if d.severity == "error" and d.span.file == file]
        chunks = [c for c in scan(Source(rest)).chunks if any(c.start <= d.span.start <= c.end for d in errors)]
        foreign = [c for c in chunks if _foreign(rest, c, known)]
        out += foreign
        for chunk in foreign:
            hidden = re.sub(r"(?m)^(\s*)\S", r"\1#", rest[chunk.start : chunk.end])
            rest = rest[: chunk.start] + hidden + rest[chunk.end :]
        if not foreign:
            break
    return (rest, (_told(text, file, kind, sorted(out)),)) if out else (text, ())


def _foreign(text: str, chunk: Chunk, said_elsewhere: Container[str]) -> bool:
    """True for a piece that is no statement, of whatever form, and sets nothing."""
    piece = text[chunk.start : chunk.end]
    if _MAGIC.match(piece):
        return True
    first = re.match(r"\w+", piece)
    word = first[0] if first else ""
    if word in STATEMENTS or word.lower() in said_elsewhere or _SETTING.match(piece) or _INNER.search(piece):
        return False
    named = any(x.text in REGISTRY and REGISTRY[x.text].kind != "tokenizer" for x in lexemes(piece))
    return not named and not understood(piece, "")


def _told(text: str, file: str, kind: str, chunks: Sequence[Chunk]) -> Diagnostic:
    source = Source(text)
    lines = sorted({n for c in chunks for n in range(source.position(c.start).line, source.position(c.end).line + 1)})
    marks = [n for n in lines if kind != _AROUND[0][1] or _AROUND[0][0].match(source.line(n))]
    words = [n for n in lines if n not in marks]
    helps = []
    if marks:
        helps.append(f"leave {_counted(marks)} out")
    if words:
        helps.append(f"{'and ' if marks else ''}put `#` before {_counted(words)}, or leave {_them(words)} out too")
    edits = []
    for n in lines:
        start = text.index(source.line(n), _start(source, n))
        length = len(source.line(n)) + (text[start + len(source.line(n)) :][:1] == "\n")
        edits.append(
            Edit(Span(start, start + length, file), "") if n in marks else Edit(Span(start, start, file), "# ")
        )
    first = chunks[0]
    span = Span(first.start, min(first.end, (text.find("\n", first.start) + 1 or len(text) + 1) - 1), file)
    message = f"a study stands in {kind} here, and {_counted(lines)} {'is' if len(lines) == 1 else 'are'} no part of it"
    return Diagnostic("SCL003", message, span, helps=tuple(helps), fixes=(Fix(tuple(edits), "maybe-incorrect"),))


def _start(source: Source, line: int) -> int:
    return sum(len(source.line(n)) + 1 for n in range(1, line))


def _them(lines: Sequence[int]) -> str:
    return "it" if len(lines) == 1 else "them"


def _counted(lines: Sequence[int]) -> str:
    """Lines by their numbers: `line 3`, `lines 1 to 4 and 9`."""
    runs: list[list[int]] = []
    for n in lines:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    said = [f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs]
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f"line{'s' * (len(lines) > 1)} {listed}"
