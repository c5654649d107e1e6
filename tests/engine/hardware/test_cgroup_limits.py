"""Limits of containers and batch jobs, on trees of files as Linux has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scalingdsl.engine.hardware import devices
from scalingdsl.engine.hardware.cgroup_limits import core_quota, memory_left
from scalingdsl.engine.planning import costs

MIB = 2**20


def tree(root: Path, group: str, **files: str) -> Path:
    """A tree with the process in the groups of `/proc/self/cgroup`; files by path, `__` for `/`, `_` kept."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(group)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("DOT", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_version_2_the_tightest_of_a_group_and_those_above(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        "0::/slice/job\n",
        slice__memoryDOTmax=str(800 * MIB),
        slice__memoryDOTcurrent=str(500 * MIB),
        slice__memoryDOTstat=f"anon 1\ninactive_file {100 * MIB}\n",
        slice__job__memoryDOTmax="max",
        slice__cpuDOTmax="max 100000",
        slice__job__cpuDOTmax="250000 100000",
    )
    assert memory_left(root) == 400 * MIB
    assert core_quota(root) == 3


def test_version_1_one_tree_a_resource(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        "4:memory:/job\n3:cpu,cpuacct:/job\n",
        memory__job__memoryDOTlimit_in_bytes=str(300 * MIB),
        memory__job__memoryDOTusage_in_bytes=str(120 * MIB),
        memory__memoryDOTlimit_in_bytes=str(2**63 - 4096),
        cpu__job__cpuDOTcfs_quota_us="50000",
        cpu__job__cpuDOTcfs_period_us="100000",
    )
    assert memory_left(root) == 180 * MIB
    assert core_quota(root) == 1


def test_within_a_container_the_group_is_seen_as_the_root(tmp_path: Path) -> None:
    root = tree(tmp_path, "0::/not/there\n", memoryDOTmax=str(64 * MIB), cpuDOTmax="100000 100000")
    assert memory_left(root) == 64 * MIB
    assert core_quota(root) == 1


@pytest.mark.parametrize("group", ["", "0::/\n", "nonsense\n", "0::/../up\n"])
def test_nothing_limits(tmp_path: Path, group: str) -> None:
    root = tree(tmp_path, group, memoryDOTmax="max", cpuDOTmax="max 100000")
    assert memory_left(root) is None
    assert core_quota(root) is None


def test_a_machine_without_groups(tmp_path: Path) -> None:
    assert memory_left(tmp_path) is core_quota(tmp_path) is None


def test_limits_bound_memory_and_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "memory_left", lambda: 100 * MIB)
    assert costs.free_bytes(2) == 45 * MIB
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)
    monkeypatch.setattr(devices, "core_quota", lambda: 4)
    assert devices.default_workers("cpu") == 4
    monkeypatch.setattr(devices, "core_quota", lambda: None)
    assert devices.default_workers("cpu") == 64
