"""The strip under the law: verdicts by number, the quality of the fit, what failed, and how much there is to know."""

from __future__ import annotations

from collections.abc import Iterator

from ...formatting import counted
from ..report_model import Strong
from ..sections.cell_table import failed_words
from ..sections.law_tables import why_missing
from ..sections.warning_list import coded
from ..study_view import View


def strip(view: View) -> tuple[Strong, ...]:
    """One entry a fact; of claims all three verdicts, so that none is read as absent."""
    return tuple(_entries(view))


def _entries(view: View) -> Iterator[Strong]:
    statuses = [v.status for v in view.analysis.verdicts]
    if statuses:
        held = statuses.count("held")
        yield Strong(f"held {held} of {len(statuses)}", "good" if held else "plain")
        for status in ("failed", "undecided"):
            n = statuses.count(status)
            yield Strong(f"{status} {n}", {"failed": "bad", "undecided": "open"}[status] if n else "plain")  # type: ignore[arg-type]
    for words in failed_words(view):
        yield Strong(words, "bad")
    missing = sum(why_missing(f) is not None for f in view.analysis.fits)
    if missing:
        yield Strong(f"{counted(missing, 'fit')} could not be made", "bad")
    remarks = len(coded(view))
    if remarks:
        yield Strong(f"{counted(remarks, 'thing')} to know", "open")
