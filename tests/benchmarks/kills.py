"""Kills and stops a study at random moments, starts it again each time, and compares what comes out.

    python -m tests.benchmarks.kills 100              # kill -9 of a worker, the coordinator, or the whole group
    python -m tests.benchmarks.kills 30 --stop        # signals that ask to leave off, likewise

Each round begins a fresh results folder and kills `run` after a random time, again and again, until `KILLS` kills are
done or it was over before one; then the same command runs to its end. Only what was at work when it was killed counts.
Records must be those of an undisturbed run, bit for bit; no restart may be
refused; nothing may be left alive 30 seconds after a kill; one that was asked to leave must do so within ten seconds of
being asked, with 130 and a line that says how to go on.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scalingdsl.engine.store.results_folder import Store

#: Kills of one folder.
KILLS = 6
#: Some ten seconds of training for two workers, in three packs.
STUDY = """
data walk(er(n=64, p=.2), length=32, eval_walks=16)
models transformer(layers=1, heads=1)  width in {16, 24, 32}
train adamw(batch=8, lr=.01)  tokens=160k  seed in {0, 1, 2}
fit power(N)
"""
TARGETS = ("worker", "coordinator", "group")
#: Seconds in which one that was asked to leave must have left on a busy machine, and orphans of one that was killed.
LEAVE_S, ORPHANS_S = 30.0, 30.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def found(folder: Path) -> dict[str, Any]:
    """What was measured, by run; exactly."""
    return {key: (r.status, r.measurements, r.curves) for key, r in Store(folder).records().items()}


def descendants(pid: int) -> list[int]:
    """Processes under `pid`."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents.setdefault(int(parent), []).append(int(path.parent.name))
    waiting, under = [pid], []
    while waiting:
        children = parents.get(waiting.pop(), [])
        under += children
        waiting += children
    return under


def alive(pids: Sequence[int]) -> list[int]:
    """Those of `pids` that run."""

    def state(pid: int) -> str:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return "Z"

    return [pid for pid in pids if state(pid) != "Z"]


class Trial:
    """One results folder, disturbed."""

    def __init__(
        self, study: Path, folder: Path, rng: random.Random, tally: Counter[str], longest_s: float = 0.0
    ) -> None:
        self.study, self.folder, self.rng, self.tally, self.longest_s = study, folder, rng, tally, longest_s

    def begin(self) -> subprocess.Popen[str]:
        """Start `run` in a group of its own."""
        command = [sys.executable, "-m", "scalingdsl.engine", "run", str(self.study), "--out", str(self.folder)]
        return subprocess.Popen(
            [*command, "--workers", "2", "--checkpoint-every", "1s"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def disturb(self, number: int | None) -> bool:
        """Start it and send a signal (kill where it is None) after a random time; True if it ran to its end."""
        process = self.begin()
        time.sleep(self.rng.uniform(0.1, self.longest_s))
        target = self.rng.choice(TARGETS)
        under = descendants(process.pid)
        if process.poll() is not None:
            self.check(process.communicate()[0], process.returncode, 0)
            return True
        sent = signal.SIGKILL if number is None else number
        if target == "group":
            os.killpg(process.pid, sent)
        elif target == "worker" and under:
            os.kill(self.rng.choice(under), sent)
        else:
            target = "coordinator"
            process.send_signal(sent)
        self.tally["sent"] += 1
        self.tally[f"{signal.Signals(sent).name} to {target}"] += 1
        asked = time.monotonic()
        if target == "worker":
            out, _ = process.communicate(timeout=600)  # it goes on by itself
            self.check(out, process.returncode, 0)
            return True
        out, _ = process.communicate(timeout=LEAVE_S)
        self.check(out, process.returncode, -signal.SIGKILL if number is None else 130)
        if process.returncode == 130 and "interrupted" not in out:
            raise SystemExit(f"it did not say that it was interrupted:\n{out}")
        while alive(under) and time.monotonic() - asked < ORPHANS_S:
            time.sleep(0.1)
        left = alive(under)
        if left:
            raise SystemExit(f"left alive after {ORPHANS_S:.0f} s: {left}")
        self.tally["seconds till all had gone, at most"] = max(
            self.tally["seconds till all had gone, at most"], round(time.monotonic() - asked + 0.5)
        )
        return False

    def check(self, out: str, status: int, wanted: int) -> None:
        """Hold what it ended with against what it should have."""
        if status not in (wanted, 0) or "Traceback" in out:
            raise SystemExit(f"ended with {status}, not {wanted}:\n{out}")

    def finish(self) -> None:
        """Run it to its end."""
        process = self.begin()
        out, _ = process.communicate(timeout=900)
        self.check(out, process.returncode, 0)


def numbers(stop: bool, rng: random.Random) -> Iterator[int | None]:
    """The signals to send, in turn."""
    while True:
        yield rng.choice(STOPS) if stop else None


def main() -> None:
    """Kill, restart, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int)
    parser.add_argument("--stop", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng, tally = random.Random(asked.seed), Counter[str]()
    home = Path(tempfile.mkdtemp(prefix="kills-"))
    study = home / "study.scl"
    study.write_text(STUDY)
    begun = time.monotonic()
    Trial(study, home / "whole", rng, tally).finish()
    longest_s = time.monotonic() - begun
    expected = found(home / "whole")
    rounds = 0
    while tally["sent"] < asked.kills:
        rounds += 1
        trial = Trial(study, home / f"round-{rounds}" / "whole", rng, tally, longest_s)
        for _, number in zip(range(min(KILLS, asked.kills - tally["sent"])), numbers(asked.stop, rng)):
            if trial.disturb(number):
                break
        trial.finish()
        if found(trial.folder) != expected:
            raise SystemExit(f"records differ: {trial.folder}")
        left = [str(p) for p in trial.folder.rglob("*") if p.name.startswith(".") and p.name != ".lock"]
        tally["files left aside"] += len(left)
        print(f"round {rounds}: {tally['sent']} of {asked.kills}, records equal; {dict(tally)}", flush=True)
        shutil.rmtree(trial.folder.parent)
    shutil.rmtree(home)
    print(f"{tally['sent']} in {rounds} folders: {dict(tally)}")


if __name__ == "__main__":
    main()
