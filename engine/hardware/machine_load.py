"""How busy this machine is with other work, which decides what timings taken now are worth."""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Share of the cores at work on other things above which timings are not to be trusted: cores share memory and clock.
MOST_BUSY = 0.5
#: Seconds over which the cores are watched.
WATCHED_S = 0.5


def other_load() -> float | None:
    """Cores that are busy while this process waits, where they are more than `MOST_BUSY` of all.

    None where the machine is idle enough to be timed, and where the system does not say.
    """
    cores = os.cpu_count() or 1
    before = _ticks()
    if before is None:
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    else:
        time.sleep(WATCHED_S)
        busy, total = (after - first for after, first in zip(_ticks() or before, before))
        load = cores * busy / total if total else 0.0
    return load if load > MOST_BUSY * cores else None


def _ticks() -> tuple[int, int] | None:
    """Clock ticks of all cores since the system began, at work and in all; None where there is no `/proc/stat`."""
    try:
        ticks = [int(number) for number in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return None
    return sum(ticks) - sum(ticks[3:5]), sum(ticks)  # the fourth is idle, the fifth waits for disks


def busy_words(load: float) -> str:
    """`load 1.8 on 2 cores`."""
    return f"load {load:.1f} on {os.cpu_count() or 1} cores"
