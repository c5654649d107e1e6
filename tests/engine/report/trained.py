"""Analyses of studies as they are written, with records that a known law made in place of training."""

from __future__ import annotations

import numpy as np
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis, StoredFacts
from scalingdsl.engine.store.record import Measurement, RunRecord
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

from .example import RATE, excess


def record(run: Run, *, diverged: bool = False) -> RunRecord:
    """What training a run would have given, if the law of the example held, the best rate being .01."""
    rng = np.random.default_rng(int(run.key[:8], 16))
    rate = float(getattr(run.optimiser, "lr", 0.01))
    above = excess(run.n_total, run.n_tokens, 0.0) * (1 + 0.25 * np.log(rate / 0.01) ** 2) * np.exp(0.02 * rng.normal())
    measured = Measurement(
        step=run.steps, n_tokens=run.n_tokens, asked_tokens=run.asked_tokens, loss=RATE + above,
        standard_error=0.002, excess_loss=above, entropy_rate=RATE,
    )  # fmt: skip
    return RunRecord(
        key=run.key,
        status="diverged" if diverged else "done",
        message="the loss was not finite at step 20" if diverged else "",
        measurements=() if diverged else (measured,),
        run={},
        n_total=run.n_total,
        n_body=run.n_body,
        flops=run.flops,
        flops_6nd=run.flops_6nd,
        seconds=2e-11 * run.flops,
        wall_seconds=6e-11 * run.flops,
        provenance={"torch": "2.13.0", "device": "cpu", "gemm": "mkl"},
    )


def analysed(text: str, *, failing: str = "") -> Analysis:
    """The analysis of a study's text; runs whose point has the value `failing` on any axis diverge."""
    plan = load("study.scl", text=text)
    runs = tuple(plan.runs())
    fails = {run.key for run in runs if failing and any(str(value) == failing for _, value in run.point)}
    records = {run.key: record(run, diverged=run.key in fails) for run in runs}
    return analyse(plan, records, facts=StoredFacts(predicted_seconds=60.0))
