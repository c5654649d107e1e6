"""Calibration: this machine's training speed, measured once in a few seconds and kept in the user's cache folder.

As many processes measure at once as will train at once, since cores share memory and clock. Each trains packs of
a few sizes for a moment; the constants of `packing.Rate`, or of a GPU's, are fitted to the seconds a step took, in
relative terms, each within a factor of a typical machine's: overhead, elementwise work and matrix products are never
wholly apart.
Every longer study then corrects the rate by how it went (`correct`). A rate measured while the machine was busy with
other work is kept with its load, and said to be so wherever times are predicted by it.
"""

from __future__ import annotations

import contextlib
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from scalingdsl.spec.errors import EngineError, StoreError

from ..hardware.devices import gpu_name, torch_version, usable_cores, worker_environment
from ..hardware.machine_load import other_load
from ..hardware.processor import processor
from ..hardware.stop_signals import held_back
from ..pack import Pack
from ..store.cache import cache_folder
from ..store.sealed_json import read_json, write_json
from ..train import kernels
from .gpu_rate import TYPICAL_GPU, GpuRate
from .packing import Rate, step_seconds, typical_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..sources import Stream

#: Width, batch, slots and precision of the packs that are timed: in each of these something else dominates. On a GPU
#: those are packs that fill it, but for the first, which is bound by launches.
SIZES = {
    "cpu": tuple(
        (*size, "fp32") for size in ((16, 8, 1), (16, 8, 8), (64, 8, 8), (64, 64, 1), (256, 8, 1), (256, 32, 1))
    ),
    "cuda": (
        (16, 8, 4, "fp32"),
        (16, 8, 512, "fp32"),
        (64, 32, 128, "fp32"),
        (256, 32, 32, "fp32"),
        *((width, 32, slots, precision) for width, slots in ((256, 32), (1024, 4)) for precision in ("tf32", "bf16")),
    ),
}
_STUDY = """
data walk(er(n=512, p=.02), length=32)
models transformer(layers=2, width={width})
train adamw(batch={batch}, precision={precision})  steps = 100000  seed in [0..{last} step 1]
"""
#: One study may have been trained on a busy machine: the most that it may change the rate by.
MOST_CORRECTED = 2.0
#: How far a constant may lie from a typical machine's, and what it weighs beside a timing that it lies there.
FACTOR, STAYING = 20.0, 1e-3


#: Called before a measurement with `other_load()`.
Measuring = Callable[[float | None], None]


@dataclass(frozen=True)
class Calibrated:
    """This machine's rate, and the load of other work under which it was measured; None where there was hardly any."""

    rate: Rate | GpuRate
    load: float | None = None


def calibrated(device: str, workers: int, measuring: Measuring = lambda load: None, anew: bool = False) -> Calibrated:
    """This machine's rate when `workers` processes train; measured now if it never was, or `anew` asks for it."""
    known = None if anew else recall(device, workers)
    if known is None:
        load = other_load()
        measuring(load)
        known = Calibrated(measure_together(device, workers), load)
        with contextlib.suppress(OSError):  # a cache that cannot be written is measured again next time
            remember(device, workers, known)
    return known


# --- the cache --------------------------------------------------------------------------------------------------------


def cache_file() -> Path:
    """The file of rates."""
    return cache_folder() / "calibration.json"


@cache
def _machine(device: str) -> str:
    """The machine that a rate belongs to, beside workers: processor, GPU, versions, and whose steps are taken."""
    compiled = None if device == "cuda" else kernels.kernels()
    steps = "torch" if compiled is None else compiled.name
    if device == "cuda":
        steps = f"triton, else {steps}" if kernels.prefers_triton() else steps
        device = f"cuda, {gpu_name()}"
    system = f"{platform.system()} {platform.machine()}, {processor().name}, {usable_cores()} cores"
    return f"{system}, scalingdsl {version('scalingdsl')}, torch {torch_version()}, {steps} steps, {device}"


def _place(device: str, workers: int) -> str:
    return f"{_machine(device)}, {workers} workers"


def recall(device: str, workers: int) -> Calibrated | None:
    """The rate kept for this machine; None where there is none, or none that can be read."""
    try:
        found = read_json(cache_file()).get("rates", {}).get(_place(device, workers))
        if found is None:
            return None
        load = found.get("load")
        rate = _rate(device, {field.name: float(found[field.name]) for field in fields(typical_rate(device))})
        return Calibrated(rate, None if load is None else float(load))
    except (FileNotFoundError, StoreError, KeyError, TypeError, ValueError):
        return None


def _rate(device: str, constants: Mapping[str, float]) -> Rate | GpuRate:
    """The rate of a device with these constants."""
    return type(typical_rate(device))(**constants)


def remember(device: str, workers: int, known: Calibrated) -> None:
    """Keep a rate with the load that it was measured under."""
    try:
        rates = dict(read_json(cache_file())["rates"])
    except (FileNotFoundError, StoreError, KeyError):
        rates = {}
    rates[_place(device, workers)] = asdict(known.rate) | {"load": known.load}
    write_json(cache_file(), {"rates": rates})


def correct(device: str, workers: int, ratio: float) -> None:
    """Learn from a study that took `ratio` times what was predicted: the rate kept is scaled by it, within bounds."""
    known = recall(device, workers)
    if known is None:
        return
    factor = min(max(ratio, 1 / MOST_CORRECTED), MOST_CORRECTED)
    with contextlib.suppress(OSError):
        rate = _rate(device, {name: factor * value for name, value in asdict(known.rate).items()})
        remember(device, workers, replace(known, rate=rate))


# --- measuring --------------------------------------------------------------------------------------------------------


def measure_together(device: str, workers: int) -> Rate | GpuRate:
    """Measure in `workers` processes at once; the mean of what they found.

    Raises:
        EngineError: One of them failed.
    """
    command = [sys.executable, "-m", "scalingdsl.engine.planning.calibration", device]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with held_back():  # signals are this process's to answer
            for number in range(workers):
                env = worker_environment(device, number)
                processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, env=env))  # noqa: S603 - our own
        said = [process.communicate()[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    if any(process.returncode for process in processes):
        raise EngineError(f"the speed of this machine could not be measured on {device}; the error is above")
    found = [json.loads(text) for text in said]
    return _rate(device, {name: sum(one[name] for one in found) / workers for name in found[0]})


def measure(device: str) -> Rate | GpuRate:
    """Measure in this process."""
    from scalingdsl.spec import load

    from ..sources import open_source
    from ..train.cpu_settings import prepare

    prepare()
    packs = []
    for width, batch, slots, precision in SIZES[device]:
        text = _STUDY.format(width=width, batch=batch, precision=precision, last=slots - 1)
        runs = tuple(load("sizes.scl", text=text).runs())
        packs.append(Pack(f"calibration-{width}-{batch}-{slots}", runs, slots))
    stream = open_source(packs[0].runs[0].source)
    seconds = [_seconds_a_step(pack, stream, device) for pack in packs]
    return fit_gpu(packs, seconds) if device == "cuda" else fit(packs, seconds)


def _seconds_a_step(pack: Pack, stream: Stream, device: str) -> float:
    """Seconds of a step of all the pack's rows, over the second chunk of steps; the first one warms up.

    On a CPU the seconds are the process's own, so that whatever else the machine does now does not count.
    """
    from ..train.training_loop import train_pack

    clock = time.process_time if device == "cpu" else time.perf_counter
    heard: list[tuple[float, int]] = []
    training = train_pack(
        pack,
        stream,
        device=device,
        progress=lambda made: heard.append((clock(), made.step)),
        stop=lambda: len(heard) > 1,
    )
    for _ in training:
        raise AssertionError("a run of the calibration is too long to end")
    (begun, first), (ended, last) = heard
    return pack.slots * (ended - begun) / (last - first)


def fit(packs: Sequence[Pack], seconds: Sequence[float]) -> Rate:
    """The processor's rate that predicts `seconds` a step best, in relative terms."""
    import numpy as np
    from scipy.optimize import lsq_linear

    typical = asdict(typical_rate("cpu"))
    units = [Rate(**{other: typical[name] * (name == other) for other in typical}) for name in typical]
    design = np.array([[step_seconds(pack.runs[0], pack.slots, unit) for unit in units] for pack in packs])
    found = lsq_linear(design / np.array(seconds)[:, None], np.ones(len(packs)), bounds=(1 / FACTOR, FACTOR))
    return Rate(**{name: typical[name] * float(x) for name, x in zip(typical, found.x)})


def fit_gpu(packs: Sequence[Pack], seconds: Sequence[float]) -> GpuRate:
    """The GPU's rate that does; a constant that nothing in `packs` turns on stays a typical GPU's."""
    import numpy as np
    from scipy.optimize import least_squares

    typical = asdict(TYPICAL_GPU)

    def rate(logs: NDArray[np.float64]) -> GpuRate:
        return GpuRate(**{name: value * float(np.exp(x)) for (name, value), x in zip(typical.items(), logs)})

    def misses(logs: NDArray[np.float64]) -> NDArray[np.float64]:
        found = rate(logs)
        ratios = [step_seconds(pack.runs[0], pack.slots, found) / s for pack, s in zip(packs, seconds)]
        return np.concatenate([np.log(ratios), STAYING * logs])

    far = np.log(FACTOR)
    return rate(least_squares(misses, np.zeros(len(typical)), bounds=(-far, far)).x)


if __name__ == "__main__":
    print(json.dumps(asdict(measure(sys.argv[1]))))  # noqa: T201 - the answer to the parent
