"""A disk that fills up, or may not be written any more, while models are trained on two workers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scalingdsl.engine import run
from scalingdsl.engine.store.results_folder import Store

from .test_many_workers import STUDY, found, wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a disk"),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk is mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("trouble", ["No space left on device", "Read-only file system"])
def test_it_ends_with_2_names_a_file_loses_nothing_and_goes_on_afterwards(
    disk: Path, tmp_path: Path, trouble: str
) -> None:
    study, out, filler = tmp_path / "study.scl", disk / "out", disk / "filler"
    study.write_text(STUDY)
    command = [sys.executable, "-m", "scalingdsl.engine", "run", str(study), "--out", str(out), "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--checkpoint-every", "1s"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_for(lambda: any('"progress"' in log.read_text() for log in (out / "packs").glob("*.jsonl")))
    before = Store(out).records()
    if trouble.startswith("No space"):
        filler.write_bytes(b"x" * (shutil.disk_usage(disk).free - 8192))
    else:  # whoever opens a file from now on finds the folder read-only
        subprocess.run(["mount", "--bind", out, out], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", out], check=True)
    said, _ = process.communicate()
    assert process.returncode == 2, said
    assert f"error: {trouble}: {out}/" in said
    assert "Traceback" not in said
    after = Store(out)
    assert before.items() <= after.records().items()
    assert after.warnings == []
    if filler.exists():
        filler.unlink()
    else:
        subprocess.run(["umount", out], check=True)
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    run(study, out=tmp_path / "whole", executor="inline", progress=False)
    assert found(out) == found(tmp_path / "whole")
    assert [path.name for path in out.rglob(".*")] == [".lock"]
