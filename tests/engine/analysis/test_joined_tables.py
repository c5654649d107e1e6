"""Tables put beside one another, columns of principal axes, and losses as a panel, in studies as people write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.analysis.cells.table_columns import joined
from scalingdsl.engine.findings.judge_findings import judge_findings
from scalingdsl.engine.findings.store_findings import write_findings
from scalingdsl.spec import check, load
from scalingdsl.spec.errors import FitError

COLUMNS = ("reading", "sums", "code", "facts", "logic")
STUDY = """
data table("base.csv", beside="tasks.csv", by="Model", x="FLOPs (1E21)", S=pca({columns}, parts=3), loss={losses})
  where kept == 1
let small = x <= 30
let capable = law(h + (1 - h)/(1 + exp(b - w*S_1)), objective=mse) where small
let costly = law(h + (1 - h)/(1 + exp(b - w*log(x))), objective=mse) where small
fit capable, costly
"""
TWO = '{one: "first", two: "second"}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty models of five families, two capabilities behind five columns with some cells missing, two tasks."""
    path = tmp_path_factory.mktemp("joined")
    rng = np.random.default_rng(0)
    family = np.arange(60) % 5
    log_x = rng.uniform(-1, 5.5, 60)
    able = 0.15 * log_x + 0.1 * family + rng.normal(0, 0.01, 60)
    table = 0.1 + np.outer(able, [0.45, 0.4, 0.35, 0.3, 0.3]) + np.outer(rng.normal(0, 0.05, 60), [0.5, -0.5, 1, -1, 0])
    table = np.clip(table + rng.normal(0, 0.004, table.shape), 0, 1)
    holes = rng.random(table.shape) < 0.03
    rows = ["Model,Model Family,FLOPs (1E21),kept," + ",".join(COLUMNS)]
    for i in range(60):
        cells = ["" if hole else f"{v:.5f}" for v, hole in zip(table[i], holes[i])]
        rows.append(f"m{i},f{family[i]},{np.exp(log_x[i]):.6g},{int(i < 56)},{','.join(cells)}")
    (path / "base.csv").write_text("\n".join(rows) + "\n")
    tasks = ["Model,first,second"]
    for i in rng.permutation(60)[:58]:
        z = 8 * (able[i] - 0.6)
        one, two = (0.05 + 0.95 / (1 + np.exp(-v)) + rng.normal(0, 0.005) for v in (z, 1.3 * z - 1))
        tasks.append(f"m{i},{one:.5f},{two:.5f}")
    (path / "tasks.csv").write_text("\n".join(tasks) + "\n")
    return path


def study(losses: str = TWO) -> str:
    return STUDY.format(columns=", ".join(f'"{c}"' for c in COLUMNS), losses=losses)


def analysed(text: str, folder: Path) -> Analysis:
    plan = load(folder / "study.scl", text=text)
    return analyse(plan, {}, table=study_table(plan, folder))


def test_tasks_are_sigmoids_of_a_capability(folder: Path, tmp_path: Path) -> None:
    claims = """
expect share(S_1) in [0.8..0.99]
expect share(S_1) + share(S_2) > 0.99
expect median(holdout(capable)/holdout(costly)) < 0.8
expect w(capable, one) < w(capable, two)
"""
    found = analysed(study() + claims, folder)
    assert [v.status for v in found.verdicts] == ["held"] * 4, found.verdicts
    assert [f.panel for f in found.fits] == [(("data", "one"),), (("data", "two"),)] * 2
    write_findings(found, tmp_path)
    assert judge_findings(tmp_path) == found.verdicts


def test_a_capability_is_a_line_in_each_family(folder: Path) -> None:
    columns = ", ".join(f'"{c}"' for c in COLUMNS)
    text = f"""
data table("base.csv", x="FLOPs (1E21)", family="Model Family", S=pca({columns}), loss="sums")
  where kept == 1
let line = law(theta*log(x) + nu, objective=mse, loss=S_1)
fit line
expect r2(line) > 0.98 and median(r2(line)) > 0.99
"""
    found = analysed(text, folder)
    assert len(found.fits) == 5
    assert [v.status for v in found.verdicts] == ["held"]
    slopes = [f.fit.params["theta"] for f in found.fits if f.fit]
    assert slopes == pytest.approx([np.mean(slopes)] * 5, rel=0.05)


def test_rows_belong_together_where_a_column_is_the_same() -> None:
    left = {"k": np.array(["a", "b", "c"]), "x": np.array([1.0, 2.0, 3.0])}
    right = {
        "k": np.array(["c", "a"]),
        "y": np.array([30.0, 10.0]),
        "x": np.array([0.0, 0.0]),
        "t": np.array(["p", "q"]),
    }
    found = joined(left, right, "k")
    assert found["x"].tolist() == [1.0, 2.0, 3.0]
    assert np.array_equal(found["y"], [10.0, np.nan, 30.0], equal_nan=True)
    assert found["t"].tolist() == ["q", "", "p"]
    with pytest.raises(FitError, match="two rows"):
        joined(left, {"k": np.array(["a", "a"]), "y": np.zeros(2)}, "k")


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ('"reading"', '"readings"', "SCL416", 'the table has no column "readings"'),
        ('"reading"', '"Model Family"', "SCL417", "principal axes are of numbers"),
        ("parts=3", "parts=9", "SCL208", "`parts` is a whole number from 1"),
        ('by="Model"', 'by="model"', "SCL504", 'no column "model" to join by'),
        (', by="Model"', "", "SCL504", "the column that tells which rows belong together"),
        ('"second"', '"third"', "SCL416", 'the table has no column "third"'),
    ],
)
def test_what_is_not_there_is_said(old: str, new: str, code: str, said: str, folder: Path) -> None:
    found = check(folder / "study.scl", text=study().replace(old, new))
    assert code in [d.code for d in found.errors]
    assert said in " ".join(d.message for d in found.errors)


def test_a_file_beside_that_changed_is_not_read(folder: Path) -> None:
    plan = load(folder / "study.scl", text=study())
    kept = (folder / "tasks.csv").read_text()
    (folder / "tasks.csv").write_text(kept + "m99,.1,.2\n")
    try:
        with pytest.raises(FitError, match="has changed since"):
            study_table(plan, folder)
    finally:
        (folder / "tasks.csv").write_text(kept)
