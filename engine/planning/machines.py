"""Machines that a study can be costed for without being at hand.

A profile is a data sheet: the peak of dense matrix products, the memory and how fast it is read. Seconds follow from
what the packs that it would train ask of it (`gpu_rate`), of which nothing is measured; the share of the peak that
comes of it is shown wherever hours are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalingdsl.spec.diagnostics.suggest import near_miss
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.teachers import LanguageModel

from ..pack import TEACHERS_ABREAST
from .gpu_rate import GpuRate, step_work

if TYPE_CHECKING:
    from scalingdsl.spec.plan.run_grid import Run

TERA, GIGA = 10**12, 10**9
#: Memory left to the driver, the graph and what fragmentation wastes.
USABLE = 0.9


@dataclass(frozen=True)
class Machine:
    """One accelerator."""

    name: str
    about: str
    #: FLOP/s of dense matrix products in each precision of an optimiser.
    peak: Mapping[str, float]
    #: Bytes of memory, and bytes a second that it is read at.
    memory_bytes: int
    bandwidth: float
    source: str

    @property
    def rate(self) -> GpuRate:
        """How fast it is taken to train."""
        return GpuRate.of(self.bandwidth, self.peak)


_H100_PEAK = {"fp32": 66.9 * TERA, "tf32": 494.7 * TERA, "bf16": 989.4 * TERA}
MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(
            "h100",
            "NVIDIA H100 SXM, 80 GB",
            _H100_PEAK,
            80 * GIGA,
            3.35 * TERA,
            "NVIDIA H100 Tensor Core GPU architecture, table 2, without sparsity",
        ),
        Machine(
            "h200",
            "NVIDIA H200 SXM, 141 GB",
            _H100_PEAK,
            141 * GIGA,
            4.8 * TERA,
            "NVIDIA H200 data sheet, without sparsity",
        ),
        Machine(
            "a100",
            "NVIDIA A100 SXM, 80 GB",
            {"fp32": 19.5 * TERA, "tf32": 156 * TERA, "bf16": 312 * TERA},
            80 * GIGA,
            2.039 * TERA,
            "NVIDIA A100 data sheet, without sparsity",
        ),
    )
}


def machine_named(name: str) -> Machine:
    """The profile of a name; `LookupError` with what there is, and what may have been meant."""
    found = MACHINES.get(name.lower())
    if found is None:
        raise LookupError(f"no machine {name!r} among {', '.join(MACHINES)}{near_miss(name.lower(), MACHINES)}")
    return found


@dataclass(frozen=True)
class Estimate:
    """The cost of a study on a machine."""

    machine: Machine
    precisions: tuple[str, ...]
    #: Seconds of the study's own runs by width, the share of the peak that this is, and seconds of the teachers that
    #: must be trained before them.
    by_width: Mapping[int, float]
    shares: Mapping[int, float]
    teachers: float
    #: Bytes of the largest pack, and the runs in the widest.
    memory_bytes: int
    side: int

    @property
    def wall_seconds(self) -> float:
        """Seconds of one such machine for everything."""
        return sum(self.by_width.values()) + self.teachers

    @property
    def fits(self) -> bool:
        """True if the largest model fits."""
        return self.memory_bytes <= self.machine.memory_bytes


def estimate(runs: Sequence[Run], machine: Machine) -> Estimate:
    """The cost of `runs` in packs that fit; sampling from teachers is not counted."""
    from .packing import make_packs, predicted_bytes, predicted_seconds

    usable, rate = int(USABLE * machine.memory_bytes), machine.rate
    packs = make_packs(runs, workers=1, memory_bytes=usable, device="cuda", rate=rate) if runs else ()
    seconds: dict[int, float] = defaultdict(float)
    at_peak: dict[int, float] = defaultdict(float)
    for pack in packs:
        width = pack.runs[0].model.features
        seconds[width] += predicted_seconds(pack, rate)
        at_peak[width] += sum(run.flops / machine.peak[precision_of(run)] for run in pack.runs)
    return Estimate(
        machine=machine,
        precisions=tuple(sorted({precision_of(run) for run in runs})),
        by_width=dict(sorted(seconds.items())),
        shares={width: at_peak[width] / seconds[width] for width in sorted(seconds)},
        teachers=sum(teacher_seconds(term, machine) for term in teachers_of(runs)),
        memory_bytes=max((predicted_bytes(pack, "cuda") for pack in packs), default=0),
        side=max((pack.slots for pack in packs), default=0),
    )


def precision_of(run: Run) -> str:
    """The arithmetic of a run's matrix products."""
    return run.stepping.precision if run.model.trained else "fp32"


def teachers_of(runs: Sequence[Run]) -> tuple[LanguageModel, ...]:
    """Each teacher whose sequences some run reads, once, and before it those that taught it."""
    sources = dict.fromkeys(run.source for run in runs)
    return tuple(dict.fromkeys(teacher for source in sources for teacher in _teachers_in(source)))


def _teachers_in(term: Term) -> Iterator[LanguageModel]:
    for name in type(term).model_fields:
        if isinstance(value := getattr(term, name), Term):
            yield from _teachers_in(value)
    if isinstance(term, LanguageModel):
        yield term


def teacher_seconds(term: LanguageModel, machine: Machine) -> float:
    """Seconds of training a teacher at every rate that it is tuned over, in fp32 as teachers are."""
    model, vocab, tokens = term.model, term.text.vocab, term.batch * term.text.length
    flops = tokens * model.flops_per_token(vocab, term.text.length)
    cost = model.cost(vocab, term.text.length, term.text.length)
    side = min(TEACHERS_ABREAST, len(term.tried))
    parameters = model.n_total(vocab)
    step = step_work(cost, flops, "fp32", model.width, tokens=tokens, parameters=parameters, slots=side)
    return term.steps * machine.rate.seconds(step) * len(term.tried) / side
