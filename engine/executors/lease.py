"""Leases: who is at work on a pack, in a file a pack, `leases/<pack>.lease`.

A lease is linked into place, so that one taker wins, on network file systems too. Its holder rewrites a counter in it
now and then; another process may take it over once its holder is known to be gone, or once the file has not changed
for so long by the watcher's own clock: no two machines' clocks are ever compared. A holder that finds another nonce
where its own was leaves off. Results never rest on leases: two that train the same run find the same bits.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..store.atomic import host, publish, unique

ENDING = ".lease"
#: Bytes of a lease at most.
MOST = 4096
#: Digits of the counter, so that a lease keeps its length.
DIGITS = 12
#: Seconds that one look at a lease counts for at most: a watcher that was itself stopped has not watched.
LOOK_S = 10.0
#: A process of a scheduler knows its job by one of these.
JOB_NAMES = ("SLURM_JOB_ID", "RAY_JOB_ID", "JOB_NAME")


@dataclass(frozen=True)
class Holder:
    """The process that holds a lease."""

    nonce: str
    #: The host as people call it, and as `store.atomic.host` does: processes are told apart by number on that one.
    host: str
    system: str
    pid: int
    #: Clock ticks from the system's start to the process's; 0 where the system does not say.
    started: int
    #: Its job, as its scheduler calls it; empty without one.
    job: str
    #: Seconds since 1970, for people.
    since: int

    @classmethod
    def here(cls) -> Holder:
        """This process, with a new nonce."""
        job = next((f"{name} {os.environ[name]}" for name in JOB_NAMES if name in os.environ), "")
        pid = os.getpid()
        return cls(unique(), socket.gethostname(), host(), pid, _started(pid), job, round(time.time()))

    @classmethod
    def of(cls, data: Any) -> Holder | None:
        """From plain data of a file; None where it is damaged."""
        wanted = {field.name: {"str": str, "int": int}[str(field.type)] for field in fields(cls)}
        if not isinstance(data, dict) or {k: type(v) for k, v in data.items()} != wanted:
            return None
        return cls(**data)

    @property
    def gone(self) -> bool:
        """True if the process is known to have ended; never of another host."""
        if self.system != host() or not self.started:
            return False
        return _started(self.pid) != self.started

    @property
    def words(self) -> str:
        """`process 12 on node-3 (SLURM_JOB_ID 40)`."""
        return f"process {self.pid} on {self.host}" + (f" ({self.job})" if self.job else "")


def _started(pid: int) -> int:
    """Clock ticks from the system's start to that of a process; 0 if it has ended, or the system does not say."""
    try:
        state, *rest = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()
        return 0 if state in (b"Z", b"X") else int(rest[18])
    except (OSError, ValueError, IndexError):
        return 0


class Lease:
    """A lease that this process holds."""

    def __init__(self, path: Path, holder: Holder) -> None:
        self.path = path
        self.holder = holder
        #: When it was taken, by the clock of the file system.
        self.since = path.stat().st_mtime
        #: True once another process has it.
        self.lost = False
        self._beats = 0

    @property
    def pack(self) -> str:
        """The pack that it is of."""
        return self.path.name.removesuffix(ENDING)

    def renew(self) -> None:
        """Show a sign of life, or find it lost."""
        try:
            handle = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            # Somebody removed the file, or the whole folder.
            self.lost = not (self.path.parent.is_dir() and publish(self.path, _body(self.holder), sync=False))
            return
        except OSError:
            return  # the file system does not answer now
        try:
            found = _holder(os.read(handle, MOST))
            if found is None or found.nonce != self.holder.nonce:
                self.lost = True
                return
            self._beats += 1
            with contextlib.suppress(OSError):
                os.pwrite(handle, _counter(self._beats), len(_body(self.holder)) - DIGITS - 1)
        finally:
            os.close(handle)

    def release(self) -> None:
        """Let others have it."""
        if not self.lost and _nonce_at(self.path) == self.holder.nonce:
            self.path.unlink(missing_ok=True)


def _counter(beats: int) -> bytes:
    return f"{beats:0{DIGITS}d}\n".encode()


def _body(holder: Holder) -> bytes:
    return json.dumps(asdict(holder)).encode() + b"\n" + _counter(0)


def _holder(body: bytes) -> Holder | None:
    try:
        return Holder.of(json.loads(body.split(b"\n", 1)[0]))
    except (ValueError, RecursionError):
        return None


def _read(path: Path) -> bytes | None:
    """The first bytes of a lease; None where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    try:
        return os.read(handle, MOST)
    except OSError:
        return None
    finally:
        os.close(handle)


def _nonce_at(path: Path) -> str | None:
    found = _holder(_read(path) or b"")
    return None if found is None else found.nonce


class Leases:
    """The leases of a folder, and what this process has watched of those that others hold."""

    def __init__(self, folder: Path, silence_s: float) -> None:
        self.folder = folder
        self.silence_s = silence_s
        #: What was last read of each, when, and for how long it has not changed.
        self._watched: dict[str, tuple[bytes, float, float]] = {}

    def _path(self, pack: str) -> Path:
        return self.folder / f"{pack}{ENDING}"

    def names(self) -> frozenset[str]:
        """Packs that there are leases of."""
        try:
            found = os.listdir(self.folder)
        except FileNotFoundError:
            return frozenset()
        return frozenset(name.removesuffix(ENDING) for name in found if name.endswith(ENDING) and name[0] != ".")

    def holder(self, pack: str) -> Holder | None:
        """The holder of a pack's lease; None where there is none, or it is damaged."""
        return _holder(_read(self._path(pack)) or b"")

    def take(self, pack: str) -> Lease | None:
        """Take the lease of a pack; None where there is one."""
        path, holder = self._path(pack), Holder.here()
        # Once the machine has died, a lease counts for as little as its holder's.
        if path.exists() or not publish(path, _body(holder), sync=False):
            return None
        return Lease(path, holder)

    def abandoned(self, pack: str) -> tuple[bytes, str, bool] | None:
        """A lease that may be taken over: its bytes, why, and whether its holder is known to be gone.

        None where its holder is alive as far as this process has watched, or there is no lease.
        """
        body = _read(self._path(pack))
        if body is None:
            self._watched.pop(pack, None)
            return None
        holder = _holder(body)
        if holder is not None and holder.gone:
            return body, f"{holder.words} is gone", True
        now = time.monotonic()
        before, seen, silent = self._watched.get(pack, (b"", now, 0.0))
        silent = silent + min(now - seen, LOOK_S) if body == before else 0.0
        self._watched[pack] = (body, now, silent)
        if silent < self.silence_s:
            return None
        return body, f"nothing was heard of {holder.words if holder else 'its worker'} for {silent:.0f} s", False

    def take_over(self, pack: str, body: bytes) -> Lease | None:
        """Take a lease that still reads `body` from its holder; None where another process was faster."""
        path = self._path(pack)
        aside = path.with_name(f".{path.name}.{unique()}")
        try:
            os.rename(path, aside)
        except OSError:
            return None
        try:
            if _read(aside) != body:
                # It is not the one that was watched: another process has it by now.
                with contextlib.suppress(OSError):
                    os.link(aside, path)
                return None
        finally:
            aside.unlink(missing_ok=True)
        self._watched.pop(pack, None)
        return self.take(pack)


class Heart:
    """Renews the leases that this process holds, from a thread of its own: `with Heart(beat_s) as heart`."""

    def __init__(self, beat_s: float) -> None:
        self._beat_s = beat_s
        self._leases: set[Lease] = set()
        self._over = threading.Event()
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def hold(self, lease: Lease) -> None:
        """Renew a lease from now on."""
        with self._guard:
            self._leases.add(lease)

    def drop(self, lease: Lease) -> None:
        """Renew it no longer, and release it."""
        with self._guard:
            self._leases.discard(lease)
            lease.release()

    def _run(self) -> None:
        while not self._over.wait(self._beat_s):
            with self._guard:
                for lease in self._leases:
                    lease.renew()
