"""Bootstrap, profile likelihood and forecasts."""

from __future__ import annotations

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from numpy.typing import NDArray
from scalingdsl.engine.fits import Points, fit_law, optimum, predict, profile_intervals
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.intervals import bootstrap_random
from scalingdsl.engine.fits.intervals.bootstrap import choose_kind, interval
from scalingdsl.engine.fits.intervals.wild_bootstrap import LEVERAGE_POWER, corrected
from scalingdsl.engine.fits.predict import beyond, curve_interval, forecast, forecast_draws
from scalingdsl.spec.errors import FitError

from ....benchmarks import coverage

TRUE = {"E": 1.8, "A": 480.0, "alpha": 0.35, "B": 2100.0, "beta": 0.37}


def grid(rng: np.random.Generator, noise: float, sizes: int = 6, counts: int = 6) -> Points:
    """A grid of the additive law."""
    n, d = (
        x.ravel() for x in np.meshgrid(np.geomspace(1e7, 3e9, sizes), np.geomspace(1e9, 1e11, counts), indexing="ij")
    )
    loss = TRUE["E"] + TRUE["A"] * n ** -TRUE["alpha"] + TRUE["B"] * d ** -TRUE["beta"]
    return Points({"N": n, "D": d}, loss * np.exp(noise * rng.normal(size=len(n))))


def trajectories(rng: np.random.Generator, runs: int = 12, marks: int = 6) -> Points:
    """Runs of six marks each, whose noise is mostly the run's."""
    points = grid(rng, 0.0, runs, marks)
    run = np.repeat(np.arange(runs), marks)
    z = 0.0035 * rng.normal(size=runs)[run] + 0.002 * rng.normal(size=len(run))
    return Points(points.variables, points.loss * np.exp(z), run)


def too_few(covered: int, tables: int, level: float = 0.95) -> float:
    """Chance of covering at most this often if the level were met."""
    return sum(comb(tables, k) * level**k * (1 - level) ** (tables - k) for k in range(covered + 1))


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["grid 5 x 6", "8 trajectories of 6", "24 trajectories of 6", "slice of 8"])
def test_intervals_cover_the_truth_on_forty_tables(scenario: str) -> None:
    """Of parameters, a, N*, the law and a new run; fails where the level would miss as often once in 2,000 times."""
    every = [coverage.covered(coverage.SCENARIOS[scenario], 5000 + table, 300) for table in range(40)]
    assert not any(hits.pop(coverage.OPEN) for hits in every)
    for name in every[0]:
        count = sum(hits[name] for hits in every)
        assert too_few(count, 40) > 5e-4, f"{name}: {count} of 40"


@pytest.mark.parametrize(
    "scenario", ["three seeds of 30 settings", "the best of 5 rates, 30 times", "30 settings, copied"]
)
def test_each_kind_of_table_has_its_points(scenario: str) -> None:
    points = coverage.SCENARIOS[scenario](np.random.default_rng(0)).points
    assert points.n_clusters == 30
    assert points.n == (90 if scenario.startswith("three") else 30)


def test_random_numbers_belong_to_draw_and_cluster_alone() -> None:
    some, all_of_them = np.array([3, 7]), np.arange(10)
    assert np.array_equal(bootstrap_random.signs(1, 50, some), bootstrap_random.signs(1, 50, all_of_them)[:, some])
    assert np.array_equal(bootstrap_random.counts(1, 50, some), bootstrap_random.counts(1, 80, all_of_them)[:50, some])
    assert not np.array_equal(bootstrap_random.signs(1, 50, some), bootstrap_random.signs(2, 50, some))


def test_random_numbers_have_the_right_moments() -> None:
    cluster = np.arange(200)
    counts, signs = bootstrap_random.counts(0, 500, cluster), bootstrap_random.signs(0, 500, cluster)
    assert np.mean(counts) == pytest.approx(1.0, abs=0.01)
    assert np.var(counts) == pytest.approx(1.0, abs=0.02)
    assert np.mean(signs) == pytest.approx(0.0, abs=0.01)
    assert np.max(np.abs(np.corrcoef(signs[:, :20].T) - np.eye(20))) < 0.2


def test_the_bootstrap_is_chosen_by_clusters() -> None:
    def cells(cluster: NDArray[np.int64]) -> Points:
        return Points({}, np.ones(len(cluster)), cluster)

    assert choose_kind("auto", 1, cells(np.arange(100))) == "wild"
    assert choose_kind("auto", 2, cells(np.arange(19))) == "wild"
    assert choose_kind("auto", 2, cells(np.arange(20))) == "cases"
    assert choose_kind("auto", 2, cells(np.repeat(np.arange(99), 4))) == "wild"
    assert choose_kind("auto", 2, cells(np.repeat(np.arange(100), 4))) == "clusters"
    assert choose_kind("cases", 1, cells(np.arange(5))) == "cases"


def test_clusters_widen_intervals_that_cases_make_too_narrow() -> None:
    points = trajectories(np.random.default_rng(0), runs=30)
    honest = fit_law("chinchilla", points, bootstrap=200)
    naive = fit_law("chinchilla", Points(points.variables, points.loss), bootstrap=200)
    assert (honest.bootstrap, naive.bootstrap) == ("wild", "cases")
    width = [f.intervals["alpha"].high - f.intervals["alpha"].low for f in (honest, naive)]
    assert width[0] > 1.3 * width[1]


def test_percentiles_and_their_correction() -> None:
    draws = np.random.default_rng(0).normal(size=20_000)
    assert interval(draws, 0.0) == pytest.approx((-1.96, 1.96), abs=0.05)
    symmetric = interval(draws, 0.0, np.random.default_rng(1).normal(size=400))
    assert symmetric == pytest.approx((-1.96, 1.96), abs=0.15)
    biased = interval(draws + 0.5, 0.0, np.linspace(-1, 1, 50))
    assert biased.high < 1.96 - 0.3  # draws half a standard error too high are moved back, twice over
    assert all(np.isnan(interval(np.array([]), 0.0)))


def test_intervals_have_no_unit() -> None:
    """A coefficient of 1e150 has the interval of one of 1, and none overflows."""
    draws, left_out = np.random.default_rng(0).normal(size=2000) + 0.2, np.linspace(-1, 2, 50) ** 3
    large = interval(1e150 * draws, 0.0, 1e150 * left_out)
    assert tuple(large) == pytest.approx([1e150 * end for end in interval(draws, 0.0, left_out)])


def test_corrected_residuals_undo_the_pull_of_a_point_on_its_curve() -> None:
    tangent = np.stack([np.ones(5), np.array([-1.0, -1.0, -1.0, -1.0, 4.0])], axis=1)
    residual = np.full(5, 0.1)
    size = corrected(residual, tangent, np.arange(5))
    leverage = np.array([0.25, 0.25, 0.25, 0.25, 0.98])
    assert size == pytest.approx(0.1 * (1 - leverage) ** -LEVERAGE_POWER)


@pytest.mark.parametrize("objective", ["log-mse", "huber"])
def test_profile_and_bootstrap_agree_where_both_hold(objective: str) -> None:
    points = grid(np.random.default_rng(5), 0.002, 8, 8)
    fit = fit_law("chinchilla", points, objective=objective, bootstrap=400)
    profiles = profile_intervals(fit)
    assert set(profiles) == set(fit.intervals)
    for name, found in fit.intervals.items():
        profiled = profiles[name]
        assert profiled.low < fit.params[name] < profiled.high
        assert (profiled.high - profiled.low) / (found.high - found.low) == pytest.approx(1.0, abs=0.45), name


def test_a_profile_that_the_data_leave_open_ends_at_the_bound() -> None:
    x = np.geomspace(1e6, 1e8, 8)
    fit = fit_law("power", Points({"N": x}, 10.0 - 0.3 * np.log(x)), objective="log-mse", bootstrap=0)
    assert profile_intervals(fit)["E"].low == 0.0
    held = fit_law("power", Points({"D": x}, 10.0 - 0.3 * np.log(x)), fixed={"E": 0.5}, bootstrap=0)
    assert set(profile_intervals(held)) == {"B", "beta"}


def test_profiles_are_refused_where_they_would_mislead() -> None:
    assert set(profile_intervals(fit_law("chinchilla", two_sizes(), bootstrap=0))) == {"B", "beta"}
    points = grid(np.random.default_rng(5), 0.002)
    clustered = fit_law("chinchilla", replace(points, cluster=np.arange(36) // 2), bootstrap=0)
    with pytest.raises(FitError, match="36 points in 18 clusters: a profile takes points for independent"):
        profile_intervals(clustered)
    with pytest.raises(FitError, match=r"kernel \(converged\) has no parameters to profile"):
        profile_intervals(fit_law("kernel", points, bootstrap=0))


def test_forecasts_add_the_noise_of_a_run() -> None:
    points = grid(np.random.default_rng(2), 0.01, 10, 10)
    fit = fit_law("chinchilla", points, objective="log-mse", bootstrap=1000)
    at: dict[str, Array] = {"N": np.array([1e8, 1e9]), "D": np.array([1e10, 1e10])}
    law, run = curve_interval(fit, at), forecast(fit, at)
    for narrow, wide, value in zip(law, run, predict(fit, at)):
        assert wide.low < narrow.low < value < narrow.high < wide.high
        assert (wide.high - wide.low) / value == pytest.approx(2 * 1.96 * 0.01, rel=0.25)
    assert forecast_draws(fit, at).shape == (1000, 2)


def test_distance_from_the_data_is_in_decades() -> None:
    fitted = {"N": np.array([1e6, 1e8]), "D": np.array([1e9, 1e10])}
    away = beyond(fitted, {"N": np.array([1e9, 1e7]), "D": np.array([1e9, 1e7])})
    assert away["N"] == pytest.approx([1.0, 0.0])
    assert away["D"] == pytest.approx([0.0, 2.0])


def two_sizes(noise: float = 0.003) -> Points:
    """Two numbers of parameters, each at twelve token counts."""
    n, d = (x.ravel() for x in np.meshgrid([1e7, 1e8], np.geomspace(1e8, 1e11, 12)))
    loss = (1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37) * np.exp(noise * np.random.default_rng(1).normal(size=24))
    return Points({"N": n, "D": d}, loss)


def test_what_the_points_do_not_tell_has_no_interval() -> None:
    """With two sizes E and A N^-alpha are two numbers told by three parameters; the term in D is told as ever."""
    fit = fit_law("chinchilla", two_sizes(), bootstrap=200)
    assert (fit.status, fit.unidentified) == ("unidentified", ("E", "A", "alpha"))
    assert set(fit.intervals) == {"B", "beta"}
    assert fit.intervals["beta"].low < 0.37 < fit.intervals["beta"].high
    (doubt,) = [w.message for w in fit.warnings if w.code == "FIT104"]
    assert doubt == "other values of E, A, alpha predict these points as well"


def test_predictions_that_hang_on_what_is_not_told_are_wide_and_others_are_not() -> None:
    fit = fit_law("chinchilla", two_sizes(), bootstrap=200)
    measured, beyond = curve_interval(fit, {"N": np.array([1e7, 1e9]), "D": np.array([1e10, 1e10])})
    assert measured.high - measured.low < 0.03
    assert beyond.high - beyond.low > 0.3
    best = optimum("surface", fit=fit, points=two_sizes())
    assert set(best.unidentified) == {"a", "b", "gamma", "E", "N_1", "D_1", "K"}
    assert (best.intervals, best.flat) == ({}, None)


def test_a_law_of_a_variable_that_does_not_vary_tells_nothing() -> None:
    points = Points({"N": np.full(12, 1e8)}, np.linspace(2.0, 3.0, 12))
    fit = fit_law("power", points, bootstrap=50)
    assert (fit.intervals, fit.unidentified) == ({}, ("E", "A", "alpha"))
    warnings = {w.code: w.message for w in fit.warnings}
    assert warnings["FIT122"].startswith("N does not vary: it is 1e+08 in all 12 points")
    assert "FIT125" not in warnings


def test_a_coefficient_is_not_told_where_its_exponent_is_not() -> None:
    """In one panel of two D takes one value: the shared exponent is told by the other."""
    d = np.geomspace(1e6, 1e9, 8)
    x = np.concatenate([d, np.full(4, 1e7)])
    loss = 2.0 + 300.0 * x**-0.4
    points = Points({"D": x}, loss, group=("a",) * 8 + ("b",) * 4)
    fit = fit_law("power", points, shared=("E", "beta"), bootstrap=0)
    assert (fit.status, fit.unidentified) == ("converged", ())
    assert set(fit_law("power", points, shared=("beta",), bootstrap=0).unidentified) == {"E[b]", "B[b]"}
