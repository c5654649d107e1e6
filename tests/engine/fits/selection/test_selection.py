"""What laws say beyond their data, and what a grid will be able to say."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, predict, predict_draws
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.selection.extrapolation import predictions
from scalingdsl.engine.fits.selection.power_analysis import ASSUMED, Grid, better_grid, expected_widths
from scalingdsl.engine.fits.selection.validation import Ranked, largest, rank, rivals, rollout, split, validation
from scalingdsl.engine.fits.tables.fit_table import fit_table
from scalingdsl.spec.errors import FitError

from ....benchmarks import extrapolation
from ..gemstones import gemstones


def surface(noise: float = 0.002, seed: int = 0) -> Points:
    """A grid of the additive law."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(1e9, 1e11, 7)))
    loss = 1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37
    return Points({"N": n, "D": d}, loss * np.exp(noise * np.random.default_rng(seed).normal(size=len(n))))


def learning_curve(kind: str, rng: np.random.Generator) -> Points:
    """Loss against examples seen: a power law, one with an offset, a levelling sigmoid, or one with a bend."""
    x = np.geomspace(1e5, 1e9, 40)
    c, e = rng.uniform(0.15, 0.5), rng.uniform(0.1, 0.5)
    loss = {
        "straight": 5.0 * (x / 1e5) ** (-0.5 * c),
        "offset": e + 3.0 * (x / 1e5) ** -c,
        "sigmoid": e + (4.0 - e) / (1 + (x / 3e6) ** c),
        "bend": e + 3.0 * (x / 1e5) ** (-0.3 * c) * (1 + (x / 1e7) ** 2) ** (-0.35 * c),
    }[kind]
    return Points({"D": x}, loss * np.exp(0.005 * rng.normal(size=40)))


def test_leaving_the_largest_out_fits_below_half_of_the_largest_compute() -> None:
    points = surface()
    held = largest(points)
    compute = points.variables["N"] * points.variables["D"]
    assert np.array_equal(held, compute > 0.5 * compute.max())
    assert np.array_equal(largest(points, "N"), points.variables["N"] > 5e9)
    found = split("chinchilla", points, largest(points, "N"))
    assert (found.fit.n, found.n_held_out) == (49, 7)
    assert found.held_out < 0.004


def test_random_splits_keep_clusters_together_and_tell_laws_apart() -> None:
    points = surface()
    additive, tied = (validation(law, points, splits=6) for law in ("chinchilla", "kaplan"))
    assert additive.held_out == pytest.approx(0.002, rel=0.3)
    assert additive.held_out < 0.2 * tied.held_out
    clustered = Points(points.variables, points.loss, np.repeat(np.arange(7), 8))
    assert validation("chinchilla", clustered, splits=3).n_held_out == 8


def test_rollout_predicts_each_next_size() -> None:
    steps = rollout("chinchilla", surface(), by="N")
    assert [s.n_held_out for s in steps] == [7] * len(steps)
    assert [s.fit.n for s in steps] == list(range(7, 56, 7))
    assert steps[-1].held_out < 0.005


def test_forms_are_ranked_by_what_they_say_about_larger_runs() -> None:
    points = surface()
    laws = "kaplan", "chinchilla", "kernel"
    kaplan, chinchilla, kernel = (split(law, points, largest(points, "N")).held_out for law in laws)
    assert chinchilla < kernel < kaplan


def test_gemstones_extrapolate_within_two_percent() -> None:
    points = gemstones("hot")
    chinchilla, kaplan = (split(law, points, largest(points)).held_out for law in ("chinchilla", "kaplan"))
    assert chinchilla < min(kaplan, 0.02)


@pytest.mark.slow
def test_the_chosen_form_is_about_as_good_as_the_best_of_its_collection() -> None:
    """Forms are chosen on the smaller part of each data set and judged on the rest, which none has seen."""
    small = {
        "curves": extrapolation.curves(["straight", "offset", "sigmoid"], 1),
        "grids": extrapolation.grids(["additive", "interacting"], 1),
        "public grids": extrapolation.gemstone_grids(2),
    }
    for name, collection in small.items():
        row = extrapolation.judged(name, collection)
        assert row.sets == len(collection)
        assert row.ratio <= 1.25, row


def test_few_points_get_the_standard_form_and_a_form_that_cannot_follow_does_not_come_first() -> None:
    x = np.geomspace(1e6, 1e8, 5)
    assert rank(Points({"D": x}, 2.0 + 300.0 * x**-0.4))[0].law == "power"
    ranked = rank(learning_curve("sigmoid", np.random.default_rng(0)), ["m1", "m2", "m4"])
    assert ranked[0].law == "m4"
    assert ranked[0].fitted < 0.5 * min(r.fitted for r in ranked[1:])


def test_too_few_points_to_choose_by() -> None:
    with pytest.raises(FitError, match="too few points to hold any out, and for broken itself"):
        rank(Points({"D": np.array([1.0, 2.0, 3.0])}, np.array([3.0, 2.5, 2.2])), ["broken"])


@pytest.mark.slow
@pytest.mark.parametrize("law", ["kernel", "network"])
def test_surfaces_predict_inside_the_data_with_a_band(law: str) -> None:
    points = surface(0.001)
    fit = fit_law(law, points, bootstrap=100)
    assert (fit.status, fit.params, fit.bootstrap) == ("converged", {}, "wild")
    rng = np.random.default_rng(0)
    at: dict[str, Array] = {"N": 10 ** rng.uniform(7.3, 9.7, 50), "D": 10 ** rng.uniform(9.2, 10.8, 50)}
    true = 1.8 + 480.0 * at["N"] ** -0.35 + 2100.0 * at["D"] ** -0.37
    assert np.sqrt(np.mean((predict(fit, at) / true - 1) ** 2)) < 0.006
    drawn = predict_draws(fit, at)
    assert drawn.shape == (100, 50)
    again = fit_law(law, points, bootstrap=100)
    assert np.array_equal(predict_draws(again, at), drawn)


def test_surfaces_need_cells_and_both_variables() -> None:
    few = Points({"N": np.arange(1.0, 5.0), "D": np.arange(1.0, 5.0)}, np.arange(2.0, 6.0))
    assert fit_law("network", few).status == "too few points"
    with pytest.raises(FitError, match="kernel reads N, D; there is no D"):
        fit_law("kernel", Points({"N": np.arange(1.0, 20.0)}, np.arange(1.0, 20.0)))


def grid_losses(grid: Grid, noise: float, seed: int) -> Points:
    """The assumed law on a planned grid."""
    at = grid.variables()
    z = np.random.default_rng(seed).normal(size=len(at["N"]))
    loss = ASSUMED["E"] + ASSUMED["A"] * at["N"] ** -ASSUMED["alpha"] + ASSUMED["B"] * at["D"] ** -ASSUMED["beta"]
    return Points(at, loss * np.exp(noise * z))


PLANNED = Grid(tuple(np.geomspace(1e7, 1e9, 6).tolist()), tuple(np.geomspace(1e9, 3e10, 6).tolist()))


@pytest.mark.slow
def test_expected_widths_agree_with_fits_of_simulated_studies() -> None:
    expected = expected_widths(PLANNED.variables(), 0.002)
    fits = [fit_law("chinchilla", grid_losses(PLANNED, 0.002, k), bootstrap=200, seed=k) for k in range(24)]
    for name in ("E", "alpha", "beta"):
        seen = float(np.mean([f.intervals[name].high - f.intervals[name].low for f in fits]))
        assert expected[name] == pytest.approx(seen, rel=0.2)


def test_a_better_grid_costs_no_more_and_knows_more() -> None:
    better = better_grid(PLANNED, 0.002)
    assert better.flops <= PLANNED.flops
    assert len(better.n) * len(better.d) <= 36
    before, after = (expected_widths(g.variables(), 0.002) for g in (PLANNED, better))
    assert after["alpha"] * after["beta"] < 0.7 * before["alpha"] * before["beta"]


def curve(n: int, noise: float, seed: int = 0) -> Points:
    """A learning curve with an offset."""
    x = np.geomspace(1e4, 1e7, n)
    return Points({"D": x}, (2.0 + 300.0 * x**-0.5) * np.exp(noise * np.random.default_rng(seed).normal(size=n)))


def test_a_form_that_is_not_considered_says_why() -> None:
    forms = rank(curve(12, 1e-3))
    excluded = {form.law: form.excluded for form in forms}
    assert not forms[0].excluded
    assert "misses the points it is fitted to" in excluded["m1"]
    few = {form.law: form.excluded for form in rank(curve(5, 1e-3))}
    assert "as many parameters as there are points" in few["broken"]


def test_rivals_are_weighed_by_their_held_out_errors() -> None:
    forms = (
        Ranked("m1", 2, 0.02, 0.01),
        Ranked("power", 3, 0.04, 0.01),
        Ranked("m3", 3, 0.3, 0.01),
        Ranked("m4", 5, 0.01, 0.05, "misses the points it is fitted to 5 times as far as m1"),
    )
    assert rivals(forms) == pytest.approx({"m1": 0.8, "power": 0.2})


def test_predictions_of_the_best_form_reckon_with_the_others() -> None:
    points = curve(10, 0.01)
    table = {"D": points.variables["D"], "loss": points.loss}
    at = {"D": 1e9}
    found = fit_table(table, "best(D)", predict=[at], bootstrap=60)
    assert found.fit.law == found.forms[0].law == found.rivals[0]
    assert len(found.rivals) > 1
    (alone,), (together,) = predictions(found.fit, [at]), found.predicted
    assert together.loss == alone.loss
    assert together.law != alone.law
    assert together.law.low <= together.loss <= together.law.high
