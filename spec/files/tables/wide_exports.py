"""What the charts of W&B are exported as: a column of steps, and a column a run with its least and greatest beside it.

Read as one row a run and step: `run`, the step and the metric.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .cells import check_shape

_RUN = re.compile(r"(.+) - (.+?)(__MIN|__MAX|__step)?")
_STEPS = frozenset({"step", "_step", "relative time (process)", "relative time (wall)", "wall time", "global_step"})


def one_row_a_step(columns: Mapping[str, Sequence[Any]], told: list[str]) -> Mapping[str, Sequence[Any]]:
    """The same columns, or one row a run and step where they are an export of a chart."""
    first, *others = columns
    found = [_RUN.fullmatch(name) for name in others]
    if (
        not others
        or not all(found)
        or not ({"__MIN", "__MAX"} & {m.group(3) for m in found if m} or first.lower() in _STEPS)
    ):
        return columns
    metrics = list(dict.fromkeys(m.group(2) for m in found if m and not m.group(3)))
    runs = list(dict.fromkeys(m.group(1) for m in found if m and not m.group(3)))
    check_shape(len(metrics), len(runs) * len(columns[first]))
    rows: dict[str, list[Any]] = {name: [] for name in (first, "run", *metrics)}
    for run in runs:
        held = [columns.get(f"{run} - {metric}") for metric in metrics]
        for i, step in enumerate(columns[first]):
            cells = [None if cells is None else cells[i] for cells in held]
            if any(cell not in (None, "") for cell in cells):
                rows[first].append(step)
                rows["run"].append(run)
                for metric, cell in zip(metrics, cells):
                    rows[metric].append(cell)
    if not rows[first]:
        return columns
    told.append(f"it is the export of a chart: the columns of {len(runs)} runs are read one below the other")
    return rows
