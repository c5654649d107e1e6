"""How fast packs train, against the loop a researcher would write: `python -m tests.benchmarks.training`.

Tokens a second, all members counted; a ratio is the median, with quartiles, of alternated measurements in one run. By
default both ways have one core and are measured in CPU seconds, which a busy machine changes little. With `--cores`
both have the whole machine and are measured by the clock: the plain loop as one process with a thread a core, the
engine as a process a core. On a GPU both are one process, by the clock.

    --regime usual     B=32 T=64 V=512 L=2, the shapes of docs/benchmarks.md (default)
    --regime small     B=8 T=32 V=512 L=2, the defaults of a study
    --regime overhead  B=4 T=64 V=512 L=2, 8 members: bound by the number of operations
    --regime paper     B=100 T=50 V=8192 L=2, widths to 2,048, where one model fills a machine
    --kernels KINDS    steps of these kinds, each against the plain loop kept to the same instructions, all in one run:
                       by commas, of avx512, avx2, generic; by default the one that the engine takes here, no limits
    --packs            packs of 1, 2, 4 and 8 against the tuned loop, in place of the plain one
    --variants         other ways of the same: the tuned loop, torch.compile, vmap, JAX where it is installed, packs by
                       torch's operations, against the plain loop
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec

from .measure import Spread, Worker
from .ways import LAYERS, LIMITS, Shape, environment

#: Batch, length, vocabulary, widths, slots (0: as packing chooses).
REGIMES = {
    "usual": (32, 64, 512, (16, 32, 64, 128, 256), 0),
    "small": (8, 32, 512, (16, 32, 64, 128, 256, 512), 0),
    "overhead": (4, 64, 512, (16, 64), 8),
    "paper": (100, 50, 8192, (256, 512, 1024, 2048), 0),
}
PACKS = (1, 2, 4, 8)
#: Ways of `--variants`, and members of the stacked ones.
VARIANTS, STACKED = ("tuned", "compiled", "vmapped", "jax", "torch", "engine"), 4
SIDE_BY_SIDE = ("vmapped", "jax", "engine")


def main() -> None:
    args = arguments()
    batch, length, vocab, widths, slots = REGIMES[args.regime]
    widths = tuple(int(w) for w in args.widths.split(",")) if args.widths else widths
    cores = (os.cpu_count() or 1) if args.cores and args.device == "cpu" else 1
    how = How(args.rounds, args.seconds, args.cores, cores, tuple(args.kernels.split(",")) if args.kernels else ("",))
    where = "one GPU" if args.device == "cuda" else f"{cores} cores" if args.cores else "a core, CPU time"
    print(f"{args.regime}: B={batch} T={length} V={vocab} L={LAYERS}, {where}, {args.rounds} rounds")
    shapes = [
        Shape(w, batch, length, args.slots or slots or chosen(w, batch, length, args.device), args.device, vocab)
        for w in widths
    ]
    table = packs if args.packs else variants if args.variants else against_plain
    table(shapes, how)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regime", choices=REGIMES, default="usual")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="seconds of one measurement")
    parser.add_argument("--slots", type=int, default=0, help="members of a pack; as packing chooses by default")
    parser.add_argument("--widths", default="", help="widths, by commas")
    parser.add_argument("--cores", action="store_true", help="the whole machine, by the clock")
    parser.add_argument("--kernels", default="", help="kinds of compiled steps, by commas")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--packs", action="store_true", help="sizes of packs against the tuned loop")
    what.add_argument("--variants", action="store_true", help="other ways against the plain loop")
    args = parser.parse_args()
    if unknown := [kind for kind in args.kernels.split(",") if kind and kind not in LIMITS]:
        parser.error(f"--kernels takes {', '.join(LIMITS)}, by commas, and not {', '.join(unknown)}")
    if args.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            parser.error("torch finds no GPU here")
    return args


def chosen(width: int, batch: int, length: int, device: str) -> int:
    """Slots that packing gives runs of this shape, where there are enough of them."""
    from scalingdsl.engine.planning.packing import GPU_TOKENS, cpu_slots

    return max(1, GPU_TOKENS // (batch * length)) if device == "cuda" else cpu_slots(width, batch * length)


@dataclass(frozen=True)
class How:
    """How a table is measured."""

    rounds: int
    seconds: float
    wall: bool
    cores: int
    #: Kinds of compiled steps; an empty name is the engine's own choice.
    kinds: tuple[str, ...] = ("",)


class Team:
    """One way in as many processes as it wants, measured together; `WAY:KIND` keeps it to a kind of vectors."""

    def __init__(self, way: str, how: How, processes: int = 1, threads: int = 1) -> None:
        settings = environment(way)
        self._workers = [
            Worker("tests.benchmarks.ways", way, threads=threads, environment=settings) for _ in range(processes)
        ]
        self._how = how

    def measure(self, shape: Shape) -> dict[str, float]:
        """Rates added up, everything else on average."""
        for worker in self._workers:
            worker.send(shape=asdict(shape), seconds=self._how.seconds, wall=self._how.wall)
        answers = [worker.receive() for worker in self._workers]
        mean = {name: sum(a[name] for a in answers) / len(answers) for name in answers[0]}
        return {**mean, "rate": mean["rate"] * len(answers)}

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


def medians(found: Sequence[dict[str, float]], name: str) -> float:
    """Median of one number of several answers."""
    return Spread.of([answer[name] for answer in found]).median


def ratio(found: Sequence[dict[str, float]], base: Sequence[dict[str, float]]) -> Spread:
    """Rates of one way to those of another, round by round."""
    return Spread.of([a["rate"] / b["rate"] for a, b in zip(found, base)])


# --- the tables -------------------------------------------------------------------------------------------------------


def against_plain(shapes: Sequence[Shape], how: How) -> None:
    """The engine to the plain loop, to the machine's GEMM peak, and the share of its time that data take."""
    teams = {
        kind: (
            Team(f"plain:{kind}" if kind else "plain", how, threads=how.cores),
            Team(f"engine:{kind}" if kind else "engine", how, how.cores),
        )
        for kind in how.kinds
    }
    print(
        "| width | kernels | slots | plain tok/s | engine tok/s | ratio (quartiles) | engine GF/s a core | of peak "
        "| data |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for shape in shapes:
        one = Shape(**{**asdict(shape), "slots": 1})
        found: dict[str, tuple[list[dict[str, float]], ...]] = {kind: ([], []) for kind in how.kinds}
        for _ in range(how.rounds):
            for kind, (plain, engine) in teams.items():
                found[kind][0].append(plain.measure(one))
                found[kind][1].append(engine.measure(shape))
        for kind, (a, b) in found.items():
            speed = medians(b, "rate") * shape.flops_per_token / how.cores
            cells = (
                f"{shape.width} | {kind or 'chosen'} | {shape.slots} | {medians(a, 'rate'):,.0f}",
                f"{medians(b, 'rate'):,.0f} | {ratio(b, a)}",
                f"{speed / 1e9:.0f} | {speed / medians(b, 'peak'):.0%} | {medians(b, 'drawing'):.1%}",
            )
            print(f"| {' | '.join(cells)} |", flush=True)
    for team in (team for pair in teams.values() for team in pair):
        team.close()


def packs(shapes: Sequence[Shape], how: How) -> None:
    """Packs of several sizes to the tuned loop on one model."""
    tuned, engines = Team("tuned", how), {slots: Team("engine", how) for slots in PACKS}
    print(f"| width | tuned tok/s | {' | '.join(f'pack of {slots}' for slots in PACKS)} |")
    print(f"|---|---|{'---|' * len(PACKS)}")
    for shape in shapes:
        one = Shape(**{**asdict(shape), "slots": 1})
        base: list[dict[str, float]] = []
        found: dict[int, list[dict[str, float]]] = {slots: [] for slots in PACKS}
        for _ in range(how.rounds):
            base.append(tuned.measure(one))
            for slots, team in engines.items():
                found[slots].append(team.measure(Shape(**{**asdict(shape), "slots": slots})))
        ratios = " | ".join(str(ratio(found[slots], base)) for slots in PACKS)
        print(f"| {shape.width} | {medians(base, 'rate'):,.0f} | {ratios} |", flush=True)
    for team in (tuned, *engines.values()):
        team.close()


def variants(shapes: Sequence[Shape], how: How) -> None:
    """Other ways to the plain loop, all on one core; what compiling costs beside them."""
    ways = [way for way in VARIANTS if way != "jax" or find_spec("jax")]
    plain, others = Team("plain", how), {way: Team(way, how) for way in ways}
    heads = [f"{way}, {STACKED} members" if way in SIDE_BY_SIDE else way for way in ways]
    compiled = [way for way in ways if way in ("compiled", "jax")]
    print(
        f"| width | plain tok/s | {' | '.join(heads)} | seconds to compile: {', '.join(compiled)} "
        f"| MB: {', '.join(ways)} |"
    )
    print(f"|---|---|{'---|' * len(ways)}---|---|")
    for shape in shapes:
        one, several = (Shape(**{**asdict(shape), "slots": slots}) for slots in (1, STACKED))
        base: list[dict[str, float]] = []
        found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(how.rounds):
            base.append(plain.measure(one))
            for way, team in others.items():
                found[way].append(team.measure(several if way in SIDE_BY_SIDE else one))
        ratios = " | ".join(str(ratio(found[way], base)) for way in ways)
        memory = ", ".join(f"{medians(found[way], 'rss') / 2**20:.0f}" for way in ways)
        compiling = ", ".join(f"{medians(found[way], 'first'):.0f}" for way in compiled)
        print(f"| {shape.width} | {medians(base, 'rate'):,.0f} | {ratios} | {compiling} | {memory} |", flush=True)
    for team in (plain, *others.values()):
        team.close()


if __name__ == "__main__":
    main()
