"""The report as one frozen value: every number rounded, every choice made. Renderers put words around it and draw it.

Text fields hold plain text; the renderer escapes them, so that titles, labels and messages are shown as written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..fits.core.fit_result import Array
from ..formatting import MISSING

Tone = Literal["good", "bad", "open", "plain"]


@dataclass(frozen=True)
class Code:
    """Text shown as typed: a claim, a command, a law's name."""

    text: str


@dataclass(frozen=True)
class Strong:
    """A word that carries a verdict."""

    text: str
    tone: Tone = "plain"


Piece = str | Code | Strong
Cell = Piece | tuple[Piece, ...]
Style = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True)
class Table:
    """Columns with a heading each (numbers to the right) and rows of cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: True for each column that holds numbers.
    numeric: tuple[bool, ...] = ()


def table_of_numbers(heads: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, texts: int = 1) -> Table:
    """A table of numbers behind its first columns, which are text."""
    return Table(heads, tuple(rows), tuple(place >= texts for place in range(len(heads))))


def table_of_rows(rows: Sequence[Mapping[str, Cell]], *, texts: Collection[str] = ()) -> Table:
    """Rows, one at least, by the heads of their columns; all columns but the first and `texts` hold numbers."""
    heads = tuple(rows[0])
    numeric = tuple(place > 0 and head not in texts for place, head in enumerate(heads))
    return Table(heads, tuple(tuple(row.values()) for row in rows), numeric)


def without_empty(table: Table, head: str) -> Table:
    """The table less a column in which no row says anything."""
    place = table.heads.index(head)
    if any(row[place] != MISSING for row in table.rows):
        return table
    rest = [i for i in range(len(table.heads)) if i != place]
    rows = tuple(tuple(row[i] for i in rest) for row in table.rows)
    return Table(tuple(table.heads[i] for i in rest), rows, tuple(table.numeric[i] for i in rest))


@dataclass(frozen=True)
class Dots:
    """Measured points, shape (point,). Hollow ones were held out or lie at an edge.

    `error` is one standard error, or of shape (2, point) what lies below and above.
    """

    x: Array
    y: Array
    error: Array | None = None
    hollow: bool = False
    marker: str = "o"
    #: One standard error of x, or of shape (2, point) what lies below and above.
    x_error: Array | None = None


@dataclass(frozen=True)
class Line:
    """A curve, shape (point,), and its 95 % band where there is one."""

    x: Array
    y: Array
    low: Array | None = None
    high: Array | None = None
    style: Style = "solid"


@dataclass(frozen=True)
class Band:
    """The range in which most of what was measured lies, shape (point,)."""

    x: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Series:
    """Dots, lines and bands that share a colour and an entry of the legend (none where `label` is empty).

    `tone` in [0, 1] is a place on the ordered palette; an integer picks a colour that has no order; None is grey.
    """

    label: str
    tone: float | int | None
    dots: tuple[Dots, ...] = ()
    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True)
class Axes:
    """One panel of a figure."""

    x_label: str
    y_label: str
    series: tuple[Series, ...]
    title: str = ""
    legend: str = ""
    #: What lines of each style are, in grey below the entries of the series.
    styles: tuple[tuple[Style, str], ...] = ()
    x_log: bool = True
    y_log: bool = True
    #: True where ticks are counts (`64k`), not powers of ten.
    x_counts: bool = True
    y_counts: bool = False
    legend_at: Literal["beside", "below", "upper left", "upper right"] = "beside"
    #: Words under x = 0, 1, ... and beside y = 0, 1, ... from the top, where these are places and no numbers.
    x_ticks: tuple[str, ...] = ()
    y_ticks: tuple[str, ...] = ()
    #: Limits of x that are not those of what is drawn.
    x_limits: tuple[float, float] | None = None
    #: A reference line across and its words, and reference lines upright.
    level: tuple[float, str] | None = None
    uprights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A figure: rows of panels, a file name without ending, a caption in plain text."""

    name: str
    title: str
    caption: str
    rows: tuple[tuple[Axes, ...], ...]
    #: Panels that are compared have one range of an axis with one label: of x in the whole figure, and of y in the
    #: whole figure too or in every row.
    shared: Literal["", "rows", "all"] = ""
    #: Width and height of one panel in inches; the usual ones where it has none.
    panel: tuple[float, float] | None = None


@dataclass(frozen=True)
class Section:
    """A heading, or none, over a formula, figures, tables and a note that belong together."""

    title: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    formula: str = ""
    note: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the report that folds: its title, its contents in a few words, its sections, a note on all of them."""

    title: str
    sections: tuple[Section, ...]
    gist: str = ""
    note: str = ""


@dataclass(frozen=True)
class FirstScreen:
    """What a reader of two minutes sees, in order; empty where there is nothing to say."""

    #: A law with its numbers, and where it holds, for each panel where these are few.
    laws: tuple[tuple[Code, str], ...]
    #: What was trained, on how much, and how long it took.
    work: str
    #: Verdicts by number, the quality of the fit, failed runs, the number of notes.
    strip: tuple[Strong, ...]
    figure: Figure | None
    found: Table | None
    #: What `found` leaves to the parts below.
    left_out: str
    caveats: tuple[tuple[Piece, ...], ...]
    #: How many notes are told below alone.
    notes_left: str
    next_steps: tuple[tuple[Piece, ...], ...]
    command: Code
    digest: Code
    cite: str


@dataclass(frozen=True)
class Report:
    """Everything a renderer shows, in order."""

    title: str
    first: FirstScreen
    parts: tuple[Part, ...]
    #: Names of the files beside the report that hold its data.
    data: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order of appearance."""
        below = (figure for part in self.parts for section in part.sections for figure in section.figures)
        return (*((self.first.figure,) if self.first.figure else ()), *below)
