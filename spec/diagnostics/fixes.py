"""Applying the fixes that diagnostics bring: the certain ones, and if asked for those that may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import accumulate

from ..errors import Applicability, Diagnostic, Edit
from ..source import Span

SAFE: frozenset[Applicability] = frozenset({"machine-applicable"})
UNSAFE: frozenset[Applicability] = SAFE | {"maybe-incorrect"}


def edits_of(diagnostic: Diagnostic, allowed: frozenset[Applicability] = SAFE) -> tuple[Edit, ...]:
    """The edits of the diagnostic's first fix that may be applied; none if it has none."""
    return next((fix.edits for fix in diagnostic.fixes if fix.applicability in allowed), ())


def mend(
    text: str, file: str, diagnostics: Iterable[Diagnostic], allowed: frozenset[Applicability] = SAFE
) -> tuple[str, int]:
    """The text of `file` with as many fixes applied as do not touch each other, and how many those are.

    Mending one mistake may uncover another, so callers check the new text and go on until nothing is left to apply.
    """
    taken: list[Edit] = []
    applied = 0
    for diagnostic in diagnostics:
        edits = edits_of(diagnostic, allowed)
        if not edits or any(e.span.file != file for e in edits):
            continue
        pairs = ((one.span, two.span) for one in edits for two in taken)
        if any(one.start <= two.end and two.start <= one.end for one, two in pairs):
            continue
        taken += edits
        applied += 1
    for edit in sorted(taken, key=lambda e: e.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text, applied


def edits_between(text: str, new: str, file: str) -> Iterator[Edit]:
    """The changes that make one text of another: a piece of a line each, or of lines that follow each other."""
    old, then = text.splitlines(keepends=True), new.splitlines(keepends=True)
    begins = list(accumulate(map(len, old), initial=0))
    for what, i, j, k, m in SequenceMatcher(None, old, then, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        was, put = "".join(old[i:j]), "".join(then[k:m])
        same = _alike(was, put)
        tail = _alike(was[same:][::-1], put[same:][::-1])
        yield Edit(Span(begins[i] + same, begins[i] + len(was) - tail, file), put[same : len(put) - tail])


def _alike(one: str, other: str) -> int:
    """Characters that two texts begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def mended_places(diagnostics: Iterable[Diagnostic]) -> list[tuple[int, int]]:
    """Where the changes of the fixes stand in the text that `mend` makes of them: first character, one after the last.

    The fixes are certain, and none touches another.
    """
    places, shift = [], 0
    for span, new in sorted((e for d in diagnostics for e in edits_of(d)), key=lambda e: e.span):
        places.append((span.start + shift, span.start + shift + len(new)))
        shift += len(new) - (span.end - span.start)
    return places
