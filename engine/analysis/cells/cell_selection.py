"""Selection: which cells or panels an argument of a quantity means.

`kappa=1` and a bare `muP` name a value of an axis, which then drops out of the panel: what is left can be compared with
what another selection leaves. `N=1M`, where N is no axis, names the cells whose N is nearest, if it is near enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isclose, log

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.quantities import column_of

from ..analysis_result import CellTable, Panel
from .axis_effects import moving
from .cell_conditions import UnansweredError, values_of

#: A size that is no axis selects the nearest cells within this ratio.
NEAR = 0.02
#: Values of an axis are equal within this: they were typed, not computed.
TYPED = 1e-9


@dataclass(frozen=True)
class Entry:
    """A panel, the rows of the cell table behind it, and its place in whatever it is an entry of."""

    panel: Panel
    rows: NDArray[np.int64] = field(default_factory=lambda: np.array([], dtype=np.int64))
    place: int = 0


@dataclass(frozen=True)
class Selector:
    """`name=value`, or a bare label without a name."""

    name: str | None
    value: Scalar

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, str) else f"{self.value:g}"
        return value if self.name is None else f"{self.name}={value}"


def select(
    entries: Sequence[Entry],
    selectors: Sequence[Selector],
    cells: CellTable | None = None,
    axes: Sequence[PlanAxis] = (),
) -> list[Entry]:
    """The entries that every selector allows, without the axes that are thereby settled.

    Raises:
        UnansweredError: Nothing is selected; the text says what there is.
    """
    found = list(entries)
    for selector in selectors:
        if selector.name is None:
            found = _labelled(found, selector)
        elif any(selector.name in dict(entry.panel) for entry in found):
            found = _on_axis(found, selector.name, selector)
        elif cells is not None and not isinstance(selector.value, str):
            found = _nearest(found, selector.name, float(selector.value), cells, axes)
        else:
            raise UnansweredError(f"there is nothing to select by `{selector}`")
    return found


def same(a: Scalar, b: Scalar) -> bool:
    """Whether two axis values are one."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return isclose(a, b, rel_tol=TYPED)


def _labelled(entries: list[Entry], selector: Selector) -> list[Entry]:
    axes = dict.fromkeys(name for entry in entries for name, value in entry.panel if value == selector.value)
    if not axes:
        raise UnansweredError(f"nothing here is labelled `{selector}`")
    if len(axes) > 1:
        raise UnansweredError(
            f"`{selector}` is a value of {' and of '.join(axes)}: write {next(iter(axes))}={selector}"
        )
    return _on_axis(entries, next(iter(axes)), selector)


def _on_axis(entries: list[Entry], name: str, selector: Selector) -> list[Entry]:
    kept = [e for e in entries if name in dict(e.panel) and same(dict(e.panel)[name], selector.value)]
    if not kept:
        raise UnansweredError(f"no cell or fit lies at {name}={Selector(None, selector.value)}")
    return [Entry(_without(entry.panel, {name}), entry.rows, entry.place) for entry in kept]


def _without(panel: Panel, names: set[str]) -> Panel:
    return tuple(pair for pair in panel if pair[0] not in names)


def _nearest(entries: list[Entry], name: str, wanted: float, cells: CellTable, axes: Sequence[PlanAxis]) -> list[Entry]:
    """Entries whose cells all have one value of this quantity, that nearest to the wanted one."""
    column = values_of(cells, name)
    if column is None or column.dtype.kind == "U":
        raise UnansweredError(f"`{name}` is neither an axis nor a number of these cells")
    values = [_only(column[entry.rows]) for entry in entries]
    near = [v for v in values if v is not None and v > 0 and wanted > 0]
    if not near:
        raise UnansweredError(f"nothing here has one value of `{name}`")
    best = min(near, key=lambda v: (abs(log(v / wanted)), v))
    if abs(best / wanted - 1) > NEAR:
        raise UnansweredError(f"no cell has {name} within {NEAR:.0%} of {wanted:g}; the nearest has {best:g}")
    kept = [entry for entry, value in zip(entries, values) if value is not None and same(value, best)]
    settled = {axis for axis in moving(cells, axes, column_of(name)) if _settled(kept, axis)}
    return [Entry(_without(entry.panel, settled), entry.rows, entry.place) for entry in kept]


def _settled(entries: list[Entry], axis: str) -> bool:
    return len({dict(entry.panel).get(axis) for entry in entries}) == 1


def _only(values: NDArray[np.float64]) -> float | None:
    """The one value of an array, or None where it has several."""
    if not len(values) or not np.all(np.isfinite(values)):
        return None
    return float(values[0]) if np.all(np.abs(values / values[0] - 1) <= TYPED) else None
