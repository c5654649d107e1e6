"""Claims on small studies whose truth is known, that wide intervals, one seed or noise once decided wrongly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.spec import load

TABLES = 4


def judged(folder: Path, columns: dict[str, np.ndarray], lines: list[str]) -> Analysis:
    """The study of a table, few draws."""
    rows = [",".join(f"{value:.10g}" for value in row) for row in zip(*columns.values())]
    (folder / "t.csv").write_text("\n".join([",".join(columns), *rows]))
    plan = load(folder / "s.scl", text="\n".join(['data table("t.csv")', *lines]))
    return analyse(plan, {}, table=study_table(plan, folder))


def statuses(found: Analysis) -> list[str]:
    return [verdict.status for verdict in found.verdicts]


def test_a_wide_interval_neither_fails_a_narrow_claim_nor_holds_its_negation(tmp_path: Path) -> None:
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 3e9, 5), np.geomspace(1e9, 1e11, 5), indexing="ij"))
    true = 1.8 + 480 * n**-0.35 + 2100 * d**-0.37
    claims = [
        "E within 0.01 of 1.8", "E in [1.79..1.81]", "1.79 < E < 1.81", "abs(E - 1.8) < 0.01",
        "not E within 0.01 of 1.8", "E < 1.79 or E > 1.81", "abs(E - 1.8) > 0.01",
    ]  # fmt: skip
    lines = ["fit chinchilla(bootstrap=60)", *(f"expect {claim}" for claim in claims)]
    for table in range(TABLES):
        noise = np.exp(0.02 * np.random.default_rng(table).normal(size=25))
        found = statuses(judged(tmp_path, {"N": n, "D": d, "loss": true * noise}, lines))
        assert "failed" not in found[:4]
        assert "held" not in found[4:]


def test_a_difference_of_one_seed_is_undecided_and_it_is_said(tmp_path: Path) -> None:
    """Two settings that differ in nothing, a run each: only replicates or a smooth law tell how much runs differ by."""
    n, d = np.full(2, 1e6), np.array([2e7, 2.0001e7])
    for losses in ([2.301, 2.262], [2.262, 2.301]):
        found = judged(tmp_path, {"N": n, "D": d, "loss": np.array(losses)}, ["expect loss(D=20M) > loss(D=20.001M)"])
        assert statuses(found) == ["undecided"]
        assert "RUN209" in [note.code for note in found.notes]


def test_noise_makes_no_spread_and_no_difference(tmp_path: Path) -> None:
    sizes, counts = np.geomspace(1e6, 2.56e8, 7), np.geomspace(2e7, 6.4e8, 6)
    n, d = np.tile(sizes, 6), np.repeat(counts, 7)
    true = 1.5 + 20 * d**-0.2 + 0.8 * (n / 1e6) ** -0.5
    first, last = (f"alpha(power(N), D={count:.0f})" for count in (counts[0].round(), counts[-1].round()))
    lines = [
        "fit power(N, bootstrap=60)", "expect spread(alpha(power(N))) > 0.05", "expect spread(alpha(power(N))) < 0.05",
        f"expect abs({first} - {last}) > 0.02", f"expect abs({first} - {last}) < 0.02",
    ]  # fmt: skip
    for table in range(TABLES):
        noise = np.exp(0.006 * np.random.default_rng(table).normal(size=42))
        found = statuses(judged(tmp_path, {"N": n, "D": d.round(), "loss": true * noise}, lines))
        assert found[0] != "held", table
        assert found[1] != "failed", table
        assert found[2] != "held", table
        assert found[3] != "failed", table


def test_statistics_of_fits_have_draws(tmp_path: Path) -> None:
    """Curves are exponentials: no power law is held to be nearer to them, and what is shown has an interval."""
    x = np.geomspace(1e7, 1.28e9, 8)
    for table in range(TABLES):
        noise = np.exp(0.005 * np.random.default_rng(table).normal(size=8))
        loss = (2 + np.exp(-0.04 * (x / x[0] - 1))) * noise
        found = judged(
            tmp_path,
            {"N": np.full(8, 1e6), "D": x.round(), "loss": loss},
            ["fit power(D, bootstrap=60), exponential(D, bootstrap=60)", "expect mse(power(D)) < mse(exponential(D))",
             "expect rmse(exponential(D)) in [0.0001..0.1]"],
        )  # fmt: skip
        assert statuses(found)[0] != "held"
        for verdict in found.verdicts:
            interval = verdict.panels[0].relations[0].left.interval
            assert interval is not None
            assert interval.low < interval.high
