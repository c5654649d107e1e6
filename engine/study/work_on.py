"""Working off the queue of a results folder, on whatever machine: what `scalingdsl work` does."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from ..executors import executor_named
from ..executors.events import Callback
from ..executors.job import Request, Site
from ..executors.pack_queue import PackQueue
from ..external.trainer import Trainer, at_hand, handed_on
from ..external.trainer_version import trained_elsewhere
from ..hardware.devices import need_torch
from ..store.results_folder import Store
from .interrupt import interruptible
from .reporting import Reported, report_store
from .run_study import INTERRUPTED, PATIENCE_S
from .trained_elsewhere import not_told, same_version, workers_asked

__all__ = ["INTERRUPTED", "Worked", "work_on"]


@dataclass(frozen=True)
class Worked:
    """What came of it."""

    #: Runs that were recorded here.
    recorded: frozenset[str]
    #: Packs that are still waiting or at work elsewhere.
    packs_left: int
    interrupted: bool
    #: The report, where this was the last work there was.
    reported: Reported | None


def work_on(
    folder: Path | str,
    *,
    device: str = "auto",
    executor: str = "local",
    workers: int | None = None,
    for_s: float = float("inf"),
    idle_s: float = float("inf"),
    progress: Callback = lambda event: None,
    checkpoint_every_s: float = 60.0,
    silence_s: float = 90.0,
    trainer: Trainer | None = None,
) -> Worked:
    """Train packs of the queue until it is empty; then, if the last of them ended here, report.

    Args:
        folder: The results folder.
        device: "cpu", "cuda", or "auto" for cuda where there is one: of this machine.
        executor: A module of `engine/executors`.
        workers: Processes at most; as many as there are cores, or GPUs, by default.
        for_s: Seconds after which it leaves off at the next checkpoint.
        idle_s: Seconds to wait for packs that others are at work on.
        progress: Called with every event.
        checkpoint_every_s: Seconds between checkpoints of a pack.
        silence_s: Seconds after which a worker that shows no sign of life is given up.
        trainer: What trains the models of a study that are trained elsewhere; that of the environment by default.

    Raises:
        StoreError: There is no results folder, or it cannot be written.
        UsageError: torch is not installed, no trainer is told where one is needed, or there is no such executor or
            device.
    """
    folder = Path(folder)
    store = Store.existing(folder)
    made = executor_named(executor)(Request(workers_asked(trainer, workers), idle_s=idle_s))
    if trained_elsewhere(plan := store.plan()):
        device = "cpu"
        trainer = trainer or at_hand()  # of the `run` that started this process, as a scheduler's task
        if trainer is None:
            raise not_told(tuple(plan.runs()))
        same_version(plan, trainer)
    else:
        need_torch("training")
    site = Site(str(folder.resolve()), str(store.base.resolve()), device, checkpoint_every_s, silence_s=silence_s)
    deadline = time.monotonic() + for_s
    with interruptible() as interruption:
        with interruption.patient(), handed_on(trainer):
            own = made.execute(site, progress, lambda: interruption.asked() or time.monotonic() > deadline)
        left = len(PackQueue(store.queue).names())
        reported = _report_last(store) if own and not left and not interruption.asked() else None
    return Worked(own, left, interruption.asked(), reported)


def _report_last(store: Store) -> Reported | None:
    """The report, if every run of the plan has a record and no report is newer than all of them."""
    plan = store.plan()
    runs = tuple(plan.runs())
    with store.lock(PATIENCE_S):
        records = store.records(run.key for run in runs)
        if len(records) < len(runs):
            return None
        report = store.report / "report.md"
        newest = max((store.folder / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime, default=None)
        if report.is_file() and newest is not None and report.stat().st_mtime > newest.stat().st_mtime:
            return None
        store.forget_checkpoints()
        return report_store(store, plan, runs)
