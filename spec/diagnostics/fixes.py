"""Applying the fixes that diagnostics bring: the certain ones, and if asked for those that may be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Applicability, Diagnostic, Edit

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


def mended_places(diagnostics: Iterable[Diagnostic]) -> list[tuple[int, int]]:
    """Where the changes of the fixes stand in the text that `mend` makes of them: first character, one after the last.

    The fixes are certain, and none touches another.
    """
    places, shift = [], 0
    for span, new in sorted((e for d in diagnostics for e in edits_of(d)), key=lambda e: e.span):
        places.append((span.start + shift, span.start + shift + len(new)))
        shift += len(new) - (span.end - span.start)
    return places
