"""A study's cells seen as pages and slices, and the names that readers know them by.

A page is what one scaling law holds on: one value of every axis that moves neither N nor D (a graph, a parametrisation,
a label). On a page, a slice is a set of cells of equal D (loss against N) or of equal N (loss against D).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.resolve.scope import shape_of
from scalingdsl.spec.syntax.parser import parse_value
from scalingdsl.spec.syntax.visit import as_call
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import canonical, held_by, label_of

from ..analysis.analysis_result import Analysis, Columns, Panel, PanelFit, PanelOptimum, PanelVerdict
from ..fits.core.fit_result import Array
from ..formatting import finite, magnitude, plain, prefixed

Rows = NDArray[np.int64]

#: A report draws at most so many pages; the tables hold them all.
MOST_PAGES = 12
#: Shapes of data that are counted in points, whose models have sizes of their own.
ON_POINTS = ("points", "linear", "pairs")


def number(columns: Columns, name: str, n: int) -> Array:
    """A numeric column; NaN everywhere where the table has no such numbers."""
    try:
        return np.asarray(columns[name], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        return np.full(n, np.nan)


def scalar(value: object) -> Scalar:
    """A table entry as a plain Python value."""
    item = value.item() if isinstance(value, np.generic) else value
    return item if isinstance(item, int | float | str) else str(item)


def _held(column: str, value: float) -> str:
    """`D = 262k`, or `C = 1 PFLOP` for a budget."""
    return f"C = {prefixed(value, 'FLOP')}" if column == "compute" else f"{column} = {magnitude(value)}"


@dataclass(frozen=True)
class Slice:
    """Cells that share one value of the quantity that is held."""

    value: float
    label: str
    rows: Rows
    #: Rows that the fit of one variable which made this slice left out; None where none did.
    held_out: Rows | None = None


@dataclass(frozen=True)
class Page:
    """Cells of one setting of the page axes."""

    panel: Panel
    title: str
    rows: Rows
    #: The ending that tells its figures' names from those of other pages: `-1`, or nothing for a page alone.
    ending: str = ""

    @property
    def name(self) -> str:
        """Its setting, or that there is none."""
        return self.title or "all cells"

    @property
    def at(self) -> str:
        """Its setting behind a title: ` at kappa = 1`."""
        return f" at {self.title}" if self.title else ""

    def positive(self, *columns: Array) -> Rows:
        """Rows at which all of these columns of the cells are known and the last one is positive."""
        known = np.all([np.isfinite(c[self.rows]) for c in columns], axis=0)
        return self.rows[known & (columns[-1][self.rows] > 0)]


@dataclass(frozen=True)
class View:
    """An analysis with names for its parts."""

    analysis: Analysis

    @cached_property
    def of_points(self) -> bool:
        """True where the study's data are points with numbers to be predicted, not sequences of tokens."""
        calls = [as_call(parse_value(alternative.call)) for alternative in self.analysis.plan.data]
        return bool(calls) and all(call is not None and shape_of(call) in ON_POINTS for call in calls)

    def label(self, column: str) -> str:
        """Names that readers of this study know quantities by, with units."""
        return label_of(column, self.of_points)

    def cell(self, name: str) -> Array:
        """A numeric column of the cells."""
        return number(self.analysis.cells.columns, name, self.analysis.cells.n)

    def run(self, name: str) -> Array:
        """A numeric column of the runs."""
        return number(self.analysis.runs.columns, name, self.analysis.runs.n)

    @cached_property
    def page_axes(self) -> tuple[str, ...]:
        """Axes that laws in N and D do not see: the panels of 2-D fits, or else those that move neither N nor D."""
        axes = self.analysis.cells.axes
        joint = {axis for f in self.analysis.fits if len(f.request.variables) > 1 for axis, _ in f.panel}
        if any(len(f.request.variables) > 1 for f in self.analysis.fits):
            return tuple(a for a in axes if a in joint)
        seen = {quantity for f in self.analysis.fits for quantity in f.request.quantities}
        return tuple(a for a in axes if a not in seen and not self._moves(a))

    def _moves(self, axis: str) -> bool:
        """True where N or D changes along an axis (with the axes it is joined to) while all others stay."""
        declared = next((a for a in self.analysis.plan.axes if axis in a.names), None)
        if declared is not None and (declared.named or declared.role == "panel"):
            return False
        joined = (axis,) if declared is None else declared.names
        others = [a for a in self.analysis.cells.axes if a not in joined]
        groups: dict[tuple[Scalar, ...], list[int]] = {}
        for row in range(self.analysis.cells.n):
            values = [self.value(a, row) for a in others]
            groups.setdefault(tuple("" if v != v else v for v in values), []).append(row)  # NaN equals nothing
        moving = [self.cell("N"), self.cell("D_asked"), self.cell("D"), self.cell("C")]
        return any(len({float(c[r]) for r in rows if finite(c[r])}) > 1 for rows in groups.values() for c in moving)

    def value(self, axis: str, row: int) -> Scalar:
        """A cell's value on an axis."""
        column = self.analysis.cells.columns.get(axis)
        return "" if column is None else scalar(column[row])

    def panel(self, row: int) -> Panel:
        """The page a cell belongs to."""
        values = ((a, self.value(a, row)) for a in self.page_axes)
        return tuple((a, v) for a, v in values if v != "" and v == v)  # an axis that does not apply is left out

    @cached_property
    def _places(self) -> dict[tuple[str, Scalar], int]:
        """Of each value of an axis, where it stands among those declared."""
        axes = self.analysis.plan.axes
        return {one: i for axis in axes for i, point in enumerate(axis.points) for one in zip(axis.names, point)}

    def ordered(self, panel: Panel) -> tuple[tuple[str, int, float, str], ...]:
        """A sort key for panels: numbers by size, labels as they are declared, of tables by alphabet."""
        return tuple(
            (axis, 1, self._places.get((axis, value), 0), value)
            if isinstance(value, str)
            else (axis, 0, float(value), "")
            for axis, value in panel
        )

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All pages, in order of their values."""
        rows: dict[Panel, list[int]] = {}
        for row in range(self.analysis.cells.n):
            rows.setdefault(self.panel(row), []).append(row)
        several = len(rows) > 1
        return tuple(
            Page(panel, self.setting(panel), np.asarray(rows[panel], dtype=np.int64), f"-{place}" if several else "")
            for place, panel in enumerate(sorted(rows, key=self.ordered), start=1)
        )

    @property
    def drawn_pages(self) -> tuple[Page, ...]:
        """The pages that have figures."""
        return self.pages[:MOST_PAGES]

    @property
    def undrawn(self) -> str:
        """The sentence on pages that have no figures; empty where all have."""
        if len(self.pages) <= MOST_PAGES:
            return ""
        few = f"the first {MOST_PAGES} of {len(self.pages)} panels"
        return f"Figures are drawn for {few}; cells.csv and fits.json hold all of them."

    def page_of(self, panel: Panel) -> Panel:
        """The part of a fit's panel that names its page."""
        return tuple((a, v) for a, v in panel if a in self.page_axes)

    def setting(self, panel: Iterable[tuple[str, Scalar]]) -> str:
        """`kappa = 1, data = text`."""
        return ", ".join(f"{axis} = {plain(value)}" for axis, value in panel)

    @cached_property
    def held_as_compute(self) -> bool:
        """True where budgets of compute, not of tokens, are swept (isoFLOP)."""
        return "compute" in self.analysis.cells.axes

    def alone(self, panel: Panel, free: str) -> tuple[PanelFit, ...]:
        """The panels of the page's first power law in `free` (N or D) alone, those without numbers too."""
        own = [
            f
            for f in self.fits
            if f.request.law in ("power", "m2") and f.request.quantities == (free,) and self.page_of(f.panel) == panel
        ]
        return tuple(f for f in own if f.request == own[0].request)

    def slices(self, page: Page, rows: Rows, free: str) -> tuple[Slice, ...]:
        """Cells by what is held while `free` (N or D) moves.

        Those of the laws in `free` alone where these took nearly equal sizes for one, with what none of them took as a
        slice without a label; else by equal sizes; one slice where that leaves all cells alone, or most and
        no law was fitted to the others.
        """
        fits = self.alone(page.panel, free)
        size = held_by(free)
        if fits and all(size in dict(f.panel) for f in fits) and size not in self.analysis.cells.axes:
            return self._gathered(fits, rows, size)
        column = "compute" if self.held_as_compute else size
        held = self.tokens if column == "D" else self.cell(column)
        known = rows[np.isfinite(held[rows])]
        if not len(known):  # the other size has no end in any of them
            return (Slice(float("nan"), "all cells", rows),)
        found = [Slice(float(v), _held(column, float(v)), known[held[known] == v]) for v in np.unique(held[known])]
        lonely = sum(len(s.rows) == 1 for s in found)
        if lonely == len(known) or (not fits and 2 * lonely > len(known)):
            return (Slice(float("nan"), "all cells", known),)
        return tuple(found)

    def _gathered(self, fits: Sequence[PanelFit], rows: Rows, size: str) -> tuple[Slice, ...]:
        """The slices that fits were made in, by the `size` they hold, and last the cells of none."""
        found, left = [], rows
        for fit in sorted(fits, key=lambda f: float(dict(f.panel)[size])):
            value = float(dict(fit.panel)[size])
            own = np.union1d(fit.cells, fit.held_out)
            if len(here := np.intersect1d(rows, own)):
                found.append(Slice(value, _held(size, value), here, fit.held_out))
            left = np.setdiff1d(left, own)
        return (*found, Slice(float("nan"), "", left, left)) if len(left) else tuple(found)

    @cached_property
    def tokens(self) -> Array:
        """D as asked, shape (cell,), or as trained where nothing was asked."""
        asked = self.cell("D_asked")
        return np.where(np.isfinite(asked), asked, self.cell("D"))

    def setting_of(self, entry: PanelFit | PanelOptimum | PanelVerdict) -> str:
        """The panel that something was found in; `all cells` where it is the whole study."""
        return self.setting(entry.panel) or "all cells"

    def place(self, fit: PanelFit) -> str:
        """The place of a fit of one variable: `D = 262k`, `N = 107k (width 64)`; empty for all cells of its page."""
        slice_axes = tuple((a, v) for a, v in fit.panel if a not in self.page_axes)
        if fit.curve is not None:
            return self.setting(slice_axes)
        if not slice_axes:
            return ""
        rows = np.concatenate([fit.cells, fit.held_out]).astype(np.int64)
        free = {*fit.request.quantities}
        if len(rows) and not free & {"D", "C"} and len(set(self.tokens[rows])) == 1 and finite(self.tokens[rows[0]]):
            return f"D = {magnitude(self.tokens[rows[0]])}"
        sizes = self.cell("N")
        if len(rows) and not free & {"N", "N_body", "C"} and len(set(sizes[rows])) == 1 and finite(sizes[rows[0]]):
            names = ", ".join(f"{axis} {plain(value)}" for axis, value in slice_axes if axis not in ("N", "N_body"))
            return f"N = {magnitude(sizes[rows[0]])}{f' ({names})' if names else ''}"
        return self.setting((canonical(axis), value) for axis, value in slice_axes)

    def where(self, fit: PanelFit) -> str:
        """Page and place of a fit in one phrase; `all cells` where it is the whole study."""
        parts = [self.setting(self.page_of(fit.panel)), self.place(fit)]
        return "; ".join(p for p in parts if p) or "all cells"

    @cached_property
    def fits(self) -> tuple[PanelFit, ...]:
        """Fits in the order they were asked for, each law's panels sorted."""
        order = {request.name: i for i, request in enumerate(self.analysis.plan.fits)}
        return tuple(
            sorted(self.analysis.fits, key=lambda f: (order.get(f.request.name, len(order)), self.ordered(f.panel)))
        )
