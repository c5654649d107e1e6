"""Run the small studies of the papers, and write what they found into docs/results.md, between its markers.

    python docs/results.py FOLDER [NAME ...]

Results are kept in FOLDER, one folder a study: what is trained already is not trained again, and the time shown is
the processor's for the run that trained it. With names, only those studies are run; the others are as FOLDER has them.
"""

from __future__ import annotations

import json
import resource
import sys
from collections import defaultdict
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF

import numpy as np
from scalingdsl.engine import run
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.fits import Fit
from scalingdsl.engine.planning.machines import MACHINES, estimate
from scalingdsl.spec import load

HERE = Path(__file__).parent
STUDIES = HERE.parent / "studies"
#: The page's two generated parts: what was found, and what the papers' own sizes would cost.
FOUND, COSTS = "results", "costs"
#: Each study and what its paper has for each of its claims, in their order; "-" where it gives no number.
PAPER: dict[str, tuple[str, ...]] = {
    "origin/er-1k-small": ("8.1 times", "58 times", "-", "-", "-", "yes", "yes"),
    "origin/er-8k-small": ("6.6 times", "5.9 times", "24 times", "41 times", "-", "-", "-", "yes", "yes"),
    "origin/ba-8k-small": ("5.2 times", "38 times", "-", "-", "-", "yes", "yes"),
    "origin/er-50k-small": ("3.0 times", "8.0 times", "7.7 times", "74 times", ".85 and 1.36", "-", "-"),
    "origin/ladder-small": (
        *(".98 and .55", ".55 and .50", ".50 and .50", ".55 and .47", ".467 and .463", "-"),
        *("5.40, 4.04", "4.04, 3.81", "3.81, 3.18", "392 times", "14.6 times"),
    ),
    "origin/t4l-small": ("nearly identical",) * 3,
    "origin/language-mup-small": (
        *("14.8 and 9.1 times", "14.6 and 5.7 times", "with: .42", "with: .58"),
        *(".501 and .506", "yes"),
    ),
    "origin/sp-mup-small": (
        *(".50 and .35", ".41 and .51", "SP: a/b .94; .742", "SP: a/b .94; .386", "-", "SP: 11 times"),
        "SP: 53 times",
    ),
    "origin/mup-small": ("-",) * 5,
    "percolation/critical-small": (".5", ".5", "as the theory's curve", "as the theory's curve"),
    "percolation/embedded-small": (".5", "the same", "the same", "as the theory's curve"),
    "percolation/mlp-small": ("1/2", "the same", "1/2 to 1", "-"),
    "percolation/manifold-small": ("2", "1", "2/3", "1/2", "1/3"),
    "origin/flip-hour": ("twofold", "twofold", "-"),
    "origin/ladder-hour": (
        *("5.40, -, 4.04, 3.81", "-", "-", ".55 and .50", "-", "-", ".467 and .463", "5.40, -, 4.04, 3.18"),
        *("-", "14.6 times"),
    ),
    "origin/text-hour": (
        "14.6 and 5.7 times",
        "53 times",
        "14.8 and 9.1 times",
        ".50 and .35",
        ".41 and .51",
        "-",
        "-",
    ),
    "origin/er-8k-hour": ("6.6 times", "5.9 times", "24 times", "41 times", ".75", *("-",) * 6),
    "origin/er-1k-hour": ("8.1 times", "58 times", "-", "-"),
    "origin/er-50k-hour": ("1.36", "-", "7.7 times", "74 times", ".85 and 1.36", "-", "-"),
}


def main(folder: Path, names: list[str]) -> None:
    """Run what is asked for, then write the page."""
    parts = []
    for study, paper in PAPER.items():
        name = study.rpartition("/")[2]
        kept = folder / name / "section.md"
        if not names or name in names:
            begun = processor_seconds()
            outcome = run(STUDIES / f"{study}.scl", out=folder / name)
            if outcome.analysis is None:
                sys.exit(f"{name} was interrupted; the same command goes on")
            seconds = seconds_of(folder / name / "processor.json", processor_seconds() - begun, outcome.n_trained)
            kept.write_text(section(study, outcome.n_runs, seconds, outcome.analysis, paper))
        if kept.exists():
            parts.append(kept.read_text())
    page = HERE / "results.md"
    text = put(page.read_text(), FOUND, "\n".join(parts))
    page.write_text(put(text, COSTS, costs()))


def processor_seconds() -> float:
    """Of this process and its workers that have ended: a busy machine changes it little."""
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def seconds_of(kept: Path, used: float, n_trained: int) -> int:
    """Processor seconds that a study took, summed over the commands that trained some of it."""
    known = int(json.loads(kept.read_text())["seconds"]) if kept.exists() else 0
    if n_trained or not known:
        known += round(used)
        kept.write_text(json.dumps({"seconds": known}))
    return known


def put(page: str, part: str, text: str) -> str:
    """The page with one of its parts replaced."""
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n\n{text}\n{end}{rest.partition(end)[2]}"


def costs() -> str:
    """Every study of the origin paper at its size, as `plan --machine h100` costs it."""
    lines = ["| study | runs | FLOPs | memory | H100 hours | of them teachers |", "|---|---:|---:|---:|---:|---:|"]
    for path in sorted((STUDIES / "origin").glob("*.scl")):
        runs = () if path.stem.endswith(("-small", "-hour")) else tuple(load(path).runs())
        if not runs:
            continue
        flops = sum(r.flops for r in runs)
        if not flops:  # nothing is trained
            continue
        found = estimate(runs, MACHINES["h100"])
        hours, teachers = found.wall_seconds / 3600, found.teachers / 3600
        memory = f"{found.memory_bytes / 1e9:.0f} GB"
        lines.append(f"| {path.stem} | {len(runs):,} | {flops:.1e} | {memory} | {hours:,.0f} | {teachers:,.0f} |")
    return "\n".join([*lines, ""])


def section(study: str, n_runs: int, seconds: int, analysis: Analysis, paper: tuple[str, ...]) -> str:
    """One study: how it was run, its exponents, its claims."""
    used = f", {seconds // 60} min {seconds % 60} s of processor time"
    lines = [f"### {study.rpartition('/')[2]}", "", f"`scalingdsl run studies/{study}.scl`: {n_runs} runs{used}.", ""]
    lines += [f"- {text}" for text in exponents(analysis)]
    lines += ["", "| claim | measured | paper | verdict |", "|---|---|---|---|"]
    for verdict, known in zip(analysis.verdicts, paper, strict=True):
        worst = [p for p in verdict.panels if p.status == verdict.status]
        found = worst[0].detail if worst else "; ".join(verdict.skipped[:1])
        if len(verdict.panels) > 1:
            where = ", ".join(f"{name} {value}" for name, value in worst[0].panel) if worst else ""
            found += f" ({where}; the same in {len(worst)} of {len(verdict.panels)})"
        lines.append(f"| `{verdict.claim}` | {found.replace('|', '/')} | {known} | **{verdict.status}** |")
    return "\n".join([*lines, ""])


def exponents(analysis: Analysis) -> list[str]:
    """Mean and standard deviation of the slices of each one-variable power law, panel by panel.

    Slices whose points do not tell the exponent, or tell one end of it alone, are counted.
    """
    slices: dict[tuple[str, str], list[Fit]] = defaultdict(list)
    untold: dict[tuple[str, str], int] = defaultdict(int)
    for fitted in analysis.fits:
        own = {"power(N)": ("alpha", "tokens"), "power(D)": ("beta", "width")}.get(fitted.request.name)
        if own is None or fitted.fit is None:
            continue
        rest = ", ".join(f"{name} {value}" for name, value in fitted.panel if name != own[1])
        if own[0] in fitted.fit.intervals:
            slices[rest, own[0]].append(fitted.fit)
        elif own[0] in fitted.fit.params:
            untold[rest, own[0]] += 1
    lines = []
    for where, name in {**slices, **untold}:
        fits, left = slices.get((where, name), []), untold.get((where, name), 0)
        values = [fit.params[name] for fit in fits]
        bound = sum(fit.status == "at bound" for fit in fits)
        spread = f" +- {np.std(values, ddof=1):.2f}, median {np.median(values):.2f}" if len(values) > 1 else ""
        count = f"{len(fits)} slice{'s' if len(fits) > 1 else ''}{f', {bound} of them at a bound' if bound else ''}"
        found = f"{np.mean(values):.2f}{spread}, {count}" if fits else "not identified"
        also = f"{'; not identified' if fits else ''} in {left} slice{'s' if left > 1 else ''}" if left else ""
        lines.append(f"{name}{f' at {where}' if where else ''}: {found}{also}")
    return lines


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
