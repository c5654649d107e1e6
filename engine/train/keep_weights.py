"""Training for the model itself: runs whose final parameters are kept, where a study wants only their losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scalingdsl.spec.plan.run_grid import Run
from torch import Tensor

from ..pack import TEACHERS_ABREAST, Pack
from ..store.record import RunRecord
from .pack_progress import PackProgress
from .training_loop import Trainer


class _Keeper(Trainer):
    """A trainer that copies a row before giving it away."""

    finals: dict[str, Tensor]

    def _vacate(self, row: int) -> None:
        self.finals[self.rows[row].run.key] = self.state.params[row].clone()
        super()._vacate(row)


def trained(
    runs: Sequence[Run], stream: Any, device: str, checkpoints: Path, progress: Callable[[PackProgress], None]
) -> dict[str, tuple[RunRecord, Tensor]]:
    """Record and parameters, a flat row, of each run by key; they go on from checkpoints they find."""
    keeper = _Keeper(
        Pack(f"teacher-{runs[0].key}", tuple(runs), min(TEACHERS_ABREAST, len(runs))), stream, device, checkpoints
    )
    keeper.finals = {}
    records = list(keeper.train(progress, lambda: False, 30.0))
    return {record.key: (record, keeper.finals[record.key]) for record in records}
