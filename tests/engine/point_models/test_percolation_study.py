"""Studies of percolation from text to verdicts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scalingdsl.engine.study.run_study import StudyOutcome, run_study
from scalingdsl.spec import load
from scalingdsl.spec.plan.expand import product

pytestmark = pytest.mark.slow

STUDIES = Path(__file__).parents[3] / "studies" / "percolation"
#: The small study, smaller: two seeds of clusters of up to 100k sites, one in a hundred of them tested.
SMALLER = (
    (STUDIES / "critical-small.scl")
    .read_text()
    .replace("largest=1M", "largest=100k, tested=1%")
    .replace("[0..9 step 1]", "{0, 1}")
    .replace("[1..4096]", "[1..1024]")
)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> StudyOutcome:
    folder = tmp_path_factory.mktemp("percolation")
    plan = load("smaller.scl", text=SMALLER)
    return run_study(plan, base=folder, out=folder / "out", executor="inline", workers=1)


def test_every_run_is_done_and_every_claim_is_judged(outcome: StudyOutcome) -> None:
    assert (outcome.n_runs, outcome.n_trained) == (44, 44)
    assert outcome.analysis is not None
    assert {v.status for v in outcome.analysis.verdicts} <= {"held", "undecided"}
    assert all(not v.skipped for v in outcome.analysis.verdicts)
    # A claim on both sizes is judged at each of the two, which never meet.
    slopes = outcome.analysis.verdicts[2]
    assert [p.panel for p in slopes.panels] == [(("models", "bysize"),), (("models", "bydata"),)]


def test_facts_of_the_data_have_errors(outcome: StudyOutcome) -> None:
    assert outcome.analysis is not None
    hill = outcome.analysis.verdicts[0].panels[0].detail
    found = re.fullmatch(r"hill\(data\) = (-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\] within 0.08 of 0.5", hill)
    assert found, hill
    value, low, high = map(float, found.groups())
    assert low < value < high


def test_a_cell_has_one_size(outcome: StudyOutcome) -> None:
    assert outcome.analysis is not None
    cells = outcome.analysis.cells.columns
    bysize = cells["models"] == "bysize"
    assert (cells["N"][bysize] > 0).all()
    assert (cells["D"][~bysize] > 0).all()
    assert not (cells["D"][bysize] > 0).any()
    assert not (cells["C"] > 0).any()
    fits = [(f.request.name, f.panel) for f in outcome.analysis.fits]
    assert fits == [
        ("tailN", (("models", "bysize"),)), ("tailD", (("models", "bydata"),)),
        ("brill(N)", (("models", "bysize"),)), ("brill(D)", (("models", "bydata"),)),
    ]  # fmt: skip


def test_the_report_speaks_of_points_and_draws_the_theory(outcome: StudyOutcome) -> None:
    assert outcome.report is not None
    text = outcome.report.read_text()
    assert "degrees of freedom" in text
    assert "### brill(N)" in text
    assert "nats a token" not in text
    assert "Not fitted" not in text
    assert "converged" in text
    for along in "ND":
        drawn = (outcome.report.parent / "figures" / f"scaling-{along}.svg").read_text()
        assert "brill" in drawn
        assert "mean squared error" in drawn


@pytest.mark.parametrize(
    ("name", "points"),
    [
        *(("critical-small", 260), ("critical", 5000), ("manifold-small", 400), ("embedded-small", 520)),
        *(("mlp-small", 416), ("manifold", 1260), ("embedded", 150), ("mlp", 1450)),
    ],
)
def test_the_shipped_studies_plan(name: str, points: int) -> None:
    plan = load(STUDIES / f"{name}.scl")
    assert product(plan)[0] == points
    assert plan.claims
