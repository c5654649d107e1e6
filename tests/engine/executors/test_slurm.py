"""A real Slurm of two nodes on this machine: an array of workers, one requeued, a node drained, all asked to leave."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scalingdsl.engine import run
from scalingdsl.engine.executors.lease import Leases
from scalingdsl.engine.store.results_folder import Store

SCRIPT = Path(__file__).parents[3] / "scripts" / "local-slurm.sh"
WANTING = [name for name in ("slurmctld", "slurmd", "sbatch") if shutil.which(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(WANTING), reason=f"Slurm is not installed here: no {', '.join(WANTING)}"),
    pytest.mark.skipif(not WANTING and os.geteuid() != 0, reason="slurmd needs root"),
]

STUDY = """
data walk(er(n=64, p=.2), length=32, eval_walks=16)
models transformer(layers=1, heads=1)  width in {16, 24, 32}
train adamw(batch=8, lr=.01)  tokens=60k  seed in {0, 1, 2}
fit power(N)
"""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Slurm that the environment names."""
    folder = tmp_path_factory.mktemp("slurm")
    said = subprocess.run([SCRIPT, "start", folder, "2"], capture_output=True, text=True, check=False)
    if said.returncode:
        pytest.skip(f"Slurm does not start here: {said.stderr}")
    before = os.environ.get("SLURM_CONF")
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    yield
    subprocess.run(["scancel", "--user=root"], check=False)
    subprocess.run([SCRIPT, "stop", folder], check=True)
    os.environ.pop("SLURM_CONF")
    if before is not None:
        os.environ["SLURM_CONF"] = before


def found(folder: Path) -> dict[str, Any]:
    """What was measured, by run; exactly."""
    return {key: (record.status, record.measurements, record.curves) for key, record in Store(folder).records().items()}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The study, and what it gives on this machine without Slurm."""
    home = tmp_path_factory.mktemp("study")
    (home / "study.scl").write_text(STUDY)
    run(home / "study.scl", out=home / "here", executor="local", workers=1, progress=False)
    return home / "study.scl", found(home / "here")


def begin(study: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scalingdsl.engine", "run", str(study), "--out", str(out), "--executor", "slurm"]
    return subprocess.Popen(
        [*command, "--workers", "2", "--checkpoint-every", "1s", "--sbatch", "--time=30 --mem=100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(happened: Callable[[], Any]) -> None:
    for _ in range(1200):
        if happened():
            return
        time.sleep(0.1)
    raise AssertionError("it never happened")


def at_work(out: Path) -> dict[str, str]:
    """The job of each pack at work."""
    leases = Leases(out / "leases", 0)
    holders = {pack: leases.holder(pack) for pack in leases.names()}
    return {pack: holder.job.split()[-1] for pack, holder in holders.items() if holder is not None}


def slurm_says(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_task_requeued_and_a_node_drained_in_mid_run_change_no_bit(
    slurm: None, study: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begin(study[0], out)
    wait_for(lambda: at_work(out) or process.poll() is not None)
    assert process.poll() is None, process.communicate()[0]
    job = next(iter(at_work(out).values()))
    tasks = dict(
        line.split() for line in slurm_says("squeue", "--noheader", "--states=R", "--format=%A %N").splitlines()
    )
    node = tasks[job]
    slurm_says("scontrol", "requeue", job)
    slurm_says("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=test")
    said, _ = process.communicate()
    slurm_says("scontrol", "update", f"NodeName={node}", "State=RESUME")
    assert process.returncode == 0, said
    assert found(out) == study[1]
    assert (out / "report.md").is_file()
    assert "SLURM_JOB_ID" in said


def test_asked_to_stop_it_has_its_tasks_leave_at_a_checkpoint_and_goes_on_by_any_means(
    slurm: None, study: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begin(study[0], out)
    wait_for(lambda: at_work(out) or process.poll() is not None)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate()
    assert process.returncode == 130, said
    assert "the same command goes on from here" in said
    assert not at_work(out)
    run(study[0], out=out, executor="local", workers=1, progress=False)
    assert found(out) == study[1]


def test_tasks_outlive_the_process_that_submitted_them_and_the_last_one_reports(
    slurm: None, study: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begin(study[0], out)
    wait_for(lambda: at_work(out) or process.poll() is not None)
    process.kill()
    process.communicate()
    wait_for((out / "report.md").is_file)
    assert found(out) == study[1]


def test_what_slurm_refuses_is_said(slurm: None, study: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scalingdsl.engine", "run", str(study[0]), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [*command, "--executor", "slurm", "--sbatch", "--partition=nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "`sbatch` failed: sbatch: error: " in done.stderr
