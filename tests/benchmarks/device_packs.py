"""Packs of the device check: made without drawing every first weight, run, and held to what planning says of them.

`python -m tests.benchmarks.device_packs DEVICE CELL...` trains each cell for a moment, so that Triton's kernels are
compiled into its cache: many processes at once compile sooner than one.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import torch
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning import packing
from scalingdsl.engine.planning.gpu_rate import TYPICAL_GPU, GpuRate
from scalingdsl.engine.planning.machines import MACHINES
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.train.kernels import CHOICE
from scalingdsl.engine.train.precision import arithmetic
from scalingdsl.engine.train.training_loop import Trainer
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

LAYERS = 2
_STUDY = """
data walk(er(n={vocab}, p={p:.2g}), length={length}, eval_walks={walks})
models transformer(layers={layers})  width in {{{width}}}
train adamw(batch={batch}, precision={precision}{more})  steps in {{{steps}}}  seed in [0..{last} step 1]
"""


@dataclass(frozen=True)
class Cell:
    """A shape of models, how they are trained, and how many at once."""

    width: int
    batch: int
    length: int
    vocab: int
    precision: str = "fp32"
    #: `torch` or `triton`.
    steps: str = "torch"
    slots: int = 1

    @property
    def tokens(self) -> int:
        """Tokens of a step of one model."""
        return self.batch * self.length


@dataclass(frozen=True)
class Found:
    """What a cell showed: rate in tokens a second, seconds and bytes, and the same as planning has them."""

    rate: float
    step_s: float
    predicted_s: float
    #: Share of the time that the host lets the device wait, of a step's, and the seconds of a run's evaluation.
    host: float
    evaluation_s: float
    predicted_evaluation_s: float
    bytes: float | None
    predicted_bytes: float
    kernels: str


def runs_of(
    cell: Cell, steps: str = "100000", last: int | None = None, more: str = "", walks: int = 256
) -> tuple[Run, ...]:
    """Runs of a cell, a seed each; `steps` and `more` as a study has them."""
    text = _STUDY.format(
        vocab=cell.vocab, p=min(1.0, 10 / cell.vocab), length=cell.length, walks=walks, layers=LAYERS,
        width=cell.width, batch=cell.batch, precision=cell.precision, more=more, steps=steps,
        last=cell.slots - 1 if last is None else last,
    )  # fmt: skip
    return tuple(load("device.scl", text=text).runs())


@contextmanager
def stepping(steps: str) -> Iterator[None]:
    """Inside, steps on a GPU are these."""
    before = os.environ.get(CHOICE)
    os.environ[CHOICE] = steps
    try:
        yield
    finally:
        if before is None:
            del os.environ[CHOICE]
        else:
            os.environ[CHOICE] = before


class Quick(Trainer):
    """A trainer whose rows all begin with the first one's weights: drawing a large pack takes a core seconds."""

    def _fill(self) -> None:
        waiting = list(self.queue)
        for member in waiting[1:]:
            self.queue.remove(member)
        super()._fill()
        for row, member in enumerate(waiting[1:], start=1):
            self.state.move(0, row)
            self.rows.append(member)


def gpu_rate(name: str) -> GpuRate:
    """The rate of the machine whose name is part of a GPU's."""
    return next((m.rate for m in MACHINES.values() if m.name.upper() in name.upper()), TYPICAL_GPU)


def measured(cell: Cell, device: str, seconds: float, timed: Callable[[Callable[[], object]], float]) -> Found:
    """Train a pack for some seconds.

    Args:
        cell: What is trained.
        device: Where.
        seconds: By the clock, recording left out.
        timed: Seconds of a call on the device.
    """
    cuda = device == "cuda"
    with stepping(cell.steps):
        if cuda:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        runs = runs_of(cell)
        pack = Pack("device", runs, cell.slots)
        trainer = Quick(pack, open_source(runs[0].source), device, None)
        for run in runs:
            trainer.begin(run)
        trainer._fill()
        with arithmetic(cell.precision, trainer.device):
            for _ in range(3):
                trainer._chunk()  # records, and finds out how long a chunk may be
            before, begun, wall = trainer.rows[0].step, time.perf_counter(), 0.0
            while wall < seconds or trainer.rows[0].step == before:
                trainer._chunk()
                wall = time.perf_counter() - begun
            taken = trainer.rows[0].step - before
            chunk = trainer._ready(4)
            step_s = timed(lambda: trainer.steps.take(chunk)) / 4
            together = len(trainer.judged)
            trainer._measure(range(together))
            begun = time.perf_counter()
            trainer._measure(range(together))
            judged = (time.perf_counter() - begun) / together
        rate = gpu_rate(torch.cuda.get_device_name()) if cuda else packing.DEFAULT_RATE
        return Found(
            rate=taken * cell.slots * cell.tokens / wall,
            step_s=step_s,
            predicted_s=packing.step_seconds(runs[0], cell.slots, rate),
            host=max(0.0, 1 - step_s * taken / wall),
            evaluation_s=judged,
            predicted_evaluation_s=packing.evaluation_seconds(runs[0], rate),
            bytes=torch.cuda.max_memory_reserved() if cuda else None,
            predicted_bytes=packing.predicted_bytes(pack, device),
            kernels=trainer.kernels,
        )


def warm_command(cells: Sequence[Cell], device: str) -> list[str]:
    """The command that compiles what some cells take."""
    return [sys.executable, "-m", __name__, device, *(json.dumps(asdict(cell)) for cell in cells)]


if __name__ == "__main__":
    for text in sys.argv[2:]:
        one = Cell(**{**json.loads(text), "slots": 1})
        measured(one, sys.argv[1], 0.0, lambda call: float(call() is None))
