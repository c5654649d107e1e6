"""Tables for other programs: whole numbers are whole, parquet has types, fits have a row a parameter."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.study.plain_tables import csv_text, jsonl_text, parquet_bytes, plain

STORED = Path(__file__).parents[2] / "data" / "results-0.1"
COLUMNS = {
    "width": np.array([16.0, 32.0]),
    "tokens": np.array([1e5, 141421.356237]),
    "loss": np.array([2.0, np.nan]),
    "lr": np.array([0.01, 1.0]),
    "seed": np.array([0.0, np.nan]),
    "status": np.array(["done", ""]),
    "kept": np.array([True, False]),
}


def test_whole_numbers_are_whole() -> None:
    text = csv_text(COLUMNS).splitlines()
    assert text[1:] == ["16,100000,2,0.01,0,done,True", "32,141421,,1.0,,,False"]
    first, second = map(json.loads, jsonl_text(COLUMNS).splitlines())
    assert (first["width"], second["tokens"], second["loss"], second["seed"]) == (16, 141421, None, None)
    assert plain("tokens", COLUMNS["tokens"]) == [100000, 141421]
    assert plain("x", np.array([1.5, np.inf])) == [1.5, None]


def test_parquet_has_types() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(io.BytesIO(parquet_bytes(COLUMNS)))
    assert [str(table.schema.field(name).type) for name in ("width", "lr", "status", "kept")] == [
        "int64", "double", "string", "bool",
    ]  # fmt: skip
    assert table.column("seed").to_pylist() == [0, None]


@pytest.mark.slow
def test_every_table_of_a_folder(tmp_path: Path) -> None:
    shutil.copy(STORED / "clusters.scl", tmp_path)
    home = Path(shutil.copytree(STORED / "clusters", tmp_path / "clusters"))
    found = CliRunner().invoke(main, ["export", str(home), "--what", "runs,cells,fits,curves", "--to", "csv,jsonl"])
    assert found.exit_code == 0
    rows = list(csv.DictReader((home / "export" / "fits.csv").read_text().splitlines()))
    stored = json.loads((home / "fits.json").read_text())
    assert [row["parameter"] for row in rows if row["fit"] == "tail"] == ["E", "A", "alpha"]
    assert len({row["fit"] for row in rows}) == len({fit["name"] for fit in stored["fits"]})
    runs = list(csv.DictReader((home / "export" / "runs.csv").read_text().splitlines()))
    assert {row["seed"] for row in runs} == {"0", "1"}
    refused = CliRunner().invoke(main, ["export", str(home), "--what", "laws"])
    assert (refused.exit_code, "no table 'laws'" in refused.output) == (2, True)
