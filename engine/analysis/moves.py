"""Which axes move a quantity: read off the cells themselves, so that any definition or identity is followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from .result import CellTable

#: Relative differences below this are rounding, not movement.
SAME = 1e-9


#: The names of each axis; several for a joint axis.
Joints = Sequence[tuple[str, ...]]


def moving(cells: CellTable, joints: Joints, quantity: str) -> frozenset[str]:
    """Axes along which `quantity` differs between cells that are equal on every other axis.

    The names of a joint axis (`width & layers`) move together, so all of them are left free at once.
    """
    values = cells.columns.get(quantity)
    if values is None:
        return frozenset()
    found: set[str] = set()
    for joint in joints:
        others = [name for name in cells.axes if name not in joint]
        if _differs(cells, others, values):
            found.update(joint)
    return frozenset(found)


def _differs(cells: CellTable, others: list[str], values: NDArray[Any]) -> bool:
    keys: dict[tuple[object, ...], Any] = {}
    parts = [[None if v != v else v for v in cells.columns[name].tolist()] for name in others]
    for row, value in enumerate(values.tolist()):
        if value != value:
            continue
        key = tuple(part[row] for part in parts)
        first = keys.setdefault(key, value)
        if isinstance(first, str) or isinstance(value, str):
            if first != value:
                return True
        elif abs(value - first) > SAME * max(abs(value), abs(first)):
            return True
    return False
