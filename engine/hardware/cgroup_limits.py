"""What a container or a batch job may use of its machine: the limits of its control groups on Linux.

A process is in a group of each hierarchy, which `/proc/self/cgroup` names, and bound by its group and every one above;
within a container its own group is often seen as the root. Both versions are read: one tree, or one a resource (Linux's
`cgroups(7)`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/")


def memory_left(root: Path = ROOT) -> int | None:
    """Bytes that the process may still take; None where nothing limits it. Files in memory are given back when wanted,
    and do not count.
    """
    left = []
    for group, files in (
        *((group, ("memory.max", "memory.current", "inactive_file")) for group in _groups(root, "")),
        *(
            (group, ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"))
            for group in _groups(root, "memory")
        ),
    ):
        limit, used = (_number(group / name) for name in files[:2])
        if limit is not None and limit < 2**60:  # version 1 writes a number of about 2^63 for no limit
            left.append(limit - max(0, (used or 0) - _statistic(group / "memory.stat", files[2])))
    return max(0, min(left)) if left else None


def core_quota(root: Path = ROOT) -> int | None:
    """Cores that the process may keep busy, a part counting as one; None where nothing limits it."""
    quotas = []
    for group in _groups(root, ""):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.isdigit():
            quotas.append(int(quota) / int(period))
    for group in _groups(root, "cpu"):
        budget, span = (_number(group / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        if budget is not None and span:
            quotas.append(budget / span)
    return max(1, math.ceil(min(quotas))) if quotas else None


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of the process's group and those above; of version 2 where no controller is named."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controller in controllers.split(","):
            top = root / "sys/fs/cgroup" / controller
            inner = Path(path.lstrip("/"))
            for group in dict.fromkeys((inner, *inner.parents, Path())):
                if ".." not in group.parts and (top / group).is_dir():
                    yield top / group


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.isdigit() else None


def _statistic(path: Path, name: str) -> int:
    for line in _text(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0
