"""The value of a tuned axis that each cell kept, and whether it lies at the edge of what was tried."""

from __future__ import annotations

import numpy as np

from ...formatting import MISSING, plain
from ..study_view import View

#: Written after a best value that is the smallest or largest tried.
EDGE = "†"
EDGE_MEANING = f"{EDGE} smallest or largest value tried: a better one may lie beyond."


def tuned(view: View) -> tuple[str, ...]:
    """Tuned axes that have a best value in the cell table."""
    return tuple(name.removeprefix("best_") for name in view.analysis.cells.columns if name.startswith("best_"))


def best(view: View, axis: str, row: int) -> str:
    """A cell's best value, with a mark where it lies at the edge."""
    value = view.value(f"best_{axis}", row)
    if value == "" or value != value:
        return MISSING
    edge = bool(view.analysis.cells.columns.get(f"edge_{axis}", np.zeros(row + 1, dtype=bool))[row])
    return f"{plain(value)}{EDGE if edge else ''}"
