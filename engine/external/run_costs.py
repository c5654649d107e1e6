"""The time of runs that are trained elsewhere: told by the trainer, or learnt from runs that are done, or unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from scalingdsl.spec.plan.run_grid import Run

from ..store.record import RunRecord
from .trainer import Trainer


def work(run: Run) -> float:
    """What time is taken to grow with: FLOPs, else tokens, else nothing."""
    return run.flops or run.n_tokens or 1.0


def seconds_known(
    runs: Sequence[Run], done: Mapping[str, tuple[Run, RunRecord]], trainer: Trainer | None
) -> dict[str, float]:
    """Seconds of each run by key; empty where nothing tells.

    Args:
        runs: Runs still to be trained.
        done: Runs of the same study that are done, with their records.
        trainer: The trainer, where it is known.
    """
    if trainer is not None and trainer.seconds is not None:
        return {run.key: trainer.seconds for run in runs}
    rates = [record.seconds / work(run) for run, record in done.values() if record.status == "done" and record.seconds]
    return {run.key: median(rates) * work(run) for run in runs} if rates else {}
