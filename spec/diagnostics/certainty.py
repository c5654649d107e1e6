"""Fixes called certain are tried: the study that they make is checked, and has to be better and nowhere worse.

A fix stays certain only if its finding is gone afterwards, its statement can be read, nothing is wrong right beside
what was changed, no error is there that was not before, and every comment still is. Fixes are tried together first, as
`--fix` applies them; where that fails statement by statement, and one after another, each on top of those that were
right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from ..errors import Diagnostic, Edit
from .fixes import SAFE, edits_of, mend, mended_places

#: Fixes that are tried one after another; what comes after them has to be looked at.
MOST_TRIED = 24
#: Characters beside a change, such as a bracket and a space, over which a mistake is still one of the change.
BESIDE = 2

#: Warnings that a statement, as it stands, can hardly be meant: claims that are settled, conditions that keep all,
#: laws that only grow, and those whose parameters no data tell apart.
HARDLY_MEANT = ("SCL430", "SCL440", "SCL441", "SCL442")

#: The findings about a study of this text.
Check = Callable[[str], Sequence[Diagnostic]]
#: The places of a text's statements, first character and the one after the last.
Split = Callable[[str], Sequence[tuple[int, int]]]


def tried(
    found: Sequence[Diagnostic], text: str, file: str, check: Check, split: Split, first: Sequence[Diagnostic] = ()
) -> tuple[Diagnostic, ...]:
    """The findings, with only those changes to `file`, of this text, called certain that prove to be.

    `first` are all that `check` finds about the text, where the findings are fewer.
    """
    offered = [d for d in found if any(edit.span.file == file for edit in edits_of(d))]
    here = [d for d in offered if all(e.span.file == file and _keeps_comments(e, text) for e in edits_of(d))]
    if not offered:
        return tuple(found)

    def better(fixed: Sequence[Diagnostic]) -> bool:
        mended, applied = mend(text, file, fixed)
        if applied < len(fixed):
            return False
        after = check(mended)
        before, now, gone = _counted(found) | _counted(first), _counted(after), _counted(fixed)
        wrong = [d for d in after if d.severity == "error"]
        errors = [d for d in wrong if d.span.file == file]
        changed = mended_places(fixed)
        statements = [statement for statement in split(mended) if _holds(statement, changed)]
        if not any(mended[start:end].startswith("let") for start, end in statements):
            after = [d for d in after if any(start <= d.span.start <= end for start, end in statements)]
        wrong += [d for d in after if d.code in HARDLY_MEANT and d.severity != "error" and d.span.file == file]
        return (
            all(now[key] <= before[key] - gone[key] for key in gone)
            and not _counted(wrong) - before
            and not any(_beside(d, place) for d in errors for place in changed)
            and not any(_unreadable(errors, statement) for statement in statements)
        )

    right = here if better(here) else _in_parts(here[:MOST_TRIED], better, lambda d: _place(d, split(text)))
    return tuple(d if d not in offered or d in right else _doubtful(d) for d in found)


def _keeps_comments(edit: Edit, text: str) -> bool:
    """True for a change whose text holds every comment that it takes the place of."""
    return all(comment in edit.text for comment in re.findall(r"#.*", text[edit.span.start : edit.span.end]))


def _in_parts(
    offered: Sequence[Diagnostic], better: Callable[[Sequence[Diagnostic]], bool], place: Callable[[Diagnostic], int]
) -> list[Diagnostic]:
    """Those of the fixes that are right on top of each other, tried a statement at a time and then alone."""
    right: list[Diagnostic] = []
    for _, group in groupby(offered, key=place):
        fixes = list(group)
        parts = [fixes] if better([*right, *fixes]) else [[one] for one in fixes if len(fixes) > 1]
        for part in parts:
            if part is fixes or better([*right, *part]):
                right += part
    return right


def _place(diagnostic: Diagnostic, statements: Sequence[tuple[int, int]]) -> int:
    """The statement that a fix begins in."""
    at = edits_of(diagnostic)[0].span.start
    return sum(start <= at for start, _ in statements)


def _beside(diagnostic: Diagnostic, changed: tuple[int, int]) -> bool:
    """True for a finding that begins or ends right beside a change, or in it."""
    low, high = changed[0] - BESIDE, changed[1] + BESIDE
    return low <= diagnostic.span.start <= high or low <= diagnostic.span.end <= high


def _unreadable(errors: Iterable[Diagnostic], statement: tuple[int, int]) -> bool:
    """True where some syntax error stands in a statement."""
    return any(d.code < "SCL1" and statement[0] <= d.span.start <= statement[1] for d in errors)


def _holds(statement: tuple[int, int], changed: Iterable[tuple[int, int]]) -> bool:
    return any(statement[0] <= start <= statement[1] for start, _ in changed)


def _counted(found: Iterable[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((d.code, d.message) for d in found)


def _doubtful(diagnostic: Diagnostic) -> Diagnostic:
    """The finding with its fixes as changes that may be wrong."""
    fixes = (f._replace(applicability="maybe-incorrect") if f.applicability in SAFE else f for f in diagnostic.fixes)
    return replace(diagnostic, fixes=tuple(fixes))
