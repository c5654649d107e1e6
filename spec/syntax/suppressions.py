"""Suppressions of warnings in place: `# scl: allow SCL307`, with one or several codes.

A suppression holds in the statement that it stands in or beside, or else in the next one; before the first statement,
in the whole file. Only warnings can be suppressed, and a suppression that is unknown or does nothing is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ..diagnostics.suggest import similar
from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from .ast import Comment
from .scanner import Scan, scan

_ALLOW = re.compile(r"#\s*scl:\s*allow\b[ \t:]*(?P<codes>[^#]*)")
_WORD = re.compile(r"[^\s,]+")
#: Silences as other checkers have them, and as this one's are misspelt.
_ELSEWHERE = re.compile(
    r"#\s*(?:(?:scl|scalingdsl|ruff|flake8|pylint|eslint|lint)\b[\s:-]*)?"
    r"(?:(?:noqa|nolint|type:\s*ignore|allow|disable|ignore|silence|suppress|skip|off)\b[-\w]*[\s:=(\[]*)"
    r"(?P<codes>(?:SCL\d{3}[\s,]*)*)[)\]]?",
    re.IGNORECASE,
)
#: What stands for the codes of all warnings, elsewhere.
_ALL = {"all", "*", "any", "everything", "warnings", "warning"}


class Suppression(NamedTuple):
    """One code of one comment, and the characters of the file that it holds for."""

    code: str
    span: Span
    holds: Span


def suppressions_in(source: Source) -> tuple[Suppression, ...]:
    """Every suppression of a file."""
    if "scl:" not in source.text:
        return ()
    scanned = scan(source)
    found = []
    for comment in scanned.comments:
        match = _ALLOW.match(comment.text)
        if match is None:
            continue
        holds = _reach(comment, scanned, source)
        for word in _WORD.finditer(match["codes"]):
            start = comment.span.start + match.start("codes") + word.start()
            found.append(Suppression(word[0], Span(start, start + len(word[0]), source.name), holds))
    return tuple(found)


def _reach(comment: Comment, scanned: Scan, source: Source) -> Span:
    """The characters that a suppression in `comment` holds for."""
    at = comment.span.start
    if all(chunk.start > at for chunk in scanned.chunks):
        return Span(0, len(source.text) + 1, source.name)
    for chunk in scanned.chunks:
        beside = comment.place == "trailing" and source.position(chunk.end).line == source.position(at).line
        if chunk.start <= at < chunk.end or (chunk.end <= at and beside) or chunk.start > at:
            return Span(chunk.start, chunk.end, source.name)
    return Span(at, at, source.name)


def suppress(diagnostics: Iterable[Diagnostic], sources: Mapping[str, Source]) -> tuple[Diagnostic, ...]:
    """The findings without the suppressed warnings, and with a warning for each suppression that is wrong.

    Unused suppressions are not mentioned while there are errors, since an error keeps warnings from being found.
    """
    found = tuple(diagnostics)
    failed = any(d.severity == "error" for d in found)
    kept = list(found)
    for name in sorted(sources):
        kept += _misspelt(sources[name], found)
        for entry in suppressions_in(sources[name]):
            file, start, end = entry.holds.file, entry.holds.start, entry.holds.end
            hit = [d for d in found if d.code == entry.code and d.span.file == file and start <= d.span.start < end]
            kept = [d for d in kept if d not in hit or d.severity == "error"]
            wrong = _of_all(entry, found) if entry.code.lower() in _ALL else _wrong(entry, hit, failed)
            if wrong is not None:
                kept.append(wrong)
    return tuple(kept)


def _warned(holds: Span, found: Iterable[Diagnostic]) -> list[str]:
    """Codes of the warnings that a silence would hold for."""
    there = (d for d in found if d.severity == "warning" and d.span.file == holds.file)
    return sorted({d.code for d in there if holds.start <= d.span.start < holds.end})


def _of_all(entry: Suppression, found: Iterable[Diagnostic]) -> Diagnostic:
    """The warning about a silence of everything."""
    codes = _warned(entry.holds, found)
    helps = (f"write `# scl: allow {', '.join(codes)}`",) if codes else ("take the silence away: no warning is found",)
    fixes = (Fix((Edit(entry.span, ", ".join(codes)),), "maybe-incorrect"),) if codes else ()
    message = f"a silence names the codes of warnings, not `{entry.code}`, and errors cannot be silenced"
    return Diagnostic("SCL025", message, entry.span, severity="warning", helps=helps, fixes=fixes)


def _misspelt(source: Source, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """Comments that would silence a warning that is found in another checker: `# noqa: SCL307`."""
    found, scanned = tuple(found), scan(source)
    for comment in scanned.comments:
        match = None if _ALLOW.match(comment.text) else _ELSEWHERE.match(comment.text)
        there = _warned(_reach(comment, scanned, source), found) if match is not None else []
        named = re.findall(r"SCL\d{3}", match["codes"].upper()) if match is not None else []
        codes = [code for code in there if code in named] if named else there
        if match is None or not codes or not (named or match[0] == comment.text.rstrip()):
            continue
        span = Span(comment.span.start, comment.span.start + len(match[0].rstrip()), source.name)
        written = f"# scl: allow {', '.join(codes)}"
        fixes = (Fix((Edit(span, written),), "maybe-incorrect"),)
        message = "a warning is silenced by its code, behind `# scl: allow`"
        yield Diagnostic("SCL025", message, span, severity="warning", helps=(f"write `{written}`",), fixes=fixes)


def _wrong(entry: Suppression, hit: list[Diagnostic], failed: bool) -> Diagnostic | None:
    """The warning about a suppression, where it is wrong."""
    from ..diagnostics.catalogue.syntax_codes import CODES

    if entry.code not in CODES:
        near = similar(entry.code, CODES)
        helps = (f"a similar code exists: `{near}`",) if near else ("`scalingdsl explain` lists all codes",)
        fixes = (Fix((Edit(entry.span, near),), "maybe-incorrect"),) if near else ()
        message = f"no code is called `{entry.code}`"
        return Diagnostic("SCL025", message, entry.span, severity="warning", helps=helps, fixes=fixes)
    if any(d.severity == "error" for d in hit):
        message = f"`{entry.code}` is an error here, and errors cannot be silenced"
        helps = ("mend it, and take the silence away",)
        return Diagnostic("SCL027", message, entry.span, severity="warning", helps=helps)
    if not hit and not failed:
        message = f"nothing to silence: `{entry.code}` is not found here"
        return Diagnostic("SCL026", message, entry.span, severity="warning", helps=("take the silence away",))
    return None
