"""Tables as programs and people write them: each dialect gives the same columns, and says what it guessed."""

from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path

import pytest
from scalingdsl.spec.files.tables.cells import typed
from scalingdsl.spec.files.tables.table_file import NoTableError, TableFile, read_table_file, read_text_table
from scalingdsl.spec.resolve.columns import headed, question

ROWS = [(1e6, 2e7, 3.25, "a"), (4e6, 8e7, 2.5, "b"), (1.6e7, 3.2e8, 2.125, "a")]
NAMES = ("N", "D", "loss", "kind")
RECORDS = [dict(zip(NAMES, row)) for row in ROWS]


def lines(form: str) -> str:
    rows = ({"N": int(n), "D": int(d), "loss": x, "kind": k, "comma": str(x).replace(".", ",")} for n, d, x, k in ROWS)
    return "".join(form.format(**row) for row in rows)


PLAIN = "N,D,loss,kind\n" + lines("{N},{D},{loss},{kind}\n")


def check(found: TableFile, told: int = 0) -> None:
    assert {name: list(cells) for name, cells in found.columns.items() if name in NAMES} == {
        name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)
    }
    assert len(found.told) == told, found.told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (PLAIN, 0),
        (PLAIN.replace(",", "\t"), 0),
        (PLAIN.replace(",", ";"), 0),
        (PLAIN.replace(",", "   "), 0),
        (PLAIN.replace("\n", "\r\n"), 0),
        (PLAIN.replace("\n", "\r"), 0),
        ("\ufeff" + PLAIN, 0),
        ("sep=;\n" + PLAIN.replace(",", ";"), 0),
        ('"sep=|"\n' + PLAIN.replace(",", "|"), 0),
        ("N;D;loss;kind\n" + lines("{N};{D};{comma};{kind}\n"), 1),
        ('N,D,loss,kind\n' + lines('{N},{D},"{comma}",{kind}\n'), 1),
        ('N,D,loss,kind\n' + lines('"{N:,}","{D:,}",{loss},{kind}\n'), 2),
        ("N\tD\tloss\tkind\n" + lines("{N:_}\t{D}\t{loss}\t{kind}\n").replace("_", "'"), 1),
        ("N,D,loss,kind\n1M,20M,3.25,a\n4M,80M tokens,2.5,b\n.016b,320 million,2.125,a\n", 2),
        ("N,D,loss,kind\n1000k,.02B,325%,a\n4000k,.08B,250%,b\n16000k,.00032T,212.5 %,a\n", 3),
        ('"N","D","loss","kind"\n' + lines('"{N}","{D}","{loss}","{kind}"\n'), 0),
        (",N,D,loss,kind\n" + lines("x{N},{N},{D},{loss},{kind}\n"), 0),
        ('"N" "D" "loss" "kind"\n' + "".join(f'"{i}" {line}\n' for i, line in enumerate(
            lines('{N},{D},{loss},"{kind}"\n').replace(",", " ").strip().split("\n"))), 0),
        ("# written by a script\n# of mine\n" + PLAIN, 1),
        ("# N D loss kind\n" + lines("{N} {D} {loss} {kind}\n"), 1),
        ("\n\n" + PLAIN + "\n,,,\n", 1),
        (PLAIN + "\ufeff" + PLAIN.split("\n")[0] + "\n", 1),  # files put one below the other
        ("Model,,Result,\n" + PLAIN, 1),  # merged cells
        ("N,D,loss,kind\n" + lines("{N},{D},{loss},{kind}\n# crashed, and run again, later,\n"), 1),
        ("Scaling runs, March 2024\n" + PLAIN.replace(",", ";"), 1),
        (PLAIN + "1.6e7,3.2e8,2.125,Total\n", 1),
        (PLAIN.replace("\n", "\n7e6,1.4e8,2.6,mean ± sd\n", 1), 1),
        (PLAIN + "1e6,2e7,2.12,min\n1.6e7,3.2e8,3.25,max\n", 1),
        (PLAIN + PLAIN.split("\n")[0] + "\n", 1),
        ("N,D,loss,kind,\n" + lines("{N},{D},{loss},{kind},\n"), 0),
        ("N,D,loss,kind\n10^6,2*10^7,3.25,a\n4 × 10^6,8x10^7,2.5,b\n1.6·10**7,3.2×10⁸,2.125,a\n", 2),
        ("| N | D | loss | kind |\n|---|---:|---|---|\n" + lines("| {N} | {D} | {loss} | {kind} |\n"), 0),
    ],
)  # fmt: skip
def test_one_table_in_many_dialects(text: str, told: int) -> None:
    check(read_text_table(text, ".csv"), told)


@pytest.mark.parametrize(
    "held",
    [
        RECORDS,
        {name: [row[i] for row in ROWS] for i, name in enumerate(NAMES)},
        {name: {str(r): row[i] for r, row in enumerate(ROWS)} for i, name in enumerate(NAMES)},
        {str(r): record for r, record in enumerate(RECORDS)},
        {"columns": list(NAMES), "index": [0, 1, 2], "data": [list(row) for row in ROWS]},
        {"schema": {"fields": []}, "data": RECORDS},
        {"runs": RECORDS},
        [list(NAMES), *[list(row) for row in ROWS]],
    ],
)
def test_json_in_its_usual_shapes(held: object) -> None:
    check(read_text_table(json.dumps(held), ".json"))
    check(read_text_table(json.dumps(held, indent=1), ".json"))


def test_the_first_line_names_the_columns_where_it_parts_as_the_rows_do() -> None:
    for rows, kinds in ((["1.0,x;y", "2.0,x;z"], ["x;y", "x;z"]), (["1.0,x;y"], ["x;y"])):
        found = read_text_table("\n".join(["Model Size,kind", *rows]) + "\n", ".csv")
        assert list(found.columns) == ["Model Size", "kind"]
        assert (found.columns["kind"], found.told) == (kinds, ())
    found = read_text_table('"Model\nsize",N,loss\nx,1e6,3\ny,2e6,2\n', ".csv")
    assert list(found.columns) == ["Model\nsize", "N", "loss"]
    assert list(read_text_table("N;loss, nats, mean\n1e6;3\n2e6;2\n", ".csv").columns) == ["N", "loss, nats, mean"]


def test_rows_called_like_sums_are_left_out_where_they_are_some() -> None:
    reduced = "how,N,loss\nmean,1e6,3\nmean,2e6,2\nlast,3e6,1\n"
    assert len(read_text_table(reduced + "mean,4e6,1\n", ".csv").columns["N"]) == 4  # others are called so
    assert len(read_text_table("model,N,loss\nmin,1e6,3\nmax,2e6,2\n", ".csv").columns["N"]) == 2


def test_a_text_at_the_head_of_each_group_alone_is_told() -> None:
    rows = [f"{kind},{n}e6,{5 - n / 10}" for n, kind in enumerate(["adam", "", "", "", "muon", "", "", ""], 1)]
    assert read_text_table("\n".join(["opt,N,loss", *rows]), ".csv").told == (
        'the column "opt" holds a text in 2 of 8 rows; write it in each row if it is that of the rows below, too',
    )
    full = [row.replace(",", "adam,", 1) if row.startswith(",") else row for row in rows]
    assert read_text_table("\n".join(["opt,N,loss", *full]), ".csv").told == ()
    noted = [f"{note},{n}e6,3" for n, note in enumerate(["", "slow", "", "", "", "", "again", ""], 1)]
    assert read_text_table("\n".join(["note,N,loss", *noted]), ".csv").told == ()


def test_records_a_line_end_at_line_feeds_alone() -> None:
    text = "\n".join(json.dumps(record | {"note": "a\u2028b\x85c"}, ensure_ascii=False) for record in RECORDS)
    for suffix in (".jsonl", ".ndjson", ".json", ""):
        check(read_text_table(text, suffix))


def test_what_is_nested_has_a_dotted_name() -> None:
    rows = [{"config": {"model": {"N": n}, "lr": 0.1}, "metrics": {"val/loss": x}} for n, _, x, _ in ROWS]
    rows.append({"config": {}})  # type: ignore[dict-item]
    found = read_text_table("\n".join(map(json.dumps, rows)), ".jsonl").columns
    assert list(found) == ["config.lr", "config.model.N", "metrics.val/loss"]
    assert list(found["config.model.N"])[:3] == [1e6, 4e6, 1.6e7]
    assert math.isnan(found["config.model.N"][3])
    deep = '{"a":' * 500 + "1" + "}" * 500
    assert list(read_text_table(deep, ".jsonl").columns) == [".".join("a" * 500)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_are_known_by_their_marks(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(PLAIN.encode(encoding))
    check(read_table_file(tmp_path / "t.csv"))


def test_parquet_with_what_is_nested(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    rows = [record | {"config": {"lr": 0.1, "more": {"x": 1}}} for record in RECORDS]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "t.dat")  # known by its content
    found = read_table_file(tmp_path / "t.dat")
    check(found)
    assert list(found.columns) == [*NAMES, "config.lr", "config.more.x"]


def test_a_workbook_is_read_where_its_reader_is_installed(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (NAMES, *ROWS):
        book.active.append(row)
    book.create_sheet("more")
    book.save(tmp_path / "t.xlsx")
    check(read_table_file(tmp_path / "t.xlsx"), told=1)


def test_a_workbook_is_called_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.csv", "w") as file:
        file.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(NoTableError, match="workbook"):
        read_table_file(tmp_path / "t.csv")


# --- exports of trackers ----------------------------------------------------------------------------------------------


def test_the_export_of_a_chart_is_read_a_row_a_run_and_step() -> None:
    text = (
        '"Step","one - val/loss","one - val/loss__MIN","one - val/loss__MAX","two - val/loss","two - val/loss__MIN",'
        '"two - val/loss__MAX"\n"1","3.5","3.5","3.5","","",""\n"2","3.25","3.25","3.25","3","3","3"\n'
    )
    found = read_text_table(text, ".csv")
    assert {name: list(cells) for name, cells in found.columns.items()} == {
        "Step": [1, 2, 2], "run": ["one", "one", "two"], "val/loss": [3.5, 3.25, 3],
    }  # fmt: skip
    assert found.told == ("it is the export of a chart: the columns of 2 runs are read one below the other",)


def test_columns_of_trackers_are_known_by_what_they_name() -> None:
    mlflow = ["run_id", "status", "metrics.val_loss", "params.n_params", "params.tokens", "tags.mlflow.runName"]
    assert [headed(q, mlflow) for q in ("N", "D", "loss")] == [
        ["params.n_params"],
        ["params.tokens"],
        ["metrics.val_loss"],
    ]
    wandb = ["Name", "State", "Tags", "config.params", "summary.eval/loss", "loss"]
    assert [headed(q, wandb) for q in ("N", "loss")] == [["config.params"], ["loss"]]


@pytest.mark.parametrize(
    ("column", "asked"),
    [
        ("params_m", 'N from "params_m", in millions? then write N="params_m"*1e6'),
        ("Params (M)", 'N from "Params (M)", in millions? then write N="Params (M)"*1e6'),
        ("n_params_billions", 'N from "n_params_billions", in billions? then write N="n_params_billions"*1e9'),
        ("params in thousands", 'N from "params in thousands", in thousands? then write N="params in thousands"*1e3'),
    ],
)
def test_a_unit_in_a_name_is_asked_about(column: str, asked: str) -> None:
    assert headed("N", [column]) == []
    assert question("N", ["loss", column]) == (asked,)
    assert question("N", ["loss", "arm"]) == ()


@pytest.mark.parametrize("name", ["[N]", "@relation_id", "insert into", "sql", "- N", "{N}"])
def test_names_that_begin_as_other_notations_do_are_names(name: str) -> None:
    assert list(read_text_table(f"{name},loss\n1,3\n2,2\n3,1\n", ".csv").columns) == [name, "loss"]


def test_a_unit_of_size_below_a_name_is_asked_about_too() -> None:
    found = read_text_table("params,tokens,loss\n(M),B,(nats)\n10,1,3\n20,2,2.5\n40,4,2.25\n")
    assert list(found.columns) == ["params (M)", "tokens (B)", "loss"]
    assert list(found.columns["params (M)"]) == [10, 20, 40]
    assert headed("N", list(found.columns)) == []
    assert question("N", list(found.columns)) == ('N from "params (M)", in millions? then write N="params (M)"*1e6',)
    plain = read_text_table("params,tokens,loss\n-,#,nats\n10,1,3\n20,2,2.5\n40,4,2.25\n")
    assert list(plain.columns) == ["params", "tokens", "loss"]


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "text", "message"),
    [
        (".csv", "N,D,loss\n1,2,3\n1,2\n", ", row 3: 2 values for 3 columns"),
        (".csv", "1e6,2e7,3\n2e6,2e7,3\n", ", row 1: holds numbers, where the names of the columns are wanted"),
        (".csv", "N,N\n1,2\n", ": two columns are called N"),
        (".csv", "N,D\n", ": no rows"),
        (".csv", "", ": no rows"),
        (".csv", "# only\n", ": no rows"),
        (".csv", "N,D\n1,\0\n", ": holds NUL bytes; it is no text"),
        (".csv", "<!DOCTYPE html><table>", ": is HTML or XML, and no table"),
        (".csv", 'N,D\n"' + "x" * 1_100_000 + '",2\n', ", line 2: field larger than field limit"),
        (".json", "[1, 2]", ": a JSON table is a list of objects, or an object of columns"),
        (".json", "[[1, 2], [3, 4]]", ": a JSON table is a list of objects, or an object of columns"),
        (".json", '{"a": [1], "b": [1, 2]}', ": columns of different lengths (1, 2)"),
        (".json", "[" * 100_000, ": is nested too deeply"),
        (".jsonl", '{"a": ' * 100_000, ", line 1: is nested too deeply"),
        (".jsonl", '{"N": 1}\n{', ", line 2: not JSON"),
        (".jsonl", "[1]\n", ", line 1: each line is one object"),
        (".yaml", "- N: 1000000\n  loss: 3.2\n- N: 2000000\n  loss: 3.0\n", ": is YAML, and no table that is read"),
        (".toml", "[[run]]\nN = 1e6\nloss = 3.2\n", ": is TOML, and no table that is read; save it as csv"),
        (".sql", "CREATE TABLE runs (N REAL, loss REAL);\n", ": is SQL, and no table; save it as csv"),
        (".arff", "% runs\n@RELATION runs\n@ATTRIBUTE N NUMERIC\n@DATA\n1e6\n", ": is ARFF, and no table"),
        (".txt", "===  ====\nN    loss\n===  ====\n1e6  3.2\n===  ====\n", ": is reStructuredText, and no table"),
        (".txt", "---\n- N: 1000000\n  loss: 3.2\n", ": is YAML, and no table that is read"),
        (".txt", "[{'N': 1e6, 'loss': 3.2},\n {'N': 2e6, 'loss': 3.0}]\n", ": is what Python prints, in single quotes"),
        (".jsonl", "{'N': 1e6, 'loss': 3.2}\n{'N': 2e6, 'loss': 3.0}\n", ": is what Python prints, in single quotes"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(suffix: str, text: str, message: str) -> None:
    with pytest.raises(NoTableError) as caught:
        read_text_table(text, suffix)
    assert str(caught.value).startswith(message)


def test_cells_that_only_begin_like_numbers_are_texts() -> None:
    for cells in (["1a", "2b c"], ["7B", "base"], ["v1", "v2"], ["1,2,3"], ["2020-01-01"], ["12:30"], ["3 apples"]):
        assert typed(cells) == (cells, "")
    assert list(typed(["7B", "70b", "300 tokens", "1.4 trillion", "2 thousand", ""])[0][:5]) == [
        7e9,
        7e10,
        300,
        1.4e12,
        2e3,
    ]
    assert list(typed(["3.2e21 FLOPs", "1e18"])[0]) == [3.2e21, 1e18]
    assert list(typed([10**400, -(10**400), 1])[0]) == [math.inf, -math.inf, 1]
    assert list(typed(["1.234,5", "0,25", "12"], comma=True)[0]) == [1234.5, 0.25, 12]


def test_a_table_of_many_columns_takes_no_time_that_grows_with_their_square() -> None:
    n = 10_000
    found = read_text_table(",".join(f"c{i}" for i in range(n)) + "\n" + ",".join("1" for _ in range(n)), ".csv")
    assert len(found.columns) == n
    with pytest.raises(NoTableError, match="has 100,000 columns, more than 10,000"):
        read_text_table(",".join(f"c{i}" for i in range(100_000)) + "\n", ".csv")


def test_a_zip_of_several_files_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("a.csv", PLAIN)
        file.writestr("b.csv", PLAIN)
    (tmp_path / "t.zip").write_bytes(buffer.getvalue())
    with pytest.raises(NoTableError, match=r"holds 2 files \(a.csv, b.csv\)"):
        read_table_file(tmp_path / "t.zip")


def test_records_in_cells_are_columns(tmp_path: Path) -> None:
    """As the script in W&B's manual writes a project: `summary`, `config` and `name`."""
    pandas = pytest.importorskip("pandas")
    rows = [
        {
            "summary": {"loss": x, "_step": 9, "val": {"loss": x + 1}, "bad": [float("nan"), -float("inf")][i % 2]},
            "config": {"N": n, "lr": 0.1, "tied": True, "note": None, "kind": k},
            "name": f"run-{i}",
        }
        for i, (n, _, x, k) in enumerate(ROWS)
    ]
    pandas.DataFrame(rows).to_csv(tmp_path / "project.csv")
    found = read_table_file(tmp_path / "project.csv")
    assert [text.split(" holds")[0] for text in found.told] == ['the column "summary"', 'the column "config"']
    assert list(found.columns["summary.val.loss"]) == [x + 1 for _, _, x, _ in ROWS]
    assert list(found.columns["config.N"]) == [n for n, _, _, _ in ROWS]
    assert list(found.columns["config.tied"]) == [1.0] * len(ROWS)
    assert found.columns["config.kind"] == [k for _, _, _, k in ROWS]
    assert found.columns["name"] == ["run-0", "run-1", "run-2"]
    for cell in ("{'a': __import__('os')}", "{1, 2}", "{" * 5_000, '{"a": ' * 3_000 + "1" + "}" * 3_000):
        (tmp_path / "odd.csv").write_text(f'N,config\n1,"{cell.replace(chr(34), chr(34) * 2)}"\n')
        assert list(read_table_file(tmp_path / "odd.csv").columns) == ["N", "config"]
