"""Disks that fail, fill up and hold too little, and processes that die, at every place where the store writes."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.engine.store.sealed_json import read_json
from scalingdsl.engine.study.reporting import report_store
from scalingdsl.spec.errors import StoreError

from .folders import TEXT, fill, plan_of

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes die by fork here")


def broken(folder: Path, step: int) -> int:
    """Operations broken, each `step`-th of them, in a process without threads, which may fork."""
    command = [sys.executable, "-m", "tests.engine.store.faults", str(folder), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.slow
def test_every_broken_operation_leaves_old_or_new_and_the_same_work_completes(tmp_path: Path) -> None:
    """The whole takes a minute: `python -m tests.engine.store.faults FOLDER`."""
    assert broken(tmp_path, 13) > 25


# --- full disks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


def report(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scalingdsl.engine", "report", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_full_disk_ends_with_2_names_the_file_and_loses_nothing(small_disk: Path, tmp_path: Path) -> None:
    store = fill(small_disk / "a")
    records = store.records()
    (small_disk / "filler").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 8192))
    done = report(store.folder)
    assert done.returncode == 2
    assert f"No space left on device: {store.folder}/" in done.stderr
    again = Store(store.folder)
    assert (again.records(), again.warnings) == (records, [])
    (small_disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert report(store.folder).returncode in (0, 4)
    assert not [path for path in store.folder.rglob(".*") if path.name != ".lock"]


@pytest.fixture
def within_quota(tmp_path: Path) -> Iterator[Path]:
    """A folder with a quota of 1 MiB: a subvolume of a disk in a file."""
    disk, place = tmp_path / "disk.img", tmp_path / "disk"
    if os.geteuid() != 0:
        pytest.skip("only root mounts a disk")
    if shutil.which("mkfs.btrfs") is None:
        pytest.skip("mkfs.btrfs is not installed, which scripts/system-packages.sh does")
    place.mkdir()
    with disk.open("wb") as file:
        file.truncate(120 << 20)
    subprocess.run(["mkfs.btrfs", "--quiet", disk], check=True, capture_output=True)
    mounted = subprocess.run(["mount", "-o", "loop", disk, place], check=False, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk in a file is mounted here: {mounted.stderr.strip()}")
    try:
        for words in (
            ["subvolume", "create", place / "own"],
            ["quota", "enable", place],
            ["qgroup", "limit", "1M", place / "own"],
        ):
            subprocess.run(["btrfs", *words], check=True, capture_output=True)
        yield place / "own"
    finally:
        subprocess.run(["umount", place], check=True)


def use_up(filler: Path) -> int | None:
    """Write until no more can be written; the error's number."""
    try:
        with filler.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                os.fsync(file.fileno())
    except OSError as error:
        return error.errno
    return None


@pytest.mark.slow
def test_a_quota_ends_with_2_names_the_file_and_loses_nothing(within_quota: Path) -> None:
    store = fill(within_quota / "a")
    records = store.records()
    assert use_up(within_quota / "filler") == errno.EDQUOT
    done = report(store.folder)
    assert done.returncode == 2
    assert re.search(rf"error: .*{re.escape(str(store.folder))}.*Disk quota exceeded", done.stderr)
    again = Store(store.folder)
    assert (again.records(), again.warnings) == (records, [])
    (within_quota / "filler").unlink()
    subprocess.run(["btrfs", "qgroup", "limit", "none", within_quota], check=True)
    assert report(store.folder).returncode in (0, 4)
    assert not [path for path in store.folder.rglob(".*") if path.name != ".lock"]


@pytest.mark.slow
def test_a_run_of_a_study_needs_its_folder_again_after_it_vanished(tmp_path: Path) -> None:
    store = fill(tmp_path / "a")
    found = report_store(store).path.read_bytes()
    store.folder.rename(tmp_path / "moved")
    with pytest.raises(StoreError, match="is gone"):
        store.predict({})
    (tmp_path / "moved").rename(store.folder)
    store.predict({})
    assert report_store(store).path.read_bytes() == found
    assert read_json(store.folder / "study.json", "study")["plan"] == plan_of(TEXT).digest
