"""Rows that are no independent runs: copies, sweeps of which the best counts, points of runs named by numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.fits.tables.fit_table import TableFit, fit_table
from scalingdsl.engine.fits.tables.table_rows import best_over, groups, without_copies
from scalingdsl.spec.errors import FitError

FIT = {"bootstrap": 40}


def loss(n: float, d: float) -> float:
    return 1.7 + 400 / n**0.34 + 1500 / d**0.37


GRID = [(n, d) for n in (1e7, 4e7, 1.6e8, 6.4e8) for d in (2e8, 1e9, 5e9, 2.5e10)]


def fitted(tmp_path: Path, lines: list[str], **options: object) -> TableFit:
    (tmp_path / "t.csv").write_text("\n".join(lines))
    return fit_table(tmp_path / "t.csv", "chinchilla", **FIT, **options)  # type: ignore[arg-type]


def codes(found: TableFit) -> dict[str, str]:
    return {w.code: w.message for w in found.fit.warnings}


def test_groups_and_copies() -> None:
    a, b = np.array([1.0, np.nan, 1.0, np.nan, 2.0]), np.array(["x", "y", "x", "y", "x"])
    assert groups([a, b]).tolist() == [0, 2, 0, 2, 1]
    rows = np.array([0, 1, 2, 3, 4])
    assert without_copies({"a": a, "b": b}, rows).tolist() == [0, 1, 4]
    assert without_copies({"a": a, "b": np.arange(5.0)}, rows).tolist() == [0, 1, 2, 3, 4]


def test_copies_are_said_to_be_copies_and_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [f"{n},{d},{loss(n, d) * (1 + 0.004 * rng.standard_normal()):.6f}" for n, d in GRID]
    once = fitted(tmp_path, ["N,D,loss", *rows])
    five = fitted(tmp_path, ["N,D,loss", *rows * 5])
    assert codes(five)["FIT138"] == "64 rows are copies of another, equal in every column, and are left out"
    assert "FIT125" not in codes(five)
    assert five.fit.params == once.fit.params
    seeds = [f"{row[:-1]}{k},{k}" for k in range(2) for row in rows]
    again = fitted(tmp_path, ["N,D,loss,seed", *seeds])
    assert "FIT138" not in codes(again)
    assert "FIT125" in codes(again)


# --- sweeps -----------------------------------------------------------------------------------------------------------


def sweep(best_lr: float = 0.002) -> list[str]:
    rates, batches = (0.0005, 0.001, 0.002, 0.004), (32, 64, 128)
    return ["N,D,lr,batch,loss"] + [
        f"{n},{d},{lr},{b},{loss(n, d) + 0.05 * np.log2(lr / best_lr) ** 2 + 0.02 * np.log2(b / 64) ** 2:.6f}"
        for n, d in GRID
        for lr in rates
        for b in batches
    ]


def test_the_best_of_a_sweep_is_fitted(tmp_path: Path) -> None:
    found = fitted(tmp_path, sweep(), best=("lr", "batch"))
    truth = {"alpha": 0.34, "beta": 0.37, "E": 1.7}
    assert {name: round(found.fit.params[name], 3) for name in truth} == truth
    assert found.n_rows == 16
    told = codes(found)
    assert told["FIT139"] == "192 rows are a sweep over lr, batch; the best of each of 16 cells is fitted"
    assert "FIT140" not in told


def test_a_best_at_the_edge_is_said(tmp_path: Path) -> None:
    found = fitted(tmp_path, sweep(best_lr=0.008), best=("lr", "batch"))
    assert codes(found)["FIT140"] == "the best lr is the least or greatest that was tried in 16 of 16 cells"


def test_a_sweep_that_is_fitted_as_runs_is_told_what_to_do(tmp_path: Path) -> None:
    told = codes(fitted(tmp_path, sweep()))
    assert told["FIT141"].endswith("differ in lr, batch; fit the best of each: --best-over lr,batch")
    assert "FIT125" not in told
    with pytest.raises(FitError, match="no column rate to take the best over"):
        fitted(tmp_path, sweep(), best=("rate",))


def test_the_best_setting_is_that_of_the_mean_over_its_seeds() -> None:
    lr = np.array([1.0, 1, 2, 2, 1, 2])
    found = best_over({"lr": lr}, np.array([0, 0, 0, 0, 1, 1]), np.array([3.0, 1, 1.5, 1.6, 2, np.nan]))
    assert found.kept.tolist() == [2, 3, 4]
    assert found.edges == {"lr": (2, 2)}


# --- runs -------------------------------------------------------------------------------------------------------------


def history(name: str, ids: list[str], step: bool = True) -> list[str]:
    rng = np.random.default_rng(0)
    lines = [f"{name},{'step,' if step else ''}N,D,loss"]
    for i, run in enumerate(ids):
        n, off = 1e7 * 2 ** (i % 5), 1 + 0.008 * rng.standard_normal()
        for k in range(1, 11):
            d = 2e9 * k
            lines.append(f"{run},{f'{k * 1000},' if step else ''}{n},{d},{loss(n, d) * off:.6f}")
    return lines


@pytest.mark.parametrize(
    ("name", "ids", "step"),
    [
        ("run_id", [str(1000 + i) for i in range(8)], True),
        ("hyper_id", [str(i) for i in range(8)], False),
        ("job", [f"{48210 + 7 * i}" for i in range(8)], False),
        ("Trial", [str(i) for i in range(8)], True),
        ("N_run", [str(i) for i in range(8)], False),
        ("wandb_run", [f"{i:08x}" for i in range(8)], False),
        ("slurm job id", [str(48210 + i) for i in range(8)], False),
        ("number", [str(i) for i in range(8)], True),
        ("curve", [f"c{i}" for i in range(8)], False),
        ("which", [f"c{i}" for i in range(8)], False),
    ],
)
def test_points_of_runs_are_recognised_by_any_name(tmp_path: Path, name: str, ids: list[str], step: bool) -> None:
    told = codes(fitted(tmp_path, history(name, ids, step)))
    assert told["FIT126"] == f"80 rows share 8 values of {name}; name the run: --columns run={name}"
    assert "FIT126" not in codes(fitted(tmp_path, history(name, ids, step), columns={"run": name}))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("State", ["finished"] * 6 + ["crashed"] * 2),
        ("Tags", [f"t{i % 3}" for i in range(8)]),
        ("Notes", [f"n{i}" for i in range(8)]),
        ("layers", [str(2 + i % 5) for i in range(8)]),
        ("optimizer", [("adam", "muon")[i % 2] for i in range(8)]),
    ],
)
def test_other_columns_are_no_runs(tmp_path: Path, name: str, values: list[str]) -> None:
    assert "FIT126" not in codes(fitted(tmp_path, history(name, values)))


def test_the_rows_of_an_export_are_read_as_they_come(tmp_path: Path) -> None:
    lines = ["run_id,State,Tags,params.n_params,params.n_tokens,metrics.val_loss"]
    lines += [f"r{i},FINISHED,x,{n:.0f},{d:.0f},{loss(n, d):.6f}" for i, (n, d) in enumerate(GRID)]
    found = fitted(tmp_path, lines)
    assert found.source == {"N": "params.n_params", "D": "params.n_tokens", "loss": "metrics.val_loss"}
    assert round(found.fit.params["alpha"], 3) == 0.34
    assert "FIT126" not in codes(found)


def test_what_was_guessed_is_said_beside_the_fit(tmp_path: Path) -> None:
    lines = [f"{n / 1e6:.0f}M;{d / 1e6:.0f}M;{loss(n, d):.6f}".replace(".", ",") for n, d in GRID]
    found = fitted(tmp_path, ["params;tokens;loss", *lines])
    assert [w.message for w in found.fit.warnings if w.code == "FIT137"] == [
        "the column \"params\" has sizes with letters: '10M' is read as 10000000",
        "the column \"tokens\" has sizes with letters: '200M' is read as 200000000",
        f"the column \"loss\" has decimal commas: '{lines[0].split(';')[2]}' is read as {loss(*GRID[0]):.6f}",
    ]
