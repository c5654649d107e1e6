"""Compute-optimal sizes: closed form, search, isoFLOP with its known bias and its refusals, envelopes."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Points, fit_law, lower_envelope, optimum, seen_in_compute
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.optima.closed_form import allocation
from scalingdsl.engine.fits.optima.isoflop import profiles
from scalingdsl.engine.fits.optima.optimum_methods import side_by_side
from scalingdsl.spec.errors import FitError

from ..gemstones import gemstones

LAW = {"E": 1.69, "A": 406.4, "alpha": 0.34, "B": 410.7, "beta": 0.28}
TRUE = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in LAW.items()}).items()}


def losses(n: Array, d: Array, law: dict[str, float] = LAW) -> Array:
    """E + A N^-alpha + B D^-beta."""
    return law["E"] + law["A"] * n ** -law["alpha"] + law["B"] * d ** -law["beta"]


def budgets(half_width: float, law: dict[str, float] = LAW, sizes: int = 15, noise: float = 0.0) -> Points:
    """Five budgets, each sampled in D around its optimum by factors up to `half_width`."""
    best = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in law.items()}).items()}
    flops = np.repeat(np.geomspace(1e17, 1e21, 5), sizes)
    d = best["D_1"] * flops ** best["b"] * np.tile(np.geomspace(1 / half_width, half_width, sizes), 5)
    n = flops / (6 * d)
    z = np.random.default_rng(0).normal(size=len(n))
    return Points({"N": n, "D": d, "C": flops}, losses(n, d, law) * np.exp(noise * z))


def grid(noise: float = 0.0) -> Points:
    """A product grid of the law."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, 12), np.geomspace(1e8, 1e11, 12)))
    return Points({"N": n, "D": d}, losses(n, d) * np.exp(noise * np.random.default_rng(1).normal(size=len(n))))


def test_closed_form_is_the_minimum_of_the_law() -> None:
    flops = np.geomspace(1e18, 1e24, 4)
    fit = fit_law("chinchilla", grid(), bootstrap=0)
    found = optimum("surface", fit=fit, flops=flops)
    for i, c in enumerate(flops):
        n = found.curves["N"].value[i] * np.geomspace(0.5, 2.0, 4001)
        loss = losses(n, c / (6 * n))
        assert n[np.argmin(loss)] == pytest.approx(found.curves["N"].value[i], rel=1e-3)
        assert loss.min() == pytest.approx(found.curves["L"].value[i], rel=1e-9)
        assert 6 * found.curves["N"].value[i] * found.curves["D"].value[i] == pytest.approx(c)
    assert found.params["a"] == pytest.approx(0.28 / 0.62, rel=1e-6)
    assert found.params["gamma"] == pytest.approx(0.34 * 0.28 / 0.62, rel=1e-6)
    assert found.params["a"] + found.params["b"] == pytest.approx(1.0)


def test_bands_hold_the_truth_under_noise() -> None:
    fit = fit_law("chinchilla", grid(0.003), bootstrap=300)
    found = optimum("surface", fit=fit, flops=np.array([1e22]))
    for name in ("a", "b", "gamma", "E"):
        assert found.intervals[name].low < TRUE[name] < found.intervals[name].high
    curve = found.curves["N"]
    assert curve.low[0] < TRUE["N_1"] * 1e22 ** TRUE["a"] < curve.high[0]
    assert len(found.draws["a"]) == 300


@pytest.mark.slow
@pytest.mark.parametrize("word", ["interaction", "kernel", "network"])
def test_search_on_any_surface_agrees_with_the_closed_form(word: str) -> None:
    found = optimum("surface", fit=fit_law(word, grid(0.001), bootstrap=100), points=grid(0.001))
    assert found.params["a"] == pytest.approx(TRUE["a"], abs=0.03)
    assert found.intervals["a"].low < found.params["a"] < found.intervals["a"].high
    assert found.params["gamma"] == pytest.approx(TRUE["gamma"], abs=0.03)


@pytest.mark.parametrize(
    ("alpha", "beta", "published"),
    [(0.34, 0.28, (-0.33, -1.30, -2.90, -5.10)), (0.465, 0.155, (-1.67, -6.50, -13.91, -23.12))],
)
def test_parabolas_have_exactly_their_known_bias(alpha: float, beta: float, published: tuple[float, ...]) -> None:
    """Relative error of the tokens extrapolated to 1e24, in percent, on noise-free losses."""
    law = {**LAW, "alpha": alpha, "beta": beta}
    true = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in law.items()}).items()}
    for half_width, expected in zip((2, 4, 8, 16), published):
        found = optimum("isoflop", points=budgets(half_width, law), n_draws=10)
        tokens = found.params["D_1"] * 1e24 ** found.params["b"]
        error = 100 * (tokens / (true["D_1"] * 1e24 ** true["b"]) - 1)
        assert error == pytest.approx(expected, abs=0.006)
        warned = [w.message for w in found.warnings if w.code == "FIT154"]
        assert bool(warned) == (abs(expected) > 1.0)
        if warned:
            assert f"misplace D by {expected:+.1f} %" in warned[0]


def test_curves_through_profiles_have_no_such_bias() -> None:
    points = budgets(16.0)
    found = optimum("isoflop_curve", points=points, n_draws=10)
    tokens = found.params["D_1"] * 1e24 ** found.params["b"]
    assert tokens == pytest.approx(TRUE["D_1"] * 1e24 ** TRUE["b"], rel=2e-3)
    assert "FIT154" not in {w.code for w in found.warnings}


def test_isoflop_intervals_hold_the_truth_on_narrow_profiles() -> None:
    found = optimum("isoflop", points=budgets(3.0, noise=0.001), n_draws=300)
    for name in ("a", "b"):
        assert found.intervals[name].low < TRUE[name] < found.intervals[name].high
    assert set(found.curves) == {"N", "D", "L"}


def test_budgets_without_a_minimum_are_refused_with_their_reason() -> None:
    points = budgets(8.0)
    n, flops = points.variables["N"], points.variables["C"]
    best = TRUE["N_1"] * flops ** TRUE["a"]
    first, second, third = (np.isclose(flops, c) for c in np.geomspace(1e17, 1e19, 3))
    keep = ~(first & (n > 0.5 * best)) & ~(second & (np.arange(75) % 15 > 1))
    loss = np.where(third, 5.0 - 0.01 * (np.log(n) - np.log(best)) ** 2, points.loss)
    some = Points({k: v[keep] for k, v in points.variables.items()}, loss[keep])
    assert [p.refused for p in profiles(some)] == [
        "a minimum beyond the sizes tried: add larger models",
        "2 sizes, three are needed",
        "losses that bend downwards: no minimum",
        "",
        "",
    ]
    found = optimum("isoflop", points=some, n_draws=10)
    assert found.status == "too few points"
    assert [w.code for w in found.warnings if w.code == "FIT151"] == ["FIT151"] * 3
    assert found.params["a"] == pytest.approx(TRUE["a"], abs=0.02)


def test_runs_that_form_no_budget_are_refused() -> None:
    n = np.geomspace(1e7, 1e9, 60)
    spread = Points({"N": n, "D": 20 * n}, losses(n, 20 * n))
    with pytest.raises(FitError, match=r"0 of 60 budgets have an optimum, two are needed \(60 have 1 size"):
        optimum("isoflop", points=spread)


def test_few_sizes_at_a_budget_are_warned_about() -> None:
    found = optimum("isoflop", points=budgets(2.0, sizes=4), n_draws=10)
    assert [w.code for w in found.warnings if w.code == "FIT153"] == ["FIT153"] * 5


def test_the_envelope_of_exact_profiles_is_the_optimum() -> None:
    found = optimum("envelope", points=budgets(8.0), n_draws=20)
    assert found.params["a"] == pytest.approx(TRUE["a"], rel=1e-6)
    assert found.params["gamma"] == pytest.approx(TRUE["gamma"], rel=1e-4)


def test_lower_envelope_keeps_what_no_other_point_beats() -> None:
    flops, loss = np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([3.0, 2.5, 2.6, 2.7, 2.0])
    assert list(lower_envelope(flops, loss)) == [True, True, False, False, True]


def test_what_a_law_in_compute_sees_is_the_same_in_any_order_of_rows() -> None:
    flops, values = np.array([1.0, 1.0, 1.0, 2.0, 2.0, 2.0]), np.array([2.0, 3.0, 4.0, 2.0, 3.0, 4.0])
    for order in (np.arange(6), np.arange(6)[::-1], np.array([2, 0, 1, 5, 3, 4])):
        assert list(order[seen_in_compute(flops[order], values[order])]) == [0]
    assert seen_in_compute(flops, values + flops).all()


def test_edges_of_the_data_are_left_out_and_said() -> None:
    points = grid()
    small = points.variables["N"] < 5e7
    cut = Points({k: v[small] for k, v in points.variables.items()}, points.loss[small])
    fit = fit_law("interaction", cut, bootstrap=20)
    found = optimum("surface", fit=fit, points=cut)
    assert "FIT152" in {w.code for w in found.warnings}


def test_methods_that_disagree_are_reported() -> None:
    """Profiles whose centre drifts away from the optimum as compute grows."""
    points = budgets(8.0, noise=1e-5)
    flops = points.variables["C"]
    d = points.variables["D"] * (flops / 1e17) ** 0.12
    n = flops / (6 * d)
    found = optimum("isoflop", points=Points({"N": n, "D": d, "C": flops}, losses(n, d)), n_draws=100)
    (said,) = [w.message for w in found.warnings if w.code == "FIT155"]
    assert "more than its interval allows" in said


def test_an_envelope_of_few_runs_is_reported() -> None:
    found = optimum("envelope", points=budgets(8.0), n_draws=20)
    assert "5 runs lie on the envelope" in [w.message for w in found.warnings if w.code == "FIT156"]


def test_at_very_large_compute_the_optimum_is_flat() -> None:
    fit = fit_law("chinchilla", grid(), bootstrap=0)
    near, far = (optimum("surface", fit=fit, flops=np.array([c])) for c in (1e20, 1e28))
    for found, c in ((near, 1e20), (far, 1e28)):
        best = found.curves["N"].value[0]
        assert found.flat is not None
        assert found.flat.low < best < found.flat.high
        edge = losses(np.array([found.flat.low]), c / (6 * np.array([found.flat.low])))[0]
        assert edge == pytest.approx(1.001 * found.curves["L"].value[0], rel=1e-5)
    assert ["FIT157" in {w.code for w in o.warnings} for o in (near, far)] == [False, True]


def test_all_methods_stand_side_by_side() -> None:
    """On wide profiles of an asymmetric law: parabolas are off and say by how much, the others agree."""
    law = {**LAW, "alpha": 0.465, "beta": 0.155}
    points = budgets(16.0, law, noise=1e-4)
    found = side_by_side(fit_law("chinchilla", points, bootstrap=50), points, n_draws=50)
    assert list(found) == ["surface", "isoflop", "isoflop_curve", "envelope"]
    true = {k: float(v[0]) for k, v in allocation({k: np.array([v]) for k, v in law.items()}).items()}
    best = true["D_1"] * 1e21 ** true["b"]
    off = {m: abs(float(o.curves["D"].value[-1]) / best - 1) for m, o in found.items() if not isinstance(o, str)}
    assert off["isoflop"] > 0.2
    assert off["surface"] < 0.01
    assert off["isoflop_curve"] < 0.05
    plain = gemstones("hot")
    refused = side_by_side(fit_law("chinchilla", plain, bootstrap=0), plain, n_draws=0)["isoflop"]
    assert isinstance(refused, str)
    assert "budgets have an optimum, two are needed" in refused
    assert side_by_side(fit_law("power", Points({"N": plain.variables["N"]}, plain.loss), bootstrap=0), plain) == {}


def test_requests_without_what_they_need() -> None:
    for method, message in [
        ("surface", "needs a fit of a law in N and D"),
        ("isoflop", "works on cells with N and D"),
        ("guess", "no optimum is found by 'guess'; there are surface, isoflop, isoflop_curve, envelope"),
    ]:
        with pytest.raises(FitError, match=message):
            optimum(method)
    with pytest.raises(FitError, match="needs a fit of a law in N and D"):
        optimum("surface", fit=fit_law("power", Points({"N": np.ones(1)}, np.ones(1)), bootstrap=0))


def test_an_optimum_of_a_law_with_a_third_variable_says_at_which_value() -> None:
    n, d, m = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, 8), np.geomspace(1e8, 1e11, 8), [1.0, 2.0, 4.0]))
    points = Points({"N": n, "D": d, "M": m}, losses(n, d) + 0.1 * m)
    found = optimum("surface", fit=fit_law("E + A*N^-alpha + B*D^-beta + G*M", points, bootstrap=0), points=points)
    (said,) = [w.message for w in found.warnings if w.code == "FIT158"]
    assert said == "at M = 2, the median of the cells"
