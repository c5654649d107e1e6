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


Cell = str | Code | Strong
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
    #: One standard error of x.
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
class Series:
    """Dots and lines that share a colour and an entry of the legend (none where `label` is empty).

    `tone` in [0, 1] is a place on the ordered palette; an integer picks a colour that has no order; None is grey.
    """

    label: str
    tone: float | int | None
    dots: tuple[Dots, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Axes:
    """One panel of a figure."""

    x_label: str
    y_label: str
    series: tuple[Series, ...]
    title: str = ""
    legend: str = ""
    x_log: bool = True
    y_log: bool = True
    #: True where ticks are counts (`64k`), not powers of ten.
    x_counts: bool = True
    y_counts: bool = False
    legend_at: Literal["beside", "below", "upper left", "upper right"] = "beside"
    #: Words under x = 0, 1, ... where x is a place and no number.
    x_ticks: tuple[str, ...] = ()
    #: A horizontal reference line and its words.
    level: tuple[float, str] | None = None


@dataclass(frozen=True)
class Figure:
    """A figure: rows of panels, a file name without ending, a caption in plain text."""

    name: str
    title: str
    caption: str
    rows: tuple[tuple[Axes, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading over tables and figures that belong together: one panel of the study, or one law."""

    title: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    formula: str = ""
    note: str = ""


@dataclass(frozen=True)
class Headline:
    """The numbers of one law in N and D (or of the only law), with their intervals."""

    law: str
    where: str
    #: Status of the fit, unless it converged.
    doubt: str
    #: ("exponent in N", "0.53 (0.48 to 0.58)"), ...
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Summary:
    """The numbers that the opening paragraph needs, each ready to print; empty where there is nothing to say."""

    runs: str
    cells: str
    sizes: str
    parameters: str
    tokens: str
    #: "3 claims", and ("held", "2"), ... for the verdicts that occur.
    claims: str
    verdicts: tuple[tuple[str, str], ...]
    headlines: tuple[Headline, ...]
    problems: tuple[str, ...]
    time: str
    #: True where the data are points with numbers to be predicted, not sequences of tokens.
    of_points: bool
    #: True where the numbers come from a table, and where there are none at all.
    table: bool
    empty: bool


@dataclass(frozen=True)
class Claims:
    """The claims with their verdicts, panel by panel where one claim was judged in several."""

    table: Table
    panels: Table | None
    skipped: tuple[str, ...]
    late: bool


@dataclass(frozen=True)
class Warnings:
    """Every coded remark with where it was made, and for each code its title and what it means."""

    table: Table
    meanings: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Report:
    """Everything a renderer shows, in order."""

    title: str
    summary: Summary
    claims: Claims | None
    exponents: Table | None
    floor: Table | None
    pages: tuple[Section, ...]
    #: The sentence on pages that are not drawn.
    undrawn: str
    optima: Table | None
    #: Facts of each source; None where none were stored.
    sources: Section | None
    #: Sections that the study's `report` adds to all this.
    blocks: tuple[Section, ...]
    laws: tuple[Section, ...]
    unfitted: Table | None
    comparison: Table | None
    tuning: tuple[Section, ...]
    residuals: tuple[Section, ...]
    cells: tuple[Section, ...]
    #: Meanings of the marks used in the cell tables.
    marks: tuple[tuple[str, str], ...]
    warnings: Warnings | None
    study: Table
    cost: Section
    provenance: Table
    runs: Table | None

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in order of appearance."""
        sections = (*self.pages, *self.blocks, *self.tuning, *self.residuals)
        return tuple(figure for section in sections for figure in section.figures)
