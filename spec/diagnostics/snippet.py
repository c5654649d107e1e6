"""A diagnostic as people read it: the message, the user's own lines as typed with the places marked, and advice.

error[SCL008]: a comma is missing before `p`
  --> study.scl:1:20
   |
 1 | data walk(er(n=512 p=.02))
   |                    ^
   |
   = help: separate arguments by commas: `er(n=512, p=.02)`
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import Diagnostic
from ..source import Source, Span, source_of

_RESET = "\x1b[0m"
_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "frame": "\x1b[1;34m",
    "help": "\x1b[1;36m",
    "bold": "\x1b[1m",
}
#: A longer line is shown in part, around its mark; never less of it than this.
_LONGEST, _SHORTEST = 160, 24


class _Mark(NamedTuple):
    """A place in one line, columns counted from 0, and what is said of it."""

    start: int
    end: int
    text: str
    primary: bool


def full(diagnostic: Diagnostic, sources: Mapping[str, Source], color: bool = False, width: int | None = None) -> str:
    """The diagnostic over several lines, as in the head of this file, in a terminal of `width` columns."""
    paint = _painter(color)
    severity = diagnostic.severity
    lines = [paint(f"{severity}[{diagnostic.code}]", severity) + paint(f": {printable(diagnostic.message)}", "bold")]
    # (span, text, whether it is the diagnostic's own) of every mark by file, the diagnostic's own file and mark first.
    places: dict[str, list[tuple[Span, str, bool]]] = {diagnostic.span.file: [(diagnostic.span, "", True)]}
    for label in diagnostic.labels:
        places.setdefault(label.span.file, []).append((label.span, label.text, False))
    spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
    numbers = [source_of(s, sources).position(o).line for s in spans for o in (s.start, max(s.start, s.end - 1))]
    gutter = len(str(max(numbers)))
    bar = " " * gutter + paint(" |", "frame")
    longest = _LONGEST if width is None else max(_SHORTEST, min(_LONGEST, width - gutter - len(" | ")))
    for i, (file, marks) in enumerate(places.items()):
        source = source_of(marks[0][0], sources)
        at = source.position(marks[0][0].start)
        arrow = "-->" if i == 0 else ":::"
        lines.append(" " * gutter + paint(arrow, "frame") + f" {printable(file)}:{at.line}:{at.column}")
        lines.append(bar)
        shown = 0
        for number, line_marks in _by_line(marks, source):
            if shown and number > shown + 1:
                lines.append(paint("...", "frame"))
            shown = number
            text, line_marks = _window(source.line(number).rstrip("\r"), line_marks, longest)
            lines.append(paint(f"{number:>{gutter}} |", "frame") + f" {printable(text)}".rstrip())
            for mark in line_marks:
                style = severity if mark.primary else "frame"
                under = ("^" if mark.primary else "-") * max(1, _columns(text[mark.start : mark.end]))
                note = f" {printable(mark.text)}" if mark.text else ""
                # Blank text as wide as what stands before the mark, wherever a terminal's tab stops are.
                before = "".join("\t" if c == "\t" else " " * _width(c) for c in text[: mark.start])
                lines.append(f"{bar} {before}{paint(under + note, style)}")
    advice = [*(("note", n) for n in diagnostic.notes), *(("help", h) for h in diagnostic.helps)]
    if advice:
        lines.append(bar)
    for kind, words in advice:
        first, *more = printable(words, newlines=True).split("\n")
        lines.append(
            f"{' ' * gutter} {paint('=', 'frame')} {paint(kind, 'help' if kind == 'help' else 'bold')}: {first}"
        )
        lines.extend(f"{' ' * (gutter + 9)}{line}" for line in more)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def concise(diagnostic: Diagnostic, sources: Mapping[str, Source], color: bool = False) -> str:
    """`file:line:column: error[CODE]: message`, with `[*]` before a message that `--fix` mends."""
    paint = _painter(color)
    at = source_of(diagnostic.span, sources).position(diagnostic.span.start)
    fixable = "[*] " if any(f.applicability == "machine-applicable" for f in diagnostic.fixes) else ""
    kind = paint(f"{diagnostic.severity}[{diagnostic.code}]", diagnostic.severity)
    place = f"{printable(diagnostic.span.file)}:{at.line}:{at.column}"
    return f"{place}: {kind}: {fixable}{printable(diagnostic.message)}"


def printable(text: str, newlines: bool = False) -> str:
    """Text with everything that could move a terminal's cursor, or the reader's eye, made visible."""
    kept = "\t\n" if newlines else "\t"
    return "".join(
        "\ufffd" if c not in kept and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c for c in text
    )


def _painter(color: bool):  # type: ignore[no-untyped-def]
    def paint(text: str, style: str) -> str:
        return f"{_STYLES[style]}{text}{_RESET}" if color and text else text

    return paint


def _by_line(marks: list[tuple[Span, str, bool]], source: Source) -> list[tuple[int, list[_Mark]]]:
    """The marks line by line. One that goes over several lines is shown on its first, up to the line's end."""
    lines: dict[int, list[_Mark]] = {}
    for span, text, primary in marks:
        at = source.position(span.start)
        length = len(source.line(at.line).rstrip())
        start = at.column - 1
        end = min(start + span.end - span.start, max(length, start + 1))
        lines.setdefault(at.line, []).append(_Mark(start, end, text, primary))
    return [(n, sorted(lines[n], key=lambda m: (not m.primary, m.start))) for n in sorted(lines)]


def _window(text: str, marks: list[_Mark], longest: int) -> tuple[str, list[_Mark]]:
    """A long line cut down to what surrounds its first mark, the marks moved along; those outside are left out."""
    text = text.expandtabs(1) if len(text) > longest else text
    if _columns(text) <= longest:
        return text, marks
    mark = marks[0]
    room = longest - 2 * len("...")
    wide = max(1, min(mark.end - mark.start, room))
    start = max(0, min(mark.start - (room - wide) // 2, len(text) - room))
    end = start + room
    while end > start + 1 and _columns(text[start:end]) > room:  # wide characters
        start, end = (start + 1, end) if mark.start - start > end - mark.start else (start, end - 1)
    head, tail = "..." if start else "", "..." if end < len(text) else ""
    shift = len(head) - start
    inside = [m for m in marks if start <= m.start <= end]
    moved = [_Mark(m.start + shift, min(m.end, end) + shift, m.text, m.primary) for m in inside]
    return f"{head}{text[start:end]}{tail}", moved


def _width(char: str) -> int:
    """Columns a character takes on a terminal."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _columns(text: str) -> int:
    """Columns a piece of a line takes; a tab counts as one, since what follows it is aligned by a tab of its own."""
    return sum(map(_width, text))
