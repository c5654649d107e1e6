"""Reports of studies as they are written, analysed for real; a known law made the records in place of training."""

from __future__ import annotations

import re

import numpy as np
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis, StoredFacts
from scalingdsl.engine.report.assemble import report
from scalingdsl.engine.report.to_markdown import to_markdown
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import Run

from ..make import Law, record_of

STUDY = """
title "Random walks on an Erdos-Renyi graph"
data walk(er(n=512, p=.02, seed=0), kappa=0, length=32)
models transformer(layers=2, param=muP)  width in [16..128]
train adamw(schedule=cosine, warmup=2%)
  tokens in [250k..4M]
  tune lr in {.003, .01, .03}
  seed in {0, 1}
fit chinchilla, power(N), power(D), exponential(D)
optimum surface(chinchilla)
expect E(chinchilla) within 2% of entropy_rate
expect mse(power(D)) < mse(exponential(D)) / 3
expect mean(beta(power(D))) in [.7..1]
"""


LAW = Law(E=2.3884, A=260.0, alpha=0.75, B=9000.0, beta=0.85)


def loss(run: Run, tokens: float) -> float:
    """What the law says, with an error of 2 % above its floor, where the rate is .01, the best."""
    noise = np.random.default_rng(int(run.key[:8], 16)).normal()
    above = LAW(run, tokens) - LAW.E
    return LAW.E + above * (1 + 0.25 * np.log(float(run.optimiser.lr) / 0.01) ** 2) * np.exp(0.02 * noise)


def analysed(text: str, *, failing: str = "") -> Analysis:
    """The analysis of a study's text; runs whose point has the value `failing` on any axis diverge."""
    plan = load("study.scl", text=text)
    records = {}
    for run in plan.runs():
        failed = failing and any(str(value) == failing for _, value in run.point)
        records[run.key] = record_of(
            run, loss, entropy=LAW.E, status="diverged" if failed else "done",
            seconds=2e-11 * run.flops, wall_seconds=6e-11 * run.flops,
        )  # fmt: skip
    return analyse(plan, records, facts=StoredFacts(predicted_seconds=60.0))


def text_of(study: str, *, failing: str = "") -> str:
    """The Markdown report of a study."""
    return to_markdown(report(analysed(study, failing=failing), {}))


def test_a_whole_study_finds_the_law_its_records_were_made_from() -> None:
    text = text_of(STUDY)
    assert text.startswith("# Random walks on an Erdos-Renyi graph\n\n**`L(N, D) = 2.3")
    assert "120 models in 4 sizes" in text
    alpha = re.search(r"\| exponent in N \| (\S+) \| (\S+) to (\S+) \|", text)
    assert alpha is not None
    value, low, high = (float(x) for x in alpha.groups())
    assert low < value < high
    assert abs(value - 0.75) < 0.06
    assert "**held**" in text
    assert "| N | runs | time a run | by the clock | time | share of time |" in text
    assert "power(D) over exponential(D)" in text
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)


def test_a_parameter_has_one_interval_in_claims_and_tables() -> None:
    analysis = analysed(STUDY + "expect alpha(chinchilla) in [.6..0.9]\nexpect a(surface(chinchilla)) < 1\n")
    fit = next(f.fit for f in analysis.fits if f.request.name == "chinchilla" and f.fit)
    optimum = next(o.optimum for o in analysis.optima if o.optimum)
    for verdict, interval in zip(analysis.verdicts[-2:], (fit.intervals["alpha"], optimum.intervals["a"])):
        low, high = interval
        assert f"[{low:.4g}, {high:.4g}]" in verdict.panels[0].detail


def test_diverged_runs_and_thin_grids_are_told() -> None:
    thin = STUDY.replace("[16..128]", "{16, 32, 64}").replace("[250k..4M]", "[1M..4M]")
    text = text_of(thin.replace("optimum surface(chinchilla)\n", ""), failing="64")
    assert "18 runs diverged" in text
    assert "### Not fitted" in text
    assert "no loss" in text
    assert not re.search(r"\b(nan|NaN|None|inf)\b", text)


def test_panels_get_a_page_each() -> None:
    text = text_of(STUDY.replace("kappa=0", "kappa={0, 1}").replace("[250k..4M]", "[1M..4M]"))
    assert "### kappa = 0" in text
    assert "### kappa = 1" in text
