"""A trainer of the person's own under a real Slurm: told by the environment, killed, requeued, and gone on with."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scalingdsl.engine import run
from scalingdsl.engine.store.results_folder import Store

SCRIPT = Path(__file__).parents[3] / "scripts" / "local-slurm.sh"
WANTING = [name for name in ("slurmctld", "slurmd", "sbatch") if shutil.which(name) is None]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(WANTING), reason=f"Slurm is not installed here: no {', '.join(WANTING)}"),
    pytest.mark.skipif(not WANTING and os.geteuid() != 0, reason="slurmd needs root"),
]

STUDY = """
data dataset("x")
models external(N=width^2)  width in {16, 32}
train  tokens in {1k, 2k, 4k}
"""

TRAINER = """
import os
import time


def train(width: int, tokens: int, out: str):
    kept = os.path.join(out, "step")
    begun = int(open(kept).read()) if os.path.exists(kept) else 0
    for step in range(begun, 20):
        time.sleep(0.05)
        with open(kept + ".new", "w") as file:
            file.write(str(step + 1))
        os.replace(kept + ".new", kept)
        if step == 10 and begun == 0 and (width, tokens) == (32, 2000):
            os.kill(os.getpid(), 9)
    yield {"loss": 1 / width + 1 / tokens, "step": 20 - begun}
"""


@pytest.fixture
def slurm(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Slurm that the environment names."""
    folder = tmp_path_factory.mktemp("slurm")
    said = subprocess.run([SCRIPT, "start", folder, "2"], capture_output=True, text=True, check=False)
    if said.returncode:
        pytest.skip(f"Slurm does not start here: {said.stderr}")
    monkeypatch.setenv("SLURM_CONF", str(folder / "slurm.conf"))
    yield
    subprocess.run(["scancel", "--user=root"], check=False)
    subprocess.run([SCRIPT, "stop", folder], check=True)


def test_a_trainer_is_killed_and_its_task_requeued(
    slurm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(TRAINER)
    out = tmp_path / "out"

    def requeue() -> None:
        """Once some trainer is at work."""
        while not list(out.glob("elsewhere/*/out/step")):
            time.sleep(0.05)
        running = subprocess.run(
            ["squeue", "--noheader", "--states=RUNNING", "--format=%A"], capture_output=True, text=True, check=True
        )
        subprocess.run(["scontrol", "requeue", running.stdout.split()[0]], check=True)

    helper = threading.Thread(target=requeue)
    helper.start()
    found = run(text=STUDY, out=out, trainer="mine:train", timeout="5min", executor="slurm", workers=2, progress=False)
    helper.join()
    records = Store(out).records()
    assert found.exit_status == 0
    assert [record.status for record in records.values()] == ["done"] * 6
    assert {record.final.loss for record in records.values() if record.final} == {
        1 / width + 1 / tokens for width in (16, 32) for tokens in (1000, 2000, 4000)
    }
    # One went on after it was killed; that whose task was requeued may have been between two runs.
    assert sum(1 for record in records.values() if record.final and record.final.step < 20) >= 1
