"""What another finding brings about is not told beside it: with that one mended, it is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..errors import Diagnostic, Edit, Fix
from ..source import Span
from .fixes import UNSAFE, edits_of, mend

#: The warning about a let that nothing uses, or nothing that was read.
UNUSED = "SCL117"
#: The findings about a study of this text.
Check = Callable[[str], Sequence[Diagnostic]]
#: Fixes that are tried.
MOST_TRIED = 8


def without_follow_ups(
    found: Sequence[Diagnostic],
    text: str,
    file: str,
    check: Check,
    first: Sequence[Diagnostic],
) -> tuple[Diagnostic, ...]:
    """The findings, less the errors that mending an earlier one takes away, and that have no fix of their own, and less
    warnings about what was read in place of what stands there.

    `first` are all that `check` finds about the text. One with a fix of its own is left out too where it lies inside
    of what the other's fix changes.
    """
    found = _joined(found, text)
    errors = [d for d in found if d.severity == "error"]
    for unread in (d for d in errors if d.code < "SCL1" and edits_of(d, UNSAFE)):
        around = [d for d in found if d.severity != "error" and (unread.span in d.span or d.code == UNUSED)]
        if around:
            said = {(d.code, d.message) for d in check(mend(text, file, [unread], UNSAFE)[0])}
            found = [d for d in found if d not in around or (d.code, d.message) in said]
    kept = list(found)
    for cause in [d for d in errors if edits_of(d, UNSAFE)][:MOST_TRIED] if len(errors) > 1 else ():
        if cause not in kept:
            continue
        mended, applied = mend(text, file, [cause], UNSAFE)
        if not applied:
            continue
        after = Counter((d.code, d.message) for d in check(mended) if d.severity == "error")
        before = Counter((d.code, d.message) for d in first)
        told = sum((d.code, d.message) == (cause.code, cause.message) for d in errors)
        if after[cause.code, cause.message] >= told or after - before:
            continue
        inside = [edit.span for edit in edits_of(cause, UNSAFE)]
        kept = [
            d
            for d in kept
            if d is cause
            or d.severity != "error"
            or after[d.code, d.message]
            or (edits_of(d, UNSAFE) and not any(s.start <= d.span.start and d.span.end <= s.end for s in inside))
        ]
    return tuple(kept)


def warnings_left(
    found: Sequence[Diagnostic],
    text: str,
    file: str,
    check: Check,
    done: Sequence[Diagnostic],
    proved: Callable[[Sequence[Diagnostic], str], Sequence[Diagnostic]],
) -> tuple[Diagnostic, ...]:
    """The findings, less warnings that go with the errors; those that would say what an error says already say what is
    left to do then.

    `done` are findings with the change that their help comes to, and what is told of a text is `proved` in it.
    """
    as_told = {(d.code, d.message, d.span): d for d in done}
    errors = [d for d in found if d.severity == "error"]
    mends = [d if edits_of(d, UNSAFE) else as_told.get((d.code, d.message, d.span), d) for d in errors]
    mended, applied = mend(text, file, mends, UNSAFE)
    if not errors or len(errors) == len(found) or applied < len(errors):
        return tuple(found)
    after = check(mended)
    if any(d.severity == "error" for d in after):
        return tuple(found)
    left = {(d.code, d.message): d for d in proved(after, mended)}
    told = {h for d in errors for h in d.helps}
    kept = []
    for said in found:
        then = left.get((said.code, said.message))
        if said.severity == "error" or said.span.file != file or said.code < "SCL1":
            kept.append(said)
        elif then is not None:
            kept.append(replace(said, helps=then.helps, fixes=()) if told.intersection(said.helps) else said)
    return tuple(kept)


def _joined(found: Sequence[Diagnostic], text: str) -> list[Diagnostic]:
    """What has to go right before another finding, whose fix replaces the rest, is one with it: `np.` and a call."""
    kept = list(found)
    for before in found:
        edits = edits_of(before, UNSAFE)
        if (
            len(edits) != 1
            or edits[0].text
            or before not in kept
            or "," in text[edits[0].span.start : edits[0].span.end]
        ):
            continue
        for behind in found:
            more = edits_of(behind, UNSAFE)
            if behind is not before and behind in kept and len(more) == 1 and more[0].span.start == edits[0].span.end:
                span = Span(edits[0].span.start, behind.span.end, behind.span.file)
                fix = Fix(
                    (Edit(Span(edits[0].span.start, more[0].span.end, span.file), more[0].text),), "maybe-incorrect"
                )
                kept[kept.index(behind)] = replace(behind, span=span, fixes=(fix,))
                kept.remove(before)
                break
    return kept
