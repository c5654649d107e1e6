"""Processor seconds and peak memory of commands that read a results folder, by its number of records.

    python -m tests.benchmarks.records [1000 10000 100000]

The records are generated: a grid of widths, rates, token counts and seeds whose losses follow a law. Commands run in
processes of their own; `status` is timed before there is an index and then with it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.store.sealed_json import json_text
from scalingdsl.spec import load

from ..engine.make import Law, record_of

COUNTS = (1_000, 10_000, 100_000)
STUDY = """
title "Generated"
data walk(er(n=64, p=.1))
models transformer(layers=2, heads=1)  width in {{16, 24, 32, 40, 48, 56, 64, 80, 96, 128}}
train adamw(batch=8)  tokens in [64k..32M]  tune lr in {{.001, .002, .003, .005, .008, .01, .02, .03, .05, .1}}
  seed in [0..{last} step 1]
fit chinchilla(bootstrap=20)
expect alpha in [.1..2]
"""


def generated(folder: Path, count: int) -> Store:
    """A results folder with as many records, or a few less; nothing is synced."""
    text = STUDY.format(last=max(1, count // 1000) - 1)
    plan, store = load("generated.scl", text=text, max_runs=10 * count), Store(folder)
    runs = tuple(plan.runs())
    store.adopt(plan, Origin("generated", "/studies/generated.scl", "Generated"), {}, [runs[0].key])
    store.state_claims(plan.claims)
    store.predict(dict.fromkeys((run.key for run in runs), 2.5))
    (folder / "runs").mkdir()
    for run in runs:
        record = record_of(run, Law(), noise=0.01, source_digest="0123456789abcdef")
        (folder / "runs" / f"{run.key}.json").write_text(
            json_text("record", {"record": record.model_dump(mode="json")}, flat=True)
        )
    return store


def commands(folder: Path, key: str) -> Iterator[tuple[str, list[str]]]:
    """What is timed, by what it is called in the table."""
    at = str(folder)
    yield "status, no index", ["status", at]
    yield "status", ["status", at]
    yield "why", ["why", key, "--out", at]
    yield "diff", ["diff", at, at]
    yield "export", ["export", at, "--what", "runs,cells"]
    yield "report", ["report", at]


def timed(arguments: list[str]) -> tuple[float, float]:
    """Processor seconds and peak memory in MB of a command."""
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.execv(sys.executable, [sys.executable, "-m", "scalingdsl.engine.cli", *arguments])  # noqa: S606 - ours
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 4):
        raise RuntimeError(f"{' '.join(arguments)} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


def main(counts: tuple[int, ...]) -> None:
    """Print a table, a row a number of records."""
    names = [name for name, _ in commands(Path(), "")]
    sys.stdout.write(f"| records | {' | '.join(names)} |\n|---:|{'---:|' * len(names)}\n")
    for count in counts:
        with tempfile.TemporaryDirectory() as home:
            os.environ["XDG_CACHE_HOME"] = f"{home}/cache"
            store = generated(Path(home) / "generated", count)
            found = [timed(arguments) for _, arguments in commands(store.folder, min(store.keys()))]
            cells = " | ".join(f"{seconds:.2f} s, {memory:,.0f} MB" for seconds, memory in found)
            sys.stdout.write(f"| {len(store.keys()):,} | {cells} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or COUNTS)
