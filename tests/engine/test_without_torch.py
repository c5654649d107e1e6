"""What works without torch, and what says that it needs it.

`.ci/run` runs this file a second time where torch is not there at all.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
RESULTS = Path(__file__).parents[1] / "data" / "results-0.1" / "clusters"
#: Imports of torch fail in this process as they do where it is not installed.
SCRIPT = """
import sys
sys.modules["torch"] = None
from scalingdsl.engine.cli import main
main(sys.argv[1:])
"""
STUDY = "data walk(er(n=64, p=.2), length=8)\nmodels transformer(width=8, heads=1)\ntrain adamw(lr=.01)  steps=2\n"
NEED = "needs torch, which is not installed: pip install 'scalingdsl[train]'"


def call(*args: str | Path, status: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "a.scl"
    path.write_text(STUDY)
    return path


def test_a_study_is_checked_and_formatted(study: Path) -> None:
    call("validate", study)
    call("fmt", study)
    call("summary", study)


def test_a_study_is_planned_and_the_time_said_to_be_of_a_typical_machine(study: Path) -> None:
    shown = call("plan", study)
    assert "predicted" in shown.stdout
    assert "the time is that of a typical machine" in shown.stderr
    estimate = json.loads(call("plan", study, "--machine", "h100", "--json").stdout)
    assert estimate["machine"]["name"] == "h100"
    assert estimate["warnings"] == []


def test_sources_that_need_torch_are_planned_without_their_notes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join(f"The cat {i} sat on the mat {i * i % 97}.\n" for i in range(900)))
    (tmp_path / "a.scl").write_text('data text("a.txt", length=8)\nmodels transformer(width=8)\ntrain adamw  steps=2\n')
    assert "what text(...) leaves out of its data is not known without torch" in call("plan", tmp_path / "a.scl").stderr


def test_what_trains_says_in_one_sentence_that_it_needs_torch(study: Path, tmp_path: Path) -> None:
    shown = call("run", study, "--out", tmp_path / "out", status=2)
    assert shown.stderr.splitlines()[-1] == f"error: training {NEED}"
    assert not (tmp_path / "out").exists()
    assert NEED in call("run", study, "--device", "cuda", "--out", tmp_path / "out", status=2).stderr


def test_a_table_is_fitted_reported_and_exported(tmp_path: Path) -> None:
    table, out = tmp_path / "runs.csv", tmp_path / "out"
    table.write_text("N,loss\n" + "".join(f"{n},{2 + 5 * n**-0.5}\n" for n in (10, 20, 40, 80, 160, 320)))
    call("fit", table, "--law", "power(N)", "--bootstrap", "20", "--out", out)
    for command in (("report",), ("status",), ("export", "--to", "csv")):
        call(command[0], out, *command[1:])


def test_stored_results_are_looked_at(tmp_path: Path) -> None:
    out = tmp_path / "results"
    shutil.copytree(RESULTS, out)
    call("report", out)
    call("status", out)
    call("export", out, "--to", "jsonl")
    call("diff", out, out)


def test_everything_is_explained() -> None:
    for word in ("SCL101", "FIT114", "RUN201", "adamw"):
        call("explain", word)
    call("schema", "plan")
