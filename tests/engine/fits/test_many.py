"""Large tables: starts found on some of the points, draws by single steps, clusters left out in groups."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.fits import Fit, Points, fit_law
from scalingdsl.engine.fits.intervals import bootstrap, one_step
from scalingdsl.engine.fits.solver import multistart

pytestmark = pytest.mark.slow

N_POINTS = 2000


def table(noise: float = 0.001, clusters: int | None = None) -> Points:
    """Runs of any size; where there are clusters, each shares half of its noise."""
    rng = np.random.default_rng(5)
    n, d = 10 ** rng.uniform(7.0, 9.5, N_POINTS), 10 ** rng.uniform(8.5, 11.0, N_POINTS)
    cluster = None if clusters is None else np.arange(N_POINTS) % clusters
    errors = rng.normal(size=N_POINTS)
    if cluster is not None:
        errors = 0.5**0.5 * (errors + rng.normal(size=clusters)[cluster])
    loss = (1.8 + 480.0 * n**-0.35 + 2100.0 * d**-0.37) * np.exp(noise * errors)
    return Points({"N": n, "D": d}, loss, cluster)


def fitted(points: Points, law: str = "chinchilla", **options: str) -> Fit:
    return fit_law(law, points, bootstrap=120, **options)  # type: ignore[arg-type]


def test_starts_found_on_some_of_the_points_end_at_the_same_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    points = table()
    every = fit_law("chinchilla", points, bootstrap=0)
    monkeypatch.setattr(multistart, "MANY", 1000)
    monkeypatch.setattr(multistart, "SOME", 300)
    some = fit_law("chinchilla", points, bootstrap=0)
    assert (some.status, some.starts_agreeing) == ("converged", some.starts)
    assert some.value == pytest.approx(every.value, rel=1e-9)
    assert some.params == pytest.approx(every.params, rel=1e-5)


@pytest.mark.parametrize("clusters", [None, 500])
@pytest.mark.parametrize("law", ["chinchilla", "power"])
def test_single_steps_give_the_intervals_that_refits_give(
    clusters: int | None, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = table(clusters=clusters)
    if law == "power":
        in_d = points.loss - 480.0 * points.variables["N"] ** -0.35
        points = Points({"D": points.variables["D"]}, in_d, points.cluster)
    refits = fitted(points, law)
    used = []

    def agree(*draws: object) -> bool:
        used.append(one_step.agree(*draws))  # type: ignore[arg-type]
        return used[-1]

    monkeypatch.setattr(bootstrap, "MANY", 1000)
    monkeypatch.setattr(bootstrap, "agree", agree)
    steps = fitted(points, law)
    assert used == [True]
    for name, (low, high) in refits.intervals.items():
        assert steps.intervals[name] == pytest.approx((low, high), abs=0.1 * (high - low))
        assert np.corrcoef(refits.draws[name], steps.draws[name])[0, 1] > 0.99


@pytest.mark.slow
def test_a_penalty_with_a_kink_is_refitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly a point lies within delta, so a step says nothing."""
    points = table()
    refits = fitted(points, objective="lad")
    monkeypatch.setattr(bootstrap, "MANY", 1000)
    assert fitted(points, objective="lad").intervals == refits.intervals


def test_draws_do_not_depend_on_how_many_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    points = table(clusters=50)
    at_once = fitted(points)
    monkeypatch.setattr(bootstrap, "RESAMPLED_ENTRIES", 7 * points.n)
    in_parts = fitted(points)
    for name, draws in at_once.draws.items():
        assert in_parts.draws[name] == pytest.approx(draws, rel=1e-9)


def test_clusters_left_out_in_groups_bend_the_intervals_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    points = table(clusters=300)
    one_by_one = fitted(points)
    monkeypatch.setattr(bootstrap, "MOST_LEFT_OUT", 60)
    grouped = fitted(points)
    for name, (low, high) in one_by_one.intervals.items():
        assert grouped.intervals[name] == pytest.approx((low, high), abs=0.05 * (high - low))


def test_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    points = table(clusters=50)
    monkeypatch.setattr(bootstrap, "RESAMPLED_ENTRIES", 100 * points.n)
    told: list[tuple[str, int, int]] = []
    fit_law("chinchilla", points, bootstrap=200, progress=lambda *what: told.append(what))
    assert told == [
        ("the best chinchilla of 2000 points", 0, 1),
        ("draws", 0, 200),
        ("draws", 100, 200),
        ("refits without some", 0, 50),
    ]
