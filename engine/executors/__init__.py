"""Executors, which get packs trained: `local` worker processes, `inline` in this process, `slurm` and `ray` on
clusters.

A results folder is the queue that they all take packs from, one or many, on one machine or many. An executor is one
module here with a function `executor(request)`; the interface is `job.Executor`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from scalingdsl.spec.errors import UsageError

if TYPE_CHECKING:
    from .job import Executor, Request

_NOT_EXECUTORS = {"events", "follow", "job", "lease", "pack_queue", "perform", "puller", "record_writer", "worker"}


def names() -> tuple[str, ...]:
    """Executors there are."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in _NOT_EXECUTORS))


def executor_named(name: str) -> Callable[[Request], Executor]:
    """The maker of an executor.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in names():
        raise UsageError(f"there is no executor {name!r}; there are {', '.join(names())}")
    made: Callable[[Request], Executor] = import_module(f".{name}", __name__).executor
    return made
