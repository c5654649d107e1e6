"""Results of an earlier version: they come to the same report, and nothing of them is trained again."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main

STORED = Path(__file__).parents[2] / "data" / "results-0.1"
STUDIES = (pytest.param("walks", marks=pytest.mark.slow), "clusters")
#: Lines of the old reports that read otherwise now: study, old, new, and why the old one was wrong.
MENDED = tuple(
    (
        "clusters",
        f"`L({size}) of a learner on critical percolation clusters`\n\n",
        "",
        "a sentence about the law stood where its formula stands",
    )
    for size in "ND"
)
#: Lines that say who analysed, not what came out.
ANALYST = ("| analysed with |", "| report made with |")
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a study's results; the study itself lies beside it."""
    shutil.copy(STORED / f"{request.param}.scl", tmp_path)
    return Path(shutil.copytree(STORED / request.param, tmp_path / request.param))


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


def close(now: str, then: str) -> bool:
    """Equal to a unit of the last digit printed, or to 2 %: other processors and libraries round otherwise."""
    if now == then:
        return True
    digits = len(then.partition(".")[2]) if "e" not in then else 0
    return abs(float(now) - float(then)) <= max(1.01 * 10**-digits if "." in then else 0, 0.02 * float(then))


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(ANALYST)]


@pytest.mark.parametrize("folder", STUDIES, indirect=True)
def test_the_same_report(folder: Path) -> None:
    then = (folder / "report.md").read_text()
    for study, old, new, _ in MENDED:
        then = then.replace(old, new) if study == folder.name else then
    (folder / "report.md").unlink()
    assert call("report", folder).exit_code == 0
    now = (folder / "report.md").read_text()
    for found, expected in zip(lines(now), lines(then), strict=True):
        assert NUMBER.sub("#", found) == NUMBER.sub("#", expected)
        pairs = zip(NUMBER.findall(found), NUMBER.findall(expected), strict=True)
        assert all(close(*pair) for pair in pairs), (found, expected)


@pytest.mark.parametrize("folder", STUDIES, indirect=True)
def test_a_second_run_trains_nothing(folder: Path) -> None:
    records = {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}
    outcome = call("run", folder.with_suffix(".scl"), "--out", folder)
    assert (outcome.exit_code, "0 to train" in outcome.output) == (0, True)
    assert {path.name: path.read_bytes() for path in (folder / "runs").iterdir()} == records
