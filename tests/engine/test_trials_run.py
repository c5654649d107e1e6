"""The trial studies run: each one's own text at a reduced size, from training to claims, report and figures.

Only numbers differ from the trial: smaller graphs and files, fewer and smaller models. At that size claims about
exponents may well fail, so exit status 4 is as good as 0; anything else that is not answered is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine import run

TRIALS = Path(__file__).parents[1] / "spec" / "studies"


def corpus(folder: Path) -> None:
    """Some kilobytes of words that follow one another by a rule and by chance."""
    rng = np.random.default_rng(3)
    words = [f"{a}{b}" for a in ("ba", "de", "mi", "no", "ru") for b in ("k", "l", "st", "n", "ra", "to")]
    at = np.cumsum(rng.geometric(0.4, size=6000)) % len(words)
    text = " ".join(words[i] for i in at)
    (folder / "corpus.txt").write_text(text.replace("ruto ", "ruto.\n"))


def points(folder: Path) -> None:
    """Points of a law near Chinchilla's, the five largest losses far off it."""
    rng = np.random.default_rng(7)
    n = np.exp(rng.uniform(np.log(44e6), np.log(16e9), 40))
    d = np.exp(rng.uniform(np.log(6e18), np.log(3e21), 40)) / (6 * n)
    loss = (1.8172 + 477.82 * n**-0.3473 + 2143.62 * d**-0.3672) * np.exp(0.003 * rng.normal(size=40))
    loss[:5] += 5
    rows = (f"{a!r},{6 * a * b!r},{y!r}" for a, b, y in np.stack([n, d, loss], axis=1).tolist())
    (folder / "chinchilla.csv").write_text("\n".join(["Model Size,Training FLOP,loss", *rows]))


def nothing(folder: Path) -> None:
    """Studies of a known source read no file."""


#: What each trial reads, and the numbers that make it small.
SMALLER: dict[str, tuple[Callable[[Path], None], Mapping[str, str]]] = {
    "a_headline": (
        nothing,
        {
            "n=8192, edges=53292": "n=64, edges=200",
            "length=50": "length=8",
            "[128..2048]": "[8..32]",
            "batch=100": "batch=4",
            "[4M..128M]": "[500..2k]",
            "count 14": "count 2",
            "{0, 1, 2}": "{0, 1}",
        },
    ),
    "b_ladder": (
        corpus,
        {
            "bpe(4096)": "bpe(280)",
            "length=50": "length=8",
            "width=256": "width=16",
            "tokens=20M": "tokens=4k",
            "1e-2 count 5": "1e-2 count 2",
            "[32..256]": "[8..32]",
            "batch=100": "batch=4",
            "[1M..32M]": "[500..2k]",
            "[1e-3..1e1 count 6]": "[1e-3..1e-1 count 2]",
            "{0, 1}": "{0}",
        },
    ),
    "c_parametrisations": (
        corpus,
        {
            "bpe(4096)": "bpe(280)",
            "length=100": "length=8",
            "[64..1024]": "[8..32]",
            "batch=100": "batch=4",
            "[4M..128M]": "[500..2k]",
            "[1e-4..1e1 times 3]": "[1e-3..1e-1 times 10]",
            "{0, 1}": "{0}",
        },
    ),
    "d_isoflop": (
        corpus,
        {
            "bpe(4096)": "bpe(280)",
            "length=256": "length=16",
            "[64..1024 step 32]": "[32..128 step 32]",
            "batch=32": "batch=1",
            "[1PFLOP..1000PFLOP count 5]": "[500MFLOP..2GFLOP count 3]",
            "{3e-4, 1e-3, 3e-3}": "{1e-3, 3e-3}",
            "3 < D/N < 300": "1e-4 < D/N < 300",
            "3000PFLOP": "5GFLOP",
        },
    ),
    "e_table": (points, {"bootstrap=4000": "bootstrap=200"}),
    "f_percolation": (nothing, {"largest=1M": "largest=10k", "[0..9 step 1]": "[0..2 step 1]", "4096": "1024"}),
    "m_shapes": (
        nothing,
        {
            "n=8192, edges=53292": "n=64, edges=200",
            "length=50": "length=8",
            "heads=width/64": "heads=width/8",
            "[128..1024]": "[16..64]",
            "{32, 64, 128}": "{8, 16}",
            "layers <= 16": "layers <= 4",
            "[4M..64M]": "[2k..8k]",
            "{.01, .03, .1}": "{.01, .03}",
        },
    ),
    "n_line": (
        corpus,
        {
            "bpe(4096)": "bpe(280)",
            "length=256": "length=16",
            "layers=4": "layers=1",
            "heads=width/64": "heads=width/4",
            "[64..1024]": "[4..16]",
            "batch=64": "batch=16",
            "{0, 1, 2}": "{0, 1}",
        },
    ),
}
NUMBER = re.compile(r"(?<![A-Za-z_0-9])(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?[A-Za-z%]*")
SET = re.compile(r"\{#(, #)*\}")


def reduced(name: str) -> str:
    """The trial with smaller numbers, and fewer of them in a set; nothing else."""
    whole = small = (TRIALS / f"{name}.scl").read_text()
    for old, new in SMALLER[name][1].items():
        assert old in small, old
        small = small.replace(old, new)
    assert shape(small) == shape(whole)
    return small


def shape(text: str) -> str:
    """A study with its numbers hidden."""
    return SET.sub("{#}", NUMBER.sub("#", text))


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALLER)
def test_a_trial_runs(name: str, tmp_path: Path) -> None:
    study, out = tmp_path / f"{name}.scl", tmp_path / "out"
    study.write_text(reduced(name))
    SMALLER[name][0](tmp_path)
    outcome = run(study, out=out, device="cpu", executor="inline")
    assert outcome.exit_status in (0, 4)
    assert outcome.n_trained == outcome.n_runs
    assert {record.status for record in outcome.records.values()} <= {"done", "diverged"}
    made = outcome.analysis
    assert made is not None
    assert {fit.request.name for fit in made.fits} == {asked.name for asked in outcome.plan.fits}
    for fit in made.fits:
        assert (fit.fit is not None and fit.fit.status) or fit.reason
    assert {optimum.request.name for optimum in made.optima} == {asked.name for asked in outcome.plan.optima}
    for optimum in made.optima:
        assert optimum.optimum is not None or optimum.reason
    assert [verdict.claim for verdict in made.verdicts] == [claim.test for claim in outcome.plan.claims]
    for verdict in made.verdicts:
        assert verdict.status in ("held", "failed", "undecided")
        assert verdict.panels or verdict.skipped
        assert all(panel.detail for panel in verdict.panels if panel.status == "undecided")
    assert outcome.report == out / "report.md"
    report = outcome.report.read_text()
    for claim in outcome.plan.claims:
        assert claim.test in report
    figures = re.findall(r"\]\((figures/[^)]+)\)", report)
    assert figures
    assert all((out / figure).stat().st_size > 1000 for figure in figures)
    if not outcome.n_runs:
        return
    again = run(study, out=out, device="cpu", executor="inline")
    assert (again.n_trained, again.exit_status) == (0, outcome.exit_status)
    assert (out / "report.md").read_text() == report
