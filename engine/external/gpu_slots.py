"""GPUs for runs that train elsewhere: each run holds its own by locks, whichever process began it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from scalingdsl.spec.errors import EngineError

from ..hardware.devices import gpus
from ..store.cache import cache_folder

#: Seconds between two looks for a free GPU.
TICK_S = 0.5


@contextmanager
def held_gpus(wanted: int, stop: Callable[[], bool]) -> Iterator[tuple[str, ...] | None]:
    """So many free GPUs of this machine, once there are; none where none are wanted, None where stopped first.

    Raises:
        EngineError: The machine has fewer.
    """
    visible = gpus()
    if wanted > len(visible):
        raise EngineError(f"a run wants {wanted} GPUs, and {len(visible)} are visible to this process")
    if not wanted:
        yield ()
        return
    folder = cache_folder() / "gpus"
    folder.mkdir(parents=True, exist_ok=True)
    while not stop():
        with ExitStack() as held:
            mine: list[str] = []
            for name in visible:
                file = held.enter_context(open(folder / f"{_safe(name)}.lock", "ab"))
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                mine.append(name)
                if len(mine) == wanted:
                    yield tuple(mine)
                    return
        time.sleep(TICK_S)
    yield None


def _safe(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)
