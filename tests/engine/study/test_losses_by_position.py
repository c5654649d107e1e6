"""Laws of losses by position in a study: recorded where they are asked for, fitted a cell, judged alike."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from scalingdsl.engine.analysis.analyse import analyse
from scalingdsl.engine.findings.judge_findings import judge_findings
from scalingdsl.engine.findings.store_findings import write_findings
from scalingdsl.engine.report.standard_figures.source_curves import losses_by_position
from scalingdsl.engine.report.study_view import View
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.study.exported_tables import exported
from scalingdsl.spec import check, load
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..train.watched import train

STUDY = """
data walk(er(12, edges=30), length=16, eval_walks=64)
models transformer(layers=1)  width in {4, 8}
train adamw(batch=4, lr=0.03, schedule=constant)  tokens along [640..1280]  seed in {0, 1}
"""
ASKED = """
let late = power(position, E=0, loss=excess) where position >= 2
let own = a + b/position
fit late, own
expect loss(late, position=9) < 2 and n(late) == 11 and n(own) == 12
expect alpha(late, width=8, tokens=1280) < 2
"""


def trained(plan: StudyPlan, **how: Any) -> dict[str, RunRecord]:
    """Records of a study's runs, a pack a width."""
    found: dict[str, RunRecord] = {}
    for _, runs in groupby(plan.runs(), key=lambda run: run.n_total):
        found |= train(tuple(runs), **how)
    return found


Asked = tuple[StudyPlan, dict[str, RunRecord]]


@pytest.fixture(scope="module")
def asked() -> Asked:
    plan = load("s.scl", text=STUDY + ASKED)
    return plan, trained(plan, by_position=True)


def test_a_study_asks_for_losses_by_position(asked: Asked, tmp_path: Path) -> None:
    plan, records = asked
    found = analyse(plan, records)
    fits = [f for f in found.fits if f.request.name == "own"]
    assert [dict(f.panel) for f in fits] == [{"width": w, "tokens": t} for w in (4, 8) for t in (640, 1280)]
    table = fits[0].curve
    assert table is not None
    assert table.columns["position"][fits[0].cells].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9.5, 11.5, 13.5, 15.5]
    # The positions of a run make up its excess, at every step where it was measured.
    share = [1] * 8 + [2] * 4
    for record in records.values():
        for measured, places in zip(record.measurements, record.by_position, strict=True):
            assert places.step == measured.step
            mean = sum(x * n for x, n in zip(places.excess, share)) / 16
            assert mean == pytest.approx(measured.excess_loss, rel=1e-4)
    # The points of a cell are means over its seeds.
    own = [r.by_position[0].loss[0] for r in records.values() if r.run["model"]["width"] == 4]
    assert table.columns["loss"][fits[0].cells[0]] == pytest.approx(sum(own) / 2)
    assert found.verdicts[0].status == "held"
    write_findings(found, tmp_path)
    assert judge_findings(tmp_path) == found.verdicts
    drawn = losses_by_position(View(found))
    assert drawn is not None
    assert [axes.x_label for axes in drawn.sections[0].figures[0].rows[0]] == ["position (tokens read)"] * 2


def test_they_are_exported_as_a_table(asked: Asked, tmp_path: Path) -> None:
    plan, records = asked
    store = Store(tmp_path / "out")
    store.adopt(plan, Origin("s", "/s.scl", ""), {"s.scl": STUDY + ASKED}, list(records))
    for record in records.values():
        store.write_record(record)
    table = exported(store, "positions")
    assert len(table["loss"]) == sum(len(p.ends) for record in records.values() for p in record.by_position)
    assert table["first"][:12].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15]
    assert table["position"][:12].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]
    known = records[str(table["key"][0])].by_position[0]
    assert table["excess"][:12].tolist() == list(known.excess)


def test_records_of_a_study_that_does_not_ask_hold_none_and_the_same_losses(asked: Asked) -> None:
    plain = trained(load("s.scl", text=STUDY))
    assert not any(record.by_position for record in plain.values())
    plan, more = asked
    assert {key: r.measurements for key, r in more.items()} == {key: r.measurements for key, r in plain.items()}
    # What is asked after the runs were trained is not there, which the fit says.
    assert {f.reason.partition(",")[0] for f in analyse(plan, plain).fits} == {
        "these results hold no `excess` by position",
        "these results hold no `loss` by position",
    }


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ("fit power(position, loss=tvd)", "SCL404", "`tvd` is not measured by position"),
        ("fit chinchilla(N=position)", "SCL401", "a law of positions is one of each cell"),
        ("fit a + b*position^-c*N^-d", "SCL401", "and this one is read in `N` too"),
        ("fit power(position, loss=correlation)", "SCL401", "write `power(lag, loss=correlation)`"),
        ("fit power(position)\nexpect alpha(power, width=9) > 1", "SCL429", "`width` is nowhere `9`"),
    ],
)
def test_what_has_no_losses_by_position_is_said_before_anything_runs(
    asked: str, code: str, said: str, tmp_path: Path
) -> None:
    found = check(tmp_path / "s.scl", text=f"{STUDY}{asked}\n")
    assert [d.code for d in found.errors] == [code]
    assert said in " ".join((found.errors[0].message, *found.errors[0].helps))


def test_models_of_points_have_none(tmp_path: Path) -> None:
    text = "data zipf(100)\nmodels memoriser(samples in [10..40])\nfit power(position)\n"
    (found,) = check(tmp_path / "s.scl", text=text).errors
    assert (found.code, found.message.partition(" is ")[0]) == ("SCL404", "`power(position)`")
