"""Panels of several pages in one figure, with one range for each axis, so that they can be compared by eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..report_model import Axes, Figure
from ..study_view import Page

#: Panels in a row.
ACROSS = 3


def side_by_side(name: str, title: str, caption: str, panels: Sequence[tuple[Page, Axes]]) -> Figure | None:
    """One panel a page, titled by its setting where there are several; None for no panel."""
    if not panels:
        return None
    several = len(panels) > 1
    titled = [replace(axes, title=page.title if several else axes.title) for page, axes in panels]
    return Figure(name, title, caption, in_rows(titled), shared="all" if several else "")


def page_by_page(name: str, title: str, caption: str, pages: Sequence[tuple[Page, tuple[Axes, ...]]]) -> Figure | None:
    """The panels of each page in a row, titled by its setting where there are several pages; None for no page.

    Pages of one panel stand side by side.
    """
    if not pages:
        return None
    if all(len(panels) == 1 for _, panels in pages):
        return side_by_side(name, title, caption, [(page, panels[0]) for page, panels in pages])
    several = len(pages) > 1
    rows = (tuple(replace(a, title=p.title if several else a.title) for a in panels) for p, panels in pages)
    return Figure(name, title, caption, tuple(rows), shared="all" if several else "")


def in_rows(panels: Sequence[Axes]) -> tuple[tuple[Axes, ...], ...]:
    """Panels in rows of three, or of two where that leaves none alone."""
    across = 2 if len(panels) in (2, 4) else ACROSS
    return tuple(tuple(panels[i : i + across]) for i in range(0, len(panels), across))
