"""Columns of a table, as they are read while a study is checked; units beside the quantities they belong to."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from scalingdsl.spec.expressions.units import mismatches
from scalingdsl.spec.files.tables.table_file import NoTableError
from scalingdsl.spec.resolve.columns import Column, columns_of, columns_once, headed, in_names
from scalingdsl.spec.syntax.parser import parse_test

from ..support import messages

TABLES = {
    "a.csv": "N,kind,loss\n1e6,x,3\n2e6, ,2.5\n4e6,y,na\n",
    "a.tsv": "N\tkind\tloss\n1e6\tx\t3\n2e6\t\t2.5\n4e6\ty\t\n",
    "semicolons.txt": "N;kind;loss\n1e6;x;3\n2e6;;2.5\n4e6;y;-\n",
    "a.jsonl": '{"N": 1e6, "kind": "x", "loss": 3}\n{"N": 2e6, "loss": 2.5}\n{"N": 4e6, "kind": "y", "loss": null}\n',
    "a.json": '{"N": [1e6, 2e6, 4e6], "kind": ["x", null, "y"], "loss": [3, 2.5, null]}',
}


@pytest.mark.parametrize("name", TABLES)
def test_every_format_gives_the_same_columns(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(TABLES[name])
    found = columns_of(tmp_path / name)
    assert found == ({"N": Column(1e6, 4e6), "kind": Column(labels=("x", "y")), "loss": Column(2.5, 3.0)}, ())
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(TABLES[name].encode()))
    assert columns_of(tmp_path / f"{name}.gz") == found


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PAR1", b"", b"[1, 2]"])
def test_what_is_no_parquet_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    text = 'data table("t.parquet", N="a", kind="b")\nfit power(N)\nexpect alpha(power(N), anything) > .1'
    (found,) = messages(text, tmp_path)
    assert found.startswith('1:12 SCL504 "t.parquet" is no table in parquet that can be read')


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.json", b"\xff\xfe\x00", ": it is not UTF-16 text at byte 2"),
        ("t.json", b"[1, 2]", ": a JSON table is a list of objects, or an object of columns"),
        ("t.csv", b"", ": no rows"),
        ("t.csv", b"N,D,loss\n1,2,3\n1,2\n", ", row 3: 2 values for 3 columns"),
        ("t.csv", b"N,N,loss\n1,2,3\n", ": two columns are called N"),
        ("t.jsonl", b'{"N": 1}\n{', ", line 2: not JSON (Expecting property name enclosed in double quotes"),
        ("t.csv.gz", b"N,D\n1,2\n", ": it is not a whole gzip file, as its name says"),
        ("t.xls", b"x", ": no rows"),
        ("t.xls", b"\xd0\xcf\x11\xe0", " is a workbook of an old Excel; save the sheet as csv"),
        (
            "t.csv",
            b"params,n_params,D,loss\n1,2,3,4\n",
            ': N may be any of `params` and `n_params`; say which: N="params"',
        ),
    ],
)
def test_what_no_fit_could_read_is_refused_when_the_study_is_checked(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    (found,) = messages(f'data table("{name}")\nfit power(D)', tmp_path)
    assert found.startswith(f'1:12 SCL504 "{name}"{reason}')


def test_a_table_may_be_compressed_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(gzip.compress(TABLES["a.csv"].encode()))
    assert columns_of(tmp_path / "t.csv") is not None


def test_usual_names() -> None:
    assert headed("N", ["Model Size", "loss"]) == ["Model Size"]
    assert headed("N", ["N", "params"]) == ["N"]
    assert headed("N", ["n_params", "params"]) == ["n_params", "params"]
    assert headed("D", ["loss"]) == []


def test_a_column_times_a_number_and_an_expression(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Mparams,tokens,loss\n1,2e9,3\n2,4e9,2.9\n4,8e9,2.8\n8,1e10,2.7\n")
    for column in ('"Mparams"*1e6', '"Mparams*1e6"'):
        text = f'data table("t.csv", N={column})\nfit power(N)\nexpect loss(power(N), N=8M) < 3'
        assert messages(text, tmp_path) == []
    far = 'data table("t.csv", N="Mparams"*1e6)\nfit power(N)\nexpect loss(power(N), N=8B) < 3'
    assert [m.split(" ")[1] for m in messages(far, tmp_path)] == ["~SCL432"]
    missing = 'data table("t.csv", N="Mparam"*1e6)\nfit power(N)'
    assert messages(missing, tmp_path) == ['1:23 SCL416 the table has no column "Mparam"']


@pytest.mark.parametrize(
    ("test", "wrong"),
    [
        ("tokens > 3M", []),
        ("tokens > 3Mtokens and C < 1PFLOP", []),
        ("4*N > 3Mtokens", []),  # a product has a unit of its own
        ("C > 6e9 or D/N > 20", []),
        ("loss < 3 + 2tokens", ["`2tokens` is a number of tokens, and stands beside `loss`"]),
        ("N in [1M..3PFLOP]", ["`3PFLOP` is an amount of compute, and stands beside `N`"]),
        ("not (steps > 30min)", ["`30min` is a time, and stands beside `steps`"]),
        ("mean(loss) within 2% of 3steps", ["`3steps` is a number of steps, and stands beside `loss`"]),
        ("lr > 3steps", []),  # a parameter may be in any unit
    ],
)
def test_a_number_stands_beside_a_quantity_of_its_unit(test: str, wrong: list[str]) -> None:
    assert [d.message for d in mismatches(parse_test(test), {"lr"})] == wrong


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("step*1024", "column_0_*1024"),
        ('(step + 1)*"Batch (k)"', "(column_0_ + 1)*column_1_"),
        ("not step > 3 and step in [1..9 step 2]", "not column_0_ > 3 and column_0_ in [1..9 step 2]"),
        ('"step" > 3', "column_0_ > 3"),
        ('kind == "step" and steps > 3', 'kind == "step" and steps > 3'),
        ("N in [1..9 step 2]", "N in [1..9 step 2]"),
    ],
)
def test_columns_called_as_words_of_the_language_are_names_in_expressions(text: str, plain: str) -> None:
    found, meant = in_names(text, ["step", "Batch (k)", "kind"])
    assert found == plain
    assert all(name in found for name in meant)


def test_an_expression_that_cannot_be_read_is_told_when_checked(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("step,loss\n1,3\n2,2.9\n4,2.8\n")
    assert messages('data table("t.csv", D="step*1024")\nfit power(D)', tmp_path) == []
    assert messages('data table("t.csv", D="step*")\nfit power(D)', tmp_path)[0].endswith('has no column "step*"')


def test_columns_of_one_content_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(TABLES["a.csv"])
    found = columns_once(path, "one")
    path.write_text("N,N,loss\n1,2,3\n")
    assert columns_once(path, "one") is found
    for _ in range(2):
        with pytest.raises(NoTableError, match="two columns are called N"):
            columns_once(path, "other")
