"""How fast packs train, against the loop a researcher would write: `python -m tests.benchmarks.training`.

Tokens per second, all members counted; the ratio is the median, with quartiles, of alternated measurements. By default
both ways have one core and are measured in CPU seconds, which a busy machine changes little. With `--cores` both have
the whole machine and are measured by the clock: the plain loop as one process with a thread a core, the engine as a
process a core.

    --regime usual     B=32 T=64 V=512, the shapes of docs/benchmarks.md (default)
    --regime small     B=8 T=32 V=512, the defaults of a study
    --regime overhead  B=4 T=64 V=512, 8 members: bound by the number of operations
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from .measure import Spread, Worker

#: Batch, length, widths, slots (0: as packing chooses).
REGIMES = {
    "usual": (32, 64, (16, 32, 64, 128, 256), 0),
    "small": (8, 32, (16, 32, 64, 128, 256, 512), 0),
    "overhead": (4, 64, (16, 64), 8),
}
VOCAB, LAYERS = 512, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regime", choices=REGIMES, default="usual")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="seconds of one measurement")
    parser.add_argument("--slots", type=int, default=0, help="members of a pack; as packing chooses by default")
    parser.add_argument("--widths", default="", help="widths, by commas")
    parser.add_argument("--cores", action="store_true", help="the whole machine, by the clock")
    parser.add_argument("--serve", choices=("plain", "engine"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return
    batch, length, widths, usual_slots = REGIMES[args.regime]
    widths = tuple(int(w) for w in args.widths.split(",")) if args.widths else widths
    cores = os.cpu_count() or 1 if args.cores else 1
    plain = Worker("tests.benchmarks.training", "--serve", "plain", threads=cores)
    engine = [Worker("tests.benchmarks.training", "--serve", "engine") for _ in range(cores)]
    print(f"{args.regime}: B={batch} T={length} V={VOCAB} L={LAYERS}, {cores} cores, {args.rounds} rounds")
    print("| width | slots | plain tok/s | engine tok/s | ratio (quartiles) | engine GF/s a core | of GEMM peak |")
    print("|---|---|---|---|---|---|---|")
    for width in widths:
        slots = args.slots or usual_slots or chosen_slots(width, batch, length)
        shape = {"width": width, "batch": batch, "length": length, "seconds": args.seconds, "clock": args.cores}
        plains, engines, peaks = [], [], []
        for _ in range(args.rounds):
            plains.append(plain.ask(**shape, slots=1)["rate"])
            for worker in engine:
                worker.send(**shape, slots=slots)
            answers = [worker.receive() for worker in engine]
            engines.append(sum(answer["rate"] for answer in answers))
            peaks += [answer["peak"] for answer in answers]
        ratio = Spread.of([e / p for p, e in zip(plains, engines)])
        a, b = Spread.of(plains).median, Spread.of(engines).median
        speed = b * flops_per_token(width, length) / cores
        share = speed / Spread.of(peaks).median
        print(f"| {width} | {slots} | {a:,.0f} | {b:,.0f} | {ratio} | {speed / 1e9:.0f} | {share:.0%} |", flush=True)
    for worker in (plain, *engine):
        worker.close()


def chosen_slots(width: int, batch: int, length: int) -> int:
    """Slots that packing gives sixteen runs of this shape."""
    from scalingdsl.engine.packing import cpu_slots

    return cpu_slots(width, batch * length)


# --- the two workers --------------------------------------------------------------------------------------------------


def serve(way: str) -> None:
    """Answer measurements on stdin until it ends."""
    steps: dict[str, Callable[[], None]] = {}
    if way == "engine":
        from scalingdsl.engine.train import cpu

        cpu.prepare(threads=1)
    for line in sys.stdin:
        ask: dict[str, Any] = json.loads(line)
        seconds = ask.pop("seconds")
        now = time.perf_counter if ask.pop("clock") else time.process_time
        name = json.dumps(ask, sort_keys=True)
        if name not in steps:
            steps.clear()
            steps[name] = plain_step(**ask) if way == "plain" else engine_step(**ask)
            timed(steps[name], seconds / 4, now)
        each = timed(steps[name], seconds, now)
        answer = {"rate": ask["slots"] * ask["batch"] * ask["length"] / each}
        if way == "engine":
            answer["peak"] = gemm_peak(now)
        print(json.dumps(answer), flush=True)


def timed(step: Callable[[], None], seconds: float, now: Callable[[], float]) -> float:
    """Seconds of one step."""
    begun, count = now(), 0
    while now() - begun < seconds or count < 2:
        step()
        count += 1
    return (now() - begun) / count


def plain_step(width: int, batch: int, length: int, slots: int) -> Callable[[], None]:
    import torch

    from .nanogpt import GPT, train_step

    torch.manual_seed(0)
    net = GPT(VOCAB, width, LAYERS, max(1, width // 64), length)
    opt = net.optimiser(1e-3)
    data = torch.randint(VOCAB, (8, batch, length + 1))
    turn = iter(range(1 << 60))
    return lambda: train_step(net, opt, data[next(turn) % 8])


def engine_step(width: int, batch: int, length: int, slots: int) -> Callable[[], None]:
    import torch
    from scalingdsl.engine.train.families import family
    from scalingdsl.engine.train.loop import init_generator
    from scalingdsl.engine.train.optimisers import optimiser
    from scalingdsl.engine.train.state import State
    from scalingdsl.spec.vocabulary.families import Transformer
    from scalingdsl.spec.vocabulary.training import AdamW

    model, word = Transformer(width=width, layers=LAYERS), AdamW(batch=batch)
    kind = family(model)
    layout = kind.layout(model, VOCAB)
    state = State(slots, layout.stride, "cpu")
    for row in range(slots):
        layout.init_(state.params[row], init_generator(row))
    stack = kind.stack(model, VOCAB, length, batch, state.params, state.grads, "fp32")
    update = optimiser(word, layout, state)
    tokens = torch.randint(VOCAB, (8, slots, batch, length + 1))
    turn = iter(range(1 << 60))
    with torch.no_grad():
        chunk = stack.chunk(tokens)

    def step() -> None:
        with torch.no_grad():
            stack.step(chunk, next(turn) % 8)
            update.step([word] * slots, [1e-3] * slots)

    return step


def flops_per_token(width: int, length: int) -> int:
    """Matmul FLOPs of one trained token."""
    from scalingdsl.spec.vocabulary.families import Transformer

    return Transformer(width=width, layers=LAYERS).flops_per_token(VOCAB, length)


def gemm_peak(now: Callable[[], float], size: int = 1024) -> float:
    """FLOP a second of the faster of the two fp32 GEMMs on large squares."""
    import torch

    a, b, c = (torch.randn(size, size) for _ in range(3))
    switch: Any = torch.backends.mkldnn.matmul
    before, best = switch.fp32_precision, 0.0
    for mode in (before, "bf16"):
        switch.fp32_precision = mode
        torch.mm(a, b, out=c)
        begun = now()
        for _ in range(4):
            torch.mm(a, b, out=c)
        best = max(best, 4 * 2 * size**3 / (now() - begun))
    switch.fp32_precision = before
    return best


if __name__ == "__main__":
    main()
