"""The user's cache folder: what is made once from content and may be made again, such as tokens and teachers.

A folder of the cache is named by what it holds, written aside and renamed into place, so that it is whole or absent. Of
two processes that want it made, the second waits for the first.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from scalingdsl.spec.errors import EngineError


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
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f".{key}.lock").open("w") as lock:
            with contextlib.suppress(OSError):  # where files cannot be locked, both make it, and the first one's stays
                fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                _make(folder, make)
    except OSError as error:
        raise EngineError(
            f"{folder} cannot be written: {error.strerror or error}; name another cache folder in XDG_CACHE_HOME"
        ) from error
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        make(aside)
        aside.chmod(0o755)  # a temporary folder is its owner's alone
        try:
            aside.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
