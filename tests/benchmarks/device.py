"""What a GPU makes of the engine, in at most six minutes of an H200: whether it is right, how fast, how well foretold.

    python -m tests.benchmarks.device [--seconds 330] [--only probes,bits] [--out FOLDER]
    python -m tests.benchmarks.device --device cpu      all of it at tiny sizes on a CPU, to see that it works

First it asks what the GPU can do: products, captures, Triton's compiler, walks, agreement with the CPU, bits of packs.
Then it measures: an eager loop against packs by torch's steps and by Triton's; at the size of a paper's models eager,
compiled and graphed single models too; time, memory and evaluations against what `plan` says of them. Each fact is a
line, `ok`, `BAD` or `note` first; whatever fails is told, and the rest goes on. At the end all of it is one table, and,
with `--out` or the environment variable OUT, `device.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.train import cpu_settings, training_loop
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

from .device_packs import LAYERS, Cell, Found, measured, runs_of, stepping, warm_command
from .single_model import factors, single

#: Tokens of a step of a pack in the table, and slots at most: what packing gives where memory allows.
TOKENS, SLOTS = 262_144, 1024
#: Largest difference of losses after some steps from those of the CPU.
CLOSE = {"fp32": 1e-5, "tf32": 1e-2, "bf16": 1e-2}
#: What the time of steps and the memory of packs may be off by.
FORETOLD = 0.25


@dataclass(frozen=True)
class Sizes:
    """How much is asked of a device."""

    device: str
    #: Seconds of one measurement, and of one timing.
    seconds: float
    timing: float
    #: Cells of the table, those of a paper's models, and single models of these by the way they are trained.
    cells: tuple[Cell, ...]
    paper: tuple[Cell, ...]
    ways: tuple[str, ...]
    precisions: tuple[str, ...]
    #: Side of a square product, numbers of a copy, sequences of walks.
    side: int
    numbers: int
    walks: int


def sizes(device: str) -> Sizes:
    """A GPU's, or such that a CPU is through in a moment."""
    if device != "cuda":
        small = Cell(8, 2, 4, 12, slots=2)
        return Sizes(
            device, 0.0, 0.0, (small,), (replace(small, length=6),), ("eager",), ("fp32", "bf16"), 64, 4096, 20
        )
    kinds = ("triton", "torch") if find_spec("triton") else ("torch",)
    usual = [
        _filled(Cell(width, 32, 64, 512, precision, steps))
        for precision in ("fp32", "tf32", "bf16")
        for width in (64, 256, 16, 512, 128, 32)
        for steps in kinds
    ]
    small = [_filled(Cell(width, 8, 32, 512, "fp32", steps)) for width in (16, 64, 256) for steps in kinds]
    paper = [
        _filled(Cell(width, 100, 50, 8192, precision, steps))
        for precision, widths in (("tf32", (512, 2048, 1024)), ("bf16", (2048,)))
        for width in widths
        for steps in kinds
    ]
    ways = ("eager", "compiled", "graphed")
    return Sizes(device, 0.5, 0.15, (*usual, *small), tuple(paper), ways, ("fp32", "tf32", "bf16"), 8192, 2**28, 50_000)


def _filled(cell: Cell) -> Cell:
    """As many slots as fill a GPU, and of wide models as many as it takes to see whether packing loses."""
    most = 8 if cell.width >= 1024 else 128 if cell.width >= 512 else SLOTS
    return replace(cell, slots=max(1, min(most, TOKENS // cell.tokens)))


class Check:
    """Facts as they come, how long there is left, and the table's rows."""

    def __init__(self, size: Sizes, seconds: float, out: Path | None) -> None:
        self.size, self._out = size, out
        self._begun, self._seconds = time.monotonic(), seconds
        self.facts: list[dict[str, Any]] = []
        self.rows: list[list[str]] = []

    @property
    def cuda(self) -> bool:
        """True on a GPU."""
        return self.size.device == "cuda"

    @property
    def left(self) -> float:
        """Seconds left."""
        return self._begun + self._seconds - time.monotonic()

    def say(self, kind: str, what: str, **numbers: Any) -> None:
        """One fact."""
        self.facts.append({"kind": kind, "what": what, **numbers})
        shown = ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in numbers.items())
        print(f"[{self._seconds - self.left:5.0f} s] {kind:4} {what}{': ' if shown else ''}{shown}", flush=True)
        if self._out is not None:
            (self._out / "device.json").write_text(json.dumps(self.facts, indent=1, default=str))

    def check(self, ok: bool, what: str, **numbers: Any) -> None:
        """A fact that has to hold."""
        self.say("ok" if ok else "BAD", what, **numbers)

    def attempt(self, what: str, work: Callable[[], object]) -> bool:
        """Do something; that it failed is a fact."""
        try:
            work()
        except Exception as error:  # a check says what fails and goes on
            told = str(error).strip().splitlines()
            self.say("BAD", what, error=f"{type(error).__name__}: {told[0] if told else ''}"[:200])
            return False
        return True

    def timed(self, call: Callable[[], object]) -> float:
        """Seconds of a call: the median of some, by the device's events on a GPU."""
        call()
        found: list[float] = []
        begun = time.perf_counter()
        while time.perf_counter() - begun < self.size.timing or len(found) < 3:
            if self.cuda:
                ends = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
                ends[0].record()
                call()
                ends[1].record()
                ends[1].synchronize()
                found.append(ends[0].elapsed_time(ends[1]) / 1e3)
            else:
                at = time.perf_counter()
                call()
                found.append(time.perf_counter() - at)
        return statistics.median(found)


# --- what the device can do -------------------------------------------------------------------------------------------


def machine(check: Check) -> None:
    """Versions, bandwidth and products."""
    size, device = check.size, check.size.device
    check.say("note", "versions", torch=torch.__version__, cuda=str(torch.version.cuda), python=sys.version.split()[0])
    if check.cuda:
        its = torch.cuda.get_device_properties(0)
        check.say("note", its.name, processors=its.multi_processor_count, gb=its.total_memory / 1e9)
    a, b = (torch.empty(size.numbers, device=device) for _ in range(2))
    check.say("note", "copy", tb_per_s=8 * size.numbers / check.timed(lambda: b.copy_(a)) / 1e12)
    for precision in size.precisions:
        kind = torch.bfloat16 if precision == "bf16" else torch.float32
        x, y = (torch.randn(size.side, size.side, device=device).to(kind) for _ in range(2))
        with factors(precision, device):
            seconds = check.timed(lambda: x @ y)  # noqa: B023 - called at once
        check.say("note", f"product of {size.side} in {precision}", tflops=2 * size.side**3 / seconds / 1e12)


def captures(check: Check) -> None:
    """Operations whose capture in a graph was in doubt."""
    if not check.cuda:
        return check.say("note", "captures need a GPU")
    squares = torch.randn(8, 64, 64, device="cuda")
    flat = squares.view(512, 64)
    rows, table = torch.randint(100, (512,), device="cuda"), torch.zeros(100, 64, device="cuda")
    one, zero = torch.ones(512, 1, device="cuda"), torch.zeros(512, 1, device="cuda")
    norm = torch.ops.aten.native_layer_norm_backward

    def attention() -> None:
        with torch.enable_grad():
            q = torch.randn(4, 2, 1024, 64, device="cuda", requires_grad=True)
            out = torch.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)
        torch.autograd.grad(out, q, torch.ones_like(out))

    probes: dict[str, Callable[[], object]] = {
        "index_put_ that accumulates": lambda: table.index_put_((rows,), flat, accumulate=True),
        "softmax in place": lambda: torch.softmax(squares, -1, out=squares),
        "softmax backward in place": lambda: torch._softmax_backward_data(
            squares, squares, -1, squares.dtype, grad_input=squares
        ),
        "layer norm backward": lambda: norm(flat, flat, [64], zero, one, None, None, [True, False, False]),
        "norms of long rows": lambda: torch.linalg.vector_norm(torch.ones(4, 5_000_000, device="cuda"), dim=1),
        "a stable sort": lambda: torch.sort(rows, stable=True),
        "fused attention of 1,024 tokens": attention,
        "65,536 products": lambda: torch.bmm(*(torch.ones(65_536, 8, 8, device="cuda") for _ in range(2))),
        "262,144 products": lambda: torch.bmm(*(torch.ones(262_144, 8, 8, device="cuda") for _ in range(2))),
    }

    def captured(probe: Callable[[], object]) -> None:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                probe()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            probe()
        graph.replay()
        torch.cuda.synchronize()

    for name, probe in probes.items():
        if check.attempt(f"capture of {name}", lambda: captured(probe)):  # noqa: B023 - called at once
            check.check(True, f"capture of {name}")


class Warming:
    """Triton's kernels of every cell, compiled by processes beside this one."""

    def __init__(self, check: Check) -> None:
        cells = [cell for cell in (*check.size.cells, *check.size.paper) if cell.steps == "triton"]
        self._check, self._processes = check, {}
        for cell in cells:
            command = warm_command([cell], check.size.device)
            self._processes[cell] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def wait(self, seconds: float) -> None:
        """Let them end, and say which did not."""
        until, failed = time.monotonic() + seconds, 0
        for cell, process in self._processes.items():
            try:
                said = process.communicate(timeout=max(0.1, until - time.monotonic()))[1].decode().strip().splitlines()
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                said = [f"not compiled in {seconds:.0f} s"]
            if process.returncode:
                failed += 1
                self._check.say(
                    "BAD", f"Triton at width {cell.width}, {cell.precision}", error=said[-1][:200] if said else ""
                )
        if self._processes:
            self._check.say("note", "Triton's kernels compiled", cells=len(self._processes), failed=failed)


def walks(check: Check) -> None:
    """Sequences are the CPU's, bit for bit."""
    device = check.size.device
    for kappa in (0, 1):
        text = (
            f"data walk(er(n=64, edges=200), kappa={kappa}, length=16)\nmodels transformer(width=8)\ntrain  tokens=4k"
        )
        run = next(iter(load("walks.scl", text=text).runs()))
        stream = open_source(run.source)
        seeds, index = torch.arange(5), torch.arange(check.size.walks).expand(5, -1)
        few = stream.batch(seeds, index[:, :40]), stream.batch(seeds, index[:, :40], device).cpu()
        check.check(torch.equal(*few), f"walks with kappa {kappa} are the CPU's")
        seconds = check.timed(lambda: stream.batch(seeds, index, device))  # noqa: B023 - called at once
        check.say("note", f"walks with kappa {kappa}", m_tokens_per_s=index.numel() * 16 / seconds / 1e6)


# --- whether packs are right ------------------------------------------------------------------------------------------


def trained(runs: Sequence[Run], device: str, slots: int | None = None, **how: Any) -> dict[str, RunRecord]:
    """Records by key."""
    pack = Pack("device", tuple(runs), slots or len(runs))
    return {r.key: r for r in training_loop.train_pack(pack, open_source(runs[0].source), device=device, **how)}


def losses(records: dict[str, RunRecord]) -> dict[str, list[float]]:
    """What was measured of each run."""
    return {key: [m.loss for m in record.measurements] for key, record in records.items()}


def kinds_of(check: Check) -> tuple[str, ...]:
    """Kinds of steps that there are: Triton's need a GPU, or its interpreter, which is no check of a GPU."""
    return ("torch", "triton") if check.cuda and find_spec("triton") else ("torch",)


def _tiny(check: Check, precision: str = "fp32") -> Cell:
    return Cell(16, 8, 32, 64, precision) if check.cuda else replace(check.size.cells[0], precision=precision)


def agreement(check: Check) -> None:
    """Losses after some steps are the CPU's up to rounding."""
    for steps in kinds_of(check):
        for precision in check.size.precisions:
            runs = runs_of(_tiny(check, precision), "5, 10", last=1, walks=16)
            with stepping("torch"):
                there = losses(trained(runs, "cpu"))
            with stepping(steps):
                here = losses(trained(runs, check.size.device))
            far = max(abs(a - b) / a for key in here for a, b in zip(there[key], here[key]))
            check.check(far <= CLOSE[precision], f"losses by {steps} in {precision} are the CPU's", farthest=far)


def bits(check: Check) -> None:
    """What a run's bits depend on: not on companions, refill or stops; by Triton's steps not on slots either."""
    device = check.size.device
    for steps in kinds_of(check):
        runs = runs_of(_tiny(check), "4, 8", last=3, walks=16)
        with stepping(steps):
            first = losses(trained(runs, device))
            check.check(first == losses(trained(runs, device)), f"a pack repeats bit for bit by {steps}")
            others = [*runs[::2], *runs_of(_tiny(check), "6", last=1, walks=16)]
            mixed = losses(trained(others, device, len(runs)))
            same = all(mixed[key] == first[key] for key in mixed if key in first)
            check.check(same, f"companions change no bit by {steps}, slots being equal")
            for slots in (1, 2):
                now = losses(trained(runs, device, slots))
                same = sum(now[key] == first[key] for key in now)
                kept = same == len(now) or (check.cuda and steps == "torch")
                check.check(kept, f"bits by {steps} with {slots} slots", equal=f"{same} of {len(now)}")
            if check.cuda:  # a CPU takes steps one by one
                long = runs_of(_tiny(check), "280", last=1, walks=16)
                one_by_one = losses(trained(long, device, chunk_steps=64))
                check.check(losses(trained(long, device)) == one_by_one, f"several steps a graph are each by {steps}")
            with tempfile.TemporaryDirectory() as folder:
                asked = iter([False, False, True])
                how = {"checkpoints": Path(folder), "chunk_steps": 2}
                part = trained(runs, device, stop=lambda: next(asked, True), **how)  # noqa: B023
                rest = trained([run for run in runs if run.key not in part], device, len(runs), **how)
            check.check({**losses(part), **losses(rest)} == first, f"stopped and gone on with by {steps}")
            wild = [*runs_of(_tiny(check), "4", last=1, walks=16)]
            wild += runs_of(_tiny(check), "4", last=0, more=", lr=1000, clip=1e9", walks=16)
            ended = [record.status for record in trained(wild, device).values()]
            check.check(ended.count("done") >= len(wild) - 1, f"a run that diverges spoils none by {steps}")


# --- how fast ---------------------------------------------------------------------------------------------------------

HEAD = (
    "B T V", "width", "precision", "steps", "slots", "eager", "compiled", "graphed", "engine, tokens/s",
    "to eager, compiled, graphed", "step ms", "predicted", "GB", "predicted", "host waits", "evaluation ms",
    "predicted",
)  # fmt: skip


def table(check: Check) -> None:
    """Packs against eager loops."""
    rivals: dict[tuple[Any, ...], dict[str, float]] = {}
    for cell in check.size.cells:
        _cell(check, cell, ("eager",), rivals)


def paper(check: Check) -> None:
    """Packs against single models of a paper's size, however they are trained."""
    rivals: dict[tuple[Any, ...], dict[str, float]] = {}
    for cell in check.size.paper:
        _cell(check, cell, check.size.ways, rivals)


def _cell(check: Check, cell: Cell, ways: Sequence[str], rivals: dict[tuple[Any, ...], dict[str, float]]) -> None:
    name = f"width {cell.width}, B={cell.batch} T={cell.length} V={cell.vocab}, {cell.precision}"
    if check.left < 5 + 5 * len(ways):
        return check.say("note", f"no time for {name} by {cell.steps}")
    alone = (cell.width, cell.batch, cell.length, cell.vocab, cell.precision)
    if alone not in rivals:
        rivals[alone] = {}
        for way in ways:
            check.attempt(f"{way} at {name}", lambda: rivals[alone].update({way: _rival(check, cell, way)}))  # noqa: B023
    found: list[Found] = []

    def run() -> None:
        found.append(measured(cell, check.size.device, check.size.seconds, check.timed))

    if not check.attempt(f"{cell.steps} at {name}", run):
        return None
    _row(check, cell, rivals[alone], found[0])
    off = abs(found[0].predicted_s / found[0].step_s - 1)
    if check.cuda:
        check.check(off < FORETOLD, f"time foretold at {name} by {cell.steps}", off=off)
        if found[0].bytes is not None:
            off = abs(found[0].predicted_bytes / found[0].bytes - 1)
            check.check(off < FORETOLD, f"memory foretold at {name} by {cell.steps}", off=off)
    return None


def _rival(check: Check, cell: Cell, way: str) -> float:
    """Tokens a second of one model."""
    device = check.size.device
    with factors(cell.precision, device):
        step = single(way, cell.width, cell.batch, cell.length, cell.vocab, LAYERS, cell.precision, device)
        for _ in range(3):
            step()
        if check.cuda:
            torch.cuda.synchronize()
        begun, taken = time.perf_counter(), 0
        while time.perf_counter() - begun < check.size.seconds or not taken:
            for _ in range(10 if check.cuda else 1):
                step()
                taken += 1
            if check.cuda:
                torch.cuda.synchronize()
        return taken * cell.tokens / (time.perf_counter() - begun)


def _row(check: Check, cell: Cell, rivals: dict[str, float], found: Found) -> None:
    check.say("row", "cell", **asdict(cell), **{f"{way}_rate": rate for way, rate in rivals.items()}, **asdict(found))
    rates = [f"{rivals[way]:,.0f}" if way in rivals else "-" for way in ("eager", "compiled", "graphed")]
    ratios = [f"{found.rate / rivals[way]:.2f}" if way in rivals else "-" for way in ("eager", "compiled", "graphed")]
    gb = "-" if found.bytes is None else f"{found.bytes / 1e9:.2f}"
    check.rows.append(
        [
            f"{cell.batch} {cell.length} {cell.vocab}", str(cell.width), cell.precision, cell.steps, str(cell.slots),
            *rates, f"{found.rate:,.0f}", ", ".join(ratios), f"{found.step_s * 1e3:.2f}",
            f"{found.predicted_s * 1e3:.2f}", gb, f"{found.predicted_bytes / 1e9:.2f}", f"{found.host:.0%}",
            f"{found.evaluation_s * 1e3:.2f}", f"{found.predicted_evaluation_s * 1e3:.2f}",
        ]
    )  # fmt: skip


def study(check: Check) -> None:
    """A shipped study end to end, and how well it was foretold."""
    from scalingdsl.engine import run

    if not check.cuda:
        return check.say("note", "a whole study takes a GPU")
    if check.left < 60:
        return check.say("note", "no time for a whole study")
    path = Path(__file__).parents[2] / "studies/origin/er-8k-small.scl"
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        outcome = run(path, out=Path(folder) / "out", device=check.size.device)
        wall = time.perf_counter() - begun
    check.say("note", f"{path.name} end to end", seconds=wall, predicted=outcome.predicted_seconds, runs=outcome.n_runs)
    return None


SECTIONS: dict[str, Callable[[Check], None]] = {
    "machine": machine,
    "captures": captures,
    "walks": walks,
    "agreement": agreement,
    "bits": bits,
    "table": table,
    "paper": paper,
    "study": study,
}


def main(arguments: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Check, and print the table; the facts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--seconds", type=float, default=330.0, help="what it may take")
    parser.add_argument("--only", default=",".join(SECTIONS), help="sections, by commas")
    parser.add_argument("--out", default=os.environ.get("OUT"), help="folder of device.json")
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.only.split(",") if name not in SECTIONS]:
        parser.error(f"--only takes {', '.join(SECTIONS)}, and not {', '.join(unknown)}")
    if asked.device == "cuda" and not torch.cuda.is_available():
        parser.error("torch finds no GPU here; --device cpu tries the check itself")
    cpu_settings.prepare(threads=1)
    check = Check(sizes(asked.device), asked.seconds, Path(asked.out) if asked.out else None)
    warming = Warming(check)
    for name in asked.only.split(","):
        if name == "table":
            warming.wait(min(120.0, check.left / 3))
        if check.left < 10:
            check.say("note", f"no time for {name}")
            continue
        check.attempt(f"section {name}", lambda: SECTIONS[name](check))  # noqa: B023 - called at once
    warming.wait(1.0)
    if check.rows:
        print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
        for row in check.rows:
            print("| " + " | ".join(row) + " |")
    kinds = [fact["kind"] for fact in check.facts]
    print(f"{kinds.count('ok')} hold, {kinds.count('BAD')} do not")
    return check.facts


if __name__ == "__main__":
    main()
