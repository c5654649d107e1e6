"""`scalingdsl fit` as a user meets it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine.cli import main
from scalingdsl.engine.fits.tables.fit_table import fit_table
from scalingdsl.engine.formatting import magnitude
from scalingdsl.engine.study.table_study import study_text
from scalingdsl.spec import check

from ..fits.gemstones import FOLDER, PUBLISHED

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


def test_a_fit_that_did_not_work_out_says_so_and_does_not_end_with_0(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("N,D,loss\n1e6,1e7,3\n2e6,1e7,2.9\n")
    result = call(str(table), "--law", "chinchilla", "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["status"] == "too few points"
    assert answer["params"] == dict.fromkeys(("E", "A", "alpha", "B", "beta"))
    assert answer["warnings"][0]["code"] == "FIT105"


@pytest.mark.parametrize("as_json", [False, True])
def test_an_unusable_table_exits_with_1_and_says_why(tmp_path: Path, as_json: bool) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("N,D,loss\n0,1e7,3\n,1e7,2\n")
    result = call(str(table), "--law", "chinchilla", *(["--json"] if as_json else []))
    message = "no row has a positive N"
    assert result.exit_code == 1
    assert result.stderr == f"error: {message}\n"
    if as_json:
        assert json.loads(result.stdout)["error"] == message


@pytest.mark.parametrize(
    "args", [("nowhere.csv", "--law", "chinchilla"), (), (TABLE, "--law", "chinchilla", "--columns", "N")]
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


def test_predictions_come_with_two_intervals_and_their_distance() -> None:
    hot = str(FOLDER / "hot.jsonl")
    result = call(
        hot, "--law", "chinchilla", "--columns", "run=run_name", "--predict", "N=1B,D=20B", "--predict", "N=7B,D=2T",
        "--bootstrap", "60", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    near, far = answer["predictions"]
    assert near["at"] == {"N": 1e9, "D": 2e10}
    assert near["run_interval"][0] < near["law_interval"][0] < near["loss"] < near["law_interval"][1]
    assert near["decades_beyond"] == {"N": 0.0, "D": 0.0}
    assert far["decades_beyond"]["D"] > 1
    assert [w["code"] for w in answer["warnings"] if w["code"] == "FIT142"] == ["FIT142"]
    assert answer["holdout"] < 0.02 < answer["holdout_n"]


@pytest.mark.slow
def test_a_law_written_out_and_a_surface() -> None:
    own = call(TABLE, "--law", "E + A*N^-alpha + B*D^-beta", "--bootstrap", "20", "--json")
    assert json.loads(own.stdout)["value"] <= PUBLISHED["slim_chinchilla"] + 5e-11
    surface = call(TABLE, "--law", "kernel", "--bootstrap", "20", "--predict", "N=1B,D=20B")
    assert surface.exit_code == 0
    assert "predicted at N = 1B, D = 20B: " in surface.stdout


def test_doubts_about_the_table(tmp_path: Path) -> None:
    hot = str(FOLDER / "hot.jsonl")
    unnamed = call(hot, "--law", "chinchilla", "--bootstrap", "0", "--columns", "N=params_active_precise/1e6")
    assert "220 rows share 22 values of run_name; name the run: --columns run=run_name" in unnamed.stdout
    assert ": the largest N is 2,008: is it a plain count, or in millions or billions?" in unnamed.stdout


def test_a_prediction_needs_every_variable() -> None:
    result = call(TABLE, "--law", "chinchilla", "--bootstrap", "0", "--predict", "N=1B")
    assert (result.exit_code, result.stderr) == (1, "error: a prediction of chinchilla needs N, D; D is not given\n")
    assert call(TABLE, "--law", "chinchilla", "--predict", "N=1Q,D=1").exit_code == 2


def test_exhaustive_starts_find_the_same_optimum() -> None:
    few, every = (
        json.loads(call(TABLE, "--law", "chinchilla", "--bootstrap", "0", "--json", *more).stdout)
        for more in ((), ("--exhaustive",))
    )
    assert every["starts"] > 20 * few["starts"]
    assert every["value"] == pytest.approx(few["value"], rel=1e-9)


@pytest.mark.slow
def test_the_best_form_is_chosen_and_the_others_are_listed() -> None:
    answer = json.loads(call(TABLE, "--law", "best", "--bootstrap", "20", "--json").stdout)
    assert answer["law"] == answer["forms"][0]["law"]
    assert {f["law"] for f in answer["forms"]} >= {"chinchilla", "tied", "kaplan", "interaction"}
    shown = call(TABLE, "--law", "best(D)", "--bootstrap", "20", "--objective", "log-mse").stdout
    assert "forms by their error on larger points than fitted, log loss: " in shown
    refused = call(TABLE, "--law", "best(E=2)")
    assert refused.stderr == (
        "error: `best(E=2)`: `best` has no argument `E` (SCL402)\n  it has no parameters\n"
        "  its variables are `N` and `D`\n  its options are `loss`, `objective` and `bootstrap`\n"
        "  laws with it are others: write `chinchilla(E=2)` or `tied(E=2)`\n"
    )


def test_methods_stand_side_by_side_with_their_reasons() -> None:
    answer = json.loads(call(TABLE, "--law", "chinchilla", "--bootstrap", "40", "--json").stdout)
    assert list(answer["optima"]) == ["surface", "isoflop", "isoflop_curve", "envelope"]
    assert answer["optima"]["surface"]["params"]["a"] == answer["optimum"]["a"]
    shown = call(TABLE, "--law", "chinchilla", "--bootstrap", "40").stdout
    assert "compute-optimal, C = 6ND: N ~ C^a, D ~ C^b, L - E ~ C^-gamma" in shown
    assert "  surface        a 0.7108 [" in shown
    low, high = answer["optima"]["surface"]["flat"]
    assert f"N from {magnitude(low)} to {magnitude(high)} loses 0.1 % at most" in shown


def test_rollout_predicts_each_next_size() -> None:
    hot = str(FOLDER / "hot.jsonl")
    args = (hot, "--law", "chinchilla", "--columns", "run=run_name", "--bootstrap", "0", "--rollout", "D")
    steps = json.loads(call(*args, "--json").stdout)["rollout"]
    assert [s["n"] for s in steps] == sorted({s["n"] for s in steps})
    assert steps[-1]["holdout"] < 0.02
    assert "fitted to ever larger points:" in call(*args).stdout
    refused = call(hot, "--law", "power(D)", "--bootstrap", "0", "--rollout", "N")
    assert refused.stderr == "error: power is fitted to D, and there is no N to grow\n"


def test_compute_that_is_not_six_n_d_is_reported(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    rows = [
        (n, d, (6 + 1e7 / n) * n * d, 2 + 1e3 * n**-0.4 + d**-0.3) for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9, 1e10)
    ]
    table.write_text("N,D,C,loss\n" + "".join(f"{n},{d},{c},{x}\n" for n, d, c, x in rows))
    answer = json.loads(call(str(table), "--law", "chinchilla", "--bootstrap", "0", "--json").stdout)
    assert ("FIT134", "C is 1.02 to 2.67 times 6 N D") in {(w["code"], w["message"]) for w in answer["warnings"]}


@pytest.mark.slow
def test_a_report_with_figures_is_a_results_folder_to_go_on_from(tmp_path: Path) -> None:
    hot = str(FOLDER / "hot.jsonl")
    out = tmp_path / "hot"
    args = (hot, "--law", "chinchilla", "--columns", "run=run_name", "--bootstrap", "100", "--out", str(out))
    result = call(*args, "--json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["report"] == str(out / "report.md")
    report = (out / "report.md").read_text()
    assert "chinchilla fitted to hot.jsonl" in report
    assert f"| exponent in N | {answer['params']['alpha']:.2f} | " in report
    assert "`scalingdsl run files/fit.scl`" in report
    assert list((out / "figures").glob("*.svg"))
    before = report
    assert CliRunner().invoke(main, ["report", str(out)]).exit_code == 0
    assert (out / "report.md").read_text() == before
    assert CliRunner().invoke(main, ["validate", str(out / "files" / "fit.scl")]).exit_code == 0
    assert call(*args, "--overestimate", "10").exit_code == 2


@pytest.mark.slow
def test_the_study_a_fit_stands_for_says_what_was_asked(tmp_path: Path) -> None:
    found = fit_table(TABLE, "power(D, E=2)", objective="huber-raw", delta=0.05, bootstrap=30)
    text = study_text(found.fit, "a.csv", found.objective)
    assert text.splitlines()[1:] == [
        'data table("data.csv", D="D", loss="loss")',
        "fit power(D, E=2, objective=huber-raw(0.05), bootstrap=30)",
    ]
    for law in ("best", "kernel", "E + A*N^-0.5 + B*D^-beta", "chinchilla(E=loss - loss + 1)"):
        fitted = fit_table(TABLE, law, bootstrap=1000 if law == "best" else 10)
        rows = [f"{n},{d},{2 + 1 / n + 1 / d}" for n in (1, 2, 4) for d in (2, 4, 8)]
        (tmp_path / "data.csv").write_text("\n".join(["N,D,loss", *rows]) + "\n")
        text = study_text(fitted.fit, "a.csv", fitted.objective)
        checked = check(tmp_path / "study.scl", text=text)
        assert checked.plan is not None, (text, checked.diagnostics)


def test_what_a_table_does_not_tell_is_said_in_place_of_an_interval(tmp_path: Path) -> None:
    """Two sizes: of E, A and alpha two numbers are told."""
    sizes = [(n, d) for n in (1e7, 1e8) for d in np.geomspace(1e8, 1e11, 12)]
    lines = [f"{n},{d},{1.8 + 480 * n**-0.35 + 2100 * d**-0.37 + 0.003 * (-1) ** i}" for i, (n, d) in enumerate(sizes)]
    table = tmp_path / "two.csv"
    table.write_text("\n".join(["N,D,loss", *lines]))
    shown = call(str(table), "--law", "chinchilla", "--bootstrap", "50").output
    unknown = "not identified"
    for row in (
        rf"E +[\d.]+  {unknown}",
        rf"alpha +[\d.]+  {unknown}",
        r"beta +[\d.]+  \[",
        rf"surface +a .* {unknown}",
    ):
        assert re.search(row, shown), row
    found = json.loads(call(str(table), "--law", "chinchilla", "--bootstrap", "50", "--json").stdout)
    assert found["unidentified"] == ["E", "A", "alpha"]
    assert set(found["intervals"]) == {"B", "beta"}
    assert found["optimum_intervals"] == found["optima"]["surface"]["intervals"] == {}
    assert "gamma" in found["optima"]["surface"]["unidentified"]


def test_a_column_named_for_nothing_is_refused() -> None:
    result = call(TABLE, "--law", "power(D)", "--columns", "Q=3")
    assert result.exit_code == 1
    assert (
        "nothing here reads Q: power(D) is a law of D, fitted to loss; a column can stand for N, D, C" in result.output
    )
    for args in (["power(Q)"], ["power(D, E=Q)"], ["power(D)", "--where", "Q < 10"], ["E + A*Q^-alpha"]):
        used = call(TABLE, "--bootstrap", "0", "--columns", "Q=tokens/1e9", "--law", *args)
        assert "nothing here reads" not in used.output


def test_profile_intervals_stand_beside_those_of_the_bootstrap() -> None:
    asked = (TABLE, "--law", "chinchilla", "--bootstrap", "40", "--intervals", "profile")
    assert re.search(r"alpha +0\.\d+  \[0\.\d+, 0\.\d+\]  profile \[0\.\d+, 0\.\d+\]", call(*asked).stdout)
    answer = json.loads(call(*asked, "--json").stdout)
    assert set(answer["profile"]) == set(answer["intervals"])
    low, high = answer["profile"]["alpha"]
    assert low < answer["params"]["alpha"] < high


def test_the_law_is_written_out_to_copy() -> None:
    shown = call(TABLE, "--law", "chinchilla", "--bootstrap", "0")
    formula = next(line for line in shown.stdout.splitlines() if line.startswith("  loss = ")).removeprefix("  loss = ")
    answer = json.loads(call(TABLE, "--law", "chinchilla", "--bootstrap", "0", "--json").stdout)
    assert answer["formula"] == formula
    assert answer["python"].count("**-") == 2


def test_without_a_law_the_usual_one_is_taken_and_said(tmp_path: Path) -> None:
    shown = call(TABLE, "--bootstrap", "0").stdout
    assert shown.startswith("chinchilla: converged")
    assert "no law was named: chinchilla is the usual one for these columns; --law names another" in shown
    table = tmp_path / "runs.csv"
    table.write_text("N,D,loss\n" + "".join(f"{n},1e9,{2 + 5 * n**-0.3}\n" for n in (1e5, 1e6, 1e7, 1e8, 1e9)))
    assert call(str(table), "--bootstrap", "0").stdout.startswith("power")
    table.write_text("N,D,loss\n1e6,1e9,3\n1e6,1e9,3.1\n")
    assert "every row has the same N and D: a law needs a size that varies" in call(str(table)).stderr


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json"])
def test_a_table_may_come_through_standard_input(ending: str) -> None:
    rows = [{"N": n, "D": d, "loss": 2 + n**-0.3 + d**-0.3} for n in (1e6, 1e7, 1e8) for d in (1e8, 1e9, 1e10)]
    texts = {
        "csv": "N,D,loss\n" + "".join(f"{r['N']},{r['D']},{r['loss']}\n" for r in rows),
        "jsonl": "".join(json.dumps(row) + "\n" for row in rows),
        "json": json.dumps(rows),
    }
    result = CliRunner().invoke(main, ["fit", "-", "--bootstrap", "0"], input=texts[ending])
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("chinchilla: ")


def test_what_is_wrong_with_standard_input_names_it() -> None:
    result = CliRunner().invoke(main, ["fit", "-"], input="")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: <stdin>")


def test_columns_that_may_be_meant_are_asked_about(tmp_path: Path) -> None:
    table = tmp_path / "runs.csv"
    table.write_text("params_m,train/tokens (B),val/ppl\n70,1,3\n160,2,2.9\n")
    assert "is it params_m, in millions? then --columns N=params_m*1e6\n" in call(str(table)).stderr
    given = ("--law", "chinchilla", "--columns", "N=params_m*1e6")
    question = """is it train/tokens (B), in billions? then --columns 'D="train/tokens (B)"*1e9'"""
    assert question in call(str(table), *given).stderr
    given = (*given, "--columns", 'D="train/tokens (B)"*1e9')
    assert """is it val/ppl? then --columns 'loss=log("val/ppl")'""" in call(str(table), *given).stderr


def test_a_warning_is_said_in_words_and_once() -> None:
    hot = str(FOLDER / "hot.jsonl")
    shown = call(hot, "--law", "chinchilla", "--bootstrap", "0", "--columns", "N=params_active_precise/1e6").stdout
    lines = [line for line in shown.splitlines() if line.startswith("warning FIT133, ")]
    assert len(lines) == 1
    assert "is it a plain count, or in millions or billions? --columns N=params_active_precise/1e6*1e6" in lines[0]
    assert "`scalingdsl explain FIT1" in shown


def test_a_plot_stands_above_the_fit() -> None:
    lines = call(TABLE, "--law", "chinchilla", "--bootstrap", "0", "--plot").stdout.splitlines()
    assert lines[0].strip() == "loss"
    axis = next(i for i, line in enumerate(lines) if "D = " in line)
    assert any("o" in line for line in lines[:axis])
    assert lines[axis + 1].strip().startswith("lines: N = ")
    assert lines[axis + 2].startswith("chinchilla: converged")


@pytest.mark.slow
def test_a_table_and_its_report_have_one_interval(tmp_path: Path) -> None:
    """Rows that repeat a setting are one cluster, on the terminal and in the report."""
    rng = np.random.default_rng(0)
    lines = [
        f"{n:.0f},{d:.0f},{(1.7 + 400 * n**-0.34 + 410 * d**-0.28) * np.exp(4e-3 * rng.normal()):.6f}"
        for n in (1e6, 4e6, 16e6, 64e6)
        for d in (1e8, 4e8, 16e8, 64e8, 256e8)
        for _ in range(2)
    ]
    rng.shuffle(lines)
    (tmp_path / "t.csv").write_text("\n".join(["N,D,loss", *lines]) + "\n")
    asked = ("--law", "chinchilla", "--bootstrap", "60", "--out", str(tmp_path / "out"), "--json")
    shown = call(str(tmp_path / "t.csv"), *asked)
    answer = json.loads(shown.stdout)
    (reported,) = json.loads((tmp_path / "out" / "fits.json").read_text())["fits"]
    assert answer["n_clusters"] == reported["n_clusters"] == 20
    assert answer["intervals"] == {p["name"]: p["interval"] for p in reported["parameters"] if p["interval"]}
    assert answer["params"] == {p["name"]: p["value"] for p in reported["parameters"]}
