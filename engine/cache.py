"""The user's cache folder: what is made once from content and may be made again, such as tokens and teachers.

A folder of the cache is named by what it holds, written aside and renamed into place, so that it is whole or absent
and two processes that make it at once do no harm.
"""

from __future__ import annotations

import contextlib
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
        aside = Path(tempfile.mkdtemp(prefix=f".{key}.", dir=folder.parent))
    except OSError as error:
        raise EngineError(
            f"{folder.parent} cannot be written: {error.strerror or error}; name another cache folder in XDG_CACHE_HOME"
        ) from error
    try:
        make(aside)
        aside.chmod(0o755)  # a temporary folder is its owner's alone
        with contextlib.suppress(OSError):  # another process was first: its folder holds the same
            aside.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    if not folder.is_dir():
        raise EngineError(f"{folder} cannot be written; name another cache folder in XDG_CACHE_HOME")
    return folder
