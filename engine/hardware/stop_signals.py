"""The signals that ask to leave off: from a terminal, its closing, a service manager, a cluster's scheduler."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

#: Ctrl-C; a scheduler or `kill`; the terminal closed; the warning that some schedulers are told to send.
STOP_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1") if hasattr(signal, name)
)


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
