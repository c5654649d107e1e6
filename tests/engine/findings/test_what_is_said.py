"""A law that misses, an exponent that nothing tells, an exponential that wins, no law at all, no run that learnt: the
terminal, the JSON and the exit status say so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.fits.core.fit_result import Array

N, D = (x.ravel() for x in np.meshgrid([1e4, 4e4, 16e4, 64e4], [1e5, 4e5, 16e5, 64e5, 256e5]))


def study(home: Path, loss: Array, noise: float, requests: str, n: Array = N, d: Array = D, seeds: int = 3) -> Path:
    """A study of a table with so many rows a setting, with relative noise."""
    rng = np.random.default_rng(1)
    rows = [
        f"{a:.0f},{b:.0f},{seed},{value * np.exp(noise * rng.normal()):.6f}"
        for a, b, value in zip(n, d, loss)
        for seed in range(seeds)
    ]
    (home / "t.csv").write_text("\n".join(["N,D,seed,loss", *rows]) + "\n")
    (home / "s.scl").write_text(f'data table("t.csv")\n{requests}\n')
    return home / "s.scl"


def run(path: Path, *more: str) -> tuple[int, str]:
    """Exit status and output of `run`, its results beside the study."""
    found = CliRunner().invoke(main, ["run", str(path), "--out", str(path.parent / "out"), *more])
    return found.exit_code, found.stdout


def data(path: Path) -> tuple[int, dict[str, Any]]:
    status, text = run(path, "--json")
    return status, json.loads(text)


def screen(path: Path) -> str:
    """The first screen of a study's report."""
    return (path.parent / "out" / "report.md").read_text().partition("<details>")[0]


@pytest.mark.slow
def test_a_law_that_misses_more_than_noise(tmp_path: Path) -> None:
    """The truth does not add up: its terms meet in a bottleneck."""
    loss = 2.0 + np.maximum(30 * N**-0.4, 300 * D**-0.5)
    path = study(tmp_path, loss, 1e-3, "fit chinchilla, interaction")
    status, text = run(path)
    assert status == 0
    assert "times the noise of replicates: more than noise" in text
    assert "the cells prefer `interaction` to `chinchilla`" in text
    _, found = data(path)
    fit, other = found["fits"]
    assert (fit["misfit"]["ratio"] > 3, fit["misfit"]["p"] < 1e-3) == (True, True)
    assert "FIT128" in {w["code"] for w in fit["warnings"]}
    assert other["misfit"]["ratio"] < fit["misfit"]["ratio"]
    assert found["comparisons"][0]["prefers"] == "second"
    stored = json.loads((tmp_path / "out" / "fits.json").read_text())
    assert stored["fits"] == found["fits"]
    assert "The cells prefer `interaction` to `chinchilla` by odds" in screen(path)
    assert "more than noise (chinchilla): the law misses the means of replicates by 92 times their noise" in screen(
        path
    )


def test_an_exponent_that_nothing_tells(tmp_path: Path) -> None:
    x = np.geomspace(1e4, 8e4, 5)
    loss = np.full(5, 3.0)
    requests = "fit power(N)\nexpect alpha(power(N)) in [.1..1]"
    path = study(tmp_path, loss, 0.01, requests, x, np.full(5, 1e6), 1)
    status, text = run(path)
    assert status == 0
    assert "power(N) at D = 1000000: unidentified" in text
    assert "alpha unidentified" in text
    assert "undecided  alpha(power(N)) in [0.1..1]" in text
    assert "alpha is not identified" in text
    _, found = data(path)
    (fit,) = found["fits"]
    assert fit["status"] == "unidentified"
    (alpha,) = [p for p in fit["parameters"] if p["name"] == "alpha"]
    assert (alpha["status"], alpha["interval"]) == ("unidentified", None)
    assert [claim["verdict"] for claim in found["claims"]] == ["undecided"]
    assert "alpha is unidentified" in screen(path)
    assert "**undecided 1**" in screen(path)
    assert "**converged**" not in (tmp_path / "out" / "report.md").read_text()


@pytest.mark.slow
def test_an_exponential_that_wins(tmp_path: Path) -> None:
    x = np.tile(np.linspace(1e4, 12e4, 7), 3)
    loss = 2.0 + np.exp(-x / 3e4) * (1 + np.repeat([0.0, 0.5, 1.0], 7))
    requests = "fit power(N), exponential(N)"
    path = study(tmp_path, loss, 1e-3, requests, x, np.repeat([1e6, 4e6, 16e6], 7))
    status, text = run(path)
    assert status == 0
    assert "the cells prefer `exponential(N)` to `power(N)` by odds of more than a million to 1" in text
    assert "in 3 of 3 slices it is the nearer" in text
    _, found = data(path)
    (compared,) = found["comparisons"]
    assert (compared["prefers"], len(compared["slices"])) == ("second", 3)
    assert all(one["mse"][1] < one["mse"][0] for one in compared["slices"])
    assert "1. The cells prefer `exponential(N)` to `power(N)` by odds of more than a million to 1" in screen(path)


def test_a_condition_that_keeps_no_cell(tmp_path: Path) -> None:
    n = np.tile([1e4, 2e4, 4e4, 8e4, 16e4], 2)
    path = study(tmp_path, 2.0 + n**-0.5, 1e-3, "fit power(N), m1(N) where rank(loss) > 900", n, np.full(10, 1e6))
    status, text = run(path)
    assert (status, "m1(N): no law could be fitted: no cell satisfies its condition" in text) == (0, True)
    _, found = data(path)
    assert [(fit["name"], fit["status"]) for fit in found["fits"]] == [
        ("power(N)", "unidentified"),
        ("m1(N)", "failed"),
    ]


def test_no_law_at_all(tmp_path: Path) -> None:
    path = study(tmp_path, 2.0 + N[:3] ** -0.5, 1e-3, "fit chinchilla", N[:3], D[:3], 2)
    status, text = run(path)
    assert (status, "no law could be fitted, of 1 asked for: 3 cells for 5 free parameters" in text) == (3, True)
    status, found = data(path)
    assert (status, found["exit_status"]) == (3, 3)
    assert "RUN210" in {note["code"] for note in found["notes"]}
    assert CliRunner().invoke(main, ["report", str(tmp_path / "out")]).exit_code == 3
    assert "Nothing was found: no law could be fitted, of 1 asked for." in screen(path)


@pytest.mark.slow
def test_no_run_that_learnt(tmp_path: Path) -> None:
    path = tmp_path / "s.scl"
    path.write_text(
        "data walk(er(n=32, p=.3), length=16, eval_walks=16)\n"
        "models transformer(layers=1, heads=1, width in {8, 16, 24})\n"
        "train adamw(batch=4, lr=900)  tokens in [4k..16k]\n"
        "fit power(N), power(D)\nexpect alpha(power(N)) > .1\n"
    )
    status, text = run(path, "--executor", "inline")
    assert (status, "every run diverged: 9 of them" in text) == (3, True)
    assert "no law could be fitted" in text
    status, found = data(path)
    assert (status, found["statuses"]) == (3, {"diverged": 9})
    assert {fit["status"] for fit in found["fits"]} == {"failed"}
    assert "**9 runs diverged**" in screen(path)
    assert "Nothing was found: every run diverged." in screen(path)
