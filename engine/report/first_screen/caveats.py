"""The few things that a reader should know, by what follows from them."""

from __future__ import annotations

from ..report_model import Code, Piece
from ..sections.warning_list import RUNS, Remark, coded
from ..study_view import View

#: Things told on the first screen; the others stand below.
MOST = 3


def caveats(view: View) -> tuple[tuple[Piece, ...], ...]:
    """The first coded remarks in the order of their consequences, a sentence each."""
    return tuple((_told(remark), Code(remark.code)) for remark in coded(view)[:MOST])


def _told(remark: Remark) -> str:
    """Title, where, and what was seen, without the cells it was seen in: they are listed below."""
    title = f"{remark.title[:1].upper()}{remark.title[1:]}"
    if remark.where == RUNS:
        return f"{title}: {remark.seen.partition(': ')[0]}."
    return f"{title} ({remark.where}): {remark.seen}."
