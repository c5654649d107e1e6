"""How fast packs train, against the loop a researcher would write: `python -m tests.benchmarks.training`.

Tokens per CPU second on one core, all members counted; the ratio is the median, with quartiles, of alternated
measurements.

    --regime usual     B=32 T=64 V=512, the shapes of docs/benchmarks.md (default)
    --regime small     B=8 T=32 V=512, the defaults of a study
    --regime overhead  B=4 T=64 V=512, width 16: bound by the number of operations
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from .measure import Spread, Worker

REGIMES = {
    "usual": (32, 64, (16, 32, 64, 128, 256)),
    "small": (8, 32, (16, 32, 64, 128, 256, 512)),
    "overhead": (4, 64, (16, 64)),
}
VOCAB, LAYERS = 512, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regime", choices=REGIMES, default="usual")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="CPU seconds of one measurement")
    parser.add_argument("--slots", type=int, default=0, help="members of a pack; as packing chooses by default")
    parser.add_argument("--widths", default="", help="widths, by commas")
    parser.add_argument("--serve", choices=("plain", "engine"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.serve)
        return
    batch, length, widths = REGIMES[args.regime]
    widths = tuple(int(w) for w in args.widths.split(",")) if args.widths else widths
    plain, engine = (Worker("tests.benchmarks.training", "--serve", way) for way in ("plain", "engine"))
    print(f"{args.regime}: B={batch} T={length} V={VOCAB} L={LAYERS}, {args.rounds} rounds")
    print("| width | slots | plain tok/s | engine tok/s | ratio (quartiles) | engine GF/s | of GEMM peak |")
    print("|---|---|---|---|---|---|---|")
    for width in widths:
        slots = args.slots or chosen_slots(width, batch, length)
        shape = {"width": width, "batch": batch, "length": length, "seconds": args.seconds}
        rounds = [(plain.ask(**shape, slots=1), engine.ask(**shape, slots=slots)) for _ in range(args.rounds)]
        ratio = Spread.of([e["rate"] / p["rate"] for p, e in rounds])
        a, b = (Spread.of([r[i]["rate"] for r in rounds]).median for i in (0, 1))
        flops = b * rounds[0][1]["flops_per_token"]
        peak = Spread.of([e["peak"] for _, e in rounds]).median
        print(
            f"| {width} | {slots} | {a:,.0f} | {b:,.0f} | {ratio} | {flops / 1e9:.0f} | {flops / peak:.0%} |",
            flush=True,
        )
    plain.close()
    engine.close()


def chosen_slots(width: int, batch: int, length: int) -> int:
    """Slots that packing gives sixteen runs of this shape."""
    from scalingdsl.engine.packing import cpu_slots

    return cpu_slots(width, batch * length)


# --- the two workers --------------------------------------------------------------------------------------------------


def serve(way: str) -> None:
    """Answer measurements on stdin until it ends."""
    steps: dict[str, object] = {}
    if way == "engine":
        from scalingdsl.engine.train import cpu

        cpu.prepare(threads=1)
    for line in sys.stdin:
        ask = json.loads(line)
        seconds = ask.pop("seconds")
        name = json.dumps(ask, sort_keys=True)
        if name not in steps:
            steps.clear()
            steps[name] = plain_step(**ask) if way == "plain" else engine_step(**ask)
            timed(steps[name], seconds / 4)
        each = timed(steps[name], seconds)
        tokens = ask["slots"] * ask["batch"] * ask["length"]
        answer = {"rate": tokens / each}
        if way == "engine":
            answer |= {"flops_per_token": flops_per_token(**ask), "peak": gemm_peak()}
        print(json.dumps(answer), flush=True)


def timed(step: object, seconds: float) -> float:
    """CPU seconds of one step."""
    begun, count = time.process_time(), 0
    while time.process_time() - begun < seconds or count < 2:
        step()
        count += 1
    return (time.process_time() - begun) / count


def plain_step(width: int, batch: int, length: int, slots: int) -> object:
    import torch

    from .nanogpt import GPT, train_step

    torch.manual_seed(0)
    net = GPT(VOCAB, width, LAYERS, max(1, width // 64), length)
    opt = net.optimiser(1e-3)
    data = torch.randint(VOCAB, (8, batch, length + 1))
    turn = iter(range(1 << 60))
    return lambda: train_step(net, opt, data[next(turn) % 8])


def engine_step(width: int, batch: int, length: int, slots: int) -> object:
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


def flops_per_token(width: int, batch: int, length: int, slots: int) -> int:
    from scalingdsl.spec.vocabulary.families import Transformer

    return Transformer(width=width, layers=LAYERS).flops_per_token(VOCAB, length)


def gemm_peak(size: int = 1024) -> float:
    """FLOP a CPU second of the faster of the two fp32 GEMMs on a large square."""
    import torch

    a, b, c = (torch.randn(size, size) for _ in range(3))
    best = 0.0
    for mode in ("ieee", "bf16"):
        torch.backends.mkldnn.matmul.fp32_precision = mode
        torch.mm(a, b, out=c)
        begun = time.process_time()
        for _ in range(4):
            torch.mm(a, b, out=c)
        best = max(best, 4 * 2 * size**3 / (time.process_time() - begun))
    torch.backends.mkldnn.matmul.fp32_precision = "ieee"
    return best


if __name__ == "__main__":
    main()
