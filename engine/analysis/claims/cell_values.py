"""Quantities read off the cells: losses with their standard errors, axis values, properties of sources and models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.references import QuantityRef, Selector
from scalingdsl.spec.claims.selection import Entry, UnansweredError, select
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, error_of

from ...fits.core.fit_result import Array
from ..analysis_result import CellTable, Panel
from ..cells.cell_selection import CellSizes, values_of
from ..panel_fits import SEED
from ..panels import panel_of, split
from .cell_scatter import Errors, Scatter
from .uncertain import Drawn

#: Draws of facts and of evaluations are numbered from here on, those of cells from 0.
FACTS, EVALUATIONS = 1_000_000, 2_000_000


class Measured(NamedTuple):
    """A measurement of some cells, the rows of the cell table they are, and the cells that have none."""

    value: Drawn
    rows: NDArray[np.int64]
    missing: list[Panel]


def losses(sizes: CellSizes, ref: QuantityRef, keep: NDArray[np.bool_], scatter: Scatter, n_draws: int) -> Measured:
    """The measurement in each cell selected.

    Draws are Student's t about the mean with the scatter that the study can show, independent of those of the fits, and
    no numbers where it shows none. They are a function of the cell's place, so that one cell is the same number
    throughout a claim.
    """
    cells, selectors = sizes.cells, ref.selectors
    column = values_of(cells, ref.name)
    if column is None or np.all(np.isnan(column)):
        raise UnansweredError(f"these results hold no `{ref.name}`")
    rows = np.flatnonzero(keep)
    entries = [Entry(panel_of(cells, cells.axes, int(row)), np.array([row]), i) for i, row in enumerate(rows)]
    chosen = select(entries, selectors, sizes)
    left = _left_open(cells, selectors)
    missing = [_placed(cells, e, left) for e in chosen if not np.isfinite(column[e.rows[0]])]
    chosen = [e for e in chosen if np.isfinite(column[e.rows[0]])]
    panels = tuple(_placed(cells, e, left) for e in chosen)
    at = np.array([e.rows[0] for e in chosen], dtype=np.int64)
    value = np.asarray(column[at], dtype=np.float64)
    known = QUANTITIES.get(ref.name)
    if known is not None and not (known.fitted and known.noisy):
        return Measured(Drawn(panels, value, value[None, :]), at, missing)
    return Measured(Drawn(panels, value, value + noise(scatter.of(ref.name), at, n_draws)), at, missing)


def noise(errors: Errors, rows: NDArray[np.int64], n_draws: int) -> Array:
    """Draws of how far the measurement of cells may be off, shape (draw, cell)."""
    found = np.empty((n_draws, len(rows)))
    for place, row in enumerate(rows.tolist()):
        found[:, place] = errors.scatter[row] * _noise(row, n_draws, float(errors.dof[row]))
        if errors.evaluation[row] > 0:
            found[:, place] += errors.evaluation[row] * _noise(EVALUATIONS + row, n_draws)
    return found


def _noise(row: int, n_draws: int, dof: float = np.inf) -> Array:
    """Draws of one cell, shape (draw,): in units of its standard error."""
    rng = np.random.Generator(np.random.Philox(key=[SEED, row]))
    return rng.standard_normal(n_draws) if not np.isfinite(dof) else rng.standard_t(dof, n_draws)


def _left_open(cells: CellTable, selectors: Sequence[Selector]) -> list[str]:
    """The sizes of a table's rows that a selection leaves open.

    Those that follow from a column which is selected on, such as N from a name of the size, are settled with it.
    """
    settled = {"tokens": "D", "compute": "C"}
    named = {settled.get(s.name, s.name) for s in selectors if s.name is not None}
    columns = [
        cells.columns[name] for name in named if name in cells.columns and name not in (*cells.axes, *cells.sizes)
    ]
    return [
        name
        for name in cells.sizes
        if name not in named and not any(_follows(cells.columns[name], column) for column in columns)
    ]


def _placed(cells: CellTable, entry: Entry, left: Sequence[str]) -> Panel:
    """The place of a cell: on the axes left by the selection, and at the sizes of a table's row that it left open."""
    sizes = ((name, cells.columns[name][entry.rows[0]]) for name in left)
    return (*entry.panel, *((name, _rounded(value)) for name, value in sizes if np.isfinite(value)))


def _follows(size: NDArray[np.generic], column: NDArray[np.generic]) -> bool:
    """True for a size that has one value wherever a column has one."""
    _, at = np.unique(column, return_inverse=True)
    _, of = np.unique(size, return_inverse=True)
    return len(np.unique(np.stack([at, of]), axis=1)[0]) == len(np.unique(at))


def _rounded(value: float) -> int | float:
    """A size as rows are matched by it, without the digits that C = 6 N D leaves."""
    short = float(f"{value:.6g}")
    return int(short) if short.is_integer() else short


def best(sizes: CellSizes, ref: QuantityRef, keep: NDArray[np.bool_]) -> Drawn:
    """The value of a tuned axis that each selected cell kept, as an exact number: it was chosen, not estimated."""
    cells = sizes.cells
    column = cells.columns[f"best_{ref.name}"]
    if column.dtype.kind == "U":
        raise UnansweredError(f"`{ref.name}` has labels for values, no numbers")
    rows = np.flatnonzero(keep & np.isfinite(column))
    entries = [Entry(panel_of(cells, cells.axes, int(row)), np.array([row]), i) for i, row in enumerate(rows)]
    chosen = select(entries, ref.selectors, sizes)
    return Drawn.exact([float(column[e.rows[0]]) for e in chosen], [e.panel for e in chosen])


def axis_values(cells: CellTable, name: str, keep: NDArray[np.bool_]) -> Drawn:
    """An axis's own values, each in the panels that lie at it."""
    column = cells.columns[name]
    if column.dtype.kind == "U":
        raise UnansweredError(f"`{name}` has labels for values, no numbers")
    found = [p for p in split(cells, [name], np.flatnonzero(keep)) if p.panel]
    return Drawn.exact([float(p.panel[0][1]) for p in found], [p.panel for p in found])


def property_of(sizes: CellSizes, ref: QuantityRef, keep: NDArray[np.bool_], n_draws: int) -> Drawn:
    """A number of the cells that is no loss, such as `entropy_rate`: one for each point of the axes that move it.

    It is exact, but for facts of what was drawn: these are means over seeds, and have a standard error.
    """
    cells, name = sizes.cells, ref.name
    column = values_of(cells, name)
    if column is None or column.dtype.kind == "U" or np.all(np.isnan(column[keep])):
        reason = "the law of the source is not known" if name == "entropy_rate" else "these results do not hold it"
        raise UnansweredError(f"`{name}` has no value: {reason}")
    moved = sizes.moving(name) | {n for n in cells.axes if _speak_of(ref.selectors, cells, n)}
    groups = split(cells, [axis for axis in cells.axes if axis in moved], np.flatnonzero(keep & np.isfinite(column)))
    entries = select([Entry(p.panel, p.rows, i) for i, p in enumerate(groups)], ref.selectors, sizes)
    value = np.array([float(np.mean(column[e.rows])) for e in entries])
    error = cells.columns.get(error_of(name))
    if error is None or not len(entries):
        return Drawn.exact(value.tolist(), [e.panel for e in entries])
    # Cells of one point share what was drawn for them, and so its error.
    rows = [int(e.rows[0]) for e in entries]
    free = [max(float(cells.columns["n_seeds"][row]) - 1, 1.0) for row in rows]
    drawn = [error[row] * _noise(FACTS + e.place, n_draws, dof) for row, e, dof in zip(rows, entries, free)]
    noise = np.stack(drawn, axis=1)
    return Drawn(tuple(e.panel for e in entries), value, value + noise)


def _speak_of(selectors: Sequence[Selector], cells: CellTable, axis: str) -> bool:
    """True for an axis that is selected on, by its name or by one of its labels."""
    return any(s.name == axis or (s.name is None and s.value in cells.columns[axis].tolist()) for s in selectors)


def asymmetry(found: Measured, sizes: CellSizes, first: str, second: str) -> Drawn:
    """L(x, y) - L(y, x) over their mean, for every pair of cells with the two quantities exchanged."""
    cells = sizes.cells
    x, y = values_of(cells, first), values_of(cells, second)
    if x is None or y is None or "U" in (x.dtype.kind, y.dtype.kind):
        raise UnansweredError(f"`asymmetry` needs cells with {first} and {second}")
    # A size of a table's row stands for itself: no axis of the table moves it.
    moved = [sizes.moving(q) for q in (first, second) if q not in cells.sizes]
    exchanged = {first, second, *cells.sizes}.union(*moved)
    outside = [tuple(pair for pair in panel if pair[0] not in exchanged) for panel in found.value.panels]
    at = [(_rounded(x[row]), _rounded(y[row])) for row in found.rows]
    places: dict[tuple[Panel, float, float], list[int]] = {}
    for i, (panel, (one, two)) in enumerate(zip(outside, at)):
        places.setdefault((panel, one, two), []).append(i)
    pairs = [(i, j) for i, (one, two) in enumerate(at) for j in places.get((outside[i], two, one), ()) if one < two]
    if not pairs:
        raise UnansweredError(f"no two cells have {first} and {second} exchanged")
    a = found.value.take([i for i, _ in pairs])
    b = found.value.take([j for _, j in pairs])
    panels = tuple((*outside[i], (first, at[i][0]), (second, at[i][1])) for i, _ in pairs)
    return Drawn(panels, _relative(a.value, b.value), _relative(a.draws, b.draws))


def _relative(a: Array, b: Array) -> Array:
    return np.asarray(2.0 * (a - b) / np.abs(a + b))
