"""A study from file to report: trained once, gone on with exactly, refused where it must be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from scalingdsl.engine import run
from scalingdsl.engine.cli import main
from scalingdsl.engine.executors.events import Event, Progress, Retried
from scalingdsl.engine.executors.puller import given_up
from scalingdsl.engine.pack import Pack
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import read_json, write_json
from scalingdsl.engine.study.run_study import StudyOutcome
from scalingdsl.spec.errors import EngineError, UsageError

pytestmark = pytest.mark.slow

#: Two packs of three runs, a second of training.
TINY = """
title "Tiny"
let widths = {8, 12, 16}
data walk(er(n=32, p=.3), length=16, eval_walks=16)
models transformer(layers=1, heads=1, width in widths)
train adamw(batch=4, lr=.01)  tokens in [4k..16k]
fit power(N), power(D)
expect mean(rmse(power(N))) < 10
"""
#: One pack that takes some ten seconds: long enough to be killed in the middle.
LONG = """
data walk(er(n=64, p=.2), length=32, eval_walks=16)
models transformer(layers=1, heads=1, width=32)
train adamw(batch=8, lr=.01)  tokens=400k  seed in {0, 1, 2, 3}
"""


def losses(folder: Path) -> dict[str, Any]:
    """What was measured, by run; exactly."""
    return {key: (record.status, record.measurements) for key, record in Store(folder).records().items()}


class Heard(list[Event]):
    """Events, kept."""

    def __call__(self, event: Event) -> None:
        self.append(event)

    def kinds(self) -> list[str]:
        return [event.to_json()["event"] for event in self]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, StudyOutcome]:
    """The tiny study, its results folder, and what came of it."""
    home = tmp_path_factory.mktemp("tiny")
    study = home / "tiny.scl"
    study.write_text(TINY)
    return study, home / "runs" / "tiny", run(study, out=home / "runs" / "tiny", executor="inline")


@pytest.fixture
def again(tiny: tuple[Path, Path, StudyOutcome], tmp_path: Path) -> tuple[Path, Path]:
    """The study and a copy of its results that a test may spoil."""
    study, folder, _ = tiny
    shutil.copytree(folder, tmp_path / "tiny")
    return study, tmp_path / "tiny"


def call(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


# --- once -------------------------------------------------------------------------------------------------------------


def test_a_study_is_trained_fitted_judged_and_reported(tiny: tuple[Path, Path, StudyOutcome]) -> None:
    _, folder, outcome = tiny
    assert (outcome.n_runs, outcome.n_trained, outcome.exit_status) == (9, 9, 0)
    assert {record.status for record in outcome.records.values()} == {"done"}
    assert outcome.report == folder / "report.md"
    assert outcome.report.read_text().startswith("# Tiny\n")
    assert outcome.analysis is not None
    assert [verdict.status for verdict in outcome.analysis.verdicts] == ["held"]
    assert sorted(Store(folder).predictions()) == sorted(outcome.records)
    assert list((folder / "checkpoints").glob("*")) == []


def test_a_second_run_trains_nothing(again: tuple[Path, Path]) -> None:
    study, folder = again
    before, heard = losses(folder), Heard()
    outcome = run(study, out=folder, executor="local", progress=heard)
    assert outcome.n_trained == 0
    assert heard.kinds() == ["planned", "working", "working"]
    assert losses(folder) == before
    assert not (folder / "logs").exists()


@pytest.mark.slow
def test_worker_processes_give_the_same_bits(tiny: tuple[Path, Path, StudyOutcome], tmp_path: Path) -> None:
    study, folder, _ = tiny
    outcome = run(study, out=tmp_path / "local", executor="local", workers=2, progress=False)
    assert outcome.exit_status == 0
    assert losses(tmp_path / "local") == losses(folder)
    assert len(list((tmp_path / "local" / "logs").iterdir())) == 2  # one of each process


@pytest.mark.slow
def test_a_widened_sweep_trains_only_what_is_new(again: tuple[Path, Path]) -> None:
    study, folder = again
    before = losses(folder)
    outcome = run(study, set={"widths": "{8, 12, 16, 20}"}, out=folder, executor="inline")
    assert (outcome.n_runs, outcome.n_trained) == (12, 3)
    assert {key: value for key, value in losses(folder).items() if key in before} == before


def test_runs_of_a_used_study_are_taken_over_by_key(again: tuple[Path, Path], tmp_path: Path) -> None:
    study, _folder = again
    wider = study.parent / "wider.scl"
    wider.write_text('use "tiny.scl"\nexpect mean(rmse(power(N))) < 20\n')
    outcome = run(wider, out=tmp_path / "wider", executor="inline")
    assert (outcome.n_runs, outcome.n_copied, outcome.n_trained) == (9, 9, 0)
    assert outcome.analysis is not None
    late = {verdict.claim: verdict.stated_after_results for verdict in outcome.analysis.verdicts}
    assert late == {"mean(rmse(power(N))) < 10": False, "mean(rmse(power(N))) < 20": True}


@pytest.mark.slow
def test_a_claim_that_fails_ends_with_4(again: tuple[Path, Path]) -> None:
    study, folder = again
    text = study.read_text()
    study.write_text(text + "expect mean(rmse(power(N))) > 7\n")
    try:
        result = call("run", study, "--out", folder)
    finally:
        study.write_text(text)
    assert result.exit_code == 4
    lines = result.stdout.splitlines()
    assert lines[-1] == str(folder / "report.md")
    assert "   failed  mean(rmse(power(N))) > 7" in lines
    assert "stated after results" in (folder / "report.md").read_text()
    assert call("report", folder).exit_code == 4


def test_a_table_is_fitted_and_reported_without_training(tmp_path: Path) -> None:
    rows = [(n, d, 1.5 + 400 * n**-0.35 + 900 * d**-0.4) for n in (1e6, 3e6, 9e6, 3e7) for d in (1e7, 1e8, 1e9, 1e10)]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.csv").write_text("size,D,loss\n" + "".join(f"{n},{d},{x}\n" for n, d, x in rows))
    study = tmp_path / "table.scl"
    study.write_text(
        'data table("data/t.csv", N="size", D="D", loss="loss")\nfit chinchilla\nexpect alpha within 1% of .35\n'
    )
    result = call("run", study, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "held  alpha(chinchilla) within 1% of 0.35" in result.stdout
    # the folder stands alone: without the study and its table it gives the same report
    before = (tmp_path / "out" / "report.md").read_bytes()
    shutil.rmtree(tmp_path / "data")
    study.unlink()
    assert call("report", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "report.md").read_bytes() == before
    assert call("export", tmp_path / "out", "--to", "csv").exit_code == 0


# --- commands on a folder ---------------------------------------------------------------------------------------------


def test_report_again_gives_the_same_bytes(again: tuple[Path, Path]) -> None:
    _, folder = again
    paths = [folder / "report.md", *sorted((folder / "figures").iterdir())]
    before = {path: path.read_bytes() for path in paths}
    result = call("report", folder)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == str(folder / "report.md")
    assert {path: path.read_bytes() for path in paths} == before


def test_plan_status_and_diff_know_what_is_done(again: tuple[Path, Path], tmp_path: Path) -> None:
    study, folder = again
    plan = json.loads(call("plan", study, "--out", folder, "--json").stdout)
    assert (plan["runs"], plan["cells"], plan["done"], plan["packs"]) == (9, 9, 9, [])
    fresh = json.loads(call("plan", study, "--out", tmp_path / "new", "--json").stdout)
    assert (fresh["done"], sum(pack["runs"] for pack in fresh["packs"])) == (0, 9)
    assert fresh["N"][0] < fresh["N"][1]
    status = json.loads(call("status", folder, "--json").stdout)
    assert (status["runs"], status["statuses"], status["writer"]) == (9, {"done": 9}, {})
    run = json.loads(call("run", study, "--out", folder, "--json").stdout)
    for key in ("study", "title", "plan", "runs", "statuses", "report"):
        assert run[key] == status[key], key
    assert (run["study"], run["title"]) == (study.stem, plan["title"])
    assert "9 runs: 9 done" in call("status", folder).stdout
    diff = json.loads(call("diff", folder, study, "--json").stdout)
    assert (diff["same_plan"], diff["shared"], diff["only_a"], diff["only_b"]) == (True, 9, 0, 0)


def test_diff_finds_what_changed(again: tuple[Path, Path], tmp_path: Path) -> None:
    study, folder = again
    other = tmp_path / "other.scl"
    other.write_text(TINY.replace("16k", "32k").replace("lr=.01", "lr=.02"))
    shown = call("diff", study, other).stdout
    assert "axis tokens: sweep {4000, 8000, 16000} -> sweep {4000, 8000, 16000, 32000}" in shown
    assert "runs: 0 in both, 9 only in" in shown
    spoilt = Store(folder)
    (key, *_) = sorted(spoilt.keys())
    first = spoilt.record(key)
    assert first is not None
    worse = first.measurements[-1].model_copy(update={"loss": 9.0})
    spoilt.write_record(first.model_copy(update={"measurements": (worse,)}))
    compared = json.loads(call("diff", folder, tiny_copy(folder, tmp_path, first), "--json").stdout)
    assert [result["run"] for result in compared["results"]] == [key]
    assert compared["results"][0]["loss_a"] == 9.0


def tiny_copy(folder: Path, tmp_path: Path, original: Any) -> Path:
    """The folder with one record put back."""
    shutil.copytree(folder, tmp_path / "copy")
    Store(tmp_path / "copy").write_record(original)
    return tmp_path / "copy"


def test_why_names_the_field_that_makes_a_run_new(again: tuple[Path, Path], tmp_path: Path) -> None:
    _study, folder = again
    key = sorted(Store(folder).keys())[0]
    assert f"run {key}" in call("why", key[:10], "--out", folder).stdout
    assert "is done (done): it is not trained again" in call("why", key, "--out", folder).stdout
    other = tmp_path / "faster.scl"
    other.write_text(TINY.replace("lr=.01", "lr=.03"))
    new = json.loads(call("plan", other, "--json").stdout)["packs"]
    assert new
    from scalingdsl.spec import load

    wanted = next(iter(load(other).runs()))
    found = json.loads(call("why", wanted.key, "--study", other, "--out", folder, "--json").stdout)
    assert found["done"] is False
    assert found["changes"] == [{"field": "optimiser.lr", "here": 0.03, "there": 0.01}]
    assert call("why", "zzz", "--out", folder).exit_code == 2


def test_export_gives_tables_that_fit_reads(again: tuple[Path, Path]) -> None:
    _, folder = again
    result = call("export", folder, "--to", "csv,jsonl")
    assert result.stdout.split() == [
        str(folder / "export" / name)
        for name in ("runs.csv", "runs.jsonl", "cells.csv", "cells.jsonl", "fits.csv", "fits.jsonl")
    ]
    rows = [json.loads(line) for line in (folder / "export" / "runs.jsonl").read_text().splitlines()]
    assert len(rows) == 9
    assert {row["status"] for row in rows} == {"done"}
    head, *lines = (folder / "export" / "runs.csv").read_text().splitlines()
    assert head.startswith("width,tokens,")
    assert len(lines) == 9
    assert call("export", folder, "--to", "xlsx").exit_code == 2


def test_a_study_is_read_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plan = json.loads(CliRunner().invoke(main, ["plan", "-", "--json"], input=TINY).stdout)
    assert plan["runs"] == 9
    assert plan["out"] == f"runs/stdin-{plan['plan']}"
    shown = CliRunner().invoke(main, ["plan", "-"], input=TINY).stdout
    assert "axis    tokens  sweep         3  4000, 8000, 16000" in shown
    assert "runs    9 in 9 cells" in shown


# --- refused ----------------------------------------------------------------------------------------------------------


def test_another_study_is_refused(again: tuple[Path, Path], tmp_path: Path) -> None:
    _, folder = again
    other = tmp_path / "other.scl"
    other.write_text(TINY.replace("Tiny", "Other").replace("lr=.01", "lr=.5"))
    result = call("run", other, "--out", folder)
    assert result.exit_code == 2
    assert "belongs to another study, 'Tiny'" in result.stderr
    assert "--out" in result.stderr


def test_an_invalid_study_ends_with_1_and_its_diagnostics(tmp_path: Path) -> None:
    bad = tmp_path / "bad.scl"
    bad.write_text("data walk(er(n=32, p=.3)); models widht in [8..16]; fit power(N)")
    result = call("run", bad, "--out", tmp_path / "bad")
    assert result.exit_code == 1
    assert "widht" in result.stderr
    found = json.loads(call("plan", bad, "--json").stdout)
    assert found["exit_status"] == 1
    assert found["diagnostics"]
    assert not (tmp_path / "bad").exists()


def test_a_study_over_its_budget_is_refused_before_training(tmp_path: Path) -> None:
    study = tmp_path / "dear.scl"
    study.write_text(TINY + "budget 1s\n")
    result = call("run", study, "--out", tmp_path / "dear", "--executor", "inline")
    assert result.exit_code == 1
    assert "more than the study's budget of 1 s" in result.stderr
    assert Store(tmp_path / "dear").keys() == frozenset()
    assert call("plan", study, "--out", tmp_path / "dear").exit_code == 1


def test_there_is_no_such_executor(tiny: tuple[Path, Path, StudyOutcome], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no executor 'cloud'; there are inline, local, ray, slurm"):
        run(tiny[0], out=tmp_path / "x", executor="cloud")


# --- things go wrong --------------------------------------------------------------------------------------------------


def test_a_diverged_run_is_recorded_and_does_not_disturb_others(tmp_path: Path) -> None:
    study = tmp_path / "wild.scl"
    study.write_text(
        """
data walk(er(n=32, p=.3), length=16, eval_walks=16)
models transformer(layers=1, heads=1, width=8)
train adamw(batch=4, decay=1000)  tokens=4k  tune lr in {1e-6, 1000}
"""
    )
    outcome = run(study, out=tmp_path / "wild", executor="inline")
    assert sorted(record.status for record in outcome.records.values()) == ["diverged", "done"]
    assert outcome.exit_status == 0
    assert run(study, out=tmp_path / "wild", executor="inline").n_trained == 0


@pytest.mark.slow
def test_a_source_that_changed_ends_with_3_and_says_why(again: tuple[Path, Path]) -> None:
    study, folder = again
    (path,) = (folder / "sources").iterdir()
    say_drawn(path, "0" * 16)
    for record in list((folder / "runs").iterdir())[:2]:
        record.unlink()
    heard = Heard()
    outcome = run(study, out=folder, executor="inline", progress=heard)
    assert outcome.exit_status == 3
    failed = [record for record in outcome.records.values() if record.status == "failed"]
    assert len(failed) == 2
    assert all("draws other data" in record.message for record in failed)
    assert "lost" in heard.kinds()
    # mended, the same command trains them
    say_drawn(path, drawn(outcome))
    assert run(study, out=folder, executor="inline").exit_status == 0


def say_drawn(path: Path, drawn: str) -> None:
    """Have a folder say that its source drew something."""
    write_json(path, {"source": read_json(path, "source")["source"], "drawn": drawn}, "source")


def drawn(outcome: StudyOutcome) -> str:
    """The digest that the sound records were trained on."""
    return next(record.source_digest for record in outcome.records.values() if record.status == "done")


def test_fail_fast_leaves_the_rest_untrained(again: tuple[Path, Path]) -> None:
    study, folder = again
    (path,) = (folder / "sources").iterdir()
    say_drawn(path, "0" * 16)
    shutil.rmtree(folder / "runs")
    outcome = run(study, out=folder, executor="inline", fail_fast=True)
    assert outcome.exit_status == 3
    assert [record.status for record in outcome.records.values()] == ["failed"] * 3
    assert outcome.n_runs == 9


def test_a_worker_that_cannot_start_says_where_its_reason_is(
    tiny: tuple[Path, Path, StudyOutcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "torch.py").write_text("raise ImportError('no torch today')\n")
    path = [str(tmp_path / "broken"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    with pytest.raises(EngineError, match=r"could not start: its worker ended with status 1; see .*-0.log"):
        run(tiny[0], out=tmp_path / "x", executor="local", workers=1)
    (log,) = (tmp_path / "x" / "logs").iterdir()
    assert "no torch today" in log.read_text()


def test_a_run_that_was_given_up_has_a_record(tiny: tuple[Path, Path, StudyOutcome]) -> None:
    planned = next(iter(tiny[2].plan.runs()))
    record = given_up(Pack("p", (planned,), 1), planned.key, "out_of_memory", "no memory")
    assert (record.key, record.status, record.final) == (planned.key, "out_of_memory", None)


# --- stopped and killed -----------------------------------------------------------------------------------------------

RUN = """
import sys
from scalingdsl.engine import run
outcome = run(sys.argv[1], out=sys.argv[2], executor="local", workers=1, checkpoint_every=0.2)
sys.exit(outcome.exit_status)
"""


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The long study, and what it gives when nothing happens to it."""
    home = tmp_path_factory.mktemp("long")
    (home / "long.scl").write_text(LONG)
    run(home / "long.scl", out=home / "whole", executor="inline")
    return home / "long.scl", losses(home / "whole")


def begin(study: Path, folder: Path) -> subprocess.Popen[str]:
    """Start a run in a process of its own, and wait until it has written a checkpoint."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(study), str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: any((folder / "checkpoints").glob("*.safetensors")), process)
    return process


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if happened():
            return
        assert process.poll() is None, "the run ended too soon"
        time.sleep(0.05)
    raise AssertionError("it never happened")


def children(pid: int) -> list[int]:
    """Processes whose parent is `pid`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def running(long: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run in the middle."""
    process = begin(long[0], tmp_path / "long")
    yield process, tmp_path / "long"
    process.kill()
    process.communicate()


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_to_the_same_bits(
    running: tuple[subprocess.Popen[str], Path], long: tuple[Path, Mapping[str, Any]]
) -> None:
    process, folder = running
    workers = children(process.pid)
    assert len(workers) == 1
    for pid in (process.pid, *workers):
        os.kill(pid, signal.SIGSTOP)  # lest it ends while it is asked about
    assert call("status", folder).stdout.count("at work: process") == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    os.kill(workers[0], signal.SIGCONT)
    # the worker does not outlive its parent
    deadline = time.monotonic() + 10
    while not gone(workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(workers)
    assert len(losses(folder)) < 4
    heard = Heard()
    outcome = run(long[0], out=folder, executor="inline", progress=heard)
    assert outcome.exit_status == 0
    assert losses(folder) == long[1]
    # it went on from the checkpoint: the first thing heard is not the first step
    assert next(event.step for event in heard if isinstance(event, Progress)) > 8 * 4


@pytest.mark.slow
def test_interrupted_it_ends_with_130_and_goes_on_to_the_same_bits(
    running: tuple[subprocess.Popen[str], Path], long: tuple[Path, Mapping[str, Any]]
) -> None:
    process, folder = running
    workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert gone(workers)
    assert not (folder / "report.md").exists()
    assert call("status", folder).stdout.count("nobody is at work") == 1
    assert run(long[0], out=folder, executor="inline").exit_status == 0
    assert losses(folder) == long[1]


@pytest.mark.slow
def test_a_worker_that_is_killed_is_replaced(long: tuple[Path, Mapping[str, Any]], tmp_path: Path) -> None:
    killed: list[int] = []
    heard = Heard()

    def kill_once(event: Event) -> None:
        heard(event)
        if isinstance(event, Progress) and not killed:
            killed.extend(children(os.getpid()))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    outcome = run(long[0], out=tmp_path / "k", executor="local", workers=1, progress=kill_once, checkpoint_every=0.2)
    assert len(killed) == 1
    assert heard.kinds().count("retried") == 1
    assert "killed (signal 9)" in next(event.message for event in heard if isinstance(event, Retried))
    assert outcome.exit_status == 0
    assert losses(tmp_path / "k") == long[1]
