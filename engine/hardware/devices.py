"""Devices of this machine to train on. Needs no torch, so that the process that supervises stays small."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

from scalingdsl.spec.errors import UsageError

from .cgroup_limits import core_quota

#: What makes the numerical libraries of a process use one thread.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


#: What installs torch beside this package.
INSTALL_TORCH = "pip install 'scalingdsl[train]'"


def torch_installed() -> bool:
    """True if models can be trained here: torch is an extra, which fits, plans and reports do without."""
    return find_spec("torch") is not None


def torch_version() -> str:
    """Version of the installed torch; `none` where it is not installed."""
    return version("torch") if torch_installed() else "none"


def need_torch(what: str) -> None:
    """Refuse what cannot be done without torch.

    Raises:
        UsageError: It is not installed.
    """
    if not torch_installed():
        raise UsageError(f"{what} needs torch, which is not installed: {INSTALL_TORCH}")


def usable_cores() -> int:
    """Cores that this process may use: those it may run on, or as many as its container or job is given the time of,
    and no more than Slurm has allotted to its job on this machine.
    """
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allotted = os.environ.get("SLURM_CPUS_ON_NODE", "")
    return min(there, core_quota() or there, int(allotted) if allotted.isdecimal() and int(allotted) else there)


def gpus() -> tuple[str, ...]:
    """Names of the NVIDIA devices that processes may see, as CUDA_VISIBLE_DEVICES calls them: those before the first
    that there cannot be, as CUDA reads it, so that -1 hides them all.
    """
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        names = (name.strip() for name in chosen.split(","))
        return tuple(takewhile(lambda name: name and not name.startswith("-"), names))
    found = len(list(Path("/dev").glob("nvidia[0-9]*"))) or Path("/dev/dxg").exists()  # the latter under WSL
    return tuple(str(n) for n in range(found))


#: Seconds that the driver's program has to answer.
DRIVER_S = 20.0


def gpu_memory() -> int | None:
    """Free bytes of the fullest of the GPUs that processes may see, as the driver's own program says; None where it
    says nothing.
    """
    said = _driver_says("memory.free")
    return min(int(mib) for mib in said) * 2**20 if said and all(mib.isdecimal() for mib in said) else None


def gpu_name() -> str:
    """What the driver calls the GPUs that processes may see; nothing where it says nothing."""
    return ", ".join(dict.fromkeys(_driver_says("name")))


@cache
def gpu_driver() -> str:
    """Version of the driver, asked for once; nothing where its program says nothing."""
    return ", ".join(dict.fromkeys(_driver_says("driver_version")))


def _driver_says(field: str) -> list[str]:
    """A property of every GPU that processes may see; of all where they are called by names that the driver has not."""
    asked = ["nvidia-smi", f"--query-gpu=index,uuid,{field}", "--format=csv,noheader,nounits"]
    try:
        said = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=DRIVER_S).stdout  # noqa: S603
        rows = [[cell.strip() for cell in line.split(",")] for line in said.splitlines() if line.strip()]
        known = {name: value for index, uuid, value in rows for name in (index, uuid)}
    except (OSError, ValueError, subprocess.SubprocessError):
        return []
    return [known[name] for name in gpus() if name in known] or list(known.values())


def device_named(device: str) -> str:
    """`auto` settled: cuda where there is a device and torch is built for it, else the CPU.

    Raises:
        UsageError: cuda is asked for, and torch cannot use it here.
    """
    if device == "cuda":
        need_torch("training on cuda")
    built = torch_installed() and not torch_version().endswith("+cpu")
    if device == "cuda" and not (built and gpus()):
        why = "no NVIDIA device is visible to it" if built else "the installed torch is built for the CPU alone"
        raise UsageError(f"cannot train on cuda: {why}; leave --device out, or take --device cpu")
    if device != "auto":
        return device
    return "cuda" if gpus() and built else "cpu"


def default_workers(device: str) -> int:
    """One process a core, or a GPU."""
    return max(1, len(gpus())) if device == "cuda" else usable_cores()


def worker_environment(device: str, number: int) -> dict[str, str]:
    """Environment of worker `number`: one thread, and a GPU of its own where there are several."""
    own = gpus()
    if device != "cuda" or not own:
        return {**os.environ, **ONE_THREAD}
    return {**os.environ, **ONE_THREAD, "CUDA_VISIBLE_DEVICES": own[number % len(own)]}
