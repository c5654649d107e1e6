"""A whole study that a program of the person's own trains: planned, run, gone on with, reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main

pytestmark = pytest.mark.slow

STUDY = """
title "muP on a trainer of my own"
data dataset("shakespeare", vocab=65)
models external(N=24*width^2 + vocab*width, param={SP, muP})  width in {32, 64}
train  tokens in {100k, 200k, 400k}
  lr = .01
fit power(D)
expect mean(beta(power(D))) > .1
"""

TRAINER = """
import math
import os


def train(width: int, param: str, tokens: int, lr: float, out: str) -> dict[str, float]:
    if os.path.exists("broken") and width == 64:
        raise RuntimeError("the disk is full")
    n = 24 * width**2 + 65 * width
    best = 0.01 if param == "muP" else 0.01 * 32 / width
    noise = 0.002 * math.sin(width * tokens)
    loss = 1.5 + (n / 100) ** (-0.35 if param == "muP" else -0.25) + (tokens / 100) ** -0.4 + noise
    return {"loss": loss + 0.05 * math.log(lr / best) ** 2, "tokens": tokens}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.scl").write_text(STUDY)
    (tmp_path / "mytrainer.py").write_text(TRAINER)
    return tmp_path


def call(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(args))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_study_is_run_and_reported(here: Path) -> None:
    (here / "scalingdsl.toml").write_text('[trainers.mine]\ncommand = "mytrainer:train"\nretries = 0\nversion = "1"\n')
    (here / "broken").touch()
    with_mine = ("mine.scl", "--trainer", "mine")
    status, said = call("run", *with_mine)
    assert status == 3, said
    assert "RuntimeError: the disk is full" in said
    (here / "broken").unlink()
    status, said = call("run", *with_mine, "--json")
    assert status == 0, said
    found = json.loads(said[said.index("{") :])
    assert (found["runs"], found["trained"], found["statuses"]) == (12, 6, {"done": 12})
    page = (here / "runs" / "mine" / "report.md").read_text()
    assert "held" in page
    before = page
    assert call("report", "runs/mine")[0] == 0
    assert (here / "runs" / "mine" / "report.md").read_text() == before
    planned = json.loads(CliRunner().invoke(main, ["plan", *with_mine, "--json"]).stdout)
    assert planned["done"] == 12
    status, said = call("plan", *with_mine, "--trainer-version", "2")
    assert "done    0 of 12 runs" in said
    assert "predicted" not in said  # nothing of version 2 was trained
    (run, *_) = (here / "runs" / "mine" / "runs").glob("*.json")
    assert call("why", run.stem, "--out", "runs/mine")[0] == 0
    assert call("status", "runs/mine")[0] == 0
    assert call("export", "runs/mine", "--to", "csv")[0] == 0
    assert "muP" in (here / "runs" / "mine" / "export" / "runs.csv").read_text()


def test_a_worker_helps_with_a_trainer_of_its_own(here: Path) -> None:
    (here / "scalingdsl.toml").write_text('[trainers.mine]\ncommand = "mytrainer:train"\nretries = 0\n')
    (here / "broken").touch()
    assert call("run", "mine.scl", "--trainer", "mine", "--fail-fast", "--workers", "1")[0] in (3, 130)
    (here / "broken").unlink()
    waiting = len(list((here / "runs" / "mine" / "queue").glob("*.json")))
    assert waiting > 0
    status, said = call("work", "runs/mine")
    assert status == 2
    assert "none is told" in said
    status, said = call("work", "runs/mine", "--trainer", "mine", "--workers", "1")
    assert status == 0, said
    assert f"{waiting} runs trained here" in said


def test_python_says_the_same(here: Path) -> None:
    from scalingdsl.engine import plan, run

    assert "time unknown" in repr(plan(text=STUDY, trainer="mytrainer:train"))
    text = 'data dataset("x")\nmodels external(N=width^2, param=SP)  width in {8}\ntrain lr=.01 tokens in {1k, 2k}\n'
    found = run(text=text, out=here / "out", trainer="mytrainer:train", progress=False)
    assert found.exit_status == 0
    assert "mytrainer:train" in (here / "out" / "report.md").read_text()


def test_what_is_not_told_is_refused_before_anything_runs(here: Path) -> None:
    (here / "mytrainer.py").write_text("def train(width: int, tokens: int) -> float:\n    return 1.0\n")
    status, said = call("run", "mine.scl", "--trainer", "mytrainer:train")
    assert status == 2
    assert "not told `param`, in which runs of the study differ; let the function take it" in said
    assert not (here / "runs").exists()
    status, said = call("run", "mine.scl", "--trainer", "mytrainer:missing")
    assert status == 2
    assert "cannot be imported" in said
    (here / "walk.scl").write_text("data walk(er(n=64, p=.2)); models width in [8..32]; fit power(D)\n")
    status, said = call("run", "walk.scl", "--trainer", "mytrainer:train")
    assert status == 2
    assert "trained here" in said
