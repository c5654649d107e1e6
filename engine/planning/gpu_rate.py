"""How fast a GPU trains, in closed form of what its steps are made of.

A step is replayed from a graph: every launch takes the device a moment, whatever an operation reads and writes takes
the time of the memory, and a product the longer of that and of its arithmetic. Wide models are bound by arithmetic,
narrow ones by memory, and the smallest packs by launches.

On a machine that is not at hand the shares of the peaks that are reached are assumed; on one that is they are measured
(`calibration`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scalingdsl.spec.vocabulary.words.families import Cost

#: Bytes of a number; products in bfloat16 read and write half.
WIDE, NARROW = 4, 2
#: Seconds of a launch that is replayed, and how much longer one takes that is not.
LAUNCH_S, EAGER = 2e-6, 3
#: Shares of a data sheet's bandwidth and peak that long operations are assumed to reach.
BANDWIDTH_REACHED, PEAK_REACHED = 0.85, 0.8
#: Width at which products reach half of that, by precision: tiles of tensor cores are larger.
HALF_WIDTH = {"fp32": 20, "tf32": 100, "bf16": 100}
#: TF32 products that stand for one in float32 where kernels are Triton's, and the share of a library's that they reach.
TRITON_PRODUCTS, TRITON_REACHED = 3, 0.85
#: Launches of an update, and numbers a parameter that it and what else passes over matrices read and write: torch's and
#: Triton's, counted.
UPDATE, TRITON_UPDATE = (67, 34), (2, 12)
#: Times that products read or write a matrix in a step.
MATRIX_PASSES = 3
#: Passes over V logits of a context in an evaluation, in bytes: float32 once, float64 in sums, gathers and measures.
JUDGING_BYTES = 130
#: Launches of judging a batch, its forward pass left out.
JUDGING_LAUNCHES = 60
#: Seconds a parameter of drawing first weights, on a core of the host.
DRAWING_S = 8e-9


@dataclass(frozen=True)
class Work:
    """What a step or an evaluation of a pack asks of a GPU."""

    launches: float
    #: Bytes that operations beside products read and write, and those of products.
    passed: float
    multiplied: float
    #: Matmul FLOPs, in a precision, of models of a width.
    flops: float
    precision: str
    width: int


@dataclass(frozen=True)
class GpuRate:
    """Seconds of a launch, a byte, and a matmul FLOP of wide models in each precision."""

    launch: float
    byte: float
    fp32: float
    tf32: float
    bf16: float

    @classmethod
    def of(cls, bandwidth: float, peak: Mapping[str, float]) -> GpuRate:
        """That of a data sheet: bytes a second, and FLOP a second by precision."""
        flops = {name: 1 / (PEAK_REACHED * found) for name, found in peak.items()}
        return cls(LAUNCH_S, 1 / (BANDWIDTH_REACHED * bandwidth), **flops)

    def seconds(self, work: Work) -> float:
        """Seconds of some work."""
        flop: float = getattr(self, work.precision)
        products = work.flops * flop * (1 + HALF_WIDTH[work.precision] / work.width)
        return work.launches * self.launch + work.passed * self.byte + max(work.multiplied * self.byte, products)


#: A100 SXM, 80 GB: between what older and what newer GPUs do.
TYPICAL_GPU = GpuRate.of(2.039e12, {"fp32": 19.5e12, "tf32": 156e12, "bf16": 312e12})


def step_work(
    cost: Cost,
    flops: float,
    precision: str,
    width: int,
    *,
    tokens: int,
    parameters: int,
    slots: int,
    by_triton: bool = False,
    recorded: bool = True,
) -> Work:
    """One step of `slots` models of so many parameters, which read `tokens` tokens and spend `flops` FLOPs each."""
    narrow = NARROW if precision == "bf16" else WIDE
    if by_triton:
        flops /= TRITON_REACHED
        if precision == "fp32":
            precision, flops = "tf32", TRITON_PRODUCTS * flops
    launches, passes = TRITON_UPDATE if by_triton else UPDATE
    return Work(
        launches=(cost.launches + launches) * (1 if recorded else EAGER * slots),
        passed=slots * WIDE * (tokens * cost.passed + passes * parameters),
        multiplied=slots * narrow * (tokens * cost.multiplied + MATRIX_PASSES * parameters),
        flops=slots * flops,
        precision=precision,
        width=width,
    )


def judging_work(
    cost: Cost, flops: float, precision: str, width: int, *, contexts: int, vocab: int, at_once: int
) -> Work:
    """One evaluation of a model, of `flops` FLOPs, in batches of `at_once` logits of one model or several."""
    logits = contexts * vocab
    return Work(
        launches=EAGER * (cost.launches / 3 + JUDGING_LAUNCHES) * logits / at_once,
        passed=WIDE * contexts * cost.passed / 3 + JUDGING_BYTES * logits,
        multiplied=WIDE * contexts * cost.multiplied / 3,
        flops=flops,
        precision=precision,
        width=width,
    )
