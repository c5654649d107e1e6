"""How a study goes, in the cell of a notebook that runs it: a few lines that are written anew."""

from __future__ import annotations

import sys
import time
from contextlib import AbstractContextManager
from typing import Any

from ..console.progress_display import Tally, words
from ..executors.events import Event

#: Seconds between two changes of the display, and what was said that stays in it.
EVERY_S, LINES = 0.5, 6


def in_notebook() -> bool:
    """True in a kernel of Jupyter; IPython is not imported to find out."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return hasattr(shell, "kernel")


class NotebookProgress(AbstractContextManager["NotebookProgress", None]):
    """The last lines that were said, and the state of all runs in one more."""

    def __init__(self) -> None:
        from IPython.display import display

        self.tally = Tally()
        self._said: list[str] = []
        self._last = 0.0
        self._handle: Any = display({"text/plain": "starting ..."}, raw=True, display_id=True)

    def __exit__(self, *error: object) -> None:
        self._show()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        self.tally.update(event)
        said = self.tally.once(words(event))
        if said is not None:
            self._said.append(said)
        if said is not None or time.monotonic() - self._last > EVERY_S:
            self._show()

    def _show(self) -> None:
        self._last = time.monotonic()
        lines = [*self._said[-LINES:], self.tally.line()]
        self._handle.update({"text/plain": "\n".join(lines)}, raw=True)
