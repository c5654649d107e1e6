"""A database in the user's cache that may be made again at will, and is believed only while nothing has changed it.

A database holds no checksums of what is in it: a byte that a bad disk turned would be an answer. So the file's SHA-256
stands beside it, in `NAME.sum`, and whoever opens it compares the two first. One process at a time has it, by a lock;
one that has waited for too long makes its own in memory, which answers the same. What a killed process left lies in the
database's write-ahead log, whose entries have checksums, or no longer fits the sum, and is made anew.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from filelock import FileLock

from .atomic import write_text
from .cache import file_sha256

#: Seconds for which another process's use of the file is waited for.
PATIENCE_S = 10.0
#: File systems on which the locks of a database cannot be trusted.
REMOTE = ("nfs", "cifs", "smb", "fuse", "lustre", "gpfs", "beegfs", "ceph", "9p", "afs", "glusterfs", "ocfs2", "gfs2")


class IndexFile:
    """A database in a file; made anew where it is damaged or of another version, in memory where the disk does not do.

    Args:
        path: The file.
        tables: The statements that make its tables.
        version: Their version.
    """

    def __init__(self, path: Path, tables: str, version: int) -> None:
        self._path, self._tables, self._version = path, tables, version
        self._sum = path.with_name(f"{path.name}.sum")
        self._lock = FileLock(f"{path}.lock", timeout=PATIENCE_S)
        self.database = self._opened() or self._in_memory()

    def _opened(self) -> sqlite3.Connection | None:
        """The database of the file; None where it cannot be had, or its disk does not do."""
        with contextlib.suppress(OSError, NotImplementedError, sqlite3.Error):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if not is_local(self._path.parent):
                return None
            self._lock.acquire()
            if not self._is_whole():
                self._remove()
            for _ in range(2):
                database = sqlite3.connect(self._path, timeout=PATIENCE_S)
                try:
                    return self._checked(database)
                except sqlite3.OperationalError:  # in use for long, or it cannot be written
                    database.close()
                    break
                except sqlite3.DatabaseError:
                    database.close()
                    self._remove()
        self._lock.release()
        return None

    def _is_whole(self) -> bool:
        """True if the file is the one that was left, or there is none."""
        try:
            return self._sum.read_text() == file_sha256(self._path)
        except FileNotFoundError:
            return not self._path.exists()
        except ValueError:
            return False

    def _checked(self, database: sqlite3.Connection) -> sqlite3.Connection:
        """A database of this version, made if it is empty; `DatabaseError` for another."""
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        (found,) = database.execute("PRAGMA user_version").fetchone()
        if found == 0:
            return self._made(database)
        if found != self._version:
            raise sqlite3.DatabaseError("of another version")
        return database

    def _in_memory(self) -> sqlite3.Connection:
        return self._made(sqlite3.connect(":memory:"))

    def _made(self, database: sqlite3.Connection) -> sqlite3.Connection:
        database.executescript(f"BEGIN IMMEDIATE; {self._tables} PRAGMA user_version = {self._version}; COMMIT;")
        return database

    def _remove(self) -> None:
        for ending in ("", "-wal", "-shm", ".sum"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + ending).unlink()

    def give_up(self, error: sqlite3.DatabaseError) -> None:
        """Go on in memory after an error: the file is damaged, in use, or its disk is full."""
        self.database.close()
        if self._lock.is_locked and not isinstance(error, sqlite3.OperationalError):
            self._remove()
        self._lock.release()
        self.database = self._in_memory()

    def close(self) -> None:
        """Let it go, with the sum of what is left."""
        changed = self.database.total_changes > 0
        self.database.close()
        with contextlib.suppress(OSError):
            if self._lock.is_locked and (changed or not self._sum.exists()):
                write_text(self._sum, file_sha256(self._path))
        self._lock.release()


def is_local(folder: Path) -> bool:
    """True if a folder lies on a disk of this machine, as far as the system tells."""
    try:
        lines = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
    except OSError:
        return True
    mounts = [line.split() for line in lines if len(line.split()) > 2]
    within = [
        (len(at), kind) for _, at, kind, *_ in mounts if folder.resolve().is_relative_to(at.replace("\\040", " "))
    ]
    return not max(within, default=(0, ""))[1].startswith(REMOTE)
