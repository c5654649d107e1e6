"""Results of an earlier version: they come to the same losses and verdicts, and nothing of them is trained again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.study.reporting import report_store

STORED = Path(__file__).parents[2] / "data" / "results-0.1"
STUDIES = (pytest.param("walks", marks=pytest.mark.slow), "clusters")
#: Claims on losses that were left open: each cell was judged by its own two seeds alone, now those of all are pooled.
DECIDED = {"min(loss) within 30% of entropy_rate": "held", "mean(loss, width=8) > mean(loss, width=32)": "held"}
#: Claims whose interval is drawn otherwise: each of few clusters is weighted by one factor.
REDRAWN = {"alpha(tail) within 0.3 of slope(brill(N))"}
#: A 95 % interval beside an estimate.
INTERVAL = re.compile(r" \[[^]]*\]")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


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
    return abs(float(now) - float(then)) <= max(1.01 * 10**-digits if "." in then else 0, 0.02 * abs(float(then)))


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """Rows of the tables of one section, without their heads."""
    for table in text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0].split("\n\n"):
        if table.lstrip().startswith("|"):
            yield from (line.split(" | ") for line in table.strip().splitlines()[2:])


@pytest.mark.parametrize("folder", STUDIES, indirect=True)
def test_the_same_verdicts_and_losses(folder: Path) -> None:
    then = (folder / "report.md").read_text()
    found = report_store(Store.existing(folder)).analysis
    for (claim, verdict, _, numbers), now in zip(rows(then, "Claims"), found.verdicts, strict=True):
        status = DECIDED.get(now.claim, verdict.strip("*"))
        assert (claim.strip("|` "), status) == (now.claim, now.status)
        detail = "; ".join(panel.detail for panel in now.panels)
        if now.claim in {*DECIDED, *REDRAWN}:
            detail, numbers = INTERVAL.sub("", detail), INTERVAL.sub("", numbers)
        pairs = zip(NUMBER.findall(detail), NUMBER.findall(numbers), strict=True)
        assert all(close(*pair) for pair in pairs), (detail, numbers)
    losses = [f"{loss:.10g}" for loss in sorted(found.cells.columns["loss"])]
    # A loss is the first number of a row that is no whole one; the report shows panel by panel.
    printed = sorted((next(n for n in row if "." in n) for row in rows(then, "Cells")), key=float)
    assert all(close(*pair) for pair in zip(losses, printed, strict=True))


@pytest.mark.parametrize("folder", STUDIES, indirect=True)
def test_a_second_run_trains_nothing(folder: Path) -> None:
    records = {path.name: path.read_bytes() for path in (folder / "runs").iterdir()}
    outcome = call("run", folder.with_suffix(".scl"), "--out", folder)
    assert (outcome.exit_code, "0 to train" in outcome.output) == (0, True)
    assert {path.name: path.read_bytes() for path in (folder / "runs").iterdir()} == records
