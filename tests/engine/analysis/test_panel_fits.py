"""Fits of panels: what enters each, what is held out, what is fixed or shared, and why a panel has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis, PanelFit
from scalingdsl.engine.analysis.panel_fits import fit_request as fit_panels
from scalingdsl.engine.analysis.study_axes import cell_axes
from scalingdsl.engine.fits import predict
from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import FitRequest, OptimumRequest

from ..make import ENTROPY, Law, axis, fit_request, product, record_of, run_at, study

WIDTH = axis("width", [32, 64, 128, 256])
TOKENS = axis("tokens", [2**18, 2**19, 2**20, 2**21])
TRAIN = axis("train", ["adamw", "muon"])
LAWS = {"adamw": Law(), "muon": Law(A=20.0, B=150.0)}


def by_optimiser(run: Run, tokens: float) -> float:
    return LAWS[str(run.value("train") or "adamw")](run, tokens)


def analysed(
    axes: list[PlanAxis], *fits: FitRequest, optima: tuple[OptimumRequest, ...] = (), noise: float = 1e-4
) -> Analysis:
    plan = study(axes, fits=fits, optima=optima)
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    return analyse(plan, {r.key: record_of(r, by_optimiser, noise=noise) for r in runs}, runs=runs)


def params(found: PanelFit) -> dict[str, float]:
    assert found.fit is not None, found.reason
    return found.fit.params


def test_names_follow_the_variable() -> None:
    """power(N) has A and alpha, power(D) B and beta, power(C) K and gamma."""
    found = analysed([WIDTH, TOKENS], fit_request("power(N)"), fit_request("power(D)"), fit_request("power(C)"))
    names = {f.request.name: set(params(f)) for f in found.fits if f.fit}
    assert names == {"power(N)": {"E", "A", "alpha"}, "power(D)": {"E", "B", "beta"}, "power(C)": {"E", "K", "gamma"}}
    first = next(f for f in found.fits if f.request.name == "power(N)")
    assert first.panel == (("tokens", 2**18),)
    assert params(first)["alpha"] == pytest.approx(Law().alpha, abs=0.05)


def test_a_law_in_compute_sees_the_envelope() -> None:
    """Cells that another beats with as little compute are neither fitted nor held out."""
    (found,) = analysed([WIDTH, TOKENS], fit_request("power(C)"), noise=0.0).fits
    cells = analysed([WIDTH, TOKENS], noise=0.0).cells
    C, loss = cells.columns["C"], cells.columns["loss"]
    beaten = [any(C[j] <= C[i] and loss[j] < loss[i] for j in range(cells.n)) for i in range(cells.n)]
    assert sorted(found.cells.tolist()) == [i for i in range(cells.n) if not beaten[i]]
    assert 4 < len(found.cells) < 16


def test_what_a_condition_leaves_out_is_held_out() -> None:
    found = analysed([WIDTH, TOKENS], fit_request("chinchilla", where="width < 256 and tokens < 2M"))
    (fit,) = found.fits
    assert len(fit.cells) == 9
    assert len(fit.held_out) == 7
    assert fit.fit is not None
    columns = found.cells.columns
    out = fit.held_out
    predicted = predict(fit.fit, {"N": columns["N"][out], "D": columns["D"][out]})
    assert fit.holdout == pytest.approx(float(np.sqrt(np.mean(np.log(predicted / columns["loss"][out]) ** 2))))
    assert fit.holdout < 0.01


def test_a_panel_that_its_condition_empties_is_not_asked_for() -> None:
    found = analysed([TRAIN, WIDTH, TOKENS], fit_request("chinchilla", where="train == muon"))
    assert [f.panel for f in found.fits] == [(("train", "muon"),)]
    assert found.fits[0].holdout is None


def test_a_parameter_fixed_to_the_entropy_rate() -> None:
    found = analysed([WIDTH, TOKENS], fit_request("power(D)", fixed=(("E", "entropy_rate"),)))
    assert params(found.fits[0])["E"] == pytest.approx(ENTROPY)
    assert found.fits[0].fit is not None
    assert "E" in found.fits[0].fit.fixed
    least = analysed([WIDTH, TOKENS], fit_request("power(D)", fixed=(("E", "min(entropy_rate, 9)"),)))
    assert params(least.fits[0]) == params(found.fits[0])
    assert "E" not in found.fits[0].fit.intervals
    (half,) = analysed([WIDTH, TOKENS], fit_request("chinchilla", fixed=(("alpha", "1/2"),))).fits
    assert params(half)["alpha"] == 0.5


def test_shared_parameters_and_each_panels_own() -> None:
    """Two optimisers share E and both exponents; the coefficients differ by the factor they were made with."""
    shared = fit_request("joint", shared=("E", "alpha", "beta")).model_copy(update={"law": "chinchilla"})
    found = analysed([TRAIN, WIDTH, TOKENS], shared, fit_request("chinchilla"))
    joint = {dict(f.panel)["train"]: f for f in found.fits if f.request.name == "joint"}
    a, m = params(joint["adamw"]), params(joint["muon"])
    assert set(a) == {"E", "A", "alpha", "B", "beta", "rho_N", "rho_D", "rho_C"}
    assert (a["E"], a["alpha"], a["beta"]) == (m["E"], m["alpha"], m["beta"])
    assert a["A"] / m["A"] == pytest.approx(2.0, rel=0.1)
    for found_fit in joint.values():
        fit = found_fit.fit
        assert fit is not None
        assert fit.n == 16
        assert set(fit.draws) == set(fit.params)
        columns = found.cells.columns
        at = {"N": columns["N"][found_fit.cells], "D": columns["D"][found_fit.cells]}
        np.testing.assert_allclose(predict(fit, at) + fit.residuals, columns["loss"][found_fit.cells])
        assert fit.rmse == pytest.approx(float(np.sqrt(np.mean(fit.residuals**2))))


def test_reasons_where_there_is_no_fit() -> None:
    """Too few cells, one size only, a measurement that was not made."""
    narrow = [axis("width", [32, 64]), axis("tokens", [2**18, 2**19])]
    few = analysed(narrow, fit_request("power(N)"), fit_request("chinchilla"))
    assert [f.fit for f in few.fits] == [None, None, None]
    assert few.fits[0].reason == "2 cells for 3 free parameters: measure at least 3"
    assert len(few.fits[0].cells) == 2
    (flat,) = analysed([axis("width", [32]), TOKENS], fit_request("power(N)", group=0.9)).fits[:1]
    assert flat.fit is None
    missing = analysed([WIDTH, TOKENS], fit_request("power(N)", loss="accuracy"))
    assert {f.reason for f in missing.fits} == {"these results hold no `accuracy`"}


def test_excess_can_be_fitted() -> None:
    found = analysed([WIDTH, TOKENS], fit_request("power(D)", loss="excess"))
    columns = found.cells.columns
    np.testing.assert_allclose(columns["excess"], columns["loss"] - ENTROPY)
    assert params(found.fits[-1])["E"] == pytest.approx(Law().A * columns["N"].max() ** -Law().alpha, abs=0.005)


def test_draws_agree_across_fits() -> None:
    """The same request twice has the same draws; so does a panel whether or not others are fitted beside it."""
    both = analysed([TRAIN, WIDTH, TOKENS], fit_request("chinchilla"), fit_request("chinchilla", objective="lad"))
    alone = analysed([TRAIN, WIDTH, TOKENS], fit_request("chinchilla", where="train == muon"))
    muon = next(f for f in both.fits if f.panel == (("train", "muon"),) and f.request.objective is None)
    assert muon.fit is not None
    assert alone.fits[0].fit is not None
    np.testing.assert_array_equal(muon.fit.draws["beta"], alone.fits[0].fit.draws["beta"])


def test_noise_that_two_fits_share_cancels_in_their_difference() -> None:
    """Two laws of the same cells are refitted on the same worlds, so their difference is known better than either."""
    noisy = analysed(
        [WIDTH, TOKENS],
        fit_request("chinchilla", bootstrap=200),
        fit_request("body", bootstrap=200, variables=(("N", "N_body"), ("D", "D"))).model_copy(
            update={"law": "chinchilla"}
        ),
        noise=3e-3,
    )
    a, b = (f.fit.draws["beta"] for f in noisy.fits if f.fit)
    assert np.std(a - b) < 0.5 * np.std(a)


def test_optima_of_surfaces() -> None:
    surface = OptimumRequest(name="surface(chinchilla)", method="surface", fit="chinchilla")
    found = analysed([TRAIN, WIDTH, TOKENS], fit_request("chinchilla"), optima=(surface,))
    assert [o.panel for o in found.optima] == [(("train", "adamw"),), (("train", "muon"),)]
    for optimum in found.optima:
        assert optimum.optimum is not None
        assert optimum.optimum.params["a"] == pytest.approx(0.6 / 1.1, abs=0.03)
    few = analysed(
        [axis("width", [32, 64]), TOKENS], fit_request("chinchilla", where="tokens == 2097152"), optima=(surface,)
    )
    assert few.optima[0].optimum is None
    assert few.optima[0].reason.startswith("no surface was fitted")


def test_a_request_no_data_could_meet_is_a_reason() -> None:
    plan = study([WIDTH, TOKENS], fits=[fit_request("chinchilla", fixed=(("zeta", "1"),))])
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(plan.axes)]
    analysis = analyse(plan, {r.key: record_of(r, Law()) for r in runs}, runs=runs)
    (found,) = fit_panels(plan.fits[0], analysis.cells, cell_axes(plan))
    assert found.fit is None
    assert "zeta" in found.reason


def test_tables(chinchilla_table: dict[str, Any]) -> None:
    """A table's rows are the cells; slices of one N within two percent have a fit each."""
    plan = study([], fits=[fit_request("chinchilla"), fit_request("power(D)", group=0.02)])
    found = analyse(plan, {}, runs=(), table=chinchilla_table)
    assert found.runs.n == found.cells.n == 20
    assert params(found.fits[0])["beta"] == pytest.approx(0.6, abs=0.02)
    assert [len(f.cells) for f in found.fits[1:]] == [5, 5, 5, 5]
    assert [name for f in found.fits[1:] for name, _ in f.panel] == ["N"] * 4
    assert found.notes == ()


@pytest.fixture
def chinchilla_table() -> dict[str, Any]:
    N, D = (a.ravel() for a in np.meshgrid(np.geomspace(1e4, 1e6, 4), np.geomspace(1e6, 1e8, 5), indexing="ij"))
    N = N * np.tile([1, 1.001, 1.002, 1.003, 1.004], 4)
    return {"N": N, "C": 6 * N * D, "loss": 2.3 + 40 * N**-0.5 + 300 * D**-0.6}
