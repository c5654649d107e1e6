"""One writer at a time: a lock that says who holds it, and is free once its holder is dead.

The system's own lock excludes (`filelock`): it goes with the process, so nothing is left to clean after `kill -9`. It
is held on a hidden file; the text beside it (pid, host, since) is for people.
"""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout
from scalingdsl.spec.errors import StoreError
from scalingdsl.spec.files.raw_file import read_packed

#: Seconds for which a holder that only asks whether the lock is held is waited for.
PATIENCE_S = 0.5
#: Bytes of the text.
MOST_TEXT = 4096


class Lock:
    """`with Lock(path, what): ...`; raises `StoreError` where another process holds it."""

    def __init__(self, path: Path, what: str, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self.what = what
        self.patience_s = patience_s
        self._lock = _file_lock(path)

    def __enter__(self) -> Lock:
        try:
            self._lock.acquire(timeout=self.patience_s)
        except Timeout as error:
            who = describe(holder(self.path))
            raise StoreError(f"{self.what} is in use by {who}; wait for it, or stop it first") from error
        except OSError as error:
            raise self._unwritable(error) from error
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": round(time.time())}
        try:
            self.path.write_text(json.dumps(me) + "\n")
        except OSError as error:
            self._lock.release()
            raise self._unwritable(error) from error
        return self

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.what} cannot be written ({error.strerror or error}); what is there can be read: "
            f"`scalingdsl status {self.what}`, `scalingdsl report {self.what} --to DIR`"
        )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.path.unlink(missing_ok=True)
        self._lock.release()


def _file_lock(path: Path) -> FileLock:
    return FileLock(path.with_name(f".{path.name}"))


def holder(path: Path) -> dict[str, Any]:
    """The writer of the lock's text: pid, host, since; empty where there is none or the text is torn."""
    try:
        found = json.loads(read_packed(path, MOST_TEXT))
    except (OSError, ValueError, RecursionError):
        return {}
    known = isinstance(found, dict) and isinstance(found.get("pid"), int) and isinstance(found.get("host"), str)
    return found if known else {}


def is_held(path: Path) -> bool:
    """True if some process holds the lock; where this one may not try, if its text is there."""
    if not path.exists():
        return False
    try:
        with _file_lock(path).acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return bool(holder(path))


def describe(who: dict[str, Any]) -> str:
    """The holder in words."""
    return f"process {who['pid']} on {who['host']}" if who else "another process"
