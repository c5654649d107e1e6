"""The signals that ask to leave off: from a terminal, its closing, a service manager, a cluster's scheduler."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: Ctrl-C; a scheduler or `kill`; the terminal closed; the warning that some schedulers are told to send.
STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name)
)


def answer(handler: Callable[[int, Any], Any]) -> dict[int, Any]:
    """Have them answered by `handler`; how they were answered before.

    One that says the terminal was closed and is ignored stays so: `nohup` asked for that.
    """
    before = {}
    for number in STOP_SIGNALS:
        if number == getattr(signal, "SIGHUP", None) and signal.getsignal(number) is signal.SIG_IGN:
            continue
        before[number] = signal.signal(number, handler)
    return before


@contextmanager
def held_back() -> Iterator[None]:
    """Hold back these signals from this thread, and from processes that it starts here until they ask for them.

    One that comes meanwhile is delivered afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through() -> None:
    """Ask for them, in a process that was started while they were held back."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
