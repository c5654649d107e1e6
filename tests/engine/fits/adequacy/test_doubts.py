"""Every coded doubt: a table that provokes it, and clean data that raise none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.codes.fit_codes import CODES
from scalingdsl.engine.fits import Fit, Points, fit_law
from scalingdsl.engine.fits.adequacy import doubts
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.solver.multistart import Solution
from scalingdsl.engine.fits.solver.prepare import prepare
from scalingdsl.engine.fits.solver.problem import Problem

RNG = np.random.default_rng(11)


def codes(fit: Fit) -> set[str]:
    """Codes of a fit's warnings."""
    return {w.code for w in fit.warnings}


def surface(noise: float = 0.002, seed: int = 0, sizes: int = 8, counts: int = 7) -> Points:
    """A grid of the additive law."""
    n, d = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e10, sizes), np.geomspace(1e9, 1e11, counts)))
    loss = 1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37
    return Points({"N": n, "D": d}, loss * np.exp(noise * np.random.default_rng(seed).normal(size=len(n))))


def curve(x: Array, noise: float = 0.0, seed: int = 0) -> Array:
    """2 + 300 x^-0.4."""
    return 2.0 + 300.0 * x**-0.4 + noise * np.random.default_rng(seed).normal(size=len(x))


X = np.geomspace(1e6, 1e9, 14)
BEST = np.array([0.5, 0.0, 0.4])


@pytest.mark.parametrize("seed", range(4))
def test_clean_data_raise_no_doubt(seed: int) -> None:
    assert fit_law("chinchilla", surface(seed=seed), bootstrap=200).warnings == ()
    assert fit_law("power", Points({"D": X}, curve(X, 2e-4, seed)), bootstrap=200).warnings == ()


def short_range() -> Fit:
    return fit_law("power", Points({"N": np.geomspace(1e6, 4e6, 9)}, curve(np.geomspace(1e6, 4e6, 9))), bootstrap=0)


def no_floor() -> Fit:
    return fit_law("power", Points({"N": X}, 10.0 - 0.3 * np.log(X)), bootstrap=0)


def vanishing_exponent() -> Fit:
    """The loss rises with size: no positive exponent is small enough."""
    return fit_law("power", Points({"N": X}, 2.0 + 0.01 * np.arange(14)), fixed={"E": 0.0}, bootstrap=0)


def at_the_upper_bound() -> Fit:
    x = np.geomspace(1.0, 30.0, 12)
    return fit_law("power", Points({"N": x}, 2.0 + np.exp(-6.0 * (x - 1.0))), bootstrap=0)


def too_few() -> Fit:
    return fit_law("chinchilla", replace(surface(), **first(3)), bootstrap=0)


def first(k: int) -> dict[str, object]:
    """The first k cells of the grid."""
    points = surface()
    return {"variables": {v: x[:k] for v, x in points.variables.items()}, "loss": points.loss[:k]}


def hardly_enough() -> Fit:
    return fit_law("power", Points({"N": X[:4]}, curve(X[:4], 1e-3)), bootstrap=0)


def not_a_number() -> Fit:
    return fit_law("power", Points({"N": X}, np.where(X > 1e8, np.nan, 2.0)), bootstrap=0)


def constant() -> Fit:
    return fit_law("power", Points({"N": X}, np.full(14, 3.0)), bootstrap=0)


def on_a_line() -> Fit:
    n = np.geomspace(1e7, 1e10, 12)
    return fit_law("chinchilla", Points({"N": n, "D": 20 * n}, curve(n, 1e-3)), bootstrap=0)


def few_clusters() -> Fit:
    return fit_law("power", Points({"N": X}, curve(X, 1e-3), np.arange(14) // 3), bootstrap=50)


def copies_as_clusters() -> Fit:
    """Two clusters, each the whole table: drawing them anew changes nothing."""
    x, loss = np.tile(X, 2), np.tile(curve(X, 0.02), 2)
    return fit_law("power", Points({"N": x}, loss, np.repeat([0, 1], 14)), bootstrap=100, kind="clusters")


def repeated_rows() -> Fit:
    return fit_law("power", Points({"N": np.repeat(X, 2)}, np.repeat(curve(X), 2)), bootstrap=0)


def few_values() -> Fit:
    return fit_law("power", Points({"N": np.repeat(X[::6], 5)}, np.repeat(curve(X[::6]), 5)), bootstrap=0)


def extremes_decide() -> Fit:
    """Five short runs obey a steeper law than two hundred others, as in the digitised Chinchilla points."""
    rng = np.random.default_rng(4)
    n = 10 ** rng.uniform(8.0, 10.0, 205)
    d = np.concatenate([10 ** rng.uniform(9.5, 11.5, 200), 10 ** rng.uniform(8.3, 8.6, 5)])
    loss = (1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37) * np.exp(0.002 * rng.normal(size=205))
    loss[200:] *= 1.25
    return fit_law("chinchilla", Points({"N": n, "D": d}, loss), bootstrap=200)


def undertuned() -> Fit:
    loss = curve(X, 2e-4)
    loss[[4, 9]] += 0.05
    return fit_law("power", Points({"N": X}, loss), objective="huber", bootstrap=0)


def rounded() -> Fit:
    return fit_law("power", Points({"N": X}, np.round(curve(X), 2)), bootstrap=0)


def floor_too_high() -> Fit:
    return fit_law("power", Points({"N": X}, curve(X)), fixed={"E": 2.5}, bootstrap=0)


def chance_unknown() -> Fit:
    x = np.linspace(2.0, 20.0, 20)
    return fit_law("sigmoid", Points({"loss": x}, 0.25 + 0.7 / (1 + np.exp(x - 8))), bootstrap=0)


def far_from_the_centre() -> Fit:
    """A short stretch of D and noise: B is the loss at one token, nine decades away."""
    points = surface(0.02, sizes=5, counts=5)
    points.variables["D"] = points.variables["D"] ** 0.5 * 3e4
    return fit_law("chinchilla", points, bootstrap=200)


def three_draws() -> Fit:
    return fit_law("power", Points({"N": X}, curve(X, 1e-3)), bootstrap=3)


PROVOKED = {
    "FIT101": vanishing_exponent,
    "FIT102": no_floor,
    "FIT104": constant,
    "FIT105": too_few,
    "FIT106": not_a_number,
    "FIT107": at_the_upper_bound,
    "FIT111": few_clusters,
    "FIT112": hardly_enough,
    "FIT113": copies_as_clusters,
    "FIT114": far_from_the_centre,
    "FIT115": three_draws,
    "FIT121": short_range,
    "FIT122": few_values,
    "FIT123": on_a_line,
    "FIT124": extremes_decide,
    "FIT125": repeated_rows,
    "FIT127": undertuned,
    "FIT131": extremes_decide,
    "FIT132": rounded,
    "FIT135": floor_too_high,
    "FIT136": chance_unknown,
}


def test_a_law_met_exactly_has_an_interval_of_no_width_without_a_doubt() -> None:
    assert codes(fit_law("chinchilla", surface(0.0), bootstrap=100)) == set()


@pytest.mark.parametrize("code", sorted(PROVOKED))
def test_provoked(code: str) -> None:
    assert code in codes(PROVOKED[code]())
    assert CODES[code].explanation


def test_a_start_that_no_step_betters_is_reported() -> None:
    """Weights of zero on all but the points that a start already meets."""
    request = prepare("power", Points({"N": X}, curve(X)))
    problem = request.problem()
    assert isinstance(problem, Problem)
    solution = Solution(problem, BEST, 1.0, "converged", BEST[None], unmoved=True)
    params = {"E": 2.0, "A": 300.0, "alpha": 0.4}
    assert "FIT108" in {w.code for w in doubts.of_solution(request, solution, params)}


def test_disagreeing_starts_are_reported() -> None:
    """Two bends leave many valleys, and one of thirteen starts finds the lowest."""
    x = np.geomspace(1e5, 1e12, 60)
    bends = (1 + (x / 1e7) ** (1 / 0.3)) ** -0.09 * (1 + (x / 1e10) ** (1 / 0.3)) ** 0.06
    fit = fit_law("broken2", Points({"N": x}, 0.3 + 30 * x**-0.1 * bends), objective="log-mse", bootstrap=0)
    assert (fit.status, "FIT103" in codes(fit)) == ("starts disagree", True)


#: What is known to go wrong with fits, and what is done about it: codes that are raised, and tests of defaults.
PITFALLS: dict[str, tuple[str, ...]] = {
    "a mean of tiny penalties stops the optimiser": ("test_a_mean_of_penalties_would_stop_where_it_started",),
    "so does a sum, with an optimiser's own tolerances": (
        "test_every_start_of_the_grid_agrees_with_the_published_optimum",
    ),
    "success flags mislead": ("FIT103", "test_exhaustive_starts_find_the_same_optimum"),
    "raw parameters are badly conditioned": ("FIT104", "test_the_fit_does_not_depend_on_the_unit_of_the_loss"),
    "a grid of starts that leaves the possible": ("test_exact_losses_give_exact_parameters",),
    "a parameter at its bound, at zero, absurd, or at its start": ("FIT101", "FIT102", "FIT107", "FIT108"),
    "a fitted scale turns Huber's penalty into absolute values": ("test_default_deltas",),
    "the threshold decides": ("FIT131",),
    "parameters counted in different ways": ("FIT134",),
    "checkpoints and short runs taken for runs": ("FIT126", "FIT127"),
    "repeats taken for evidence": (
        "FIT125",
        "FIT111",
        "test_clusters_widen_intervals_that_cases_make_too_narrow",
    ),
    "a few extreme points decide": ("FIT124",),
    "rounded losses": ("FIT132",),
    "runs that were not tuned": ("FIT127", "test_an_asymmetric_objective_finds_the_floor"),
    "units": ("FIT133",),
    "implausibly tight intervals": ("FIT113",),
    "coefficients that say nothing": ("FIT114",),
    "predictions without the noise of a run; few points": (
        "FIT112",
        "FIT105",
        "test_forecasts_add_the_noise_of_a_run",
    ),
    "isoFLOP parabolas: edges, bends, few sizes, bias, drift": ("FIT151", "FIT153", "FIT154", "FIT155"),
    "the best interpolation is not the best extrapolation": (
        "test_the_chosen_form_is_about_as_good_as_the_best_of_its_collection",
    ),
    "far outside the data": ("FIT142", "test_distance_from_the_data_is_in_decades"),
    "a pinned floor": ("FIT135",),
    "accuracy without its chance level": ("FIT136",),
    "an optimum too flat to matter": ("FIT157",),
}


def test_every_pitfall_has_a_code_that_a_test_provokes_or_a_default_that_one_checks() -> None:
    text = "".join(path.read_text() for path in Path(__file__).parents[2].rglob("test_*.py"))
    assert len(PITFALLS) == 24
    for answers in PITFALLS.values():
        for answer in answers:
            assert answer in CODES or f"def {answer}(" in text, answer
    # Beside this table, which names it once at most for each pitfall, every code is asserted on somewhere.
    named = [answer for answers in PITFALLS.values() for answer in answers]
    for code in CODES:
        assert text.count(code) > named.count(code), code


def test_every_code_is_explained_in_a_few_sentences() -> None:
    for code, explained in CODES.items():
        assert code == explained.code
        assert 60 < len(explained.explanation) < 600
