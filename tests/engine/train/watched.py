"""Training runs that tests made, and what they want to know of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.train import training_loop
from scalingdsl.engine.train.optimisers.adamw import StackedAdamW
from scalingdsl.engine.train.step_runner import Eager, Recorded, Steps
from scalingdsl.spec.plan.run_grid import Run


def pack(runs: Sequence[Run], slots: int | None = None) -> Pack:
    """The runs in this very order."""
    return Pack("test", tuple(runs), slots or len(runs))


def train(runs: Sequence[Run], slots: int | None = None, **how: Any) -> dict[str, RunRecord]:
    """Records by key."""
    made = training_loop.train_pack(pack(runs, slots), open_source(runs[0].source), **how)
    return {record.key: record for record in made}


class Watched(training_loop.Trainer):
    """A trainer that keeps the final parameters of every run."""

    def __init__(
        self, runs: Sequence[Run], slots: int | None = None, checkpoints: Path | None = None, **how: int
    ) -> None:
        super().__init__(pack(runs, slots), open_source(runs[0].source), "cpu", checkpoints, **how)
        self.finals: dict[str, torch.Tensor] = {}

    def _vacate(self, row: int) -> None:
        self.finals[self.rows[row].name] = self.state.params[row].clone()
        super()._vacate(row)


class InTurn(Watched):
    """A trainer as on a GPU, where one update takes all rows and chunks are made ready ahead."""

    def __init__(
        self, runs: Sequence[Run], slots: int | None = None, checkpoints: Path | None = None, **how: int
    ) -> None:
        super().__init__(runs, slots, checkpoints, **how)
        self.ahead = True
        self.steps = self.steps_of(StackedAdamW(self.layout, self.state))

    def steps_of(self, update: StackedAdamW) -> Steps:
        """Taken one after another."""
        return Eager(self.stack, update)


class Replayed(InTurn):
    """The same, steps recorded and replayed."""

    def steps_of(self, update: StackedAdamW) -> Steps:
        """Recorded without a graph."""
        return Recorded(self.stack, update, self.state)


def final_params(
    runs: Sequence[Run],
    slots: int | None = None,
    checkpoints: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
    kind: type[Watched] = Watched,
    **how: int,
) -> dict[str, torch.Tensor]:
    """Each run's parameters after its last step, by key (a branch's by key and mark)."""
    trainer = kind(runs, slots, checkpoints, **how)
    for _ in trainer.train(lambda made: None, stop, 1e9):
        pass
    return trainer.finals


def stop_after(chunks: int) -> Callable[[], bool]:
    """True from the given number of calls on."""
    calls = [0]

    def stop() -> bool:
        calls[0] += 1
        return calls[0] > chunks

    return stop


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Bit for bit."""
    return torch.equal(a.view(torch.int32), b.view(torch.int32))


def nobody_matters(runs: Sequence[Run], folder: Path) -> None:
    """Assert that runs have the same bits alone and packed, through fewer rows than runs, stopped and gone on with in
    another pack, and beside one whose parameters are infinite.
    """
    whole = final_params(runs)
    part = final_params(runs, checkpoints=folder, stop=stop_after(2), chunk_steps=5)
    rest = final_params(runs[::-1], 2, folder)
    assert len(part) < len(runs)
    assert {**part, **rest}.keys() == whole.keys()
    trainer, spoilt = Watched(runs, chunk_steps=3), runs[-1].key

    def poison() -> bool:
        for row, member in enumerate(trainer.rows):
            if member.run.key == spoilt and member.step:
                trainer.state.params[row] = float("inf")
        return False

    records = {record.key: record for record in trainer.train(lambda made: None, poison, 1e9)}
    assert [key for key in whole if records[key].status == "diverged"] == [spoilt]
    beside = {key: params for key, params in trainer.finals.items() if key != spoilt}
    for found in (final_params(runs[:1]), final_params(runs, 2), part, rest, beside):
        assert all(same(whole[key], params) for key, params in found.items())
