"""Where nothing of POSIX is at hand, as on Windows, studies are still checked, planned and reported, tables fitted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RESULTS = Path(__file__).parents[1] / "data" / "results-0.1" / "clusters"

SCRIPT = """
import sys, warnings
sys.modules.update(dict.fromkeys(("fcntl", "grp", "pwd", "resource", "termios")))
warnings.simplefilter("ignore")  # filelock has its other lock for Windows
from scalingdsl.engine.cli import main
main(sys.argv[1:])
"""


def call(*args: str | Path) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_study_is_checked_and_planned(tmp_path: Path) -> None:
    study = tmp_path / "a.scl"
    study.write_text("data walk(er(n=64, p=.2), length=8)\nmodels transformer(width=8)\ntrain adamw(lr=.01)  steps=2\n")
    call("validate", study)
    call("plan", study)


def test_a_table_is_fitted(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("N,loss\n" + "".join(f"{n},{2 + 5 * n**-0.5}\n" for n in (10, 20, 40, 80, 160, 320)))
    call("fit", table, "--law", "power(N)")


def test_results_are_reported(tmp_path: Path) -> None:
    shutil.copytree(RESULTS, tmp_path / "results")
    call("report", tmp_path / "results")
