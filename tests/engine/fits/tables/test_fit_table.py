"""Tables found in the wild: formats, names, expressions, and refusals that say where."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scalingdsl.engine.analysis.analyse import analyse
from scalingdsl.engine.analysis.cells.table_columns import study_table
from scalingdsl.engine.fits.tables.fit_table import fit_table
from scalingdsl.engine.fits.tables.table_mapping import name_columns, read_table, where
from scalingdsl.spec import load
from scalingdsl.spec.errors import FitError

CSV = "params,tokens,loss,kind\n1.5,2e9,3.1,a\n3,4e9,2.9,b\n,8e9,2.7,a\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runs.csv", CSV),
        ("runs.csv", "\ufeff" + CSV.replace("\n", "\r\n")),
        ("runs.tsv", CSV.replace(",", "\t")),
        ("runs.csv", CSV.replace(",", ";")),
        (
            "runs.jsonl",
            '{"params": 1.5, "tokens": 2e9, "loss": 3.1, "kind": "a"}\n\n'
            '{"params": 3, "tokens": 4e9, "loss": 2.9, "kind": "b"}\n{"tokens": 8e9, "loss": 2.7, "kind": "a"}\n',
        ),
        (
            "runs.json",
            json.dumps(
                {"params": [1.5, 3, None], "tokens": [2e9, 4e9, 8e9], "loss": [3.1, 2.9, 2.7], "kind": list("aba")}
            ),
        ),
    ],
)
def test_every_format_gives_the_same_columns(tmp_path: Path, name: str, text: str) -> None:
    table = read_table(write(tmp_path, name, text))
    np.testing.assert_array_equal(table["params"], [1.5, 3.0, np.nan])
    np.testing.assert_array_equal(table["tokens"], [2e9, 4e9, 8e9])
    assert list(table["kind"]) == ["a", "b", "a"]


def test_gzip_is_read_through(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    assert list(read_table(path)) == ["params", "tokens", "loss", "kind"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "a.csv: no rows"),
        ("a.csv", "N,D\n", "a.csv: no rows"),
        ("a.csv", "N,D\n1,2\n1,2,3\n", "a.csv, row 3: 3 values for 2 columns"),
        ("a.csv", "N,N\n1,2\n", "a.csv: two columns are called N"),
        (
            "a.jsonl",
            '{"N": 1}\n{N: 2}\n',
            "a.jsonl, line 2: not JSON (Expecting property name enclosed in double quotes",
        ),
        ("a.jsonl", "[1]\n", "a.jsonl, line 1: each line is one object with the names of the columns"),
        ("a.json", "3", "a.json: a JSON table is a list of objects, or an object of columns"),
        ("a.json", '{"N": [1], "D": [1, 2]}', "a.json: columns of different lengths (1, 2)"),
        ("a.xls", "x", "a.xls: no rows"),
        ("a.csv.gz", "x", "a.csv.gz: it is not a whole gzip file, as its name says"),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(FitError) as error:
        read_table(write(tmp_path, name, text))
    assert str(error.value).startswith(f"{tmp_path}/{message}")


def test_quantities_are_found_by_their_usual_names_and_by_the_identity(tmp_path: Path) -> None:
    named = name_columns(read_table(write(tmp_path, "a.csv", CSV)), {"N": "params*1e6"})
    np.testing.assert_array_equal(named.columns["N"][:2], [1.5e6, 3e6])
    assert named.source == {"N": "params*1e6", "D": "tokens", "loss": "loss", "C": "6*N*D"}
    assert named.columns["C"][0] == 6 * 1.5e6 * 2e9


def test_d_from_compute_and_names_with_spaces(tmp_path: Path) -> None:
    text = '"Model Size","Training FLOP",loss\n100,6e11,3\n200,6e12,2\n'
    named = name_columns(read_table(write(tmp_path, "a.csv", text)), {"N": '"Model Size"*10', "C": "Training FLOP"})
    assert named.source["D"] == "C/(6*N)"
    np.testing.assert_allclose(named.columns["D"], [6e11 / 6000, 6e12 / 12000])
    np.testing.assert_array_equal(where('"Model Size" > 150', named), [False, True])


def test_conditions_use_the_language(tmp_path: Path) -> None:
    named = name_columns(read_table(write(tmp_path, "a.csv", CSV)), {})
    for text, expected in [
        ("D < 5B", [True, True, False]),
        ("3B < D <= 8B and loss < 3", [False, True, True]),
        ("kind == a", [True, False, True]),
        ("rank(-loss) > 1", [False, True, True]),
        ("not (loss in [2.8..3])", [True, False, True]),
        ("log(loss) > 1.1", [True, False, False]),
    ]:
        assert list(where(text, named)) == expected, text


@pytest.mark.parametrize(
    ("columns", "condition", "law", "message"),
    [
        ({"N": "size"}, None, "chinchilla", "`size`: no column is called size; there are params, tokens, loss, kind"),
        ({"N": "import os"}, None, "chinchilla", "`import os`: "),
        ({}, "D > 1T", "chinchilla", "no row of the table satisfies `D > 1T`"),
        ({}, "D + 1", "chinchilla", "`D + 1` is no condition; write a comparison, such as N < 1B"),
        (
            {},
            "__import__(1)",
            "chinchilla",
            "`__import__(1)`: no function is called __import__; there are max, min",
        ),
        ({"N": "params*0"}, None, "chinchilla", "no row has a positive N"),
        ({"N": "kind"}, None, "chinchilla", "N (kind) is no number in row 1: 'a'"),
        (
            {},
            None,
            "power",
            "`power`: `power` needs the quantity it is a law in (SCL107)\n  write `power(N)`",
        ),
        (
            {},
            None,
            "power(D, F=2)",
            "`power(D, F=2)`: `power` has no argument `F` (SCL402)\n  its parameters are `E`, `B` and `beta`",
        ),
        ({}, None, "power(D, E=-1)", "`power(D, E=-1)`: `E` of `power` is at least 0, and is fixed to -1 (SCL208)"),
        (
            {},
            None,
            "power(D, beta=9)",
            "`power(D, beta=9)`: `beta` of `power` is above 0 and at most 8, and is fixed to 9 (SCL208)",
        ),
        ({}, None, "power(D, B=loss-3)", "`B` of `power` is above 0, and is fixed to -0.3"),
        ({}, None, "power(epochs)", "the table has no epochs; say which column it is, as in --columns epochs=COLUMN"),
        ({}, None, "3", "`3`: `3` is no law (SCL203)\n  write a law's name, such as `chinchilla` or `power(D)`"),
        ({}, None, "power(D, group=2%)", "`power(D, group=2%)`: `power` has no argument `group` (SCL402)"),
        ({}, None, "power({N, D})", "`power({N, D})`: one law is fitted at a time (SCL203)"),
        ({}, None, "chinchilla(N, D, N)", "`chinchilla(N, D, N)`: `chinchilla` has 2 variables (SCL106)"),
        ({"D": "tokens*-1"}, "N > 0", "chinchilla", "no row has a positive D"),
    ],
)
def test_requests_that_cannot_be_met(
    tmp_path: Path, columns: dict[str, str], condition: str | None, law: str, message: str
) -> None:
    with pytest.raises(FitError) as error:
        fit_table(write(tmp_path, "a.csv", CSV), law, columns=columns, where=condition)
    assert str(error.value).startswith(message)


def test_columns_of_two_meanings_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(FitError, match="N may be any of params, n_params: say which, as in --columns N=params"):
        name_columns(read_table(write(tmp_path, "a.csv", "params,n_params\n1,2\n")), {})


def test_run_makes_clusters_and_calls_of_laws_are_read(tmp_path: Path) -> None:
    rows = [f"{run},{tokens:g},{2 + 300 * tokens**-0.4 + 1e-3 * run}" for run in range(9) for tokens in (1e6, 1e7, 1e8)]
    path = write(tmp_path, "a.csv", "name,tokens,loss\n" + "\n".join(rows))
    columns = {"run": "name"}
    fit = fit_table(path, "power(D, E=2, objective=huber(1e-2), bootstrap=20)", columns=columns).fit
    assert (fit.n, fit.n_clusters) == (27, 9)
    assert (fit.objective, fit.delta, fit.fixed) == ("huber", 0.01, ("E",))
    assert len(fit.draws["beta"]) == 20


def test_power_in_compute_takes_the_lower_envelope(tmp_path: Path) -> None:
    flops = np.geomspace(1e18, 1e21, 8)
    best = 1.7 + 1e3 * flops**-0.15
    rows = [f"{c},{loss}" for c, loss in zip(flops, best)] + [f"{c * 1.1},{loss + 0.3}" for c, loss in zip(flops, best)]
    fit = fit_table(write(tmp_path, "a.csv", "C,loss\n" + "\n".join(rows)), "power(C)", bootstrap=0).fit
    assert fit.n == 8
    assert fit.params["gamma"] == pytest.approx(0.15, rel=1e-6)


def test_parquet_is_read(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, of the extra `parquet`")
    from pyarrow import table

    columns = {"params": [1.5, 3.0, None], "tokens": [2e9, 4e9, 8e9], "loss": [3.1, 2.9, 2.7], "kind": list("aba")}
    parquet.write_table(table(columns), tmp_path / "runs.parquet")
    read = read_table(tmp_path / "runs.parquet")
    np.testing.assert_array_equal(read["params"], [1.5, 3, np.nan])
    np.testing.assert_array_equal(read["loss"], [3.1, 2.9, 2.7])
    assert list(read["kind"]) == list("aba")


def test_parquet_that_is_none_is_told(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, of the extra `parquet`")
    with pytest.raises(FitError, match=r"runs\.parquet is no table in parquet"):
        read_table(write(tmp_path, "runs.parquet", "N,D\n1,2\n"))


@pytest.mark.parametrize("cell", ["", "nan", "inf", "-inf", "1e400"])
def test_rows_without_a_loss_are_left_out_by_a_fit_as_by_a_study(cell: str, tmp_path: Path) -> None:
    sizes = [(n, d) for n in (1e7, 4e7, 1.6e8, 6.4e8) for d in (2e8, 1e9, 5e9)]
    losses = [str(1.7 + 400 / n**0.34 + 1500 / d**0.37) for n, d in sizes]
    losses[5] = cell
    rows = [f"{n},{d},{loss}" for (n, d), loss in zip(sizes, losses)]
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *rows]))
    found = fit_table(tmp_path / "t.csv", "chinchilla", bootstrap=20)
    said = {w.code: w.message for w in found.fit.warnings}
    assert said["FIT143"] == "1 row has no finite loss, and 11 are fitted: row 6"
    (tmp_path / "s.scl").write_text('data table("t.csv")\nfit chinchilla(bootstrap=20)')
    plan = load(tmp_path / "s.scl")
    study = analyse(plan, {}, table=study_table(plan, tmp_path))
    (fit,) = study.fits
    assert fit.fit is not None
    assert fit.fit.params == found.fit.params
    assert fit.fit.intervals == found.fit.intervals
    assert [note.message for note in study.notes if note.code == "RUN203"] == ["1 of 12 cells have no loss: row 6"]
    (tmp_path / "t.csv").write_text("N,D,loss\n1e6,1e7,\n2e6,1e7,nan\n")
    with pytest.raises(FitError, match="no row has a finite loss"):
        fit_table(tmp_path / "t.csv", "chinchilla")


@pytest.mark.parametrize("cell", ["", "0", "-5", "inf"])
def test_rows_without_a_size_are_left_out_by_a_fit_as_by_a_study(cell: str, tmp_path: Path) -> None:
    rows = [f"{n},{d},{1.7 + 400 / n**0.34 + 1500 / d**0.37}" for n in (1e7, 4e7, 1.6e8) for d in (2e8, 1e9, 5e9)]
    rows[4] = f"{cell},{rows[4].split(',', 1)[1]}"
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *rows]))
    (tmp_path / "s.scl").write_text('data table("t.csv")\nfit chinchilla(bootstrap=0)')
    plan = load(tmp_path / "s.scl")
    study = analyse(plan, {}, table=study_table(plan, tmp_path))
    told = [note.message for note in study.notes if note.code == "RUN212"]
    assert told == ["1 row has no positive N, and laws in N leave it out: row 5"]
    assert study.fits[0].fit is not None
    assert study.fits[0].fit.n == 8
    for law in ("chinchilla", "E + A*N^-alpha + B*D^-beta"):
        found = fit_table(tmp_path / "t.csv", law, bootstrap=0)
        assert found.fit.params == pytest.approx(study.fits[0].fit.params, rel=1e-3)
        said = {w.code: w.message for w in found.fit.warnings}
        assert said["FIT144"] == "1 row has no positive N, and is left out: row 5"


def test_a_setting_of_which_a_run_diverged_is_no_best_one(tmp_path: Path) -> None:
    rows = ["N,lr,seed,loss"]
    for n in (1e6, 4e6, 1.6e7, 6.4e7):
        for lr, loss in ((0.01, 0.2), (0.1, 0.1), (0.3, 0.0)):
            rows += [f"{n},{lr},{seed},{2 + 400 / n**0.34 + loss + 1e-6 * seed}" for seed in (0, 1)]
        rows[-1] = f"{n},0.3,1,nan"
    (tmp_path / "t.csv").write_text("\n".join(rows))
    found = fit_table(tmp_path / "t.csv", "power(N)", best=["lr"], bootstrap=0)
    assert found.n_rows == 8
    assert found.fit.params["E"] == pytest.approx(2.1, abs=1e-3)
    said = {w.code: w.message for w in found.fit.warnings}
    assert "FIT140" not in said  # a greater one was tried, and diverged
    (tmp_path / "s.scl").write_text('data table("t.csv")  tune lr\nfit power(N, bootstrap=0)')
    plan = load(tmp_path / "s.scl")
    (study,) = analyse(plan, {}, table=study_table(plan, tmp_path)).fits
    assert study.fit is not None
    assert study.fit.params == pytest.approx(found.fit.params)
    (tmp_path / "t.csv").write_text("N,lr,loss\n1e6,.1,\n1e6,.2,\n1e6,.2,2\n")
    with pytest.raises(FitError, match="every setting of lr has a row without a finite loss"):
        fit_table(tmp_path / "t.csv", "power(N)", best=["lr"])
