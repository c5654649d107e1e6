"""Linear models in closed form against direct solutions, explicit steps and sampled points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scalingdsl.engine.planning.packing import make_packs
from scalingdsl.engine.point_models.linear.descent_filter import Descent
from scalingdsl.engine.point_models.linear.mixed_moments import activation
from scalingdsl.engine.point_models.linear.ridge_filter import Penalty
from scalingdsl.engine.point_models.points_pack import solve_pack
from scalingdsl.engine.point_models.registry import Solution, solver
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.points.latents_drawn import Regression
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.latents import Features, Latents

from tests.spec.support import plan_of

WORLD = "data latents(M=300, tail=0.5, target=0.8, noise=0.1, labels=3)\n"
SIZES = "features(width=40, samples=90)", "features(width=90, samples=40)", "features(samples=60)"
SMALL = (*SIZES, "features(width=50, pick=first, samples=80)")
DESCENT = "schedule=constant, warmup=0steps"


def runs_of(text: str) -> list[Run]:
    return list(plan_of(text).runs())


def solutions(runs: list[Run]) -> list[Solution]:
    """Of runs of one draw, in order."""
    source: Any = runs[0].source
    return list(solver(runs[0].model)(runs, Regression(source.drawn, runs[0].seed), runs[0].seed).solutions)


def seen(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Features [D, N] and labels [D, L] of a model; mixing weights [N, M] and label weights [L, M] of all points."""
    source, model = run.source, run.model
    assert isinstance(source, Latents)
    assert isinstance(model, Features)
    assert source.target is not None
    drawn = Regression(source.drawn, run.seed)
    points, weights = drawn.points(model.n_samples), drawn.weights(source.target)
    n = model.width or source.M
    mixing = drawn.mixtures(n) / np.sqrt(n) if model.mixed else np.eye(n, source.M)
    labels = points @ weights.T + source.noise * drawn.noise(model.n_samples)
    return points @ mixing.T, labels, mixing, weights


def error(run: Run, w: np.ndarray) -> float:
    """Mean squared error over all points of the model w [N, L], noise included, term by term."""
    *_, mixing, weights = seen(run)
    variances = np.arange(1, 301) ** -1.5
    return float(np.mean(((weights.T - mixing.T @ w) ** 2).T @ variances)) + 0.01


@pytest.mark.parametrize("model", SMALL)
def test_a_penalty_is_solved_exactly(model: str) -> None:
    run = runs_of(f"{WORLD}models {model}\ntrain ridge(penalty=1e-4)")[0]
    phi, y, *_ = seen(run)
    d, n = phi.shape
    w = np.linalg.solve(phi.T @ phi / d + 1e-4 * np.eye(n), phi.T @ y / d)
    found = solutions([run])[0]
    assert found.loss == pytest.approx(error(run, w), rel=1e-9)
    assert found.values["train_loss"] == pytest.approx(np.mean((y - phi @ w) ** 2), rel=1e-9)
    hat = phi @ np.linalg.solve(phi.T @ phi / d + 1e-4 * np.eye(n), phi.T / d)
    left = 1.0 - np.trace(hat) / d
    assert found.values["gcv"] == pytest.approx(np.mean((y - phi @ w) ** 2) / left**2, rel=1e-8)
    assert found.irreducible == pytest.approx(0.01)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("model", SMALL)
def test_descent_is_a_thousand_steps(model: str, momentum: float) -> None:
    train = f"train sgd(lr=0.3, momentum={momentum}, {DESCENT})  steps along {{1, 10, 1000}}"
    run = runs_of(f"{WORLD}models {model}\n{train}")[0]
    phi, y, *_ = seen(run)
    w, velocity = np.zeros((phi.shape[1], 3)), np.zeros((phi.shape[1], 3))
    last = solutions([run])[0]
    found = dict(zip(run.marks, (*last.way, last)))
    for step in range(1, 1001):
        velocity = momentum * velocity - 0.3 * phi.T @ (phi @ w - y) / len(y)
        w = w + velocity
        if step in found:
            assert found[step].loss == pytest.approx(error(run, w), rel=1e-9)
            assert found[step].values["train_loss"] == pytest.approx(np.mean((y - phi @ w) ** 2), rel=1e-7)


def test_endless_samples_are_the_population() -> None:
    """A thousand steps down the error over all points; the first numbers alone have a sum in closed form."""
    text = "data latents(M=300, tail=0.5, labels=2)\nmodels {m: features(width=30), f: features(width=30, pick=first)}"
    mixed, first = runs_of(f"{text}\ntrain sgd(lr=0.3, batch=4, {DESCENT})  steps=1000")
    lam = np.arange(1, 301) ** -1.5
    drawn = Regression(mixed.source.drawn, 0)  # type: ignore[attr-defined]
    mixing, weights = drawn.mixtures(30) / np.sqrt(30), drawn.weights(0.5)
    w = np.zeros((30, 2))
    for _ in range(1000):
        w += 0.3 * (mixing * lam) @ (weights.T - mixing.T @ w)
    expected = float(np.mean(((weights.T - mixing.T @ w) ** 2).T @ lam))
    assert solutions([mixed])[0].loss == pytest.approx(expected, rel=1e-9)
    left = np.where(np.arange(300) < 30, (1 - 0.3 * lam) ** 2000, 1.0)
    found = solutions([first])[0]
    assert found.loss == pytest.approx(np.sum(lam * left), rel=1e-12) == pytest.approx(found.values["theory"], rel=1e-9)
    assert (mixed.n_tokens, mixed.n_total) == (4000, 30)


@pytest.mark.slow
@pytest.mark.parametrize("word", ["relu", "tanh"])
def test_moments_of_features_through_a_function_are_those_of_points(word: str) -> None:
    text = f"data latents(M=40, labels=2)\nmodels features(width=30, samples=60, activation={word})"
    run = runs_of(f"{text}\ntrain ridge(penalty=1e-3)")[0]
    drawn = Regression(run.source.drawn, 0)  # type: ignore[attr-defined]
    points, mixing = drawn.points(60), drawn.mixtures(30)
    h = activation(word).of
    phi, y = h(points @ mixing.T) / np.sqrt(30), points @ drawn.weights(1.0).T
    w = np.linalg.solve(phi.T @ phi / 60 + 1e-3 * np.eye(30), phi.T @ y / 60)
    random = np.random.default_rng(0)
    fresh = random.standard_normal((400_000, 40)) * np.sqrt(drawn.variances)
    sampled = np.mean((fresh @ drawn.weights(1.0).T - h(fresh @ mixing.T) / np.sqrt(30) @ w) ** 2)
    assert solutions([run])[0].loss == pytest.approx(sampled, rel=0.02)


def test_series_agree_with_the_known_sum_and_with_quadrature() -> None:
    """E tanh(u) tanh(v) on a grid of both, u and v of correlation 0.6 and different sizes."""
    covariance = np.array([[1.0, 0.6 * 1.5], [0.6 * 1.5, 1.5**2]])
    x, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / np.sqrt(2 * np.pi)
    u, v = x[:, None], 1.5 * (0.6 * x[:, None] + 0.8 * x[None, :])
    expected = weight @ (np.tanh(u) * np.tanh(v)) @ weight
    assert activation("tanh").second(covariance)[0, 1] == pytest.approx(expected, rel=1e-6)
    ramps = activation("relu").second(covariance)
    assert_allclose(np.diag(ramps), [0.5, 1.125], rtol=1e-12)


@pytest.mark.parametrize("one", [Penalty(0.01), Penalty(0.0), Descent(0.2, 0.0, 50), Descent(0.2, 0.4, 50)])
def test_what_is_learnt_and_what_is_left_are_the_whole(one: Any) -> None:
    x = np.array([1e-3, 0.1, 1.0, 3.0])
    assert_allclose(one.gain(x) * x + one.left(x), 1.0, rtol=1e-12)


def test_gains_of_directions_that_hardly_vary_are_those_of_the_first_steps() -> None:
    for one in (Descent(0.2, 0.0, 50), Descent(0.2, 0.4, 50)):
        assert_allclose(one.gain(np.zeros(1)), one.gain(np.array([1e-7])), rtol=1e-4)


def test_a_draw_serves_all_sizes_labels_and_penalties() -> None:
    """One pack for each tail, family and seed; a model says the same beside others as alone."""
    text = """data latents(M=300, tail={0.5, 1}, target={0.7, 1.4}, noise={0, 0.1})  seed in {0, 1}
models features(width in {20, 60}, samples in {30, 90})
train ridge  panel penalty in {1e-6, 1e-3}"""
    runs = runs_of(text)
    packs = make_packs(runs, workers=1)
    assert (len(runs), len(packs)) == (128, 4)
    pack = packs[0]
    together = [record_loss(record) for record in solve_pack(pack, open_source(pack.runs[0].source))]  # type: ignore[arg-type]
    assert_allclose(together[:3], [solutions([run])[0].loss for run in pack.runs[:3]], rtol=1e-9)
    digests = {r.source_digest for r in solve_pack(pack, open_source(pack.runs[0].source))}  # type: ignore[arg-type]
    assert len(digests) == 4


def record_loss(record: RunRecord) -> float:
    assert record.final is not None
    return record.final.loss


def test_marks_on_a_way_are_measured_at_their_steps_and_samples() -> None:
    text = f"""data latents(M=100)
models {{once: features(width=8), sample: features(width=8, samples=20)}}
train sgd(lr=0.5, batch=2, {DESCENT})  steps along [1..4]"""
    for pack in make_packs(runs_of(text), workers=1):
        for record in solve_pack(pack, open_source(pack.runs[0].source)):  # type: ignore[arg-type]
            steps = [m.step for m in record.measurements]
            shown = [m.n_tokens for m in record.measurements]
            assert (steps, shown) in (([1, 2, 4], [2, 4, 8]), ([1, 2, 4], [20, 20, 20]))
            assert all("theory" in m.values for m in record.measurements)
