"""Training for the model itself: one run whose final parameters are kept, where a study wants only its losses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scalingdsl.spec.plan import Run
from torch import Tensor

from ..packing import Pack
from ..record import RunRecord
from .loop import Trainer


class _Keeper(Trainer):
    """A trainer that copies a row before giving it away."""

    final: Tensor | None = None

    def _vacate(self, row: int) -> None:
        self.final = self.state.params[row].clone()
        super()._vacate(row)


def trained(run: Run, stream: Any, device: str, checkpoints: Path) -> tuple[RunRecord, Tensor | None]:
    """The record of a run and its parameters, a flat row; it goes on from checkpoints it finds.

    The row is None where a checkpoint says that the run had ended: its parameters are gone.
    """
    keeper = _Keeper(Pack(f"teacher-{run.key}", (run,), 1), stream, device, checkpoints)
    (record,) = keeper.train(lambda made: None, lambda: False, 30.0)
    return record, keeper.final
