"""How busy this machine is with other work, which decides what timings taken now are worth."""

from __future__ import annotations

import os

from .devices import usable_cores

#: Share of the cores at work on other things above which timings are not to be trusted: cores share memory and clock.
MOST_IDLE = 0.5


def other_load() -> float | None:
    """The mean number of processes at work over the last minute, where that is more than `MOST_IDLE` of the cores.

    None where the machine is idle enough to be timed, and where the system does not say.
    """
    if not hasattr(os, "getloadavg"):
        return None
    load = os.getloadavg()[0]
    return load if load > MOST_IDLE * usable_cores() else None


def busy_words(load: float) -> str:
    """`load 8.2 on 2 cores`."""
    return f"load {load:.1f} on {usable_cores()} cores"
