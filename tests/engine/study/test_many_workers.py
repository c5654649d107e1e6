"""One results folder, many at work on it: workers that join and leave, hang, are stopped or killed; two that run it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scalingdsl.engine import report_of, run
from scalingdsl.engine.executors.lease import Leases
from scalingdsl.engine.executors.pack_queue import PackQueue
from scalingdsl.engine.store.results_folder import Store

pytestmark = pytest.mark.slow

#: Nine runs of some two seconds in three packs or more.
STUDY = """
data walk(er(n=64, p=.2), length=32, eval_walks=16)
models transformer(layers=1, heads=1)  width in {16, 24, 32}
train adamw(batch=8, lr=.01)  tokens=60k  seed in {0, 1, 2}
fit power(N)
"""
#: `run` with a shorter silence than the usual.
RUN = """
import sys
from scalingdsl.engine.commands.run import answer
from scalingdsl.engine.study.run_study import run_study
from scalingdsl.spec import check
from pathlib import Path
study, out, silence_s = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
checked = check(study)
outcome = run_study(checked.plan, base=checked.base, out=out, workers=1, silence_s=silence_s, progress=print)
print(answer(outcome))
sys.exit(outcome.exit_status)
"""


def found(folder: Path) -> dict[str, Any]:
    """What was measured, by run; exactly."""
    return {key: (record.status, record.measurements, record.curves) for key, record in Store(folder).records().items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The study, and what it gives when one process trains it."""
    home = tmp_path_factory.mktemp("whole")
    study = home / "study.scl"
    study.write_text(STUDY)
    run(study, out=home / "out", executor="inline", progress=False)
    return study, found(home / "out")


def begin(*command: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def scalingdsl(*command: str | Path) -> subprocess.Popen[str]:
    return begin("-m", "scalingdsl.engine", *command)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are gone at the end, with all they began."""
    begun: list[subprocess.Popen[str]] = []
    yield begun
    for process in begun:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def wait_for(happened: Callable[[], Any]) -> None:
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it never happened")


def workers(folder: Path) -> list[int]:
    """The children of those who hold a lease."""
    leases = Leases(folder / "leases", 0)
    holders = [holder.pid for pack in leases.names() if (holder := leases.holder(pack)) is not None]
    found = [Path(f"/proc/{pid}/task/{pid}/children").read_text().split() for pid in holders]
    return [int(child) for children in found for child in children]


def test_four_that_join_at_different_times_give_the_same_records(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    wait_for(lambda: Leases(out / "leases", 0).names())
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    for _ in range(2):
        processes.append(scalingdsl("work", out, "--workers", "1", "--idle", "1s"))
        time.sleep(0.7)
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, said
    assert found(out) == expected
    assert (out / "report.md").is_file()
    assert not PackQueue(out / "queue").names()
    assert "9 runs: 9 done" in said[0]
    assert "9 runs: 9 done" in said[1]
    assert "at work on it too: process" in said[1]


def test_the_last_worker_reports_where_nobody_waits(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    wait_for(lambda: any((out / "checkpoints").glob("*.safetensors")) or any((out / "runs").glob("*.json")))
    processes[0].send_signal(signal.SIGHUP)
    assert "interrupted" in processes[0].communicate()[0]
    assert processes[0].returncode == 130
    assert not Leases(out / "leases", 0).names()
    processes.append(scalingdsl("work", out, "--workers", "1"))
    said = processes[1].communicate()[0]
    assert said.splitlines()[-1] == str(out / "report.md"), said
    assert found(out) == expected
    report = (out / "report.md").read_bytes()
    report_of(out)
    assert (out / "report.md").read_bytes() == report


@pytest.mark.parametrize(("number", "all_of_it"), [(signal.SIGTERM, True), (signal.SIGUSR1, False)])
def test_a_worker_that_is_warned_leaves_at_a_checkpoint(
    whole: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    processes: list[subprocess.Popen[str]],
    number: int,
    all_of_it: bool,
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    wait_for(lambda: any('"progress"' in path.read_text() for path in (out / "packs").glob("*.jsonl")))
    if all_of_it:
        os.killpg(processes[0].pid, number)
    else:
        processes[0].send_signal(number)
    said = processes[0].communicate()[0]
    assert processes[0].returncode == 130, said
    assert "Traceback" not in said
    assert "the same command goes on from here" in said
    left_off = any('"stopped"' in path.read_text() for path in (out / "packs").glob("*.jsonl"))
    assert left_off == bool(list((out / "checkpoints").glob("*.safetensors")))
    run(study, out=out, executor="inline", progress=False)
    assert found(out) == expected


def test_a_worker_that_hangs_is_killed_and_its_pack_tried_again(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(begin("-c", RUN, study, out, "6"))
    wait_for(lambda: any('"progress"' in path.read_text() for path in (out / "packs").glob("*.jsonl")))
    (hung,) = workers(out)
    os.kill(hung, signal.SIGSTOP)
    said = processes[0].communicate()[0]
    assert processes[0].returncode == 0, said
    assert "nothing was heard of its worker" in said
    assert found(out) == expected


def test_a_worker_that_is_killed_before_it_is_ready_is_replaced(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    wait_for(lambda: out.joinpath("leases").is_dir() and workers(out))
    os.kill(workers(out)[0], signal.SIGKILL)
    said = processes[0].communicate()[0]
    assert processes[0].returncode == 0, said
    assert found(out) == expected


def test_a_holder_that_was_stopped_and_wakes_up_leaves_what_others_took(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(begin("-c", RUN, study, out, "3"))
    wait_for(lambda: any('"progress"' in path.read_text() for path in (out / "packs").glob("*.jsonl")))
    os.killpg(processes[0].pid, signal.SIGSTOP)
    processes.append(begin("-c", RUN, study, out, "3"))
    said = processes[1].communicate()[0]
    assert processes[1].returncode == 0, said
    assert "nothing was heard of process" in said
    os.killpg(processes[0].pid, signal.SIGCONT)
    said = processes[0].communicate()[0]
    assert processes[0].returncode == 0, said
    assert "trained twice" not in said
    assert found(out) == expected
    assert not list((out / "checkpoints").glob("*.safetensors"))


def test_a_folder_that_is_removed_is_not_made_again(
    whole: tuple[Path, dict[str, Any]], tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    study, expected = whole
    out = tmp_path / "out"
    processes.append(scalingdsl("run", study, "--out", out, "--workers", "1"))
    wait_for(lambda: any('"progress"' in path.read_text() for path in (out / "packs").glob("*.jsonl")))
    out.rename(tmp_path / "elsewhere")
    said = processes[0].communicate()[0]
    assert processes[0].returncode == 2, said
    assert f"{out} is gone" in said
    assert not out.exists(), list(out.rglob("*"))
    assert run(study, out=tmp_path / "elsewhere", executor="inline", progress=False).exit_status == 0
    assert found(tmp_path / "elsewhere") == expected
