"""Progress of a fit as a callback: the task at work, how much of it is done, and how much there is."""

from __future__ import annotations

from collections.abc import Callable

ProgressCallback = Callable[[str, int, int], None]


def ignore_progress(task: str, done: int, total: int) -> None:
    """The callback that does nothing."""
