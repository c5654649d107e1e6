"""Where packs are trained: `local` worker processes, `inline` in this process; later a cluster's queue.

An executor is one module here with a function `executor(workers)`; the interface is `job.Executor`.
"""

from __future__ import annotations

import os
import pkgutil

#: What makes the numerical libraries of a process use one thread.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")


def names() -> tuple[str, ...]:
    """Executors there are."""
    others = {"job", "worker"}
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in others))


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
