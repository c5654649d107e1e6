"""Coded remarks: what a reader of the laws should know of the runs behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.data_notes import nested_draws, two_parametrisations
from scalingdsl.engine.codes.run_codes import CODES
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.spec import load
from scalingdsl.spec.plan.run_grid import PlanAxis, Run

from tests.spec.support import plan_of

from ..make import Law, axis, product, record_of, run_at, study

WIDTH = axis("width", [16, 32])
TOKENS = axis("tokens", [1024, 2048])


def notes_of(
    axes: list[PlanAxis], record: Callable[[Run], RunRecord | None], tokens: float | None = None
) -> dict[str, str]:
    plan = study(axes)
    runs = [run_at(p, tokens=tokens or float(p.get("tokens", 1024))) for p in product(axes)]
    records = {r.key: found for r in runs if (found := record(r)) is not None}
    found_notes = analyse(plan, records, runs=runs).notes
    assert {n.code for n in found_notes} <= set(CODES)
    return {n.code: n.message for n in found_notes}


def test_a_clean_study_has_none() -> None:
    assert notes_of([WIDTH, TOKENS], lambda r: record_of(r, Law())) == {}


def test_the_edge_of_the_tuned_grid() -> None:
    """Which cells, and at which end."""
    lr = axis("lr", [0.1, 0.3, 1.0], "tune")
    best = {16: 0.1, 32: 0.3}
    found = notes_of(
        [WIDTH, lr], lambda r: record_of(r, Law(), penalty=lambda run: abs(best[run.value("width")] - run.value("lr")))
    )
    assert found == {"RUN201": "1 of 2 cells have their best lr at the edge of its grid (1 at the lowest): width = 16"}


def test_the_edge_of_what_a_condition_leaves_of_the_tuned_grid() -> None:
    """The widest model may not take the largest rate, and its best is the largest that it may."""
    lr = axis("lr", [0.1, 0.3, 1.0], "tune")
    axes = [WIDTH, lr]
    runs = [run_at(p, tokens=1024.0) for p in product(axes) if p["width"] == 16 or p["lr"] < 1.0]
    records = {r.key: record_of(r, Law(), penalty=_steep) for r in runs}
    found = {n.code: n.message for n in analyse(study(axes), records, runs=runs).notes}
    told = "1 at the highest, 1 at an end of what `where` leaves of it"
    assert f"2 of 2 cells have their best lr at the edge of its grid ({told})" in found["RUN201"]


def _steep(run: Run) -> float:
    """Less the larger the rate."""
    return 1.0 - float(run.value("lr"))


def test_diverged_missing_and_short_of_seeds() -> None:
    seed = axis("seed", [0, 1], "replicate")
    status = {(16, 0): "diverged", (16, 1): "diverged", (32, 0): "diverged", (32, 1): "done"}

    def record(run: Run) -> RunRecord | None:
        key = (run.value("width"), run.value("seed"))
        return record_of(run, Law(), status=status[key]) if key in status else record_of(run, Law())

    found = notes_of([axis("width", [16, 32, 64]), seed], record)
    assert found == {
        "RUN202": "3 of 6 runs diverged",
        "RUN203": "1 of 3 cells have no loss: width = 16",
        "RUN207": "1 cells have fewer than 2 seeds: width = 32",
    }


def test_models_that_no_seed_changes_are_not_short_of_seeds() -> None:
    """N-grams that read one sequence learn nothing: one run stands beside two of a transformer."""
    plan = plan_of(
        "data walk(er(n=32, p=0.2), length=16)\n"
        "models {net: transformer(width=16), two: memoriser(gram=2, memory=sequence)}\n"
        "train adamw(lr=0.01, batch=8)  tokens in {10k, 20k}  seed in {0, 1}"
    )
    runs = list(plan.runs())
    assert len(runs) < 8
    records = {r.key: record_of(r, lambda run, t: 2.0, noise=0.01) for r in runs}
    assert "RUN207" not in {n.code for n in analyse(plan, records, runs=runs).notes}
    short = {key: record for key, record in records.items() if key != runs[0].key}
    assert "RUN207" in {n.code for n in analyse(plan, short, runs=runs).notes}


def test_runs_that_are_not_there() -> None:
    def record(run: Run) -> RunRecord | None:
        if run.value("width") == 16:
            return None
        return record_of(run, Law(), status="out_of_memory" if run.value("tokens") == 2048 else "done")

    found = notes_of([WIDTH, TOKENS], record)
    assert found["RUN203"] == "of 4 planned runs, 2 not run, 1 out of memory"


def test_tokens_rounded_to_steps() -> None:
    assert "RUN204" not in notes_of([WIDTH], lambda r: record_of(r, Law()), tokens=256 * 100 + 1)
    found = notes_of([WIDTH], lambda r: record_of(r, Law()), tokens=700)
    assert found["RUN204"] == "tokens are rounded to whole steps: 768 trained for 700 asked at worst, 9.7% apart"


def test_machines_mixed() -> None:
    def record(run: Run) -> RunRecord:
        small = run.value("width") == 16
        return record_of(
            run, Law(), provenance={"device": "cpu" if small else "cuda", "torch": "2.6" if small else "2.7"}
        )

    found = notes_of([WIDTH, TOKENS], record)
    assert found["RUN205"] == "records come from more than one device: cpu (2 runs), cuda (2 runs)"
    assert found["RUN208"] == "records come from more than one torch: 2.6 (2 runs), 2.7 (2 runs)"


def test_losses_that_rise() -> None:
    found = notes_of([WIDTH, TOKENS], lambda r: record_of(r, lambda run, t: 2.0 + run.n_total / 1e6))
    assert found == {
        "RUN206": "the loss of 2 cells lies above that of the next smaller N: "
        "width = 32, tokens = 1024; width = 32, tokens = 2048"
    }


def test_every_code_is_explained() -> None:
    for code, explained in CODES.items():
        assert explained.code == code
        assert explained.title
        assert explained.explanation.endswith(".")


def test_rows_that_repeat_a_setting_are_no_rise(tmp_path: Path) -> None:
    """The second seed of a setting may lie above the first: cells are compared by the means over their repeats."""
    rng = np.random.default_rng(0)
    rows = [(n, d) for n in (1000, 4000, 16000) for d in (10_000, 40_000, 160_000) for _ in range(3)]
    lines = [f"{n},{d},{(2 + 40 * n**-0.5 + 60 * d**-0.4) * np.exp(0.005 * rng.normal()):.6f}" for n, d in rows]
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *lines]) + "\n")
    plan = load(tmp_path / "s.scl", text='data table("t.csv")\nfit power(N, group=.01)\n')
    assert "RUN206" not in {note.code for note in analyse(plan, {}, table=study_table(plan, tmp_path)).notes}
    lines[-3:] = [f"16000,160000,{3.6 + 0.01 * i}" for i in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *lines]) + "\n")
    plan = load(tmp_path / "s.scl", text='data table("t.csv")\nfit power(N, group=.01)\n')
    found = analyse(plan, {}, table=study_table(plan, tmp_path))
    assert [int(np.sum(found.cells.columns[mark])) for mark in ("rises_N", "rises_D")] == [3, 3]


@pytest.mark.parametrize(("params", "codes"), [("{SP, muP}", ["RUN213"]), ("muP", [])])
def test_sp_beside_mup_is_said_to_be_another_model_at_every_width(params: str, codes: list[str]) -> None:
    models = f"models transformer(param={params})  width in [16..64]"
    text = f"data walk(er(n=64, p=.2), length=16)\n{models}\ntrain tokens = 20k"
    found = tuple(two_parametrisations(tuple(load("study.scl", text=text).runs())))
    assert [note.code for note in found] == codes
    assert all("SP and muP" in note.message for note in found)


@pytest.mark.parametrize(
    ("models", "fit", "told"),
    [
        ("memoriser  samples in [100..1600]", "power(D)", "from 100 to 1,600"),
        ("memoriser(samples=400)", "", ""),
        ("memoriser  samples in [100..1600]", "", ""),
    ],
)
def test_draws_that_hold_one_another_are_said(models: str, fit: str, told: str) -> None:
    lines = ["data zipf(items=1000, exponent=1.5)", f"models {models}", "train seed in {0, 1}"]
    text = "\n".join([*lines, *([f"fit {fit}"] if fit else [])])
    plan = load("study.scl", text=text)
    found = [note.message for note in nested_draws(plan, tuple(plan.runs()))]
    assert len(found) == bool(told)
    assert all(f"of more samples memoriser has all that it has of fewer, {told}" in text for text in found)
