"""What a plan says before anything is trained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.fits import Points, fit_law
from scalingdsl.engine.planning.grid_design import assumption, foretell, largest_panel
from scalingdsl.spec import check
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan

STUDY = """
data walk(er(n=64, p=.2), length=16, kappa={kappa})
models transformer(layers=1, heads=1, param=muP)  width in [16..256]
train adamw  tokens in [20k..640k]  tune lr in {{.01, .1}}  seed in {{0, 1}}
fit chinchilla
"""


def planned(kappa: str = "0") -> tuple[StudyPlan, list[Run]]:
    """A study's plan and runs."""
    plan = check("study.scl", text=STUDY.format(kappa=kappa)).plan
    assert plan is not None
    return plan, list(plan.runs())


def test_seeds_and_tuned_rates_are_one_cell_and_panels_are_apart() -> None:
    plan, runs = planned()
    assert len(runs) == 5 * 6 * 4
    for cells, repeats in (largest_panel(plan, runs), largest_panel(*planned("{0, 1}"))):
        assert (len(cells), repeats) == (30, 2)


def test_more_noise_means_wider_intervals_and_another_grid_may_do_better() -> None:
    plan, runs = planned()
    quiet, loud = (foretell(plan, runs, noise, {}) for noise in (0.001, 0.004))
    for name in ("alpha", "beta", "E"):
        assert loud.widths[name] > 3 * quiet.widths[name]
    assert quiet.better is not None
    planned_flops = sum(6 * n * d for n, d in largest_panel(plan, runs)[0])
    assert quiet.better.flops <= planned_flops * 1.01
    before, after = quiet.widths, quiet.better_widths
    assert after["alpha"] * after["beta"] < before["alpha"] * before["beta"]


def test_the_assumed_law_may_be_given_in_part() -> None:
    plan, runs = planned()
    found = foretell(plan, runs, 0.002, {"alpha": 0.9, "E": 2.0})
    assert (found.assumed["alpha"], found.assumed["E"], found.assumed["beta"]) == (0.9, 2.0, 0.37)
    law = assumption(np.array([1e4, 1e6]), np.array([1e5, 1e7]), {"E": 2.0})
    assert law["A"] * 1e4 ** -law["alpha"] == pytest.approx(0.8)


@pytest.mark.slow
def test_what_is_foretold_is_what_fits_of_simulated_studies_have() -> None:
    """Widths of intervals within 20 %, over twenty simulated studies of the same grid."""
    plan, runs = planned()
    found = foretell(plan, runs, 0.003, {})
    cells, repeats = largest_panel(plan, runs)
    n, d = np.array(cells, dtype=np.float64).T
    law = found.assumed
    exact = law["E"] + law["A"] * n ** -law["alpha"] + law["B"] * d ** -law["beta"]
    widths: dict[str, list[float]] = {name: [] for name in ("E", "alpha", "beta")}
    for table in range(20):
        z = np.random.default_rng(table).normal(size=(repeats, len(n)))
        points = Points({"N": n, "D": d}, np.mean(exact * np.exp(0.003 * z), axis=0))
        fit = fit_law("chinchilla", points, bootstrap=200, seed=table)
        for name, seen in widths.items():
            seen.append(fit.intervals[name].high - fit.intervals[name].low)
    for name, seen in widths.items():
        assert found.widths[name] == pytest.approx(float(np.mean(seen)), rel=0.2), name


@pytest.mark.slow
def test_plan_says_how_wide_intervals_will_be(tmp_path: Path) -> None:
    study = tmp_path / "study.scl"
    study.write_text(STUDY.format(kappa="0"))
    args = ["plan", str(study), "--design", "0.002", "--assume", "alpha=.5,E=2"]
    answer = json.loads(CliRunner().invoke(main, [*args, "--json"]).stdout)["design"]
    assert (answer["noise"], answer["repeats"], answer["assumed"]["alpha"], answer["assumed"]["E"]) == (
        0.002,
        2,
        0.5,
        2,
    )
    assert answer["widths"]["alpha"] > 0
    assert answer["better"]["flops"] > 0
    shown = CliRunner().invoke(main, args).stdout
    assert "design  95 % intervals with 0.2 % noise, 2 runs a cell, assuming E 2, alpha 0.5" in shown
    assert CliRunner().invoke(main, [*args[:-1], "gamma=1"]).exit_code == 2


def test_grids_too_small_for_a_law_are_refused() -> None:
    plan, runs = planned()
    few = [run for run in runs if run.n_total == runs[0].n_total]
    with pytest.raises(UsageError, match="it needs three or more of each, in six or more cells"):
        foretell(plan, few, 0.002, {})
