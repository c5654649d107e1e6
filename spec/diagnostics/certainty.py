"""Fixes called certain are tried: the study that they make is checked, and has to be better and nowhere worse.

A fix stays certain only if its finding is gone afterwards and no error is there that was not before. Fixes are tried
together first, as `--fix` applies them; where that fails, one after another, each on top of those that were right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..errors import Diagnostic
from .fixes import SAFE, edits_of, mend

#: Fixes that are tried one after another; what comes after them has to be looked at.
MOST_TRIED = 24

#: The findings about a study of this text.
Check = Callable[[str], Sequence[Diagnostic]]


def tried(found: Sequence[Diagnostic], text: str, file: str, check: Check) -> tuple[Diagnostic, ...]:
    """The findings about the study `text` in `file`, with only those fixes called certain that prove to be."""
    offered = [d for d in found if edits_of(d)]
    if not offered:
        return tuple(found)
    here = [d for d in offered if all(edit.span.file == file for edit in edits_of(d))]
    right = here if _better(text, file, found, here, check) else _one_by_one(text, file, found, here, check)
    return tuple(d if d not in offered or d in right else _doubtful(d) for d in found)


def _one_by_one(
    text: str, file: str, found: Sequence[Diagnostic], offered: Sequence[Diagnostic], check: Check
) -> list[Diagnostic]:
    right: list[Diagnostic] = []
    for diagnostic in offered[:MOST_TRIED]:
        if _better(text, file, found, [*right, diagnostic], check):
            right.append(diagnostic)
    return right


def _better(text: str, file: str, found: Sequence[Diagnostic], fixed: Sequence[Diagnostic], check: Check) -> bool:
    """True where each of these fixes mends its mistake, and together they make none."""
    mended, applied = mend(text, file, fixed)
    if applied < len(fixed):
        return False
    after = check(mended)
    before, now, gone = _counted(found), _counted(after), _counted(fixed)
    if any(now[key] > before[key] - gone[key] for key in gone):
        return False
    return not _counted(d for d in after if d.severity == "error") - before


def _counted(found: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((d.code, d.message) for d in found)


def _doubtful(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with its fixes as changes that may be wrong."""
    fixes = (f._replace(applicability="maybe-incorrect") if f.applicability in SAFE else f for f in diagnostic.fixes)
    return replace(diagnostic, fixes=tuple(fixes))
