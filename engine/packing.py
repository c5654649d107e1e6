"""From runs to packs: what can be trained as one model, how many at once, and what that will cost.

Runs of one shape, source, batch, length, optimiser and precision stack; seeds, rates, decays, schedules and token
budgets may differ. Different widths never share a pack: padding would waste more than it saves. A pack has as many
*slots* as are trained at once; its other runs wait, longest first, and take the row of a run that has ended.

Nothing here needs torch: `plan` asks these functions too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from scalingdsl.spec.digest import digest
from scalingdsl.spec.plan import Run
from scalingdsl.spec.vocabulary.base import Term

FLOAT = 4
#: Tokens that one step of a pack should have on a CPU: beyond this, stacking more models saves no more overhead.
CPU_TOKENS = 2048
#: Slots on a CPU at most.
CPU_SLOTS = 8
#: Tokens that one step of a pack should have on a GPU.
GPU_TOKENS = 262_144


@dataclass(frozen=True)
class Pack:
    """Runs trained together, longest predicted first, `slots` at a time."""

    key: str
    runs: tuple[Run, ...]
    slots: int


@dataclass(frozen=True)
class Rate:
    """How fast a machine trains, on one worker.

    A step of a pack takes `operation` seconds for each of its operations, `flop` for each matmul FLOP, `element` for
    each element of an activation or a logit, and `parameter` for each parameter the optimiser updates.
    """

    operation: float = 5e-6
    flop: float = 1 / 70e9
    element: float = 1.2e-9
    parameter: float = 1.2e-9


DEFAULT_RATE = Rate()


def pack_class(run: Run) -> tuple[object, ...]:
    """What runs must share to be stacked."""
    return (
        run.source,
        run.model,
        type(run.optimiser).word,
        getattr(run.optimiser, "batch", 1),
        getattr(run.optimiser, "precision", "fp32"),
    )


def make_packs(
    runs: Sequence[Run],
    *,
    workers: int,
    memory_bytes: int | None = None,
    device: str = "cpu",
    rate: Rate = DEFAULT_RATE,
) -> tuple[Pack, ...]:
    """Packs of `runs` for `workers` processes, longest predicted first.

    A class of runs is cut into several packs where one would keep a worker busy after the others are done: no pack is
    predicted to take more than a quarter of a worker's share of the whole, unless it has runs for one slot only.
    """
    classes: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    for run in runs:
        classes[pack_class(run)].append(run)
    total = sum(
        predicted_seconds(_pack(members, _slots(members, memory_bytes, device)), rate) for members in classes.values()
    )
    share = total / workers
    packs: list[Pack] = []
    for members in classes.values():
        slots = _slots(members, memory_bytes, device)
        ordered = sorted(members, key=lambda r: (-run_flops(r), r.key))
        seconds = predicted_seconds(_pack(ordered, slots), rate)
        parts = 1 if workers == 1 else max(1, min(ceil(seconds / (share / 4)), len(ordered) // slots))
        packs += [_pack(ordered[i::parts], slots) for i in range(parts)]
    return tuple(sorted(packs, key=lambda p: (-predicted_seconds(p, rate), p.key)))


def _pack(runs: Iterable[Run], slots: int) -> Pack:
    ordered = tuple(sorted(runs, key=lambda r: (-run_flops(r), r.key)))
    return Pack(digest([r.key for r in ordered]), ordered, max(1, min(slots, len(ordered))))


def _slots(runs: Sequence[Run], memory_bytes: int | None, device: str) -> int:
    """How many of these runs to train at once."""
    tokens = run_tokens(runs[0])
    wanted = GPU_TOKENS // tokens if device == "cuda" else cpu_slots(_shape(runs[0])[0], tokens)
    slots = max(1, min(len(runs), wanted))
    if memory_bytes is not None:
        slots = max(1, min(slots, memory_bytes // bytes_per_slot(runs[0])))
    return slots


def cpu_slots(width: int, tokens: int) -> int:
    """How many models of a width, with `tokens` tokens a step each, pay to be stacked on a core."""
    return max(1, min(CPU_SLOTS, CPU_TOKENS // tokens))


# --- costs of one run -------------------------------------------------------------------------------------------------


def run_tokens(run: Run) -> int:
    """Tokens of one step of one run."""
    return max(1, round(run.n_tokens / run.steps))


def branch_steps(run: Run) -> int:
    """Steps of the decay branches that a `wsd` run's marks take beside the run itself."""
    share = getattr(getattr(run.optimiser, "schedule", None), "decay", None)
    return 0 if share is None else sum(max(1, round(share * mark)) for mark in run.marks[:-1])


def run_steps(run: Run) -> int:
    """Steps of a run with its branches."""
    return run.steps + branch_steps(run)


def run_flops(run: Run) -> float:
    """Matmul FLOPs of a run with its branches."""
    return run.flops / run.steps * run_steps(run)


def _shape(run: Run) -> tuple[int, int, int, int, int]:
    """Width, layers, hidden features, vocabulary, length; what a model or a source lacks counts as little."""
    model: Term = run.model
    source: Term = run.source
    width = int(getattr(model, "width", 1))
    layers = int(getattr(model, "layers", 1))
    hidden = int(getattr(model, "hidden", width))
    return width, layers, hidden, int(getattr(source, "vocab", 1)), int(getattr(source, "length", 1))


def bytes_per_slot(run: Run) -> int:
    """Working memory of one row: parameters, gradients, two moments, and activations in closed form.

    Activations, in elements a token: a block keeps 2 (M + M + 1) for its norms, 3M + M for attention and 2F for the
    MLP; the residual, its gradient and scratch take 9M + 3M + F.
    """
    width, layers, hidden, _, _ = _shape(run)
    elements = layers * (8 * width + 2 * hidden + 2) + 12 * width + hidden
    return FLOAT * (4 * run.n_total + run_tokens(run) * elements)


#: Logits at hand at once, as `train/head.py` cuts them, and those of a batch of evaluation in float32 and twice in
#: float64.
HEAD_BYTES = FLOAT * 2**18
EVALUATION_BYTES = 2**20 * (FLOAT + 16)
#: Python, torch and its kernels in one worker, measured.
PROCESS_BYTES = 350 * 2**20


def predicted_bytes(pack: Pack) -> int:
    """Resident memory of the worker that trains this pack."""
    return PROCESS_BYTES + HEAD_BYTES + EVALUATION_BYTES + pack.slots * bytes_per_slot(pack.runs[0])


def step_seconds(run: Run, slots: int, rate: Rate = DEFAULT_RATE) -> float:
    """Seconds of one step of a pack with `slots` rows of runs like this one."""
    width, layers, hidden, vocab, _ = _shape(run)
    tokens = run_tokens(run)
    operations = 30 + 45 * layers + 5 * slots
    elements = tokens * (layers * (24 * width + 5 * hidden) + 12 * width + 2 * vocab)
    each = run.flops / run.steps * rate.flop + elements * rate.element + run.n_total * rate.parameter
    return operations * rate.operation + slots * each


def predicted_seconds(pack: Pack, rate: Rate = DEFAULT_RATE) -> float:
    """Seconds of one worker on this pack, evaluation included.

    Rows are filled longest first as they fall free; once the queue is empty the pack shrinks to the rows still
    training.
    """
    ends = [0] * pack.slots
    for run in pack.runs:
        row = ends.index(min(ends))
        ends[row] += run_steps(run)
    seconds, before = 0.0, 0
    for place, end in enumerate(sorted(ends)):
        seconds += (end - before) * step_seconds(pack.runs[0], pack.slots - place, rate)
        before = end
    return seconds + sum(evaluation_seconds(run, rate) for run in pack.runs)


def evaluation_seconds(run: Run, rate: Rate = DEFAULT_RATE) -> float:
    """Seconds of a run's evaluations: a forward pass and a sum in float64 over the vocabulary at every context."""
    _, _, _, vocab, length = _shape(run)
    contexts = int(getattr(run.source, "eval_walks", 256)) * length
    return max(1, len(run.marks)) * contexts * (run.flops / run.n_tokens / 3 * rate.flop + 6 * vocab * rate.element)
