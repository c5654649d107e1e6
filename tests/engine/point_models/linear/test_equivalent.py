"""What theory says of linear models against the mean of their draws."""

from __future__ import annotations

from collections import defaultdict
from math import inf

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scalingdsl.engine.point_models.linear.descent_filter import Descent
from scalingdsl.engine.point_models.linear.equivalent import Contour, Equivalent, Latent
from scalingdsl.engine.point_models.linear.ridge_filter import Penalty
from scalingdsl.engine.point_models.registry import solver
from scalingdsl.engine.sources.points.latents_drawn import Regression

from tests.spec.support import plan_of

LATENT = Latent(2000, 0.5, 0.75, 0.0, 2000)
DESCENT = "schedule=constant, warmup=0steps"


def agreement(text: str) -> np.ndarray:
    """Mean loss of each cell over its theory, [cell, (test, train)]."""
    found: dict[tuple[object, ...], list[float]] = defaultdict(list)
    groups = defaultdict(list)
    for run in plan_of(text).runs():
        groups[run.source.drawn, run.seed].append(run)  # type: ignore[attr-defined]
    for (source, seed), runs in groups.items():
        for run, last in zip(runs, solver(runs[0].model)(runs, Regression(source, seed), seed).solutions):
            for step, one in zip(run.marks or (0,), (*last.way, last)):
                found[run.source, run.model, run.optimiser, step].append(one.loss / one.values["theory"])
    return np.array([np.mean(ratios) for ratios in found.values()])


@pytest.mark.slow
def test_penalties_of_inputs_and_mixtures_are_foretold() -> None:
    ratios = agreement(
        """data latents(M=600, tail=0.5, target={0.75, 1.5}, noise={0, 0.1})  seed in [0..9 step 1]
models {inputs: features(samples in {60, 240}), mixtures: features(width in {120, 400}, samples in {60, 240})}
train ridge  panel penalty in {1e-6, 1e-3}"""
    )
    assert len(ratios) == 48
    assert np.median(np.abs(ratios - 1)) < 0.04
    assert np.max(np.abs(ratios - 1)) < 0.08


@pytest.mark.slow
@pytest.mark.parametrize("momentum", [0, 0.4])
def test_descent_of_inputs_and_mixtures_is_foretold(momentum: float) -> None:
    ratios = agreement(
        f"""data latents(M=600, tail=0.5, noise={{0, 0.1}})  seed in [0..9 step 1]
models {{inputs: features(samples in {{60, 240}}), mixtures: features(width=120, samples in {{60, 240}}),
        once: features(width=120), first: features(width=60, samples=120, pick=first)}}
train sgd(lr=0.3, momentum={momentum}, batch=1, {DESCENT})  steps along [1..65536 times 4]"""
    )
    assert np.median(np.abs(ratios - 1)) < 0.03
    assert np.max(np.abs(ratios - 1)) < 0.08


def test_errors_on_samples_and_on_all_points_part_as_generalised_cross_validation_says() -> None:
    """(penalty/rho)^2 of the test error, and the same by steps that come to a penalty's end."""
    one = Equivalent(LATENT, 200, 400)
    for found in one.after([Penalty(1e-3), Penalty(1e-6)]) or []:
        assert 0 < found.train < found.test
    ridgeless = (one.after([Penalty(0.0)]) or [])[0]
    descended = (one.after([Descent(0.5, 0.0, 2**24)]) or [])[0]
    assert descended.test == pytest.approx(ridgeless.test, rel=1e-4)
    assert descended.train == pytest.approx(ridgeless.train, rel=1e-4)


def test_without_a_ridge_the_least_size_decides() -> None:
    """With Delta of as many latents as the lesser of N and D: Delta n / (1 - n / max), which is symmetric."""
    latent = Latent(4000, 1.0, 1.0, 0.0, 4000)
    lam = latent.variances
    for n, d in ((100, 1000), (1000, 100)):
        one = Equivalent(latent, n, d)
        delta = one.kappa(0.0)
        assert np.sum(lam / (lam + delta)) == pytest.approx(100, rel=1e-9)
        found = (one.after([Penalty(0.0)]) or [])[0]
        assert found.test == pytest.approx(delta * 100 / (1 - 0.1), rel=1e-6)


def test_the_exponent_in_samples_is_that_of_the_target() -> None:
    """And stops at twice the covariance's."""
    sizes = np.array([400.0, 800.0])
    for target, exponent in ((0.75, 0.75), (1.5, 1.5), (5.0, 3.0)):
        latent = Latent(100_000, 0.5, target, 0.0, 100_000)
        loss = [(Equivalent(latent, inf, d).after([Penalty(0.0)]) or [])[0].test for d in sizes]
        assert -np.diff(np.log(loss))[0] / np.log(2) == pytest.approx(exponent, rel=0.03)


@pytest.mark.parametrize(("momentum", "steps"), [(0.0, 1), (0.0, 1000), (0.0, 2**20), (0.5, 300)])
def test_a_contour_gives_a_function_back(momentum: float, steps: int) -> None:
    one = Descent(0.5, momentum, steps)
    contour = Contour.around(0.5, momentum, steps)
    x = np.array([0.0, 1e-7, 1e-4, 0.01, 0.4, 1.0, 2.5])
    sums = 2 * np.real(np.sum(contour.weight * one.left(contour.z) / (contour.z - x[:, None]), axis=1))
    assert_allclose(sums, one.left(x), atol=2e-5)


def test_all_that_no_feature_sees_is_noise() -> None:
    latent = Latent(1000, 0.5, 0.5, 0.1, 30)
    assert latent.unseen == pytest.approx(np.sum(np.arange(31, 1001.0) ** -1.5))
    found = (Equivalent(latent, inf, inf).after([Descent(0.5, 0.0, 8)]) or [])[0]
    lam = latent.variances
    assert found.test == pytest.approx(0.01 + latent.unseen + np.sum(lam * (1 - 0.5 * lam) ** 16), rel=1e-6)


def test_much_momentum_has_no_theory() -> None:
    assert Equivalent(LATENT, 100, 100).after([Descent(0.5, 0.9, 100)]) is None
