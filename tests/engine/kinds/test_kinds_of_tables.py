"""Kinds of tables: points of numbered runs, sweeps, what spreadsheets and trackers write, copies, units, odd rows."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from scalingdsl.engine.analysis import analyse, study_table
from scalingdsl.engine.analysis.analysis_result import Analysis
from scalingdsl.engine.fits.tables.fit_table import TableFit, fit_table
from scalingdsl.engine.study.table_study import check_reportable, columns_of, study_text
from scalingdsl.spec import check, load
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.files.raw_file import FileError
from scalingdsl.spec.files.tables.table_file import read_table_file, table_digest

from . import Case, cases

GRID = [(n, d) for n in (1e7, 4e7, 1.6e8, 6.4e8) for d in (2e8, 1e9, 5e9, 2.5e10)]
TRUTH = {"E": 1.7, "alpha": 0.34, "beta": 0.37}


def loss(n: float, d: float) -> float:
    return 1.7 + 400 / n**0.34 + 1500 / d**0.37


def fitted(path: Path, law: str = "chinchilla", **options: object) -> TableFit:
    return fit_table(path, law, **{"bootstrap": 0, **options})  # type: ignore[arg-type]


def holds_the_truth(found: TableFit) -> None:
    assert {name: found.fit.params[name] for name in TRUTH} == pytest.approx(TRUTH, rel=0.01)


def told(found: TableFit) -> dict[str, str]:
    return {warning.code: warning.message for warning in found.fit.warnings}


def study(folder: Path, text: str) -> Analysis:
    plan = load(folder / "s.scl", text=text)
    return analyse(plan, {}, table=study_table(plan, folder))


def lines(path: Path, rows: Iterable[str], end: str = "\n", encoding: str = "utf-8") -> Path:
    path.write_bytes((end.join(rows) + end).encode(encoding))
    return path


# --- points of numbered runs ------------------------------------------------------------------------------------------


def points(head: str, name_of: Callable[[int], str], step: Callable[[int], str] = lambda k: "") -> list[str]:
    """Eight runs of twelve checkpoints, each run off by its own .8 %."""
    rng, rows = np.random.default_rng(0), [head]
    for i in range(8):
        n, off = 1e7 * 2 ** (i % 5), 1 + 0.008 * rng.standard_normal()
        rows += [f"{name_of(i)},{step(k)}{n},{2e9 * k},{loss(n, 2e9 * k) * off:.6f}" for k in range(1, 13)]
    return rows


def whole_numbers_name_the_runs(folder: Path) -> None:
    path = lines(folder / "h.csv", points("run_id,N,D,loss", lambda i: str(1000 + i)))
    assert told(fitted(path))["FIT126"] == "96 rows share 8 values of run_id; name the run: --columns run=run_id"
    wide, narrow = (fitted(path, bootstrap=200, columns=c).fit.intervals["alpha"] for c in ({"run": "run_id"}, {}))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)


def job_ids_of_a_scheduler(folder: Path) -> None:
    path = lines(folder / "h.csv", points("slurm_job_id,N,D,loss", lambda i: str(48210 + 13 * i)))
    assert "name the run: --columns run=slurm_job_id" in told(fitted(path))["FIT126"]


def a_sweep_of_hyperparameters_by_number_with_steps(folder: Path) -> None:
    path = lines(folder / "h.csv", points("hyper_id,step,N,D,loss", str, lambda k: f"{500 * k},"))
    assert "name the run: --columns run=hyper_id" in told(fitted(path))["FIT126"]


def a_history_in_lines_of_json(folder: Path) -> None:
    head, *rows = points("seed_run,N,D,loss", lambda i: str(i + 1))
    records = [dict(zip(head.split(","), map(float, row.split(",")))) for row in rows]
    path = lines(folder / "h.jsonl", map(json.dumps, records))
    assert "name the run: --columns run=seed_run" in told(fitted(path))["FIT126"]
    assert "FIT126" not in told(fitted(path, columns={"run": "seed_run"}))


# --- sweeps of which the best counts ----------------------------------------------------------------------------------


def sweep(best: float = 0.002, rates: tuple[float, ...] = (0.0005, 0.001, 0.002, 0.004)) -> list[dict[str, float]]:
    return [
        {"N": n, "D": d, "lr": lr, "bs": bs, "loss": loss(n, d) + 0.05 * np.log2(lr / best) ** 2 + 0.01 * (bs != 64)}
        for n, d in GRID
        for lr in rates
        for bs in (32, 64)
    ]


def csv_of(rows: list[dict[str, float]]) -> list[str]:
    return [",".join(rows[0]), *(",".join(f"{value:.9g}" for value in row.values()) for row in rows)]


def the_best_over_rates_and_batches(folder: Path) -> None:
    path = lines(folder / "s.csv", csv_of(sweep()))
    found = fitted(path, best=("lr", "bs"))
    assert found.n_rows == 16
    holds_the_truth(found)
    assert "FIT140" in told(found)  # 64 is the greatest batch that was tried
    assert "--best-over lr,bs" in told(fitted(path))["FIT141"]


def rates_drawn_at_random_are_a_sweep(folder: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [row | {"lr": row["lr"] * rng.uniform(0.5, 2)} for row in sweep()]
    assert "--best-over lr,bs" in told(fitted(lines(folder / "s.csv", csv_of(rows))))["FIT141"]


def a_run_that_diverged_is_no_best_one(folder: Path) -> None:
    rows = csv_of(sweep())
    rows = [",".join([*row.split(",")[:4], "nan"]) if ",0.004," in row else row for row in rows]
    found = fitted(lines(folder / "s.csv", rows), best=("lr", "bs"))
    holds_the_truth(found)
    assert told(found)["FIT140"].startswith("the best bs")


def seeds_of_a_setting_are_averaged_before_the_best_is_taken(folder: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        row | {"loss": row["loss"] * (1 + 0.002 * rng.standard_normal()), "seed": k} for row in sweep() for k in (0, 1)
    ]
    lines(folder / "s.csv", csv_of(rows))
    found = fitted(folder / "s.csv", best=("lr", "bs"))
    assert found.n_rows == 32
    (panel,) = study(folder, 'data table("s.csv")  tune lr, bs\nfit chinchilla(bootstrap=0)').fits
    assert panel.fit is not None
    assert panel.fit.n == 16
    assert panel.fit.params["alpha"] == pytest.approx(found.fit.params["alpha"], abs=0.03)


def a_report_is_of_the_best(folder: Path) -> None:
    path = lines(folder / "s.csv", csv_of(sweep()))
    found = fitted(path, best=("lr", "bs"))
    text = study_text(found.fit, path.name, None, ("lr", "bs"))
    assert 'title "chinchilla fitted to s.csv, the best over lr, bs"' in text
    data = columns_of(found.fit)
    lines(folder / "data.csv", [",".join(data), *(",".join(map(str, row)) for row in zip(*data.values()))])
    (panel,) = study(folder, text).fits
    assert panel.fit is not None
    assert panel.fit.params == pytest.approx(found.fit.params, rel=1e-6)
    check_reportable(1.0)


# --- what spreadsheets write ------------------------------------------------------------------------------------------


def german(mark: str = ";") -> list[str]:
    return [
        f"params{mark}tokens{mark}loss",
        *(f"{n:.0f}{mark}{d:.0f}{mark}{loss(n, d):.6f}".replace(".", ",") for n, d in GRID),
    ]


def decimal_commas_between_semicolons(folder: Path) -> None:
    found = fitted(lines(folder / "german.csv", german(), "\r\n", "utf-8-sig"))
    holds_the_truth(found)
    assert "has decimal commas" in told(found)["FIT137"]


def unicode_text(folder: Path) -> None:
    holds_the_truth(fitted(lines(folder / "unicode.txt", german("\t"), "\r\n", "utf-16")))


def a_first_line_that_names_the_separator(folder: Path) -> None:
    holds_the_truth(fitted(lines(folder / "sep.csv", ["sep=;", *german()])))


def lines_of_an_old_mac(folder: Path) -> None:
    holds_the_truth(
        fitted(
            lines(
                folder / "mac.csv",
                [row.replace(";", "|").replace(",", ".").replace("|", ",") for row in german()],
                "\r",
            )
        )
    )


def a_workbook_with_a_title_above_and_a_total_below(folder: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (
        ["Runs of March"],
        [],
        ["params", "tokens", "loss"],
        *((n, d, loss(n, d)) for n, d in GRID),
        ["mean", None, 3.1],
    ):
        book.active.append(row)
    book.save(folder / "book.xlsx")
    found = fitted(folder / "book.xlsx")
    holds_the_truth(found)
    assert found.n_rows == 16
    assert "1 row at the end sums others up, and is left out ('mean')" in told(found)["FIT137"]


def a_sheet_of_an_archive_that_is_none(folder: Path) -> None:
    with zipfile.ZipFile(folder / "book.xlsx", "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(FileError, match="is no workbook that can be read"):
        read_table_file(folder / "book.xlsx")


# --- exports appended to one another ----------------------------------------------------------------------------------


def noisy(seed: int = 0) -> list[str]:
    rng = np.random.default_rng(seed)
    return [f"{n:.0f},{d:.0f},{loss(n, d) * (1 + 0.004 * rng.standard_normal()):.6f}" for n, d in GRID]


def ten_times_the_same_rows(folder: Path) -> None:
    once = fitted(lines(folder / "once.csv", ["N,D,loss", *noisy()]), bootstrap=100)
    ten = fitted(lines(folder / "ten.csv", ["N,D,loss", *noisy() * 10]), bootstrap=100)
    assert told(ten)["FIT138"] == "144 rows are copies of another, equal in every column, and are left out"
    assert ten.fit.intervals == once.fit.intervals


def pages_with_their_headers(folder: Path) -> None:
    found = fitted(lines(folder / "t.csv", ["N,D,loss", *noisy(), "N,D,loss", *noisy(), "N,D,loss", *noisy()[:5]]))
    assert "21 rows are copies" in told(found)["FIT138"]
    assert "2 rows repeat the names of the columns" in told(found)["FIT137"]


def records_whose_fields_come_in_another_order(folder: Path) -> None:
    one = [dict(zip(("N", "D", "loss"), map(float, row.split(",")))) for row in noisy()]
    two = [dict(reversed(row.items())) for row in one]
    found = fitted(lines(folder / "t.jsonl", map(json.dumps, [*one, *two])))
    assert "16 rows are copies" in told(found)["FIT138"]


def rows_that_were_numbered_anew(folder: Path) -> None:
    """A column without a name is an index; rows that only a number tells apart share their setting's cluster."""
    rows = [f"{i},{row}" for i, row in enumerate(noisy() * 3)]
    once = fitted(lines(folder / "once.csv", ["N,D,loss", *noisy()]), bootstrap=100)
    unnamed = fitted(lines(folder / "t.csv", [",N,D,loss", *rows]), bootstrap=100)
    assert unnamed.fit.intervals == once.fit.intervals
    named = fitted(lines(folder / "t.csv", ["row,N,D,loss", *rows]), bootstrap=100)
    wide, narrow = (x.fit.intervals["alpha"] for x in (once, named))
    assert (narrow.high - narrow.low) > 0.7 * (wide.high - wide.low)


# --- folders and exports of trackers ----------------------------------------------------------------------------------


def mlruns(folder: Path, steps: int = 1, metric: str = "val_loss") -> Path:
    """Runs as MLflow's file store keeps them, one of them deleted."""
    for i, (n, d) in enumerate(GRID):
        run = folder / "mlruns" / "4711" / f"{i:032x}"
        for part in ("params", "metrics", "tags", "artifacts"):
            (run / part).mkdir(parents=True)
        deleted = "deleted" if i == 15 else "active"
        (run / "meta.yaml").write_text(
            f"artifact_uri: file:///x\nend_time: 2\nlifecycle_stage: {deleted}\nrun_id: {i:032x}\n"
            f"run_name: gentle-{i}\nrun_uuid: {i:032x}\nstatus: 3\ntags: []\n"
        )
        (run / "params" / "n_params").write_text(f"{n:.0f}")
        (run / "params" / "optimizer").write_text("adamw")
        values = [(d * (k + 1) / steps, k * 100) for k in range(steps)]
        path = run / "metrics" / metric
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            "".join(f"17000000000{k} {loss(n, tokens)} {step}\n" for k, (tokens, step) in enumerate(values))
        )
        (run / "metrics" / "tokens").write_text("".join(f"1700000000000 {tokens} {step}\n" for tokens, step in values))
    (folder / "mlruns" / "4711" / "meta.yaml").write_text("experiment_id: '4711'\nlifecycle_stage: active\nname: x\n")
    (folder / "mlruns" / ".trash").mkdir()
    return folder / "mlruns"


def the_folder_of_mlflow(folder: Path) -> None:
    path = mlruns(folder)
    found = fitted(path)
    assert found.n_rows == 15
    holds_the_truth(found)
    assert "runs of MLflow, a row a run and step" in " ".join(w.message for w in found.fit.warnings)
    text = 'data table("mlruns")\nfit chinchilla(bootstrap=0)'
    before = table_digest(path)
    (panel,) = study(folder, text).fits
    assert panel.fit is not None
    assert panel.fit.params == pytest.approx(found.fit.params)
    (path / "4711" / f"{3:032x}" / "metrics" / "tokens").write_text("1 5 0\n")
    assert table_digest(path) != before


def steps_of_mlflow_with_slashes_in_their_names(folder: Path) -> None:
    found = read_table_file(mlruns(folder, steps=3, metric="eval/loss"))
    assert list(found.columns) == ["run", "step", "eval/loss", "tokens", "n_params", "optimizer"]
    assert list(found.columns["step"][:4]) == [0, 100, 200, 0]
    assert len(found.columns["run"]) == 45
    assert "1 run that was deleted is left out" in found.told
    (folder / "mlruns" / "4711" / f"{3:032x}" / "metrics" / "tokens").write_text("1 x 0\n")
    with pytest.raises(FileError, match=r"0003/metrics/tokens, line 1: wanted time, value and step, found '1 x 0'"):
        read_table_file(folder / "mlruns")


def a_chart_of_weights_and_biases(folder: Path) -> None:
    runs = [f"{kind}-{i}" for i in range(2) for kind in ("small", "large")]
    head = ["Step", *(f"{run} - val/loss{end}" for run in runs for end in ("", "__MIN", "__MAX"))]
    rows = [",".join(f'"{cell}"' for cell in head)]
    rows += [",".join([str(k), *(f"{4 - k / 10 + i}" for i in range(4) for _ in range(3))]) for k in (1, 2)]
    found = read_table_file(lines(folder / "chart.csv", rows))
    assert {name: list(cells)[:3] for name, cells in found.columns.items()} == {
        "Step": [1, 2, 1], "run": ["small-0", "small-0", "large-0"], "val/loss": [3.9, 3.8, 4.9],
    }  # fmt: skip


def a_list_of_runs_with_states_and_notes(folder: Path) -> None:
    head = "Name,State,Notes,User,Tags,Created,Runtime,Sweep,n_params,tokens,val_loss"
    rows = [
        f"run{i},finished,-,me,,2024-01-01T00:00:00.000Z,10,,{n:.0f},{d:.0f},{loss(n, d):.6f}"
        for i, (n, d) in enumerate(GRID)
    ]
    found = fitted(lines(folder / "runs.csv", [head, *rows]))
    holds_the_truth(found)
    assert "FIT126" not in told(found)


def a_list_of_runs_of_which_some_did_not_end(folder: Path) -> None:
    rows = [
        f"run{i},{'crashed' if i in (3, 7) else 'finished'},{n:.0f},{d:.0f},{loss(n, d) + (i in (3, 7)):.6f}"
        for i, (n, d) in enumerate(GRID)
    ]
    path = lines(folder / "runs.csv", ["Name,State,n_params,tokens,val_loss", *rows])
    said = '2 rows are of runs that did not end (2 crashed), and kept; `where State == "finished"` leaves them out'
    assert told(fitted(path))["FIT137"] == said
    assert said in check(folder / "s.scl", text='data table("runs.csv")\nfit chinchilla').diagnostics[0].message
    found = fitted(path, where='State == "finished"')
    holds_the_truth(found)
    assert found.n_rows == 14


# --- numbers with units -----------------------------------------------------------------------------------------------


def sizes_with_letters(folder: Path) -> None:
    rows = [f"{n / 1e6:g}M,{d / 1e9:g}B,{loss(n, d):.6f}" for n, d in GRID]
    holds_the_truth(fitted(lines(folder / "t.csv", ["N,D,loss", *rows])))


def sizes_with_words(folder: Path) -> None:
    rows = [f"{n / 1e6:g} million,{d / 1e9:g} B tokens,{loss(n, d):.6f} nats" for n, d in GRID]
    holds_the_truth(fitted(lines(folder / "t.csv", ["N,D,loss", *rows])))


def thousands_apart(folder: Path) -> None:
    for mark in ("'", " ", "\u202f"):
        rows = [f"{n:,.0f};{d:,.0f};{loss(n, d):.6f}".replace(",", mark) for n, d in GRID]
        holds_the_truth(fitted(lines(folder / "t.csv", ["N;D;loss", *rows])))


def millions_by_the_name_of_the_column_are_asked_about(folder: Path) -> None:
    path = lines(folder / "t.csv", ["params_m,tokens_b,loss", *(f"{n / 1e6},{d / 1e9},{loss(n, d)}" for n, d in GRID)])
    with pytest.raises(Exception, match="is it params_m, in millions"):
        fitted(path)
    found = check(folder / "s.scl", text='data table("t.csv")\nfit chinchilla')
    assert 'N from "params_m", in millions?' in " ".join(h for d in found.diagnostics for h in d.helps)
    holds_the_truth(fitted(path, columns={"N": "params_m*1e6", "D": "tokens_b*1e9"}))


# --- rows that are none -----------------------------------------------------------------------------------------------


def framed(folder: Path, rows: list[str], said: str) -> None:
    found = fitted(lines(folder / "t.csv", rows))
    holds_the_truth(found)
    assert found.n_rows == 16
    assert said in " ".join(w.message for w in found.fit.warnings if w.code == "FIT137")


def body(mark: str = ",") -> list[str]:
    return [f"{n:.0f}{mark}{d:.0f}{mark}{loss(n, d):.6f}" for n, d in GRID]


def titles_above_and_units_below_the_names(folder: Path) -> None:
    framed(folder, ["Runs of March", "", "N;D;loss", *body(";")], "2 lines are left out before the names")
    framed(folder, ["N,D,loss", "params,tokens,nats", *body()], "is taken for units")


def totals_and_what_a_program_says_last(folder: Path) -> None:
    framed(folder, ["N,D,loss", *body(), "Total,,57.3", "mean,1e8,3.6"], "2 rows at the end sum others up")
    framed(folder, ["N,D,loss", *body(), "", "Written by a tool"], "1 line behind the rows is left out")


def tables_of_databases(folder: Path) -> None:
    rows = [f" {row.replace(',', ' | ')}" for row in body()]
    framed(folder, ["    N | D | loss", "------+----+-----", *rows, "(16 rows)"], "1 line behind the rows is left out")
    bars = [f"| {row.replace(',', ' | ')} |" for row in body()]
    found = fitted(lines(folder / "t.md", ["| N | D | loss |", "|---|--:|:-:|", *bars]))
    holds_the_truth(found)


def rows_of_no_size(folder: Path) -> None:
    found = fitted(
        lines(folder / "t.csv", ["name,N,D,loss", *(f"r{i},{row}" for i, row in enumerate(body())), "all,,,3.4"])
    )
    holds_the_truth(found)
    assert told(found)["FIT144"] == "1 row has no positive N or positive D, and is left out: row 17"


def points_for_thousands_and_names_of_many_digits(folder: Path) -> None:
    rows = [
        f"{n:,.0f};{d:,.0f};{loss(n, d):.6f}".replace(".", "#").replace(",", ".").replace("#", ",") for n, d in GRID
    ]
    holds_the_truth(fitted(lines(folder / "t.csv", ["N;D;loss", *rows])))
    found = read_table_file(lines(folder / "t.csv", ["N;loss", "1.234;5,1", "4.321;4,4"]))
    assert list(found.columns["N"]) == [1234.0, 4321.0]
    ids = read_table_file(lines(folder / "t.csv", ["run,loss", "1700000000000000001,5.1", "1700000000000000002,4.4"]))
    assert list(ids.columns["run"]) == ["1700000000000000001", "1700000000000000002"]


# --- what training programs write -------------------------------------------------------------------------------------

STEPS = range(100, 2100, 100)


def learnt(step: int) -> float:
    return round(2 + 30 * step**-0.5, 6)


def both_fit(folder: Path, name: str, text: str, **columns: str) -> None:
    """A file is fitted, and analysed as a study, with the same numbers: those of `learnt`, 1,024 tokens a step."""
    (folder / name).write_text(text)
    found = fitted(folder / name, "power(D)", columns=columns)
    points = found.fit.details.points
    assert points.variables["D"].tolist() == [1024.0 * step for step in STEPS]
    assert points.loss.tolist() == [learnt(step) for step in STEPS]
    named = "".join(f', {quantity}="{column}"' for quantity, column in columns.items())
    (same,) = study(folder, f'data table("{name}"{named})\nfit power(D, bootstrap=0)').fits
    assert same.fit is not None
    assert same.fit.params == found.fit.params


def the_state_of_a_trainer(folder: Path) -> None:
    log = [
        record
        for step in STEPS
        for record in ({"loss": 9.0, "step": step, "lr": 1e-3}, {"eval_loss": learnt(step), "step": step})
    ]
    state = {"epoch": 2.0, "log_history": log, "stateful_callbacks": {"TrainerControl": {}}, "trial_name": None}
    both_fit(folder, "trainer_state.json", json.dumps(state, indent=2), D="step*1024", loss="eval_loss")


def a_log_of_steps_counted_from_0(folder: Path) -> None:
    rows = [f"0,{s - 1},9.0,\n0,{s - 1},,{learnt(s)}\n" for s in STEPS]
    text = "epoch,step,train_loss,val_loss\n" + "".join(rows)
    both_fit(folder, "metrics.csv", text, D="(step+1)*1024", loss="val_loss")
    found = fitted(folder / "metrics.csv", "power(D)", columns={"D": "step", "loss": "val_loss"}, where="step > 300")
    assert found.fit.n == 17


def results_of_a_harness(folder: Path) -> None:
    rows = [
        {"config": {"steps": s}, "results": {"wikitext": {"alias": "w", "bits_per_byte,none": learnt(s)}}}
        for s in STEPS
    ]
    names = {"D": '"config.steps"*1024', "loss": "results.wikitext.bits_per_byte,none"}
    path = lines(folder / "r.jsonl", map(json.dumps, rows))
    assert fitted(path, "power(D)", columns=names).fit.details.points.loss.tolist() == [learnt(s) for s in STEPS]
    text = f'data table("r.jsonl", D={names["D"]}, loss="{names["loss"]}")\nfit power(D, bootstrap=0)'
    (same,) = study(folder, text).fits
    assert same.fit is not None
    assert same.fit.params["beta"] == pytest.approx(0.5, rel=1e-4)


def logs_are_no_tables(folder: Path) -> None:
    for name, line in (
        ("nanogpt.log", "step {s}: train loss {y:.4f}, val loss {y:.4f}\niter {s}: loss {y:.4f}, time 250.00ms"),
        ("megatron.txt", "[2024-03-01 10:00:01] iteration {s:8}/ 5000 | lm loss: {y:.6E} | grad norm: 0.51 |"),
        (
            "deepspeed",
            "[2024-03-01 10:00:01,3] [INFO] [logging.py:96] step={s}, lr=[0.1]\nsteps: {s} loss: {y:.4f} iter",
        ),
    ):
        (folder / name).write_text("\n".join(line.format(s=s, y=learnt(s)) for s in STEPS))
        with pytest.raises(FileError, match="is the log of a program, and no table"):
            read_table_file(folder / name)
        (found,) = check(folder / "s.scl", text=f'data table("{name}")\nfit power(D)', at_hand=True).errors
        assert "is the log of a program, and no table" in found.message


def a_table_with_remarks_on_losses_is_no_log(folder: Path) -> None:
    rows = [f"{row},final loss: 3.{i}" for i, row in enumerate(body())]
    holds_the_truth(fitted(lines(folder / "t.csv", ["N,D,loss,remark", *rows])))
    with pytest.raises(FileError, match="row 3: 3 values for 4 columns"):
        read_table_file(lines(folder / "u.csv", ["N,D,loss,remark", rows[0], "1e7,1e9,3.2", *rows[1:]]))


def a_text_times_a_number_is_told(folder: Path) -> None:
    path = lines(folder / "t.csv", ["N,D,loss", *body()])
    with pytest.raises(FitError, match="is text, and no number"):
        fitted(path, columns={"N": '"params"*1e6'})


KINDS: dict[str, tuple[Case, ...]] = {
    "points of numbered runs": (
        whole_numbers_name_the_runs,
        job_ids_of_a_scheduler,
        a_sweep_of_hyperparameters_by_number_with_steps,
        a_history_in_lines_of_json,
    ),
    "sweeps of which the best counts": (
        the_best_over_rates_and_batches,
        rates_drawn_at_random_are_a_sweep,
        a_run_that_diverged_is_no_best_one,
        seeds_of_a_setting_are_averaged_before_the_best_is_taken,
        a_report_is_of_the_best,
    ),
    "what spreadsheets write": (
        decimal_commas_between_semicolons,
        unicode_text,
        a_first_line_that_names_the_separator,
        lines_of_an_old_mac,
        a_workbook_with_a_title_above_and_a_total_below,
        a_sheet_of_an_archive_that_is_none,
    ),
    "exports appended to one another": (
        ten_times_the_same_rows,
        pages_with_their_headers,
        records_whose_fields_come_in_another_order,
        rows_that_were_numbered_anew,
    ),
    "folders and exports of trackers": (
        the_folder_of_mlflow,
        steps_of_mlflow_with_slashes_in_their_names,
        a_chart_of_weights_and_biases,
        a_list_of_runs_with_states_and_notes,
        a_list_of_runs_of_which_some_did_not_end,
    ),
    "numbers with units": (
        sizes_with_letters,
        sizes_with_words,
        thousands_apart,
        millions_by_the_name_of_the_column_are_asked_about,
    ),
    "what training programs write": (
        the_state_of_a_trainer,
        a_log_of_steps_counted_from_0,
        results_of_a_harness,
        logs_are_no_tables,
        a_table_with_remarks_on_losses_is_no_log,
        a_text_times_a_number_is_told,
    ),
    "rows that are none": (
        titles_above_and_units_below_the_names,
        totals_and_what_a_program_says_last,
        tables_of_databases,
        rows_of_no_size,
        points_for_thousands_and_names_of_many_digits,
    ),
}


@pytest.mark.parametrize("case", cases(KINDS))
def test_a_table_gives_what_is_known(case: Case, tmp_path: Path) -> None:
    case(tmp_path)
