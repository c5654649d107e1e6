"""The value of a tuned axis in a cell is the best one, and claims may ask for it."""

from __future__ import annotations

from textwrap import dedent

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.spec import check, load
from scalingdsl.spec.plan.run_grid import Run

from ...make import Law, record_of

STUDY = """
data walk(er(n=64, p=.1))
models transformer(param={SP, muP})  width in [32..256]
train adamw  tokens in {250k, 500k}  tune lr in [.001..0.032]
fit chinchilla
"""


def analysed(claims: str) -> Analysis:
    """Under SP the best rate is .032 at width 32 and falls with the width; under muP it is .008 everywhere."""
    plan = load("study.scl", text=dedent(STUDY) + dedent(claims))

    def penalty(run: Run) -> float:
        width = float(run.value("width") or 0)
        wanted = 0.008 if run.value("param") == "muP" else 1.024 / width
        return 0.02 * abs(float(np.log(float(run.value("lr") or 0) / wanted)))

    return analyse(plan, {r.key: record_of(r, Law(), penalty=penalty) for r in plan.runs()})


def test_claims_on_the_best_rate() -> None:
    found = analysed(
        """
        expect lr(muP, width=256)/lr(muP, width=32) in [0.5..2]
        expect lr(SP, width=32) > 7*lr(SP, width=256)
        expect lr(SP, width=64) <= lr(SP, width=256)
        expect lr(muP) > .005 where width <= 64
        """
    )
    assert [(v.status, len(v.panels)) for v in found.verdicts] == [("held", 2), ("held", 2), ("failed", 2), ("held", 4)]
    assert "lr(SP, width=32) = 0.032" in found.verdicts[1].panels[0].detail


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("lr > .01", None),
        ("lr(width=48) > .01", "SCL429"),
        ("lr(kappa=1) > .01", "SCL428"),
        ("width > 16", "SCL420"),
    ],
)
def test_what_may_be_asked(claim: str, code: str | None) -> None:
    found = check("study.scl", text=f"{STUDY}expect {claim}\n")
    assert [d.code for d in found.errors] == ([code] if code else [])
