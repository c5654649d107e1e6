"""Perceptrons on points: what they count, what they learn, and that companions change no bit of it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.planning.costs import predict
from scalingdsl.engine.planning.packing import make_packs, predicted_bytes, predicted_seconds
from scalingdsl.engine.point_models.mlp import Stack, layout_of, train
from scalingdsl.engine.point_models.point_sets import Points, order, points_of
from scalingdsl.engine.point_models.points_cost import stacks
from scalingdsl.engine.point_models.points_pack import solve_pack
from scalingdsl.engine.sources import open_source
from scalingdsl.engine.sources.points.percolation_clusters import PercolationClusters
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.engine.train.flops import CountFlops
from scalingdsl.spec import load
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.percolation import Mlp, Percolation
from torch.nn.functional import mse_loss

CLUSTERS = "data percolation(largest=10k, tested=10%, embed=12)  "


def runs_of(text: str) -> tuple[Run, ...]:
    return tuple(load("perceptrons.scl", text=text).runs())


def solved(runs: tuple[Run, ...]) -> dict[str, RunRecord]:
    pack = Pack("pack", runs, 1)
    return {record.key: record for record in solve_pack(pack, open_source(runs[0].source))}


# --- sizes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "layers", "inputs"), [(1, 1, 1), (5, 1, 3), (8, 2, 100), (7, 4, 12)])
def test_parameters_are_those_that_there_are(width: int, layers: int, inputs: int) -> None:
    model = Mlp(width=width, layers=layers)
    assert layout_of(model, inputs).n_params == model.n_total(inputs)
    assert model.n_total(inputs) == inputs * width + width + (layers - 1) * (width**2 + width) + width + 1
    assert model.n_total(inputs) - model.n_body == inputs * width


@pytest.mark.slow
def test_flops_are_those_that_are_spent() -> None:
    for model, inputs in ((Mlp(width=8, layers=2), 20), (Mlp(width=16, layers=1), 3)):
        stack = Stack(model, inputs, 3, 32)
        with CountFlops() as counted:
            stack.step(torch.ones(3, 32, inputs), torch.ones(3, 32, 1), torch.empty(3, 32, 1))
        assert counted.total == 3 * 32 * model.flops_per_token(inputs, 1)


@pytest.mark.slow
def test_gradients_are_those_of_torch() -> None:
    model, inputs, batch = Mlp(width=6, layers=3), 5, 16
    stack = Stack(model, inputs, 2, batch)
    for row in range(2):
        stack.layout.init_(stack.state.params[row], torch.Generator().manual_seed(row))
    x, y = torch.randn(2, batch, inputs), torch.randn(2, batch, 1)
    stack.step(x, y, torch.empty_like(y))
    params = stack.state.params.clone().requires_grad_()
    views = [[stack.layout.view(params, f"{kind} {i}") for i in range(4)] for kind in ("weight", "bias")]
    out = x
    for i, (weight, bias) in enumerate(zip(*views)):
        out = torch.baddbmm(bias[:, None], out, weight)
        out = out.relu() if i < 3 else out
    sum(mse_loss(out[row], y[row]) for row in range(2)).backward()  # type: ignore[union-attr]
    torch.testing.assert_close(stack.state.grads, params.grad, rtol=1e-5, atol=1e-6)


# --- what is learnt ---------------------------------------------------------------------------------------------------


def test_a_linear_target_is_learnt() -> None:
    generator = torch.Generator().manual_seed(0)
    known, tested = (torch.randn(n, 6, generator=generator) for n in (4096, 512))
    weights = torch.randn(6, generator=generator) / 6**0.5
    points = Points(known, known @ weights, tested, (tested @ weights).double().numpy(), endless=False)
    (run,) = runs_of("data manifold(dim=6)\nmodels mlp(width=32)\ntrain adamw(batch=64, lr=.01)  steps = 600")
    (solution,) = train([run], points, 0).values()
    assert solution.loss < 0.002
    assert 0 < solution.standard_error < solution.loss


def test_more_points_and_more_features_teach_more() -> None:
    study = (
        CLUSTERS + "\nmodels {d: mlp(width=32, samples in {64, 512, 4096}), n: mlp(width in {1, 4, 32})}\n"
        "train adamw(batch=32, lr=.01)  steps = 600"
    )
    runs = runs_of(study)
    assert len(make_packs(runs, workers=2)) == 1
    found = solved(runs)
    of = {(r.point[0][1], r.model.samples or r.model.width): found[r.key].final for r in runs}  # type: ignore[attr-defined]
    losses = {key: final.loss for key, final in of.items() if final is not None}
    for size in (("d", 64), ("d", 512), ("d", 4096)), (("n", 1), ("n", 4), ("n", 32)):
        assert all(losses[a] > losses[b] for a, b in pairwise(size))
    assert losses["n", 32] < 0.5
    final = of["d", 512]
    assert final is not None
    assert final.n_tokens == 512


def test_a_run_that_blows_up_has_diverged() -> None:
    runs = runs_of(CLUSTERS + "\nmodels mlp(width=8, layers=30)\ntrain adamw(lr in {.001, 1000})  steps = 50")
    records = solved(runs)
    assert [records[run.key].status for run in runs] == ["done", "diverged"]
    assert records[runs[1].key].final is None
    assert records[runs[1].key].message == "its loss is not finite after 50 steps"


# --- identity ---------------------------------------------------------------------------------------------------------


def test_companions_and_their_order_change_no_bit() -> None:
    runs = runs_of(
        CLUSTERS + "seed in {3}\nmodels mlp(width in {4, 16}, layers=2, samples in {100, 900})\n"
        "train adamw(batch=32, tune lr in {.003, .01}, schedule=cosine)  steps = 300"
    )
    together = {key: record.final for key, record in solved(runs).items()}
    backwards = {key: record.final for key, record in solved(runs[::-1]).items()}
    assert together == backwards
    for run in runs[::3]:
        assert solved((run,))[run.key].final == together[run.key]
    assert len({final.loss for final in together.values() if final is not None}) == len(runs)


def test_models_of_a_seed_see_the_same_points() -> None:
    forest = PercolationClusters(Percolation(smallest=300, largest=10_000, tested=0.1, embed=4)).draw(0)
    few, many = points_of(forest, 0, [50], 0), points_of(forest, 0, [50, 500], 0)
    assert torch.equal(few.known, many.known[:50])
    assert torch.equal(few.tested, many.tested)
    assert len(points_of(forest, 0, [50, 0], 0).known) == forest.n - forest.tested.sum()
    assert float(points_of(forest, 0, [0], 0).known.square().mean()) == pytest.approx(1, rel=0.02)
    with pytest.raises(EngineError, match="learn from 1,000,000 samples, and the clusters of seed 0 have"):
        points_of(forest, 0, [10**6], 0)


def test_every_point_is_shown_once_a_pass() -> None:
    shown = order(0, 10, 25)
    assert sorted(shown[:10].tolist()) == sorted(shown[10:20].tolist()) == list(range(10))
    assert not torch.equal(shown[:10], shown[10:20])
    assert torch.equal(order(0, 10, 15), shown[:15])


# --- in a study -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_study_of_perceptrons_and_neighbours_runs_whole(tmp_path: Path) -> None:
    study = (
        CLUSTERS.replace("10k", "3k") + "seed in {0, 1}\n"
        "models {net: mlp(width=16), near: nearest}  samples in [64..512]\n"
        "train adamw(batch=32, tune lr in {.003, .01})  epochs = 20\n"
        "fit power(D, E=0)\nexpect beta(power(D, E=0), net) > 0.01\n"
    )
    plan = load("both.scl", text=study)
    outcome = run_study(plan, base=tmp_path, out=tmp_path / "out", executor="inline", workers=1)
    # A neighbour takes no rate, and is not multiplied by it.
    assert (outcome.n_runs, outcome.n_trained) == (4 * 2 * 2 + 4 * 2, 24)
    assert {record.status for record in outcome.records.values()} == {"done"}
    assert outcome.analysis is not None
    (verdict,) = outcome.analysis.verdicts
    assert (verdict.status in ("held", "undecided"), verdict.skipped) == (True, ())
    assert outcome.report is not None
    assert "mean squared error" in outcome.report.read_text()
    trained = [r for r in outcome.records.values() if r.run["model"]["word"] == "mlp"]
    assert all(r.provenance["torch"] == torch.__version__ and r.seconds > 0 for r in trained)
    again = run_study(plan, base=tmp_path, out=tmp_path / "out", executor="inline", workers=1)
    assert again.n_trained == 0


def test_a_plan_foretells_its_cost() -> None:
    small, large = (
        runs_of(f"data percolation(largest=300k, embed=100)\nmodels mlp(width={w})\ntrain adamw(batch=64)  steps = {s}")
        for w, s in ((16, 100), (256, 10_000))
    )
    short, long = (predict(runs, device="cpu", workers=2) for runs in (small, large))
    assert 0 < short.wall_seconds < long.wall_seconds
    assert long.run_seconds[large[0].key] > 5
    (pack,) = make_packs(large, workers=2)
    assert predicted_seconds(pack) == long.pack_seconds[0]
    assert predicted_bytes(pack, "cpu") > 300_000 * 100 * 4
    assert large[0].flops == 10_000 * 64 * Mlp(width=256).flops_per_token(100, 1)


def test_stacks_hold_runs_of_one_shape_and_length() -> None:
    runs = runs_of(
        CLUSTERS + "\nmodels mlp(width in {4, 8}, samples in [16..1024])\n"
        "train adamw(batch=32, tune lr in {.001, .003, .01})  steps in {10, 20}"
    )
    found = stacks(runs)
    assert sorted(run.key for stack in found for run in stack) == sorted(run.key for run in runs)
    for stack in found:
        assert len(stack) <= 16
        assert len({(run.model.width, run.steps) for run in stack}) == 1  # type: ignore[attr-defined]
    assert np.mean([len(stack) for stack in found]) > 8
