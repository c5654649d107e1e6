"""The user's cache folder: what is made once from content and may be made again, such as tokens and teachers.

A folder of the cache is named by what it holds, made aside and renamed into place, so that it is whole or absent. Of
two processes that want it made, the second waits for the first. What a process opens, it checks first: a folder that
does not hold what was written is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from scalingdsl.spec.errors import EngineError

from .atomic import replacing, sweep, unique

#: Folders that this process has checked, with the sizes and times of their files then.
_CHECKED: dict[Path, tuple[tuple[str, int, int], ...]] = {}


def cache_folder() -> Path:
    """`scalingdsl` under XDG_CACHE_HOME, else under ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scalingdsl"


def made_once(
    kind: str,
    key: str,
    make: Callable[[Path], None],
    damage: Callable[[Path], str] = lambda folder: "",
    tell: Callable[[str], None] = lambda said: None,
) -> Path:
    """The folder `kind/key` of the cache; `make` fills an empty one the first time.

    Args:
        kind: What it is.
        key: What it is of.
        make: Fills an empty folder.
        damage: What is wrong with a folder that is there, as a clause; empty where it holds what was written.
        tell: Hears that one was damaged and has been made anew.

    Raises:
        EngineError: the cache cannot be written.
    """
    folder = cache_folder() / kind / key
    if folder.is_dir() and not _damage(folder, damage):
        return folder
    lock = FileLock(folder.parent / f".{key}.lock")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Where files cannot be locked, both make it, and the first one's stays.
        with contextlib.suppress(OSError, NotImplementedError):
            lock.acquire()
        sweep(folder.parent)
        if folder.is_dir() and (reason := _damage(folder, damage)):
            spoilt = folder.with_name(f".{key}.{unique()}")
            folder.replace(spoilt)
            shutil.rmtree(spoilt, ignore_errors=True)
            tell(f"{folder} was damaged ({reason}) and has been made anew (RUN221).")
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


def _damage(folder: Path, damage: Callable[[Path], str]) -> str:
    """What is wrong with a folder; asked once of files that stay as they are."""
    now = tuple(
        (path.name, stat.st_size, stat.st_mtime_ns) for path in sorted(folder.iterdir()) if (stat := path.stat())
    )
    if _CHECKED.get(folder) == now:
        return ""
    reason = damage(folder)
    if not reason:
        _CHECKED[folder] = now
    return reason


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
