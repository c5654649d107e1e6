"""Processor seconds and peak memory of each stage of a study by its number of runs, which should grow no faster.

    python -m tests.benchmarks.scale [1000 10000 100000] [--trainer] [--cells] [--longer]

Runs take next to nothing: models of some hundred parameters train for one to ten steps, with `--longer` ten to a
hundred; with `--trainer`, a function of Python that knows its law is called instead, each time in a process of its own.
With `--cells` every run is a cell of its own, where otherwise rates and seeds are reduced to a hundred. Every stage is
a command in a process of its own, and what it starts counts with it; the largest process gives the memory. Two are not
commands: `expand and pack` cuts the study's packs, and `queue` is what it takes beyond that to queue each, take it and
end it, with nothing trained.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scalingdsl.engine.executors.job import Job, Site
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.executors.puller import Puller
from scalingdsl.engine.planning.costs import cost_at, cost_elsewhere
from scalingdsl.engine.planning.packing import DEFAULT_RATE
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.spec import load

COUNTS = (1_000, 10_000)
GRID = """
train {recipe}  tokens in {tokens}
  {role} lr in {{.001, .002, .003, .005, .008, .01, .02, .03, .05, .1}}
  {seeds} in {values}
fit chinchilla(bootstrap=200)
"""
OWN = """
title "Tiny models"
data walk(er(n=16, p=.4), length=8, eval_walks=8)
models transformer(layers=1, heads=1)  width in {4, 8, 12, 16, 20, 24, 28, 32, 36, 40}
"""
ELSEWHERE = """
title "A null trainer"
data dataset("none")
models external(N=24*width^2)  width in {32, 40, 48, 64, 80, 96, 128, 160, 192, 256}
"""
TRAINER = '''\
def train(width: int, lr: float, tokens: int, seed: int) -> float:
    """A loss that follows a law."""
    return 2 + 30 / width + 400 / tokens + (lr - 0.01) ** 2 + (7919 * seed + width) % 101 / 1e4
'''


class Used(NamedTuple):
    """What a stage took."""

    seconds: float
    wall: float
    megabytes: float


def study(count: int, trainer: bool, cells: bool, longer: bool = False) -> str:
    """The text of a study of so many runs, a multiple of 1,000."""
    step = 100_000 if trainer else 80 if longer else 8
    return (ELSEWHERE if trainer else OWN) + GRID.format(
        recipe="" if trainer else "adamw(batch=1)",
        tokens=f"{{{', '.join(str(step * n) for n in range(1, 11))}}}",
        role="" if cells else "tune",
        seeds="dose" if cells else "seed",
        values=f"[0..{count // 1000 - 1} step 1]" if count > 1000 else "{0}",
    )


def used(child: Callable[[], None]) -> Used:
    """What a process that does this takes, with all processes that it starts and waits for."""
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        child()
        os._exit(0)
    _, status, found = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3, 4):
        raise RuntimeError(f"a stage ended with {code}")
    return Used(found.ru_utime + found.ru_stime, time.monotonic() - begun, found.ru_maxrss / 1e3)


def command(*arguments: str) -> Callable[[], None]:
    """A command of `scalingdsl`."""
    words = [sys.executable, "-m", "scalingdsl.engine.cli", *arguments]
    return lambda: os.execv(sys.executable, words)  # noqa: S606 - ours


def packed(text: str, trainer: bool, count: int, home: Path, queued: bool) -> None:
    """Cut the packs of a study and, where asked, queue all, take each, and end it."""
    plan = load("queued.scl", text=text, max_runs=2 * count)
    runs = tuple(plan.runs())
    cost = cost_elsewhere(runs, {}, 2) if trainer else cost_at(runs, "cpu", 2, DEFAULT_RATE)
    store = Store(home / "queued")
    store.adopt(plan, Origin("queued", "queued.scl", ""), {}, [])
    if not queued:
        return
    queue = PackQueue(store.queue)
    for pack, seconds in zip(cost.packs, cost.pack_seconds):
        queue.put(Job(pack, 100, seconds=seconds or 0.0))
    with Puller(store, Site(str(store.folder), "."), lambda event: None) as puller:
        while (held := puller.take()) is not None:
            puller.done(held)


def stages(text: str, trainer: bool, count: int, home: Path) -> Iterator[tuple[str, Used]]:
    """What each stage takes, by name."""
    (home / "scale.scl").write_text(text)
    (home / "trainer_of_scale.py").write_text(TRAINER)
    os.chdir(home)
    most, out = f"--max-runs={2 * count}", "runs/scale"
    asked = ["--trainer", "trainer_of_scale:train"] if trainer else []
    yield "plan", used(command("plan", "scale.scl", most, *asked))
    asking = partial(packed, text, trainer, count)
    alone = used(partial(asking, home / "alone", queued=False))
    queue = used(partial(asking, home / "queue", queued=True))
    yield "expand and pack", alone
    yield "queue", Used(queue.seconds - alone.seconds, queue.wall - alone.wall, queue.megabytes)
    for way in ("alone", "queue"):
        shutil.rmtree(home / way)
    whole = used(command("run", "scale.scl", most, *asked))
    again = used(command("run", "scale.scl", most, *asked))
    records = len(Store(Path(out)).keys())
    if records < count:
        raise RuntimeError(f"{records} records of {count}")
    yield "train and record", Used(whole.seconds - again.seconds, whole.wall - again.wall, whole.megabytes)
    yield "run, all done", again
    yield "status, no index", used(command("status", out))
    yield "status", used(command("status", out))
    yield "export", used(command("export", out, "--what", "runs,cells"))
    yield "report", used(command("report", out))
    yield "whole run", whole


def main(arguments: list[str]) -> None:
    """Print a table of stages for each number of runs."""
    trainer, cells, longer = ("--" + option in arguments for option in ("trainer", "cells", "longer"))
    counts = [int(argument) for argument in arguments if argument.isdigit()] or COUNTS
    sys.stdout.write("| runs | stage | CPU s | CPU ms a run | clock s | MB |\n|---:|---|---:|---:|---:|---:|\n")
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="scale-") as folder:
            os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
            home = Path(folder).resolve()
            for name, took in stages(study(count, trainer, cells, longer), trainer, count, home):
                each = took.seconds / count * 1e3
                row = f"{name} | {took.seconds:.2f} | {each:.3f} | {took.wall:.1f} | {took.megabytes:,.0f}"
                sys.stdout.write(f"| {count:,} | {row} |\n")
                sys.stdout.flush()
            os.chdir("/")


if __name__ == "__main__":
    main(sys.argv[1:])
