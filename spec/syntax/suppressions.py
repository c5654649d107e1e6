"""Suppressions of warnings in place: `# scl: allow SCL307`, with one or several codes.

A suppression holds in the statement that it stands in or beside, or else in the next one; before the first statement,
in the whole file. Only warnings can be suppressed, and a suppression that is unknown or does nothing is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..diagnostics.suggest import similar
from ..errors import Diagnostic, Edit, Fix
from ..source import Source, Span
from .ast import Comment
from .scanner import Scan, scan

_ALLOW = re.compile(r"#\s*scl:\s*allow\b[ \t:]*(?P<codes>[^#]*)")
_WORD = re.compile(r"[^\s,]+")


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
        for entry in suppressions_in(sources[name]):
            file, start, end = entry.holds.file, entry.holds.start, entry.holds.end
            hit = [d for d in found if d.code == entry.code and d.span.file == file and start <= d.span.start < end]
            kept = [d for d in kept if d not in hit or d.severity == "error"]
            wrong = _wrong(entry, hit, failed)
            if wrong is not None:
                kept.append(wrong)
    return tuple(kept)


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
