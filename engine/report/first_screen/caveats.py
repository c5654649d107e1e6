"""The few things that a reader should know, by what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...analysis.preferred_forms import compare_forms
from ...formatting import counted
from ..report_model import Code, Piece
from ..sections.best_law import best_law
from ..sections.warning_list import RUNS, Remark, coded
from ..study_view import View

#: Things told on the first screen; the others stand below.
MOST = 3
#: Laws named beside one.
MOST_LAWS = 3


def caveats(view: View) -> tuple[tuple[Piece, ...], ...]:
    """Laws that the cells prefer to a study's first; then coded remarks by consequence, of the best laws if of any."""
    preferred = tuple(_preferred(view))[:MOST]
    best = {law[0].request.name for page in view.pages if (law := best_law(view, page)) is not None}
    return (*preferred, *((_told(remark, best), Code(remark.code)) for remark in coded(view)[: MOST - len(preferred)]))


def _preferred(view: View) -> Iterator[tuple[Piece, ...]]:
    for compared in compare_forms(view.fits):
        if compared.prefers == "second":
            parts = f"{compared.sentence[:1].upper()}{compared.sentence[1:]}.".split("`")
            yield tuple(Code(part) if place % 2 else part.strip() for place, part in enumerate(parts) if part.strip())


def notes_left(view: View) -> str:
    """The number of remarks that are told below alone, in words."""
    left = len(coded(view)) - (MOST - len(tuple(_preferred(view))[:MOST]))
    return f"{counted(left, 'more note')} {'stands' if left == 1 else 'stand'} below." if left > 0 else ""


def _told(remark: Remark, best: Collection[str]) -> str:
    """Title, laws, and what was seen of the first, without places and reasons: they are listed below."""
    title = f"{remark.title[:1].upper()}{remark.title[1:]}"
    laws = dict.fromkeys(law for _, law in remark.seen)
    shown = next((message for message, law in remark.seen if law in best), remark.seen[0][0])
    short = shown.partition(": ")[0].partition(" (")[0]
    if RUNS in laws:
        return f"{title}: {short}."
    others = [law for law in laws if law not in best]
    named = [*(law for law in laws if law in best), *others][:MOST_LAWS]
    more = len(laws) - len(named)
    return f"{title} ({', '.join(named)}{f' and {more} more' if more else ''}): {short}."
