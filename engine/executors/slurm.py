"""The executor of clusters with Slurm: an array of `scalingdsl work` tasks, each on a node of its own choosing.

A task is a worker, not a pack: it takes packs from the folder until there are none left to take. Slurm warns it before
it takes the node away (SIGTERM), whereupon it leaves off at a checkpoint; it is requeued where Slurm does that. This
process only submits, watches, and submits more while packs wait that nobody is there to take. Should it be killed, the
tasks go on, the last of them reports, and the same command joins again.
"""

from __future__ import annotations

import getpass
import hashlib
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from scalingdsl.spec.errors import EngineError, UsageError

from ..store.results_folder import Store
from .events import Callback
from .job import Request, Site, Stop
from .puller import Puller

#: Tasks at most where nobody says how many.
MOST_TASKS = 32
#: Seconds between two looks at the folder, and between two questions to Slurm.
TICK_S, ASK_EVERY_S = 1.0, 10.0
#: Seconds before the end of its time at which Slurm warns a task, and a task that is cancelled has to leave off.
WARNING_S = 90
#: Arrays submitted one after the other without a single record before that is called hopeless.
MOST_IN_VAIN = 3
#: States of tasks that have ended or are about to.
ENDED = {"COMPLETED", "COMPLETING", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL"}


class Slurm:
    """Submits workers to Slurm and waits for the queue to be empty."""

    here = False

    def __init__(self, request: Request) -> None:
        if shutil.which("sbatch") is None:
            raise UsageError("there is no Slurm here: `sbatch` is not on the path")
        self._request = request

    def workers(self, device: str) -> int:
        """See `Executor.workers`."""
        return self._request.workers or MOST_TASKS

    def execute(self, site: Site, callback: Callback, stop: Stop) -> frozenset[str]:
        """See `Executor.execute`."""
        store = Store(Path(site.folder))
        name = f"scalingdsl-{hashlib.sha256(site.folder.encode()).hexdigest()[:12]}"
        in_vain, recorded = 0, len(store.keys())
        asked = float("-inf")
        with Puller(store, site, callback) as puller:
            while not stop():
                puller.look()
                if puller.empty:
                    _call("scancel", "--state=PENDING", *_whose(name))
                    return frozenset()
                if time.monotonic() - asked > ASK_EVERY_S:
                    free = puller.waiting
                    there = _tasks(name)
                    if free and there < self.workers(site.device) and not _pending(name):
                        now = len(store.keys())
                        in_vain, recorded = (in_vain + 1, now) if now == recorded else (0, now)
                        if in_vain > MOST_IN_VAIN:
                            raise EngineError(f"tasks of Slurm end without a record; see {_logs(store)}")
                        self._submit(name, min(free, self.workers(site.device) - there), site, store)
                    asked = time.monotonic()
                time.sleep(TICK_S)
        _cancel(name)
        return frozenset()

    def _submit(self, name: str, tasks: int, site: Site, store: Store) -> None:
        """Submit an array of workers; options of the user come last, so that they prevail."""
        options = [
            f"--job-name={name}",
            f"--array=0-{min(tasks, _largest_array()) - 1}",
            "--requeue",
            "--open-mode=append",
            f"--signal=B:TERM@{WARNING_S}",
            f"--output={_logs(store)}",
            *shlex.split(self._request.options),
        ]
        _call("sbatch", "--parsable", *options, given=script(site))


def script(site: Site) -> str:
    """The batch script of a task. Its shell becomes the worker, which so hears the warning."""
    command = [sys.executable, "-m", "scalingdsl.engine", "work", site.folder, "--device", site.device]
    return f"#!/bin/sh\nexec {shlex.join([*command, '--checkpoint-every', f'{site.checkpoint_every_s:g}s'])}\n"


def _logs(store: Store) -> Path:
    return store.log("slurm").with_name("slurm-%A_%a.log")


def _call(*command: str, given: str | None = None) -> str:
    """What a command of Slurm answers.

    Raises:
        EngineError: It fails.
    """
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)  # noqa: S603 - Slurm's own
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise EngineError(f"`{command[0]}` failed: {said.splitlines()[-1] if said else f'status {done.returncode}'}")
    return done.stdout


def _states(name: str) -> list[str]:
    """The states of the tasks of a name."""
    return _call("squeue", "--noheader", "--array", *_whose(name), "--format=%T").split()


def _whose(name: str) -> tuple[str, str]:
    return f"--name={name}", f"--user={getpass.getuser()}"


def _tasks(name: str) -> int:
    """Tasks that wait or run."""
    return sum(state not in ENDED for state in _states(name))


def _pending(name: str) -> bool:
    """True if some task waits for a node: more of them would wait too."""
    return "PENDING" in _states(name)


def _largest_array() -> int:
    """Tasks that one array may have."""
    lines = dict(line.split("=", 1) for line in _call("scontrol", "show", "config").splitlines() if "=" in line)
    sizes = [int(value) for name, value in lines.items() if name.strip() == "MaxArraySize"]
    return sizes[0] if sizes and sizes[0] > 0 else 1001


def _cancel(name: str) -> None:
    """Have all tasks leave off, and wait until they have."""
    _call("scancel", "--state=PENDING", *_whose(name))
    _call("scancel", "--signal=TERM", "--batch", *_whose(name))
    deadline = time.monotonic() + WARNING_S
    while _tasks(name) and time.monotonic() < deadline:
        time.sleep(TICK_S)
    if _tasks(name):
        _call("scancel", *_whose(name))


def executor(request: Request) -> Slurm:
    """Workers that Slurm finds nodes for."""
    return Slurm(request)
