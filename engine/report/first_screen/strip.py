"""The strip under the law: verdicts by number, the quality of the fit, what failed, and how many notes there are."""

from __future__ import annotations

from collections.abc import Iterator

from ...formatting import counted
from ..report_model import Strong
from ..sections.best_law import best_law
from ..sections.cell_table import failed_words
from ..sections.fit_standing import against_noise, misses
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
    yield from _fits(view)
    for words in failed_words(view):
        yield Strong(words, "bad")
    missing = sum(why_missing(f) is not None for f in view.analysis.fits)
    if missing:
        yield Strong(f"{counted(missing, 'fit')} could not be made", "bad")
    remarks = len(coded(view))
    if remarks:
        yield Strong(counted(remarks, "note"), "open")


def _fits(view: View) -> Iterator[Strong]:
    """The best law of a page alone against the noise; of several pages how many of their laws miss."""
    laws = [law for page in view.pages if (law := best_law(view, page)) is not None and law[1].misfit is not None]
    if len(laws) == 1:
        fit = laws[0][1]
        yield Strong(f"fit {against_noise(fit)}", "bad" if misses(fit) else "good")
    elif laws:
        n = sum(misses(fit) for _, fit in laws)
        said = f"{n} of {len(laws)} fits miss by more than noise" if n else f"{len(laws)} fits sound"
        yield Strong(said, "bad" if n else "good")
