"""A study from records to verdicts, on records that follow a known law."""

from __future__ import annotations

import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.spec.plan.study_plan import OptimumRequest

from ..make import Law, axis, fit_request, product, record_of, run_at, study

WIDTH = axis("width", [32, 64, 128, 256, 512])
TOKENS = axis("tokens", [250_000, 500_000, 1_000_000, 2_000_000])


def test_one_line_study() -> None:
    """The one-line study: a width axis, default tokens, one fit; the law's parameters come back."""
    plan = study([WIDTH, TOKENS], fits=[fit_request("chinchilla")])
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(plan.axes)]
    records = {run.key: record_of(run, Law(), noise=1e-4) for run in runs}
    analysis = analyse(plan, records, runs=runs)
    assert analysis.runs.n == analysis.cells.n == 20
    (found,) = analysis.fits
    assert found.panel == ()
    assert found.fit is not None
    assert found.fit.status == "converged"
    assert found.fit.params["alpha"] == pytest.approx(Law().alpha, abs=0.03)
    assert found.fit.params["E"] == pytest.approx(Law().E, rel=0.01)
    assert analysis.accounting.done == 20
    assert analysis.accounting.seconds == 40.0


def test_er_study_with_its_claims() -> None:
    """The claims of the study that is run first: all of them can be judged, and those that are true of the law hold."""
    axes = [
        axis("width", [16, 32, 64, 128]),
        TOKENS,
        axis("lr", [0.003, 0.01, 0.03], "tune"),
        axis("seed", [0, 1, 2], "replicate"),
    ]
    plan = study(
        axes,
        fits=[fit_request(t) for t in ("chinchilla", "power(N)", "power(D)", "exponential(D)")],
        optima=[OptimumRequest(name="surface(chinchilla)", method="surface", fit="chinchilla")],
        expect=[
            "E within 2% of entropy_rate",
            "beta in [0.5..1.1]",
            "mse(power(D)) < mse(exponential(D)) / 3",
            "beta > 3",
            "a(surface(chinchilla)) within 0.1 of beta/(alpha + beta)",
        ],
    )
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(plan.axes)]
    records = {
        r.key: record_of(r, Law(), noise=2e-4, penalty=lambda run: 0.0 if run.value("lr") == 0.01 else 0.02)
        for r in runs
    }
    analysis = analyse(plan, records, runs=runs)
    assert analysis.runs.n == 144
    assert analysis.cells.n == 16
    assert [len([f for f in analysis.fits if f.request.name == r.name]) for r in plan.fits] == [1, 4, 4, 4]
    assert [v.status for v in analysis.verdicts] == ["held", "held", "held", "failed", "held"]
    assert len(analysis.verdicts[2].panels) == 4
