"""One writer at a time: a lock that says who holds it, shows a sign of life, and is free once its holder is dead.

The kernel's `flock` excludes: it goes with the process, so nothing is left to clean after `kill -9`. The file's
text (pid, host, since) is for people, its modification time the sign of life. On a filesystem without `flock` those two
decide: a holder on this machine is alive while its process is, one elsewhere while its sign of life is fresh.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from scalingdsl.spec.errors import StoreError

BEAT_S = 5.0
#: A holder elsewhere that showed no life for so long is taken for dead.
STALE_S = 60.0
#: What `flock` answers where the filesystem has none.
_NO_FLOCK = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}


class Lock:
    """`with Lock(path, what): ...`; raises `StoreError` at once where another process holds it."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        self._fd = -1
        self._released = threading.Event()

    def __enter__(self) -> Lock:
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except OSError as error:
            free = error.errno in _NO_FLOCK and not alive(self.path)
        if not free:
            os.close(fd)
            raise StoreError(f"{self.what} is in use by {describe(holder(self.path))}; wait for it, or stop it first")
        self._fd = fd
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(_me()).encode() + b"\n", 0)
        self._released.clear()
        threading.Thread(target=self._beat, name="lock", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._released.set()
        # Emptied, never unlinked: a second process may already be waiting on this very file.
        os.ftruncate(self._fd, 0)
        os.close(self._fd)
        self._fd = -1

    def _beat(self) -> None:
        while not self._released.wait(BEAT_S):
            try:
                os.utime(self.path)
            except FileNotFoundError:
                return  # the folder was deleted under us; the next record to be written will say so


def _me() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": round(time.time())}


def holder(path: Path) -> dict[str, Any]:
    """Who wrote the lock file: pid, host, since; empty where nobody did or the text is torn."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and {"pid", "host"} <= found.keys() else {}


def alive(path: Path) -> bool:
    """Whether whoever wrote the lock file lives, as far as can be told from here."""
    who = holder(path)
    if not who:
        return False
    if who["host"] != socket.gethostname():
        return time.time() - path.stat().st_mtime < STALE_S
    try:
        os.kill(int(who["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def describe(who: dict[str, Any]) -> str:
    """The holder in words."""
    return f"process {who['pid']} on {who['host']}" if who else "another process"
