"""The first moments of the command line: signals are answered before anything is imported that takes time.

Until a command answers them in its own way, a signal that asks to leave ends it with 130 and one line.
"""

from __future__ import annotations

import atexit
import gc
import os
from typing import Any, NoReturn

from .hardware.stop_signals import answer

INTERRUPTED = 130
#: New objects between two searches for unreachable ones. A command makes some hundred thousand that stay (modules,
#: figures); Python's 700 would spend a sixth of a short command on searching them.
GC_THRESHOLD = 100_000


def _leave(number: int, frame: Any) -> NoReturn:
    os.write(2, b"interrupted; nothing was begun\n")
    os._exit(INTERRUPTED)


def _interrupt(number: int, frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """The command line."""
    answer(_leave)
    gc.set_threshold(GC_THRESHOLD)
    # What is left at the end goes with the process: Python would search all of it once more, for as long again.
    atexit.register(gc.freeze)
    from .cli import main as command

    answer(_interrupt)
    command()


if __name__ == "__main__":
    main()
