"""Tables that a study is checked with are those that are fitted: valid if and only if read, to one set of numbers.

Tables are generated and written in the dialects of programs; pyarrow says what those hold that it reads.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json
from pyarrow import parquet
from scalingdsl.engine.fits.tables.table_mapping import Columns, read_table
from scalingdsl.spec import check
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.resolve.columns import columns_once
from scalingdsl.spec.resolve.data_files import DIGITS

FEW = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=800)
#: Files of each format: `EXAMPLES_A_FORMAT=500` generates as many for every one.
EACH = settings(FEW, max_examples=int(os.environ.get("EXAMPLES_A_FORMAT", "35")))

NUMBERS = st.floats(1e-6, 1e12).map(lambda x: float(f"{x:.6g}"))
TEXTS = st.sampled_from(["adam", "muon", "adam w", "Größe", 'a "b"', "x;y", "x,y", "#1", "run-1"])
HEADS = ["N", "D", "loss", "kind", "Model Size", "lr"]


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Columns of numbers, some missing, and of texts."""
    heads = draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=5, unique=True))
    n = draw(st.integers(1, 8))
    return {
        head: draw(st.lists(TEXTS if head == "kind" else NUMBERS | st.none(), min_size=n, max_size=n)) for head in heads
    }


def rows_of(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(table, row)) for row in zip(*table.values())]


def delimited(table: dict[str, list[Any]], delimiter: str, end: str = "\n", comma: bool = False) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=end)
    writer.writerow(table)
    for row in zip(*table.values()):
        cells = ["" if cell is None else repr(cell) if isinstance(cell, float) else cell for cell in row]
        writer.writerow([c.replace(".", ",") if comma and isinstance(r, float) else c for c, r in zip(cells, row)])
    return buffer.getvalue()


def as_workbook(table: dict[str, list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (tuple(table), *zip(*table.values())):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_pandas(table: dict[str, list[Any]]) -> bytes:
    buffer = io.BytesIO()
    pd.DataFrame(table).to_excel(buffer)
    return buffer.getvalue()


def as_parquet(table: dict[str, list[Any]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table(table), buffer)
    return buffer.getvalue()


WRITERS: dict[str, Callable[[dict[str, list[Any]]], bytes]] = {
    "a.csv": lambda t: delimited(t, ",").encode(),
    "b.csv": lambda t: delimited(t, ";", "\r\n").encode("utf-8-sig"),
    "german.csv": lambda t: delimited(t, ";", comma=True).encode(),
    "a.tsv": lambda t: delimited(t, "\t", "\r").encode(),
    "excel.txt": lambda t: delimited(t, "\t").encode("utf-16"),
    "a.jsonl": lambda t: "\n".join(json.dumps(row, ensure_ascii=False) for row in rows_of(t)).encode(),
    "a.json": lambda t: json.dumps(rows_of(t)).encode(),
    "columns.json": lambda t: json.dumps(t).encode(),
    "split.json": lambda t: json.dumps({"columns": list(t), "data": [list(r.values()) for r in rows_of(t)]}).encode(),
    "a.parquet": as_parquet,
    "a.xlsx": as_workbook,
    "pandas.xlsx": by_pandas,
}


#: What a study asks of a table in the tests of few examples; most tables lack it, and every mend offered is then tried.
FITTED = "\nfit power(N)"


def read(name: str, content: bytes, asked: str = "") -> Columns | None:
    """The columns that are fitted; None where they are refused. What a study is checked with has the same numbers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name).resolve()
        path.write_bytes(content)
        result = check(path.with_name("study.scl"), text=f'data table("{name}"){asked}', at_hand=True)
        refused = any(d.code == "SCL504" and "may be any of" not in d.message for d in result.diagnostics)
        try:
            found = read_table(path)
        except FitError:
            assert refused
            return None
        assert not refused, result.diagnostics
        seen = columns_once(path, hashlib.sha256(content).hexdigest()[:DIGITS])  # as the check has read it
        assert seen is not None
        assert list(seen[0]) == list(found)
        for head, values in found.items():
            column = seen[0][head]
            finite = values[np.isfinite(values)] if values.dtype.kind == "f" else np.array([])
            bounds = (None, None) if not len(finite) else (float(finite.min()), float(finite.max()))
            assert (column.low, column.high) == bounds
            assert set(column.labels) <= set(values.tolist())
        return found


@st.composite
def tracked(draw: st.DrawFn) -> dict[str, str]:
    """Files of a folder of MLflow's, of which some are damaged: path -> content."""
    files = {}
    for i in range(draw(st.integers(1, 4))):
        files[f"0/{i}/meta.yaml"] = draw(
            st.sampled_from([f"run_id: r{i}\n", f"run_id: r{i}\nrun_name: 'a'\n", "", "run_id"])
        )
        files[f"0/{i}/params/N"] = draw(st.sampled_from(["1e6", "2000", "7B", "", "\n"]))
        for name in draw(st.sets(st.sampled_from(["loss", "eval/loss", "tokens"]))):
            steps = draw(st.lists(st.tuples(NUMBERS | st.just(math.nan), st.integers(-1, 5)), max_size=4))
            lines = [f"17 {value!r} {step}\n" for value, step in steps]
            files[f"0/{i}/metrics/{name}"] = "".join(lines) + draw(
                st.sampled_from(["", "", "", "17\n", "17 2\n", "x y z"])
            )
    return files


@pytest.mark.slow
@EACH
@given(tracked())
def test_a_folder_of_runs_is_valid_if_and_only_if_it_is_read(files: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder, "mlruns", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        result = check(Path(folder, "study.scl"), text='data table("mlruns")\nfit power(N)', at_hand=True)
        refused = any(d.code in ("SCL503", "SCL504") and "may be any of" not in d.message for d in result.diagnostics)
        try:
            found = read_table(Path(folder, "mlruns"))
        except FitError:
            assert refused
            return
        assert not refused, result.diagnostics
        rows = {
            (name.split("/")[1], int(line.split()[2]) if len(line.split()) > 2 else 0)
            for name, content in files.items()
            for line in content.splitlines()
            if "/metrics/" in name and "run_id:" in files["/".join([*name.split("/")[:2], "meta.yaml"])]
        }
        assert len(found["step"]) <= len(rows)
        assert {run for run, _ in rows} == {
            str(run).removeprefix("r") for run in found["run"].tolist()
        } or "a" in found["run"]


def holds(table: dict[str, list[Any]], name: str, content: bytes, asked: str = "") -> None:
    found = read(name, content, asked)
    # A row of one empty cell is an empty line.
    empty = len(table) == 1 and name.endswith(("csv", "tsv", "txt", "xlsx"))
    if found is None or empty:
        assert found is None or all(c is None for c in next(iter(table.values()))) or empty
        return
    assert list(found) == list(table)
    for head, cells in table.items():
        if head == "kind":
            assert found[head].tolist() == cells
            continue
        numbers = [math.nan if cell is None else cell for cell in cells]
        if all(math.isnan(number) for number in numbers):
            continue
        full = [row for row in rows_of(table) if any(cell is not None for cell in row.values())]
        expected = [math.nan if row[head] is None else row[head] for row in full]
        if "json" in name or name.endswith(("parquet", "pandas.xlsx")):
            expected = numbers
        np.testing.assert_array_equal(found[head], expected)


@FEW
@given(tables(), st.sampled_from(list(WRITERS)))
def test_a_table_is_the_same_in_every_dialect(table: dict[str, list[Any]], name: str) -> None:
    holds(table, name, WRITERS[name](table), FITTED)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(WRITERS))
@EACH
@given(table=tables())
def test_many_tables_are_the_same_in_every_dialect(table: dict[str, list[Any]], name: str) -> None:
    holds(table, name, WRITERS[name](table))


def as_arrow_reads(table: dict[str, list[Any]], name: str) -> None:
    content = WRITERS[name](table)
    reader = io.BytesIO(content)
    arrow = {"a.csv": arrow_csv.read_csv, "a.jsonl": arrow_json.read_json, "a.parquet": parquet.read_table}[name](
        reader
    )
    found = read(name, content)
    if found is None or len(found) < arrow.num_columns:
        return
    for head, cells in arrow.to_pydict().items():
        if found[head].dtype.kind == "f" and len(found[head]) == len(cells):
            numbers = [math.nan if cell is None or cell == "" else float(cell) for cell in cells]
            np.testing.assert_array_equal(found[head], numbers)


@FEW
@given(tables(), st.sampled_from(["a.csv", "a.jsonl", "a.parquet"]))
def test_numbers_are_those_that_arrow_reads(table: dict[str, list[Any]], name: str) -> None:
    as_arrow_reads(table, name)


@pytest.mark.slow
@MANY
@given(tables(), st.sampled_from(["a.csv", "a.jsonl", "a.parquet"]))
def test_many_numbers_are_those_that_arrow_reads(table: dict[str, list[Any]], name: str) -> None:
    as_arrow_reads(table, name)


def as_pandas_reads(table: dict[str, list[Any]], name: str) -> None:
    content = WRITERS[name](table)
    frame = pd.read_excel(io.BytesIO(content), keep_default_na=False, na_values=[""])
    found = read(name, content)
    if found is None:
        return
    for head, values in found.items():
        if values.dtype.kind == "f" and len(values) == len(frame):
            np.testing.assert_array_equal(values, frame[head].astype(float))


@FEW
@given(tables(), st.sampled_from(["a.xlsx", "pandas.xlsx"]))
def test_numbers_are_those_that_pandas_reads(table: dict[str, list[Any]], name: str) -> None:
    as_pandas_reads(table, name)


@pytest.mark.slow
@MANY
@given(tables(), st.sampled_from(["a.xlsx", "pandas.xlsx"]))
def test_many_numbers_are_those_that_pandas_reads(table: dict[str, list[Any]], name: str) -> None:
    as_pandas_reads(table, name)


CELLS = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(width=32) | st.datetimes() | st.sampled_from(
    ["N", "loss", "D", "7B", "1,5", "#DIV/0!", "=1+1", "x", ""]
)  # fmt: skip


@st.composite
def workbooks(draw: st.DrawFn) -> bytes:
    """Sheets of any cells, whole or with a piece of the file gone."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in draw(st.lists(st.lists(CELLS, max_size=4), max_size=6)):
        book.active.append([None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    content = buffer.getvalue()
    at = int(draw(st.floats(0, 4)) * len(content))  # its length is not always the same, as its times are packed
    return content[:at] + content[at + draw(st.integers(1, 200)) :]


@pytest.mark.slow
@MANY
@given(workbooks())
def test_any_workbook_is_read_or_refused(content: bytes) -> None:
    read("t.xlsx", content)


# --- anything at all --------------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(["N", "D", "loss", "1", "2.5", "1,5", "7B", "\t", ",", ";", "\n", "\r", '"', "#", "{", "}",
                     "[", "]", ":", "\0", "null", "sep=;", "\ufeff", "é", " ", "|", "-", "%", "1e400", "x - y__MIN"]),
    max_size=40,
).map("".join)  # fmt: skip
SUFFIXES = st.sampled_from(["csv", "json", "jsonl", "tsv", "txt", "dat", "parquet", "csv.gz", "xlsx"])


@FEW
@given(PIECES, SUFFIXES)
def test_a_file_is_valid_if_and_only_if_it_is_read(text: str, suffix: str) -> None:
    read(f"t.{suffix}", text.encode(), FITTED)


@pytest.mark.slow
@MANY
@given(PIECES, SUFFIXES)
@example("\n\ufeff\ufeff#", "csv")
def test_many_files_are_valid_if_and_only_if_they_are_read(text: str, suffix: str) -> None:
    read(f"t.{suffix}", text.encode())


@pytest.mark.slow
@MANY
@given(st.binary(max_size=200), st.sampled_from(["csv", "json", "parquet", "xlsx", "csv.gz"]), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, suffix: str, packed: bool) -> None:
    begin = {"parquet": b"PAR1", "xlsx": b"PK\x03\x04", "csv.gz": b"\x1f\x8b"}.get(suffix, b"") if packed else b""
    read(f"t.{suffix}", begin + content)
