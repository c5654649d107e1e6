"""`scalingdsl fit` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main

from .gemstones import FOLDER, PUBLISHED

TABLE = str(FOLDER / "slim_chinchilla.jsonl")


def call(*args: str) -> Result:
    """Run the command line."""
    return CliRunner().invoke(main, ["fit", *args])


def test_json_is_one_flat_object_with_the_documented_keys() -> None:
    result = call(TABLE, "--law", "chinchilla", "--bootstrap", "40", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert (answer["command"], answer["law"], answer["status"], answer["n"]) == ("fit", "chinchilla", "converged", 28)
    assert set(answer["params"]) == {"E", "A", "alpha", "B", "beta"} == set(answer["intervals"])
    assert answer["value"] <= PUBLISHED["slim_chinchilla"] + 5e-11
    assert answer["objective"] == "huber"
    assert answer["optimum"]["a"] == pytest.approx(0.7108, abs=1e-3)
    assert answer["warnings"] == []
    assert answer["columns"] == {"N": "params_active_precise", "D": "tokens", "loss": "final_loss"}


def test_text_shows_parameters_intervals_and_columns() -> None:
    result = call(TABLE, "--law", "chinchilla", "--bootstrap", "40")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "chinchilla: converged, 28 points, huber (delta 0.001) = 0.000120436, summed"
    assert lines[3].startswith("  alpha")
    assert lines[-1] == "columns: N = params_active_precise, D = tokens, loss = final_loss"


def test_a_fit_that_did_not_work_out_still_exits_with_0(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("N,D,loss\n1e6,1e7,3\n2e6,1e7,2.9\n")
    result = call(str(table), "--law", "chinchilla", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["status"] == "too few points"
    assert answer["params"] == dict.fromkeys(("E", "A", "alpha", "B", "beta"))
    assert answer["warnings"][0]["code"] == "FIT105"


@pytest.mark.parametrize("as_json", [False, True])
def test_an_unusable_table_exits_with_1_and_says_why(tmp_path: Path, as_json: bool) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("N,D,loss\n1e6,1e7,3\n2e6,1e7,\n")
    result = call(str(table), "--law", "chinchilla", *(["--json"] if as_json else []))
    message = "loss is missing or not finite in row 2 of the data; leave such rows out with --where"
    assert result.exit_code == 1
    assert result.stderr == f"error: {message}\n"
    if as_json:
        assert json.loads(result.stdout)["error"] == message


@pytest.mark.parametrize(
    "args", [("nowhere.csv", "--law", "chinchilla"), (TABLE,), (TABLE, "--law", "chinchilla", "--columns", "N")]
)
def test_usage_errors_exit_with_2(args: tuple[str, ...]) -> None:
    assert call(*args).exit_code == 2


def test_columns_where_and_objective_are_obeyed() -> None:
    hot = str(FOLDER / "hot.jsonl")
    columns = "N=params_active_precise/1e6,D=max(tokens, 1)/1e9,loss=final_loss,run=run_name"
    result = call(
        hot, "--law", "chinchilla", "--columns", columns, "--where", "width < 1000", "--objective", "log-mse",
        "--bootstrap", "20", "--json",
    )  # fmt: skip
    answer = json.loads(result.stdout)
    assert answer["n_clusters"] < answer["n"] < 220
    assert (answer["objective"], answer["delta"]) == ("log-mse", None)
    assert answer["columns"]["run"] == "run_name"
