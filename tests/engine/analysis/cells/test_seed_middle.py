"""Medians over seeds: by hand, against the bootstrap, and how often their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.analysis.cells.seed_middle import MEAN, MEDIAN
from scalingdsl.spec import check, load
from scipy.stats import t

from ...make import axis
from .test_reduce_runs import cells_of

SEEDS = axis("seed", [0, 1, 2], "median")


def test_a_cell_is_the_median_of_its_seeds() -> None:
    cells = cells_of([SEEDS], {(0,): 3.0, (1,): 9.0, (2,): 3.3})
    assert cells.columns["loss"][0] == 3.3
    # Each of three values is the median of a sample of them with probabilities 7/27, 13/27, 7/27.
    mean, square = (7 * 3 + 13 * 3.3 + 7 * 9) / 27, (7 * 9 + 13 * 3.3**2 + 7 * 81) / 27
    assert cells.columns["standard_error"][0] == pytest.approx((square - mean**2) ** 0.5)
    assert cells.columns["seed_deviation"][0] == pytest.approx((3 * (square - mean**2)) ** 0.5)
    assert cells.columns["n_seeds"][0] == 3
    assert "seed" not in cells.columns


def test_of_five_seeds_medians_know_their_spread() -> None:
    values = [2.0, 9.0, 3.0, 2.5, 4.0]
    seeds = axis("seed", range(5), "median")
    cells = cells_of([seeds], {(i,): value for i, value in enumerate(values)})
    # Of five order statistics the 16th percentile lies .64 of a step above the first, the 84th as far below the last.
    assert cells.columns["loss_16"][0] == pytest.approx(2.0 + 0.64 * 0.5)
    assert cells.columns["loss_84"][0] == pytest.approx(9.0 - 0.64 * 5.0)
    assert np.isnan(cells_of([SEEDS], {(i,): values[i] for i in range(3)}).columns["loss_16"][0])
    means = cells_of([axis("seed", range(5), "replicate")], {(i,): value for i, value in enumerate(values)})
    assert "loss_16" not in means.columns


def test_the_tuned_value_is_that_of_the_lowest_median() -> None:
    rates = axis("lr", [0.1, 0.3], "tune")
    losses = {(0.1, 0): 3.0, (0.1, 1): 9.0, (0.1, 2): 3.1, (0.3, 0): 3.5, (0.3, 1): 3.6, (0.3, 2): 3.7}
    assert cells_of([rates, SEEDS], losses).columns["best_lr"][0] == 0.1
    assert cells_of([rates, axis("seed", [0, 1, 2], "replicate")], losses).columns["best_lr"][0] == 0.3


@pytest.mark.parametrize("n", [3, 5, 9, 51])
def test_the_standard_error_is_that_of_the_bootstrap(n: int) -> None:
    random = np.random.default_rng(n)
    values = random.lognormal(size=n)
    draws = np.median(values[random.integers(n, size=(40_000, n))], axis=1)
    assert MEDIAN.error(values) == pytest.approx(np.std(draws), rel=0.03)


def test_of_two_seeds_the_median_is_their_mean() -> None:
    values = np.array([1.0, 3.0])
    assert (MEDIAN.of(values), MEDIAN.error(values)) == (MEAN.of(values), MEAN.error(values))


@pytest.mark.parametrize("n", [5, 10, 50])
def test_intervals_of_medians_hold_where_seeds_scatter_far_to_one_side(n: int) -> None:
    """The median of exp(1.5 z) is 1, and its mean 3.1; a 95 % interval by the standard error holds it as often."""
    samples = np.random.default_rng(n).lognormal(sigma=1.5, size=(1500, n))
    reach = t.ppf(0.975, n - 1)
    held = [abs(MEDIAN.of(x) - 1) < reach * MEDIAN.error(x) for x in samples]
    assert 0.92 < np.mean(held) <= 1


def test_medians_are_over_seeds_alone() -> None:
    study = "data walk(er(n=60, edges=200))\nmodels transformer(width=8)\ntrain adamw  tokens in [4k..16k]  "
    plan = load("s.scl", text=f"{study}median seed in {{0, 1, 2}}\nfit power(D, E=0)\nexpect median(loss) < 9\n")
    (seeds,) = (a for a in plan.axes if a.name == "seed")
    assert seeds.role == "median"
    averaged = load("s.scl", text=f"{study}seed in {{0, 1, 2}}\nfit power(D, E=0)\nexpect median(loss) < 9\n")
    assert [run.key for run in plan.runs()] == [run.key for run in averaged.runs()]
    assert plan.digest != averaged.digest
    (found,) = check("s.scl", text=f"{study}median lr in {{0.01, 0.02, 0.04}}\n").errors
    assert found.code == "SCL220"
    # A name of one's own, and the reduction, are what they were.
    assert not check("s.scl", text=f"{study}\nlet median = 3\nfit power(D, E=0)\nexpect median(loss) < median\n").errors
