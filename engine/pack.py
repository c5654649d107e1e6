"""A pack: runs of one class trained together as one model. Nothing here needs torch."""

from __future__ import annotations

from dataclasses import dataclass

from scalingdsl.spec.plan.run_grid import Run

#: Rates of one teacher that are trained side by side.
TEACHERS_ABREAST = 4


@dataclass(frozen=True)
class Pack:
    """Runs trained together, longest predicted first, `slots` at a time."""

    key: str
    runs: tuple[Run, ...]
    slots: int
