"""The one way in which files are written: whole or not at all, and on disk, with the folder's entry, when it returns.

A file is made beside its place under a name that no other writer has, of any process or host: `.NAME.HOST-PID-RANDOM`.
It is synced, then renamed over its place (`replacing`, `write_bytes`, of several files `write_files`), or linked into
it by the first writer alone (`publish`); then the folder is synced. Lines are added to logs by one write each
(`append_line`).

What a writer that died left aside is nobody's: `sweep` removes it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

#: Errors of a file system that has no hard links.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
#: Seconds after which what lies aside has no living writer on another host either.
FORGOTTEN_S = 86_400.0
#: Files of a folder that are synced one by one; of more, the whole system is.
MOST_SYNCED = 256
#: Files that are synced side by side.
ABREAST = 16
_ASIDE = re.compile(r"\..+\.(?P<host>[0-9A-Za-z_]+)-(?P<pid>\d+)-[0-9a-f]{12}")
#: Asides of versions up to 0.1.
_OLD_ASIDE = re.compile(r"\..+\.\d+(\.tmp)?")


@cache
def host() -> str:
    """This host as part of a file's name: its name, and where processes are numbered anew, as after a start."""
    name = re.sub(r"[^0-9A-Za-z]", "_", socket.gethostname())[:40]
    numbering = []
    with contextlib.suppress(OSError):
        numbering.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        numbering.append(os.readlink("/proc/self/ns/pid"))
    return f"{name}_{hashlib.sha256(' '.join(numbering).encode()).hexdigest()[:8]}"


def unique() -> str:
    """A part of a name that no other writer uses, on any host."""
    return f"{host()}-{os.getpid()}-{secrets.token_hex(6)}"


# --- writing ----------------------------------------------------------------------------------------------------------


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all."""
    with replacing(path) as aside:
        aside.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    write_bytes(path, text.encode())


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write files, each whole or not at all; where one cannot be, the others are written nevertheless.

    They are synced side by side, which takes a disk little longer than one of them.

    Raises:
        OSError: One cannot be written; the error names it.
    """
    for folder in {path.parent for path in contents}:
        make_folder(folder)
    asides = {path: path.with_name(f".{path.name}.{unique()}") for path in contents}
    whole: list[Path] = []
    errors: list[OSError] = []

    def make(path: Path) -> None:
        with collecting(path):
            asides[path].write_bytes(contents[path])
            _sync(asides[path], os.O_RDWR)
            whole.append(path)

    @contextmanager
    def collecting(path: Path) -> Iterator[None]:
        try:
            with _naming(path):
                yield
        except OSError as error:
            errors.append(error)

    try:
        if len(contents) > 1:
            from concurrent.futures import ThreadPoolExecutor

            with ThreadPoolExecutor(min(ABREAST, len(contents))) as pool:
                list(pool.map(make, contents))
        else:
            for path in contents:
                make(path)
        for path in whole:
            with collecting(path):
                os.replace(asides[path], path)
    finally:
        for aside in asides.values():
            _remove(aside)
    for folder in {path.parent for path in contents}:
        sync_folder(folder)
    if errors:
        raise errors[0]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` for a file or a folder to be made at: on disk and in place at the end, or gone.

    A reader sees what was there before, or all that is new, whenever the process or the machine stops.

    Raises:
        OSError: It cannot be written; the error names `path`.
    """
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.{unique()}")
    with _naming(path):
        try:
            yield aside
            _sync_whole(aside)
            os.replace(aside, path)
        finally:
            _remove(aside)
        sync_folder(path.parent)


def publish(path: Path, data: bytes, *, sync: bool = True) -> bool:
    """Write a file that is not there yet, whole or not at all; False where another writer was first.

    Without `sync` it may be torn or gone once the machine has died.

    Raises:
        OSError: It cannot be written; the error names `path`.
    """
    make_folder(path.parent)
    aside = path.with_name(f".{path.name}.{unique()}")
    with _naming(path):
        try:
            aside.write_bytes(data)
            if sync:
                _sync(aside, os.O_RDWR)
            first = _link(aside, path, data)
        finally:
            _remove(aside)
        if first and sync:
            sync_folder(path.parent)
    return first


def _link(aside: Path, path: Path, data: bytes) -> bool:
    try:
        os.link(aside, path)
    except FileExistsError:
        # Of a network file system, the answer to a link that was made may have been lost, and the link asked for again.
        return os.stat(aside).st_nlink > 1
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here. The first writer is still the only one; its file is torn if it dies now.
        try:
            with open(path, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return False
    return True


def append_line(path: Path, line: bytes, *, sync: bool = False) -> None:
    """Add a line to a log, or several, in one write; with `sync`, do not return before it is on disk.

    A line that a crash has torn is closed first, so that it spoils nothing but itself.

    Raises:
        OSError: It cannot be written; the error names `path`.
    """
    make_folder(path.parent)
    with _naming(path):
        new = not path.exists()
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        try:
            end = os.fstat(handle).st_size
            if end:
                os.lseek(handle, end - 1, os.SEEK_SET)
                if os.read(handle, 1) != b"\n":
                    line = b"\n" + line
            left = memoryview(line + b"\n")
            while left:
                left = left[os.write(handle, left) :]
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
        if sync and new:
            sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, each on disk."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    sync_folder(path.parent)


# --- syncing ----------------------------------------------------------------------------------------------------------


def sync_folder(path: Path) -> None:
    """Have the entries of a folder on disk; Windows opens no folder, and needs none to be synced."""
    if os.name != "nt":
        _sync(path, os.O_RDONLY)


def _sync_whole(path: Path) -> None:
    """Have a file, or a folder with all in it, on disk."""
    if not path.is_dir():
        _sync(path, os.O_RDWR)
        return
    inside = sorted(path.rglob("*"))
    if len(inside) > MOST_SYNCED:
        getattr(os, "sync", lambda: None)()
        return
    for each in inside:
        if not each.is_dir():
            _sync(each, os.O_RDWR)
    for folder in (path, *(each for each in inside if each.is_dir())):
        sync_folder(folder)


def _sync(path: Path, mode: int) -> None:
    handle = os.open(path, mode)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Errors of the system name `path`: a disk that is full names no file, and a file aside is no one's concern."""
    try:
        yield
    except OSError as error:
        if error.filename is None or _ASIDE.fullmatch(Path(os.fsdecode(error.filename)).name):
            error.filename, error.filename2 = str(path), None
        raise


# --- what dead writers left -------------------------------------------------------------------------------------------


def _remove(aside: Path) -> None:
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove what dead writers left aside in a folder, not below it; how many files and folders.

    A writer of this host is dead when its process is; one of another host, when what it left is a day old. Nothing is
    removed where that cannot be told, or may not be.
    """
    try:
        with os.scandir(folder) as entries:
            hidden = [Path(entry.path) for entry in entries if entry.name.startswith(".") and not entry.is_symlink()]
    except OSError:
        return 0
    dead = [path for path in hidden if _is_dead(path)]
    for path in dead:
        with contextlib.suppress(OSError):
            _remove(path)
    return len(dead)


def _is_dead(path: Path) -> bool:
    found = _ASIDE.fullmatch(path.name)
    if found is None and not _OLD_ASIDE.fullmatch(path.name):
        return False
    if found is not None and found["host"] == host() and os.name != "nt":
        return not _alive(int(found["pid"]))
    try:
        return time.time() - path.stat().st_mtime > FORGOTTEN_S
    except OSError:
        return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
