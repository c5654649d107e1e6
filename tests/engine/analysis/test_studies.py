"""Studies as people write them, from text through the checker to verdicts, on records of a known law."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.spec import load
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.plan.run_grid import Run

from ..make import Law, record_of


def analysed(text: str, folder: Path = Path("."), laws: dict[str, Law] | None = None) -> Analysis:
    """The study with a record of every run: the law of its `data`, best at a rate of .01."""
    plan = load(folder / "study.scl", text=dedent(text))

    def loss(run: Run, tokens: float) -> float:
        return (laws or {}).get(str(run.value("data")), Law())(run, tokens)

    def penalty(run: Run) -> float:
        return 0.02 * abs(float(np.log(float(run.value("lr") or 0.01) / 0.01)))

    records = {r.key: record_of(r, loss, noise=1e-4, penalty=penalty) for r in plan.runs()}
    return analyse(plan, records, table=study_table(plan, folder))


def test_the_one_line_study() -> None:
    found = analysed("data walk(er(n=512,p=.02)); models width in [32..512]; fit chinchilla")
    (fit,) = found.fits
    assert fit.panel == ()
    assert fit.fit is not None
    assert fit.fit.status == "converged"
    assert found.verdicts == ()
    assert found.cells.n == found.runs.n


LADDER = """
data {sparse: walk(er(n=64, p=.1)), dense: walk(er(n=64, p=.3))}
models transformer(param=muP)  width in [8..256]
train adamw(schedule=cosine)  tokens in [250k..8M]  tune lr in {.003, .01, .03}  seed in {0, 1}
let inN = mean(alpha(power(N)))
let early = chinchilla where tokens <= 1M
fit power({N, D}), exponential(D), chinchilla(share=(E, beta)), early
optimum surface(early)
expect inN(sparse) > 1.3*inN(dense)
expect inN(sparse) within 15% of inN(data=dense)
expect min(E(power(N)), sparse) < min(E(power(N)), data=dense)
expect spread(beta(chinchilla(share=(E, beta)))) < .01
expect spread(alpha(chinchilla(share=(E, beta)))) < .1
expect holdout(early) < 2%
expect L(surface(early), dense, C=3TFLOP) within 3% of 2.43
expect loss(sparse) < loss(dense) where D >= 1M
expect alpha(power(N), data=sparse, tokens=250k) in [.5..1]
expect mse(power(D)) < mse(exponential(D)) / 3
expect loss(early, sparse, N=20k, D=1M) > 2
"""


@pytest.mark.slow
def test_the_ladder() -> None:
    """A `let` that is a quantity, selections inside and outside a reduction, an order of two sources."""
    found = analysed(LADDER, laws={"sparse": Law(A=100.0, alpha=0.7, B=150.0), "dense": Law()})
    told = {v.claim: (v.status, len(v.panels), v.skipped) for v in found.verdicts}
    assert [v[0] for v in told.values()] == [
        "held", "failed", "held", "held", "failed", "held", "held", "held", "held", "held", "held",
    ], told  # fmt: skip
    assert all(skipped == () for _, _, skipped in told.values())
    assert found.cells.n == 72
    assert [n.code for n in found.notes] == []


def test_branches_of_one_trunk() -> None:
    """Paths and plain runs side by side: marks of one path are one cluster, and the two are compared cell by cell."""
    found = analysed(
        """
        data walk(er(n=64, p=.1))
        models transformer  width in [16..128]
        train {trunk: adamw(schedule=wsd(decay=20%), tokens along [250k..2M]),
               apart: adamw(schedule=cosine, tokens in [250k..2M])}  warmup=20steps  tune lr in {.003, .01, .03}
        fit power(D), chinchilla
        expect beta(chinchilla, trunk) within 10% of beta(chinchilla, apart)
        expect loss(trunk) within 1% of loss(apart) where D >= 500k
        """
    )
    assert found.cells.n == 32
    trunk = found.cells.columns["train"] == "trunk"
    assert len(set(found.cells.columns["cluster"][trunk].tolist())) == 4
    assert len(set(found.cells.columns["cluster"][~trunk].tolist())) == 16
    assert [(v.status, len(v.panels)) for v in found.verdicts] == [("held", 1), ("held", 12)]
    paths = [f for f in found.fits if f.request.name == "chinchilla"]
    assert [f.fit.n_clusters for f in paths if f.fit] == [4, 16]


def test_shapes_and_lines() -> None:
    """Depth that follows width at two aspects, pooled and shared; tokens that follow N."""
    shapes = analysed(
        """
        data walk(er(n=64, p=.1))
        models transformer(heads=width/16, layers=width/aspect)  width in [32..128]  panel aspect in {16, 32}
        train adamw  tokens in [250k..2M]  tune lr in {.003, .01, .03}
        fit chinchilla(share=(E, beta)), power(N)
        expect spread(alpha(chinchilla(share=(E, beta)))) < .1
        """
    )
    assert [v.status for v in shapes.verdicts] == ["held"]
    assert [dict(f.panel) for f in shapes.fits[:2]] == [{"aspect": 16}, {"aspect": 32}]
    line = analysed(
        """
        data walk(er(n=64, p=.1))
        models transformer  width in [16..256]
        train adamw(batch=1)  tokens = 2*N  seed in {0, 1, 2}
        fit power(C), power(N)
        expect alpha(power(N)) within 30% of 2*gamma(power(C))
        """
    )
    assert [len(f.cells) for f in line.fits] == [5, 5]
    assert line.verdicts[0].status == "held"


def test_a_table_alone(tmp_path: Path) -> None:
    """Rows of a file, its columns named by the study; the worst rows left out are the hold-out."""
    N, D = (a.ravel() for a in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 1e11, 5), indexing="ij"))
    loss = 1.8 + 480 * N**-0.35 + 2100 * D**-0.37
    loss[0] += 0.5
    rows = [f"{n:.8g},{6 * n * d:.8g},{value:.8f}" for n, d, value in zip(N, D, loss)]
    (tmp_path / "runs.csv").write_text("\n".join(["Model Size,Training FLOP,loss", *rows]) + "\n")
    text = """
    data table("runs.csv", N="Model Size", C="Training FLOP", loss="loss")
    let kept = rank(-loss) > 1
    let law = chinchilla(objective=huber(1e-3), bootstrap=200) where kept
    fit law, chinchilla(objective=huber(1e-3), bootstrap=200), power(D, group=2%) where kept
    optimum surface(law) where 1e17 < C < 1e21
    expect alpha(law) within .01 of .35 and beta(law) within .01 of .37
    expect holdout(law) > 1%
    expect n(law) == 24
    """
    found = analysed(text, tmp_path)
    assert [v.status for v in found.verdicts] == ["held", "held", "held"], found.verdicts
    assert [len(f.cells) for f in found.fits] == [24, 25, 4, 5, 5, 5, 5]
    optimum = found.optima[0].optimum
    assert optimum is not None
    assert 1e17 < optimum.curves["L"].flops[0] < optimum.curves["L"].flops[-1] < 1e21
    plan = load(tmp_path / "study.scl", text=dedent(text))
    (tmp_path / "runs.csv").write_text("Model Size,Training FLOP,loss\n1,2,3\n")
    with pytest.raises(FitError, match="has changed since the study was checked"):
        study_table(plan, tmp_path)


def test_two_tables(tmp_path: Path) -> None:
    """Each table is a panel, under its label."""
    for name, exponent in (("a", 0.4), ("b", 0.6)):
        D = np.geomspace(1e6, 1e9, 8)
        rows = [f"{d:.8g},{2 + 300 * d**-exponent:.8f}" for d in D]
        (tmp_path / f"{name}.csv").write_text("\n".join(["D,loss", *rows]) + "\n")
    plan = load(
        tmp_path / "study.scl",
        text='data {first: table("a.csv", D="D", loss="loss"), second: table("b.csv", D="D", loss="loss")}\n'
        "fit power(D, group=2%)\nexpect beta(power(D, group=2%), first) < beta(power(D, group=2%), second)\n",
    )
    table = study_table(plan, tmp_path)
    assert table is not None
    assert table["data"].tolist() == ["first"] * 8 + ["second"] * 8


def test_nothing_run_yet() -> None:
    """A study without a single record is analysed all the same: every fit has a reason, every claim is undecided."""
    plan = load("study.scl", text=LADDER)
    found = analyse(plan, {})
    assert all(f.fit is None for f in found.fits)
    assert {v.status for v in found.verdicts} == {"undecided"}
    assert found.accounting.missing == found.accounting.planned == 432
    assert [n.code for n in found.notes] == ["RUN203", "RUN203"]
