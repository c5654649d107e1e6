"""The predicted cost of a study on this machine: packs, memory, and time from a short calibration."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.identity import digest

from ..hardware.cgroup_limits import memory_left
from ..hardware.devices import gpu_memory, torch_installed
from ..pack import TEACHERS_ABREAST, Pack

if TYPE_CHECKING:
    from ..store.record import RunRecord
    from .gpu_rate import GpuRate
    from .packing import Rate

#: Seconds before a worker process trains its first step: interpreter and torch (performance notes, start-up).
START_S = 4.0
#: A study that a typical machine is done with sooner is not worth the seconds that measuring this one takes.
CALIBRATE_ABOVE_S = 30.0
#: Packs that runs trained elsewhere are dealt out to: many to each worker, and few enough to queue and to look through.
MOST_PACKS = 2000


@dataclass(frozen=True)
class Cost:
    """A prediction for runs still to be trained."""

    packs: tuple[Pack, ...]
    #: Seconds on one worker of each pack, in the order of `packs`, and of each run by key: its share of its pack.
    pack_seconds: tuple[float | None, ...]
    run_seconds: dict[str, float]
    #: Seconds until the last pack is done, the longest first, on `workers` workers. None, as those above, where a
    #: trainer of the person's own trains and nothing tells how long it takes.
    wall_seconds: float | None
    #: Bytes of the largest packs at work together.
    memory_bytes: int
    workers: int
    #: Seconds on one worker of each teacher that is trained before its students.
    teacher_seconds: tuple[float, ...] = ()
    #: Load of other work under which this machine was measured, where that makes the prediction doubtful.
    measured_under_load: float | None = None


def predict(
    runs: Sequence[Run],
    *,
    device: str,
    workers: int,
    measuring: Callable[[float | None], None] = lambda load: None,
    lessons: Sequence[Sequence[Run]] = (),
    anew: bool = False,
    here: bool = True,
) -> Cost:
    """Packs of `runs`, and what they will cost; measures this machine first if that was never done and pays, or `anew`.

    `measuring` is called before some seconds are spent on that, with the load of other work that may disturb it.
    `lessons` are the runs of each teacher to be trained. Where there is no torch to measure with, or other machines
    are to train (not `here`), they are taken for typical ones.
    """
    from .packing import typical_rate

    rough = cost_at(runs, device, workers, typical_rate(device), lessons, here)
    if not here:
        return rough
    short = (rough.wall_seconds or 0.0) < CALIBRATE_ABOVE_S and not anew
    if short or all(run.by_solver for run in runs) or not torch_installed():
        return rough
    from .calibration import calibrated

    known = calibrated(device, workers, measuring, anew)
    return replace(cost_at(runs, device, workers, known.rate, lessons), measured_under_load=known.load)


def cost_at(
    runs: Sequence[Run],
    device: str,
    workers: int,
    rate: Rate | GpuRate,
    lessons: Sequence[Sequence[Run]] = (),
    here: bool = True,
) -> Cost:
    """Packs of `runs`, and what they cost at a known rate; students wait for all teachers, which is the worst case.

    Packs fit into this machine's memory, or, not `here`, are fitted into that of the machine that trains them.
    """
    from .packing import make_packs, pack_of, predicted_bytes, predicted_seconds

    free = None if not here else free_bytes(workers) if device == "cpu" else free_gpu_bytes()
    packs = make_packs(runs, workers=workers, memory_bytes=free, device=device, rate=rate)
    seconds = tuple(predicted_seconds(pack, rate) for pack in packs)
    taught = tuple(predicted_seconds(pack_of(one, TEACHERS_ABREAST), rate) for one in lessons)
    return Cost(
        packs=packs,
        pack_seconds=seconds,
        run_seconds={key: s for pack, total in zip(packs, seconds) for key, s in shares(pack, total).items()},
        wall_seconds=makespan(taught, workers) + makespan(seconds, workers) + (START_S if packs else 0.0),
        memory_bytes=sum(sorted((predicted_bytes(pack, device) for pack in packs), reverse=True)[:workers]),
        workers=min(workers, len(packs)),
        teacher_seconds=taught,
    )


def cost_elsewhere(runs: Sequence[Run], seconds: Mapping[str, float], workers: int) -> Cost:
    """The cost of runs that a trainer of the person's own trains, the longest first; memory is its own.

    Each is a pack, or, of more than MOST_PACKS, they are dealt out to so many. `seconds` are those of each run by key,
    or none where nothing tells.
    """
    ordered = sorted(runs, key=lambda run: (-seconds.get(run.key, run.flops), run.key))
    number = min(len(ordered), MOST_PACKS)
    hands = [tuple(ordered[place::number]) for place in range(number)]
    each = tuple(sum(seconds[run.key] for run in hand) if seconds else None for hand in hands)
    return Cost(
        packs=tuple(Pack(digest([run.key for run in hand]), hand, 1) for hand in hands),
        pack_seconds=each,
        run_seconds=dict(seconds),
        wall_seconds=makespan([s for s in each if s is not None], workers) if seconds else None,
        memory_bytes=0,
        workers=min(workers, number),
    )


def shares(pack: Pack, seconds: float) -> dict[str, float]:
    """A pack's seconds divided among its runs by their FLOPs; evenly where they spend none."""
    flops = sum(run.flops for run in pack.runs)
    if not flops:
        return {run.key: seconds / len(pack.runs) for run in pack.runs}
    return {run.key: seconds * run.flops / flops for run in pack.runs}


def makespan(seconds: Sequence[float], workers: int) -> float:
    """When the last job ends if each worker takes the next of the list as it becomes free."""
    free = [0.0] * max(1, workers)
    for job in seconds:
        heapq.heappush(free, heapq.heappop(free) + job)
    return max(free)


def free_bytes(workers: int) -> int | None:
    """Memory a worker may use: its part of what the machine has and its container or job may take, less a tenth; None
    where the system says neither.
    """
    try:
        with open("/proc/meminfo") as file:
            lines = dict(line.split(":", 1) for line in file)
        available = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, LookupError):
        available = None
    left = [found for found in (available, memory_left()) if found is not None]
    return int(min(left) * 0.9 / max(1, workers)) if left else None


def free_gpu_bytes() -> int | None:
    """Memory of a GPU that a pack may fill, a tenth left to the driver and to what fragmentation wastes; None where
    nothing says how much is free.
    """
    free = gpu_memory()
    return None if free is None else int(0.9 * free)


def learn(
    predicted: Mapping[str, float],
    trained: Sequence[Run],
    records: Mapping[str, RunRecord],
    device: str,
    workers: int,
) -> None:
    """Correct this machine's rate by how long `trained` took against what was predicted, where that was long enough.

    Args:
        predicted: Seconds by key.
        trained: Runs that this machine trained now.
        records: Their records by key.
        device: "cpu" or "cuda".
        workers: Packs trained at a time.
    """
    from .calibration import correct

    done = [run.key for run in trained if run.key in records and records[run.key].status == "done"]
    both = sorted(key for key in done if key in predicted)
    expected, actual = sum(predicted[key] for key in both), sum(records[key].seconds for key in both)
    if expected > CALIBRATE_ABOVE_S and actual > 0:
        correct(device, workers, actual / expected)
