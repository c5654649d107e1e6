"""Quantities read off the cells: losses with their standard errors, axis values, properties of sources and models."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan import PlanAxis

from ..fits.result import Array
from .cells import error_of
from .conditions import COLUMNS, UnansweredError, values_of
from .drawn import Drawn
from .fit import SEED
from .moves import SAME, moving
from .panels import panel_of, split
from .result import CellTable, Panel
from .selecting import Entry, Selector, select

#: Measurements that have one value a cell, and noise.
LOSSES = ("loss", "excess", "excess_loss", "kl", "tvd", "accuracy")
#: Other names of columns.
ALIASES = COLUMNS
#: Draws of facts are numbered from here on, those of cells from 0.
FACTS = 1_000_000


def losses(
    cells: CellTable,
    axes: Sequence[PlanAxis],
    name: str,
    keep: NDArray[np.bool_],
    selectors: Sequence[Selector],
    n_draws: int,
) -> tuple[Drawn, list[Panel]]:
    """What was measured in each cell selected, and the cells that have no measurement.

    Draws are normal about the mean with the cell's standard error, independent of those of the fits. They are a
    function of the cell's place, so that one cell is the same number throughout a claim.
    """
    column = values_of(cells, name)
    if column is None or np.all(np.isnan(column)):
        raise UnansweredError(f"these results hold no `{name}`")
    rows = np.flatnonzero(keep)
    entries = [Entry(panel_of(cells, cells.axes, int(row)), np.array([row]), i) for i, row in enumerate(rows)]
    chosen = select(entries, selectors, cells, axes)
    missing = [e.panel for e in chosen if not np.isfinite(column[e.rows[0]])]
    chosen = [e for e in chosen if np.isfinite(column[e.rows[0]])]
    at = np.array([e.rows[0] for e in chosen], dtype=np.int64)
    error = np.nan_to_num(np.asarray(cells.columns["standard_error"][at], dtype=np.float64))
    value = np.asarray(column[at], dtype=np.float64)
    if not np.any(error):
        return Drawn(tuple(e.panel for e in chosen), value, value[None, :]), missing
    noise = np.stack([_normal(int(row), n_draws) for row in at], axis=1)
    return Drawn(tuple(e.panel for e in chosen), value, value + error * noise), missing


def _normal(row: int, n_draws: int) -> Array:
    return np.random.Generator(np.random.Philox(key=[SEED, row])).standard_normal(n_draws)


def best(
    cells: CellTable, axes: Sequence[PlanAxis], name: str, keep: NDArray[np.bool_], selectors: Sequence[Selector]
) -> Drawn:
    """The value of a tuned axis that each selected cell kept, as an exact number: it was chosen, not estimated."""
    column = cells.columns[f"best_{name}"]
    if column.dtype.kind == "U":
        raise UnansweredError(f"`{name}` has labels for values, no numbers")
    rows = np.flatnonzero(keep & np.isfinite(column))
    entries = [Entry(panel_of(cells, cells.axes, int(row)), np.array([row]), i) for i, row in enumerate(rows)]
    chosen = select(entries, selectors, cells, axes)
    return Drawn.exact([float(column[e.rows[0]]) for e in chosen], [e.panel for e in chosen])


def axis_values(cells: CellTable, name: str, keep: NDArray[np.bool_]) -> Drawn:
    """An axis's own values, each in the panels that lie at it."""
    column = cells.columns[name]
    if column.dtype.kind == "U":
        raise UnansweredError(f"`{name}` has labels for values, no numbers")
    found = [p for p in split(cells, [name], np.flatnonzero(keep)) if p.panel]
    return Drawn.exact([float(p.panel[0][1]) for p in found], [p.panel for p in found])


def property_of(
    cells: CellTable,
    axes: Sequence[PlanAxis],
    name: str,
    keep: NDArray[np.bool_],
    selectors: Sequence[Selector],
    n_draws: int = 1,
) -> Drawn:
    """A number of the cells that is no loss, such as `entropy_rate`: one for each point of the axes that move it.

    It is exact, but for facts of what was drawn: these are means over seeds, and have a standard error.
    """
    column = values_of(cells, name)
    if column is None or column.dtype.kind == "U" or np.all(np.isnan(column[keep])):
        reason = "the law of the source is not known" if name == "entropy_rate" else "these results do not hold it"
        raise UnansweredError(f"`{name}` has no value: {reason}")
    moved = moving(cells, axes, COLUMNS.get(name, name)) | {n for n in cells.axes if _speak_of(selectors, cells, n)}
    groups = split(cells, [axis for axis in cells.axes if axis in moved], np.flatnonzero(keep & np.isfinite(column)))
    entries = select([Entry(p.panel, p.rows, i) for i, p in enumerate(groups)], selectors, cells, axes)
    value = np.array([float(np.mean(column[e.rows])) for e in entries])
    error = cells.columns.get(error_of(name))
    if error is None or not len(entries):
        return Drawn.exact(value, [e.panel for e in entries])
    # Cells of one point share what was drawn for them, and so its error.
    noise = np.stack([error[e.rows[0]] * _normal(FACTS + e.place, n_draws) for e in entries], axis=1)
    return Drawn(tuple(e.panel for e in entries), value, value + noise)


def _speak_of(selectors: Sequence[Selector], cells: CellTable, axis: str) -> bool:
    """Whether an axis is selected on, by its name or by one of its labels."""
    return any(s.name == axis or (s.name is None and s.value in cells.columns[axis].tolist()) for s in selectors)


def asymmetry(loss: Drawn, cells: CellTable, axes: Sequence[PlanAxis], first: str, second: str) -> Drawn:
    """|L(x, y) - L(y, x)| over their mean, for every pair of cells with the two quantities exchanged."""
    x, y = values_of(cells, first), values_of(cells, second)
    if x is None or y is None:
        raise UnansweredError(f"`asymmetry` needs cells with {first} and {second}")
    row_of = {panel_of(cells, cells.axes, row): row for row in range(cells.n)}
    rows = [row_of[panel] for panel in loss.panels]
    sizes = moving(cells, axes, COLUMNS.get(first, first)) | moving(cells, axes, COLUMNS.get(second, second))
    outside = [tuple(pair for pair in panel if pair[0] not in sizes) for panel in loss.panels]
    pairs = [
        (i, j)
        for i, j in combinations(range(len(rows)), 2)
        if outside[i] == outside[j] and _exchanged(x[rows[i]], y[rows[i]], x[rows[j]], y[rows[j]])
    ]
    if not pairs:
        raise UnansweredError(f"no two cells have {first} and {second} exchanged")
    a = loss.take([i for i, _ in pairs])
    b = loss.take([j for _, j in pairs])
    panels = tuple((*outside[i], (first, float(x[rows[i]])), (second, float(y[rows[i]]))) for i, _ in pairs)
    return Drawn(panels, _relative(a.value, b.value), _relative(a.draws, b.draws))


def _relative(a: Array, b: Array) -> Array:
    return np.asarray(2.0 * np.abs(a - b) / np.abs(a + b))


def _exchanged(x1: float, y1: float, x2: float, y2: float) -> bool:
    return bool(abs(x1 - y2) <= SAME * x1 and abs(y1 - x2) <= SAME * y1 and abs(x1 - y1) > SAME * x1)
