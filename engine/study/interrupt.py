"""Stopping when asked: Ctrl-C, a scheduler's warning, a terminal that is closed.

While models are trained, the first signal lets them reach a checkpoint, and the second does not wait; before and after,
there is nothing to wait for, and the first one ends the study.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..hardware.stop_signals import answer


class Interruption:
    """Whether somebody asked to leave off, and whether the answer may wait for a checkpoint."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._patient = False

    def asked(self) -> bool:
        """True once somebody asked."""
        return self._asked.is_set()

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Within, the first signal only asks."""
        self._patient = True
        try:
            yield
        finally:
            self._patient = False

    def on_signal(self, number: int, frame: Any) -> None:
        """Answer a signal.

        Raises:
            KeyboardInterrupt: It does not wait.
        """
        before = self._asked.is_set()
        self._asked.set()
        if before or not self._patient:
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Answers signals until the end. They reach the main thread only; elsewhere, as in a notebook's, none does."""
    found = Interruption()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    before = answer(found.on_signal)
    try:
        yield found
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
