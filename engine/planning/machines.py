"""Machines that a study can be costed for without being at hand.

A profile is a data sheet and an assumption. The sheet gives the peak of dense matrix products and the memory; what
share of that peak training reaches is assumed by width, for narrow models are bound by memory traffic and launches and
not by arithmetic. The assumption is shown wherever hours are, and scales them: half the share is twice the hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalingdsl.spec.diagnostics.suggest import near_miss
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.teachers import LanguageModel

if TYPE_CHECKING:
    from scalingdsl.spec.plan.run_grid import Run

TERA, GIGA = 10**12, 10**9
#: (least width, share of the peak assumed): a class holds up to the next one's width. Taken below the ceiling that
#: memory traffic sets, some 300 bytes a layer, feature and token for unfused training in packs, and as 40 % for widths
#: at which well-tuned training of large models is reported to reach that and more.
SHARES = ((1, 0.01), (64, 0.03), (128, 0.06), (256, 0.12), (512, 0.2), (1024, 0.3), (2048, 0.4))
#: Memory left to the driver, the graph and what fragmentation wastes.
USABLE = 0.9


@dataclass(frozen=True)
class Machine:
    """One accelerator."""

    name: str
    about: str
    #: FLOP/s of dense matrix products in each precision of an optimiser.
    peak: Mapping[str, float]
    memory_bytes: int
    source: str
    shares: tuple[tuple[int, float], ...] = SHARES

    def share(self, width: int) -> float:
        """The share of the peak that models of a width are assumed to reach."""
        return max(at for at in self.shares if at[0] <= width)[1]

    def seconds(self, flops: float, width: int, precision: str) -> float:
        """Seconds that this many matmul FLOPs take."""
        return flops / (self.peak[precision] * self.share(width))


_H100_PEAK = {"fp32": 66.9 * TERA, "tf32": 494.7 * TERA, "bf16": 989.4 * TERA}
MACHINES: Mapping[str, Machine] = {
    machine.name: machine
    for machine in (
        Machine(
            "h100",
            "NVIDIA H100 SXM, 80 GB",
            _H100_PEAK,
            80 * GIGA,
            "NVIDIA H100 Tensor Core GPU architecture, table 2, without sparsity",
        ),
        Machine(
            "h200",
            "NVIDIA H200 SXM, 141 GB",
            _H100_PEAK,
            141 * GIGA,
            "NVIDIA H200 data sheet, without sparsity",
        ),
        Machine(
            "a100",
            "NVIDIA A100 SXM, 80 GB",
            {"fp32": 19.5 * TERA, "tf32": 156 * TERA, "bf16": 312 * TERA},
            80 * GIGA,
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
    #: Seconds of the study's own runs by width, and of the teachers that must be trained before them.
    by_width: Mapping[int, float]
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
    """The cost of `runs` by their exact matmul FLOPs; evaluation and sampling from teachers are not counted."""
    from .packing import make_packs, predicted_bytes

    by_width: dict[int, float] = defaultdict(float)
    for run in runs:
        width = run.model.features
        by_width[width] += machine.seconds(run.flops, width, precision_of(run))
    usable = int(USABLE * machine.memory_bytes)
    packs = make_packs(runs, workers=1, memory_bytes=usable, device="cuda") if runs else ()
    return Estimate(
        machine=machine,
        precisions=tuple(sorted({precision_of(run) for run in runs})),
        by_width=dict(sorted(by_width.items())),
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
    a_rate = term.tokens * term.model.flops_per_token(term.text.vocab, term.text.length)
    return len(term.tried) * machine.seconds(a_rate, term.width, "fp32")
