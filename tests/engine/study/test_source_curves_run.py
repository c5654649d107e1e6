"""Laws of curves of sources in a study that is run: fits, claims, report, and the same verdicts from what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.engine.findings.judge_findings import judge_findings
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.spec import check, load

STUDY = """
data latents(M=60, tail={0.5, 1})  seed in {0, 1}
models features(width in [5..20], samples=40)
train ridge(penalty=0.01)
let spectrum = power(rank, E=0, loss=eigenvalue)
let first = power(rank, E=0, loss=eigenvalue) where rank <= 10
fit spectrum, first, power(N, E=0)
expect alpha(spectrum) within 1e-3 of 1 + tail
expect alpha(spectrum, tail=1) > alpha(spectrum, tail=0.5)
expect alpha(first) < 1
expect r2(first) > .9 and holdout(first) < 1%
expect alpha(spectrum) > 1.2 where rank > 2
"""


@pytest.mark.slow
def test_a_study_of_a_spectrum(tmp_path: Path) -> None:
    plan = load(tmp_path / "s.scl", text=STUDY)
    found = run_study(plan, base=tmp_path, out=tmp_path / "out", executor="inline")
    assert found.analysis is not None
    assert [v.status for v in found.analysis.verdicts] == ["held", "held", "failed", "held", "held"]
    of_curves = [f for f in found.analysis.fits if f.curve is not None]
    assert [f.panel for f in of_curves] == [(("tail", 0.5),), (("tail", 1),)] * 2
    assert judge_findings(tmp_path / "out") == found.analysis.verdicts
    assert (tmp_path / "out" / "figures" / "curves-of-sources.svg").exists()
    before = (tmp_path / "out" / "report.md").read_bytes()
    store = Store.existing(tmp_path / "out")
    report_store(store, plan)
    assert (tmp_path / "out" / "report.md").read_bytes() == before
    # A folder that was made before has none, and says what adds them.
    for kept in (tmp_path / "out" / "curves").iterdir():
        kept.unlink()
    again = report_store(store, plan).analysis
    assert next(f.reason for f in again.fits if f.curve is not None and f.fit is None).endswith("folder adds it")
    assert again.verdicts[0].status == "undecided"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ("fit power(lag)", "SCL401", "say which: `power(lag, loss=correlation)`"),
        ("fit power(D, loss=correlation)", "SCL401", "write `power(lag, loss=correlation)`"),
        ("fit power(rank, loss=eigenvalue)", "SCL404", "no source of this study has the curve `eigenvalue`"),
        ("fit power(lag, loss=correlation)\nexpect alpha(power, width=8) > 1", "SCL428", "one fit over all `width`"),
    ],
)
def test_what_has_no_such_curve_is_said_before_anything_runs(asked: str, code: str, said: str, tmp_path: Path) -> None:
    text = (
        "data walk({a: er(60, edges=200), b: ba(60, m=3)}, length=24)\nmodels transformer(layers=1) width in {8, 16}\n"
    )
    found = check(tmp_path / "s.scl", text=f"{text}train adamw tokens in {{4k, 8k, 16k}}\n{asked}\n")
    assert [d.code for d in found.errors] == [code]
    assert said in " ".join((found.errors[0].message, *found.errors[0].helps))
