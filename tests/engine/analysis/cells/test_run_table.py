"""The run table: what each row says of a run, whatever became of it."""

from __future__ import annotations

import numpy as np
import pytest
from scalingdsl.engine.analysis.cells.run_table import run_table, table_labels, table_rows
from scalingdsl.spec.plan.run_grid import Alternative, Run

from ...make import ENTROPY, STEP, Law, axis, product, record_of, run_at, study


def runs_of(plan: object, axes: list) -> list[Run]:
    return [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]


def test_every_planned_run_has_a_row() -> None:
    """Done, diverged, failed and not run at all: one row each, NaN where there is no loss."""
    axes = [axis("width", [32, 64]), axis("tokens", [1000, 2000])]
    plan = study(axes)
    runs = runs_of(plan, axes)
    records = {
        runs[0].key: record_of(runs[0], Law()),
        runs[1].key: record_of(runs[1], Law(), status="diverged"),
        runs[2].key: record_of(runs[2], Law(), status="out_of_memory"),
    }
    table = run_table(plan, runs, records)
    assert table.columns["status"].tolist() == ["done", "diverged", "out_of_memory", "missing"]
    assert table.columns["width"].tolist() == [32, 32, 64, 64]
    assert np.isfinite(table.columns["loss"]).tolist() == [True, False, False, False]
    assert table.columns["excess"][0] == pytest.approx(table.columns["loss"][0] - ENTROPY)
    # Asked 1000 tokens at 256 a step: 4 steps.
    assert (table.columns["D"][0], table.columns["D_asked"][0]) == (4 * STEP, 1000)
    assert table.columns["C"][0] == 6 * table.columns["N"][0] * 4 * STEP
    assert np.isnan(table.columns["seconds"][3])


def test_axes_that_do_not_apply_are_missing() -> None:
    """A label is the empty string, a number NaN."""
    axes = [axis("models", ["ngram", "lstm"]), axis("lr", [0.1])]
    runs = [run_at({"models": "ngram"}, tokens=1000), run_at({"models": "lstm", "lr": 0.1}, tokens=1000)]
    table = run_table(study(axes), runs, {})
    assert table.columns["models"].tolist() == ["ngram", "lstm"]
    assert np.isnan(table.columns["lr"][0])
    assert table.columns["lr"][1] == 0.1


def test_parameters_that_are_no_axis_are_read_off_the_run() -> None:
    runs = [run_at({"width": 64}, tokens=1000)]
    table = run_table(study([axis("width", [64])]), runs, {}, extra=("layers", "param", "nonsense"))
    assert table.columns["layers"].tolist() == [2]
    assert table.columns["param"].tolist() == ["muP"]
    assert "nonsense" not in table.columns


def test_a_path_has_a_row_a_mark() -> None:
    """Marks that were not reached are there without a loss; the time is counted once."""
    axes = [axis("width", [32]), axis("tokens", [1024, 2048, 4096], along=True)]
    run = run_at({"width": 32}, tokens=4096, marks=(1024, 2048, 4096))
    whole = run_table(study(axes), [run], {run.key: record_of(run, Law())})
    assert whole.columns["tokens"].tolist() == whole.columns["D_asked"].tolist() == [1024, 2048, 4096]
    assert whole.columns["D"].tolist() == [1024, 2048, 4096]
    assert np.all(np.diff(whole.columns["loss"]) < 0)
    assert np.sum(whole.columns["seconds"]) == 2.0
    record = record_of(run, Law())
    broken = record.model_copy(update={"status": "diverged", "measurements": record.measurements[:1]})
    part = run_table(study(axes), [run], {run.key: broken})
    assert np.isfinite(part.columns["loss"]).tolist() == [True, False, False]
    assert part.columns["status"].tolist() == ["diverged"] * 3


def test_a_path_along_steps() -> None:
    axes = [axis("steps", [4, 8], along=True)]
    run = run_at({}, tokens=8 * STEP, marks=(4 * STEP, 8 * STEP))
    table = run_table(study(axes), [run], {})
    assert table.columns["steps"].tolist() == [4, 8]
    assert table.columns["D_asked"].tolist() == [4 * STEP, 8 * STEP]


def test_rows_of_a_file_are_completed_by_the_identity() -> None:
    """C = 6 N D gives the third of the three; text that the study names splits the rows."""
    N, C = np.array([1e6, 2e6]), np.array([6e15, 1.2e16])
    family = np.array(["dense", "sparse"])
    table = table_rows({"N": N, "C": C, "loss": np.array([3.0, 2.9]), "family": family, "other": family})
    assert table.columns["D"].tolist() == [1e9, 1e9]
    assert table.columns["D_asked"].tolist() == [1e9, 1e9]
    assert table.columns["status"].tolist() == ["done", "done"]
    plan = study([]).model_copy(
        update={"data": (Alternative(label="table", call='table("x.csv", N="n", loss="l", family="kind")'),)}
    )
    assert table_labels(plan, table) == ("family",)


def test_steps_are_a_quantity_of_every_row() -> None:
    """A law may be read in them: `power(steps)` is a fit for each model."""
    axes = [axis("width", [16, 32]), axis("tokens", [2**16, 2**17, 2**18, 2**19])]
    plan = study(axes)
    runs = [run_at(p, tokens=float(p["tokens"])) for p in product(axes)]
    table = run_table(plan, runs, {}, extra=["steps"])
    assert table.columns["steps"].tolist() == [run.steps for run in runs]
