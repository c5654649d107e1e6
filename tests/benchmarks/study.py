"""A shipped study end to end, against the plain loop training the same runs: `python -m tests.benchmarks.study`.

The engine: `scalingdsl run` into a new folder, by the clock from its start to its exit; training, evaluation, fits and
report. The plain loop: `nanogpt.py`, one process with a thread a core, each run one after the other on the same data,
evaluated as the engine does (the full true law over the vocabulary, in float64, on the same walks); no fits, no report,
no start-up. It is slow: it trains one learning rate and one seed of each model and token count, since the others take
as long, and its seconds are multiplied. One half of that is measured before the engine, one after.

    --quick       fewer and shorter runs: two minutes, of which starting and fitting are a larger share than they are
    --study FILE  another study
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scalingdsl.spec.plan.run_grid import Run

SHIPPED = Path(__file__).parents[2] / "studies" / "er.scl"
#: What `--quick` writes in place of er.scl's axes.
QUICK = {"[80k..2560k]": "[40k..320k]"}
#: Steps whose data the plain loop draws at once.
AHEAD = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--study", type=Path, default=SHIPPED)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--plain", type=int, choices=(0, 1), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.plain is not None:
        print(json.dumps(plain_half(args.study, args.plain)))
        return
    with tempfile.TemporaryDirectory() as folder:
        study = args.study
        if args.quick:
            text = study.read_text(encoding="utf-8")
            for whole, part in QUICK.items():
                text = text.replace(whole, part)
            study = Path(folder) / study.name
            study.write_text(text, encoding="utf-8")
        runs = runs_of(study)
        few = one_a_cell(runs)
        tokens, few_tokens = (sum(run.n_tokens for run in which) for which in (runs, few))
        print(f"{study.name}: {len(runs)} runs, {tokens / 1e6:.1f}M tokens, {os.cpu_count()} cores", flush=True)
        halves = [in_process(study, 0)]
        seconds, said = engine(study, Path(folder) / "results")
        halves.append(in_process(study, 1))
    times = tokens / few_tokens
    plain = times * sum(half["seconds"] for half in halves)
    speeds = ", ".join(f"{half['tokens'] / half['seconds']:,.0f}" for half in halves)
    print("| | seconds | training and evaluation | tokens/s |")
    print("|---|---|---|---|")
    print(f"| plain loop, {len(few)} runs times {times:g} | {plain:.0f} | {plain:.0f} | {speeds} (halves) |")
    print(f"| `scalingdsl run` | {seconds:.0f} | {said['seconds']:.0f} | {tokens / said['seconds']:,.0f} |")
    print(f"\nend to end: {plain / seconds:.2f} times as fast; training alone: {plain / said['seconds']:.2f}")


def runs_of(study: Path) -> tuple[Run, ...]:
    """All runs of a study."""
    from scalingdsl.spec import load

    return tuple(load(str(study), text=study.read_text(encoding="utf-8")).runs())


def one_a_cell(runs: Sequence[Run]) -> tuple[Run, ...]:
    """One run of each model, source and number of steps: what is left out costs the plain loop the same again."""
    return tuple({(run.source, run.model, run.steps): run for run in runs}.values())


def engine(study: Path, out: Path) -> tuple[float, dict[str, Any]]:
    """Seconds of `scalingdsl run`, and what it said."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "scalingdsl.engine", "run", str(study), "--out", str(out), "--json"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode not in (0, 4):  # 4: trained and reported, and a claim failed
        raise SystemExit(f"the study did not run (status {done.returncode}):\n{done.stderr}")
    return seconds, json.loads(done.stdout)


def in_process(study: Path, half: int) -> dict[str, float]:
    """`plain_half` in a process of its own, with a thread a core."""
    command = [sys.executable, "-m", "tests.benchmarks.study", "--study", str(study), "--plain", str(half)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count() or 1)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    found: dict[str, float] = json.loads(done.stdout)
    return found


# --- the plain loop ---------------------------------------------------------------------------------------------------


def plain_half(study: Path, half: int) -> dict[str, float]:
    """Seconds and tokens of every other run of the plain loop's part."""
    from scalingdsl.engine.sources import open_source

    runs = one_a_cell(runs_of(study))[half::2]
    stream = open_source(runs[0].source, study.parent)
    train(runs[0], stream, most=10)
    begun = time.perf_counter()
    for run in runs:
        train(run, stream)
    return {"seconds": time.perf_counter() - begun, "tokens": sum(run.n_tokens for run in runs)}


def train(run: Run, stream: Any, most: int | None = None) -> float:
    """Train a run, or its first steps; its loss."""
    import torch
    from scalingdsl.engine.train.members import Member, Trajectory

    from .nanogpt import GPT, train_step

    torch.manual_seed(run.seed)
    model: Any = run.model
    batch = run.optimiser.batch  # type: ignore[attr-defined]  # shipped studies train with AdamW
    net = GPT(stream.vocab, model.width, model.layers, model.n_heads, stream.length)
    opt = net.optimiser(1e-3)
    steps = run.steps if most is None else min(most, run.steps)
    rates = Member(Trajectory(run), run.steps).rates(steps).tolist()
    seeds = torch.tensor([run.seed])
    for step in range(steps):
        if step % AHEAD == 0:
            index = torch.arange(step * batch, (step + AHEAD) * batch)[None]
            data = stream.batch(seeds, index).view(AHEAD, batch, -1)
        for group in opt.param_groups:
            group["lr"] = rates[step]
        train_step(net, opt, data[step % AHEAD])
    return evaluate(net, stream)


def evaluate(net: Any, stream: Any) -> float:
    """Entropy rate plus the mean divergence of the model from the true law, in nats a token."""
    import torch
    from torch.nn import functional as nnf

    evaluation = stream.evaluation()
    total, count = 0.0, 0
    with torch.no_grad():
        for tokens in evaluation.tokens.split(64):
            inputs = tokens[:, :-1]
            log_q = nnf.log_softmax(net.logits(inputs).double(), -1).flatten(0, 1)
            targets, p = evaluation.law.rows(inputs.reshape(-1))
            terms = p * (p.clamp_min(1e-300).log() - log_q.gather(1, targets))
            total, count = total + float(terms.sum()), count + inputs.numel()
    return float(stream.entropy_rate) + total / count


if __name__ == "__main__":
    main()
