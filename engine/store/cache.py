"""The user's cache folder: what is made once from content and may be made again, such as tokens and teachers.

A folder of the cache is named by what it holds, made aside and renamed into place, so that it is whole or absent. Of
two processes that want it made, the second waits for the first.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from scalingdsl.spec.errors import EngineError

from .atomic import replacing


def cache_folder() -> Path:
    """`scalingdsl` under XDG_CACHE_HOME, else under ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scalingdsl"


def made_once(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """The folder `kind/key` of the cache; `make` fills an empty one the first time.

    Raises:
        EngineError: the cache cannot be written.
    """
    folder = cache_folder() / kind / key
    if folder.is_dir():
        return folder
    lock = FileLock(folder.parent / f".{key}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Where files cannot be locked, both make it, and the first one's stays.
        with contextlib.suppress(OSError, NotImplementedError):
            lock.acquire()
        if not folder.is_dir():
            with replacing(folder) as aside:
                aside.mkdir()
                make(aside)
    except OSError as error:
        if folder.is_dir():
            return folder
        raise EngineError(
            f"{folder} cannot be written: {error.strerror or error}; name another cache folder in XDG_CACHE_HOME"
        ) from error
    finally:
        lock.release()
    return folder
