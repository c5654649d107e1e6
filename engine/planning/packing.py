"""From runs to packs: what can be trained as one model, how many at once, and what that will cost.

Runs of one shape, source, batch, length, optimiser and precision stack; seeds, rates, decays, schedules and token
budgets may differ. Different widths never share a pack: padding would waste more than it saves. A pack has as many
*slots* as are trained at once; its other runs wait, longest first, and take the row of a run that has ended.

Nothing here needs torch: `plan` asks these functions too.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.families import Cost

from ..hardware.block_sizes import CHUNK_TOKENS, CPU_SQUARE, EVALUATION_LOGITS, GPU_SQUARE, HEAD_LOGITS
from ..pack import Pack
from ..point_models import points_cost
from ..train import kernels
from ..train.kernels import gpu
from .gpu_rate import DRAWING_S, TYPICAL_GPU, GpuRate, Work, judging_work, step_work

FLOAT = 4
#: Elements of one activation (tokens times width, all models) up to which stacking more models pays on a CPU, and
#: models at most. Measured on two cores with 256 tokens a model, by torch's operations: 16 models against one are 2.1
#: times as fast at width 16, 8 are 1.3 times as fast at 64, 4 are 1.2 times as fast at 128; more gains nothing.
#: Compiled steps take models in turn and gain a tenth at width 16.
CPU_ELEMENTS, CPU_SLOTS = 2**18, 16
#: Tokens that one step of a pack should have on a GPU.
GPU_TOKENS = 262_144


@dataclass(frozen=True)
class Rate:
    """How fast a processor trains, on one worker.

    A step of a pack takes `operation` seconds for each of its operations, `flop` for each matmul FLOP, `element` for
    each element of an activation or a logit, and `parameter` for each parameter the optimiser updates.
    """

    operation: float = 5e-6
    flop: float = 1 / 70e9
    element: float = 1.2e-9
    parameter: float = 1.2e-9


DEFAULT_RATE = Rate()


def typical_rate(device: str) -> Rate | GpuRate:
    """That of a typical machine with such a device."""
    return TYPICAL_GPU if device == "cuda" else DEFAULT_RATE


def pack_class(run: Run) -> tuple[object, ...]:
    """What runs must share to be stacked; those on points, to share what their source draws for a seed."""
    if run.by_solver:
        drawn = points_cost.source_of(run).drawn if run.on_points else run.source
        return (drawn, type(run.model), run.seed)
    return (run.source, run.model, run.stepping.stacked_by)


def make_packs(
    runs: Sequence[Run],
    *,
    workers: int,
    memory_bytes: int | None = None,
    device: str = "cpu",
    rate: Rate | GpuRate | None = None,
) -> tuple[Pack, ...]:
    """Packs of `runs` for `workers` processes that each take the next one as they fall free, longest predicted first.

    Every class of runs begins as one pack, which is the fastest way to train it on one worker. While the pack that
    would end last can be cut so that all workers are done sooner, it is: stacking saves some time, an idle core costs
    more. Nor does a pack take longer than some minutes where its runs allow, so that whoever joins finds some to take.
    """
    rate = rate or typical_rate(device)
    classes: dict[tuple[object, ...], list[Run]] = defaultdict(list)
    for run in runs:
        classes[pack_class(run)].append(run)
    whole = [_Cut(members, slots_for(members, memory_bytes, device), 1, rate) for members in classes.values()]
    cuts = dict(enumerate(whole))
    stuck: set[int] = set()
    while workers > 1 and len(stuck) < min(len(cuts), MOST_TRIED):
        last, end = _schedule(cuts, workers)
        if end <= BALANCED * sum(cut.total for cut in cuts.values()) / workers:
            break
        longest = max((n for n in cuts if n not in stuck), key=lambda n: (n == last, max(cuts[n].seconds), -n))
        finer = cuts[longest].finer()
        if finer is None or _schedule({**cuts, longest: finer}, workers)[1] >= end:
            stuck.add(longest)
        else:
            cuts[longest] = finer
            stuck.clear()
    for n, cut in list(cuts.items()):
        while max(cut.seconds) > MOST_PACK_S and cut.full and (parts := cut.finer()) is not None:
            cut = cuts[n] = parts
    packs = [(s, pack) for cut in cuts.values() for s, pack in zip(cut.seconds, cut.packs)]
    return tuple(pack for _, pack in sorted(packs, key=lambda item: (-item[0], item[1].key)))


#: How much later than perfectly shared work the last worker may end before packs are cut: stacking is worth this much.
BALANCED = 1.05
#: Classes that are cut in vain before all are left as they are; of thousands, few are worth a try.
MOST_TRIED = 100
#: Seconds that a pack takes at most where it has runs enough to fill its slots more than once.
MOST_PACK_S = 1200.0


class _Cut:
    """One class of runs as `parts` packs of about equal cost."""

    def __init__(self, runs: Sequence[Run], slots: int, parts: int, rate: Rate | GpuRate) -> None:
        self._runs, self._slots, self._parts, self._rate = runs, slots, parts, rate
        loads: list[list[Run]] = [[] for _ in range(parts)]
        free = [(0.0, n) for n in range(parts)]
        for run in sorted(runs, key=lambda r: (-run_flops(r), r.key)):
            load, n = heapq.heappop(free)
            loads[n].append(run)
            heapq.heappush(free, (load + run_flops(run), n))
        self.packs = [pack_of(members, slots) for members in loads]
        self.seconds = [predicted_seconds(pack, rate) for pack in self.packs]
        self.total = sum(self.seconds)

    @property
    def full(self) -> bool:
        """True if each of its packs has runs that wait for a slot."""
        return all(len(pack.runs) > pack.slots for pack in self.packs)

    def finer(self) -> _Cut | None:
        """The same runs in more packs, or None where every run has its own, or all would draw the same data again."""
        if self._runs[0].by_solver:
            return None
        parts = min(len(self._runs), self._parts + max(1, self._parts // 2))
        return None if parts == self._parts else _Cut(self._runs, self._slots, parts, self._rate)


def _schedule(cuts: Mapping[int, _Cut], workers: int) -> tuple[int, float]:
    """Which class ends last, and when, if free workers take the longest pack left."""
    free = [0.0] * workers
    last, end = 0, 0.0
    for seconds, n in sorted(((s, n) for n, cut in cuts.items() for s in cut.seconds), reverse=True):
        done = heapq.heappop(free) + seconds
        heapq.heappush(free, done)
        if done > end:
            last, end = n, done
    return last, end


def pack_of(runs: Iterable[Run], slots: int) -> Pack:
    """A pack of these runs, at most `slots` of them at a time."""
    ordered = tuple(sorted(runs, key=lambda r: (-run_flops(r), r.key)))
    return Pack(digest([r.key for r in ordered]), ordered, max(1, min(slots, len(ordered))))


def slots_for(runs: Sequence[Run], memory_bytes: int | None, device: str) -> int:
    """How many runs of one class to train at once."""
    if runs[0].by_solver:
        return 1
    tokens = run_tokens(runs[0])
    wanted = GPU_TOKENS // tokens if device == "cuda" else cpu_slots(runs[0].model.features, tokens)
    if memory_bytes is not None:
        wanted = min(wanted, (memory_bytes - fixed_bytes(runs[0], device)) // bytes_per_slot(runs[0], device))
    return max(1, min(len(runs), wanted))


def cpu_slots(width: int, tokens: int) -> int:
    """How many models of a width, with `tokens` tokens a step each, pay to be stacked on a core."""
    return max(1, min(CPU_SLOTS, CPU_ELEMENTS // (tokens * width)))


# --- costs of one run -------------------------------------------------------------------------------------------------


def run_tokens(run: Run) -> int:
    """Tokens of one step of one run."""
    return max(1, round(run.n_tokens / run.steps))


def branch_steps(run: Run) -> int:
    """Steps of the decay branches that a `wsd` run's marks take beside the run itself."""
    share = run.stepping.schedule.decayed if run.marks else 0.0
    return sum(max(1, round(share * mark)) for mark in run.marks[:-1]) if share else 0


def run_steps(run: Run) -> int:
    """Steps of a run with its branches."""
    return run.steps + branch_steps(run)


def run_flops(run: Run) -> float:
    """Matmul FLOPs of a run with its branches."""
    return run.flops / run.steps * run_steps(run)


def _cost(run: Run, device: str = "cpu") -> Cost:
    """What a step costs beside its matmul FLOPs."""
    source = run.sequences
    if _by_triton(run, device):
        return gpu.cost(run.model, source.vocab)
    square = CPU_SQUARE if device == "cpu" else source.length if source.length <= GPU_SQUARE else 0
    return run.model.cost(source.vocab, source.length, square)


def _by_triton(run: Run, device: str) -> bool:
    """True if a run's steps on a device would be Triton's."""
    return device == "cuda" and kernels.prefers_triton() and gpu.in_tiles(run.model, run.sequences.length)


def bytes_per_slot(run: Run, device: str) -> int:
    """Working memory of one row: parameters, gradients, the optimiser's moments, and activations where rows are trained
    side by side; rows of compiled steps share one workspace.

    On a GPU the state is there a second time while a step is recorded, and the largest temporary is a square of scores
    or the MLP's gradient; in bfloat16 matrices and their gradients have narrow copies, and activations, the residual
    and norms apart, take half. Float32 is what is counted: in bfloat16 this is too much, by a third at most.
    """
    kept = run.stepping.state_size(run.n_total, run.model.matrices(run.sequences.vocab))
    row = 2 * run.n_total + kept
    if kernels.workspaces(run, device) is not None:
        return FLOAT * row
    cost = _cost(run, device)
    held = run_tokens(run) * cost.held
    if device == "cpu":
        return FLOAT * (row + cost.copies + held)
    return FLOAT * (row + run.n_total + kept + cost.copies + held + run_tokens(run) * cost.aside)


#: Bytes of a logit in an evaluation: float32 and float64, twice more where sums have temporaries.
JUDGED_BYTES = {"cpu": 12, "cuda": 28}
#: Bytes of a token of a chunk on a GPU, its place among its like included.
TOKEN_BYTES = 12
#: Python, torch, its kernels and a graph in one worker, measured.
PROCESS_BYTES = 290 * 2**20


def predicted_bytes(pack: Pack, device: str) -> int:
    """Resident memory of the worker that trains this pack."""
    if pack.runs[0].by_solver:
        return points_cost.predicted_bytes(pack.runs)
    return fixed_bytes(pack.runs[0], device) + pack.slots * bytes_per_slot(pack.runs[0], device)


def fixed_bytes(run: Run, device: str) -> int:
    """Resident memory of a worker beside the rows in training: the process, what rows share, and evaluation.

    Rows share a block of logits, or the whole workspace of compiled steps. Evaluation has a model of its own and
    activations for a batch of contexts: one block's, the residual and the logits, these in float32 and float64.
    On a GPU several models are evaluated at once, and torch sums in temporaries of their own.
    """
    source = run.sequences
    vocab, walks = source.vocab, source.eval_walks * source.length
    at_once = walks if device == "cpu" else walks * max(1, GPU_TOKENS // run_tokens(run))
    contexts = max(source.length, min(EVALUATION_LOGITS[device] // vocab, at_once))
    compiled = kernels.workspaces(run, device, contexts // source.length)
    limit = HEAD_LOGITS["cpu"] if device == "cpu" else min(HEAD_LOGITS["cuda"], GPU_TOKENS * vocab)
    shared, judging = compiled or (FLOAT * limit, contexts * FLOAT * _cost(run, device).judged)
    judging += FLOAT * run.n_total * max(1, contexts // walks) + contexts * JUDGED_BYTES[device] * vocab
    data = 0 if device == "cpu" else 2 * TOKEN_BYTES * CHUNK_TOKENS[device]
    return PROCESS_BYTES + shared + judging + data


def step_seconds(run: Run, slots: int, rate: Rate | GpuRate = DEFAULT_RATE) -> float:
    """Seconds of one step of a pack with `slots` rows of runs like this one."""
    if isinstance(rate, GpuRate):
        return rate.seconds(gpu_step(run, slots))
    cost = _cost(run)
    elements = run_tokens(run) * cost.elements
    matrices = run.model.matrices(run.sequences.vocab)
    updating = run.stepping.update_seconds(matrices)
    each = run.flops / run.steps * rate.flop + elements * rate.element + run.n_total * rate.parameter
    return (cost.operations + 5 * slots) * rate.operation + slots * (each + updating)


def drawing_seconds(runs: Sequence[Run]) -> float:
    """Seconds of drawing what a pack trains on: once for runs of one seed, and once where it comes again."""
    source = runs[0].sequences
    if not source.draw_seconds:
        return 0.0
    longest: dict[int, int] = {}
    for run in runs:
        longest[run.seed] = max(longest.get(run.seed, 0), min(run.n_tokens, source.distinct or run.n_tokens))
    return source.draw_seconds * sum(longest.values())


def predicted_seconds(pack: Pack, rate: Rate | GpuRate = DEFAULT_RATE) -> float:
    """Seconds of one worker on this pack, evaluation included; with a GPU the host's drawing of first weights too.

    Rows are filled longest first as they fall free; once the queue is empty the pack shrinks to the rows still
    training.
    """
    if pack.runs[0].by_solver:
        return points_cost.predicted_seconds(pack.runs)
    ends = [0] * pack.slots
    for run in pack.runs:
        heapq.heapreplace(ends, ends[0] + run_steps(run))
    seconds, before = 0.0, 0
    for place, end in enumerate(sorted(ends)):
        seconds += (end - before) * step_seconds(pack.runs[0], pack.slots - place, rate)
        before = end
    weights = DRAWING_S * sum(run.n_total for run in pack.runs) if isinstance(rate, GpuRate) else 0.0
    return seconds + weights + drawing_seconds(pack.runs) + sum(evaluation_seconds(run, rate) for run in pack.runs)


def evaluation_seconds(run: Run, rate: Rate | GpuRate = DEFAULT_RATE) -> float:
    """Seconds of a run's evaluations: a forward pass and a sum in float64 over the vocabulary at every context."""
    if isinstance(rate, GpuRate):
        return max(1, len(run.marks)) * rate.seconds(gpu_evaluation(run))
    vocab, contexts = run.sequences.vocab, run.sequences.eval_walks * run.sequences.length
    return max(1, len(run.marks)) * contexts * (run.flops / run.n_tokens / 3 * rate.flop + 9 * vocab * rate.element)


def gpu_step(run: Run, slots: int) -> Work:
    """What a step of a pack with `slots` rows of runs like this one asks of a GPU."""
    matrices = run.model.matrices(run.sequences.vocab)
    cost = _cost(run, "cuda")
    return step_work(
        replace(cost, launches=cost.launches + run.stepping.step_operations(matrices)),
        run.flops / run.steps + run.stepping.step_flops(matrices),
        run.stepping.precision,
        run.model.features,
        tokens=run_tokens(run),
        parameters=run.n_total,
        slots=slots,
        by_triton=_by_triton(run, "cuda"),
        recorded=run.model.repeats and run.stepping.repeats,
    )


def gpu_evaluation(run: Run) -> Work:
    """What an evaluation of a run asks of a GPU."""
    source = run.sequences
    contexts = source.eval_walks * source.length
    return judging_work(
        _cost(run, "cuda"),
        contexts * run.flops / run.n_tokens / 3,
        run.stepping.precision,
        run.model.features,
        contexts=contexts,
        vocab=source.vocab,
        at_once=EVALUATION_LOGITS["cuda"],
    )
