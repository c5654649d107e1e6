"""How runs ended, as trackers have it in a column: of one that crashed or is still at work the loss is not the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

#: Names of such a column, in letters alone.
NAMES = frozenset(("state", "status", "runstate", "runstatus"))
#: How trackers and schedulers call a run that came to its end, and one that did not.
ENDED = frozenset(("finished", "completed", "complete", "done", "success", "succeeded", "ok"))
CUT = frozenset(
    (
        *("crashed", "failed", "fail", "running", "killed", "preempted", "preempting", "pending", "queued", "error"),
        *("pruned", "cancelled", "canceled", "aborted", "timeout", "interrupted", "stopped", "out_of_memory", "oom"),
    )
)


def told_of_states(columns: Mapping[str, Sequence[Any]]) -> str:
    """What is told of rows of runs that did not end, where others did; empty where there are none."""
    for name, cells in columns.items():
        if "".join(c for c in name.lower() if c.isalpha()) not in NAMES:
            continue
        states = Counter(cell.strip() for cell in cells if isinstance(cell, str) and cell.strip())
        cut = {state: n for state, n in states.items() if state.lower() in CUT}
        ended = next((state for state in states if state.lower() in ENDED), "")
        if cut and ended:
            listed = ", ".join(f"{n:,} {state}" for state, n in sorted(cut.items()))
            kept = f'{name} == "{ended}"' if name.isidentifier() else f'"{name}" == "{ended}"'
            rows = "row is of a run" if sum(cut.values()) == 1 else "rows are of runs"
            return f"{sum(cut.values()):,} {rows} that did not end ({listed}), and kept; `where {kept}` leaves them out"
    return ""
