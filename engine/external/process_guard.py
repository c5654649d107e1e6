"""A process between a worker and a trainer, so that no trainer outlives its worker. Run as a script; imports little.

    process_guard.py command argument ...

It begins the trainer in a session of its own and waits. A `t` on standard input, or the input's end, which is the
worker's death, is passed on as SIGTERM, a `k` as SIGKILL, to the whole group; what is left of the group, and whatever
its processes left behind, is killed in the end. It ends as the trainer did. `function_server` guards calls of functions
in the same way.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

#: Seconds from SIGTERM to SIGKILL once the worker is dead.
GRACE_S = 10.0
#: Signals whose meaning the worker decides.
HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def _prctl(option: int, value: int) -> None:
    """Linux alone has it; elsewhere the guard's own death leaves the trainer alive."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _kill_adopted() -> None:
    """Kill processes that the trainer's own left behind in other sessions: this process is their parent now."""
    if not os.path.isdir("/proc/self"):
        return
    for _ in range(100):
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                children = [int(pid) for pid in file.read().split()]
        except OSError:
            return
        if not children:
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


class Guard(NamedTuple):
    """Descriptors of a process that guards: one to be read once a child has ended, and what is written to then."""

    woken: int
    wakes: int


def stand_guard() -> Guard:
    """Make this process a guard: it heeds its worker alone, and becomes the parent of whatever loses its own."""
    for number in HELD_BACK:
        signal.signal(number, signal.SIG_IGN)  # the worker decides
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return Guard(woken, wakes)


def begin(command: Sequence[str], theirs: Sequence[int] | None = None) -> int:
    """Begin a trainer; its process, or 0 in that process, where it is no command but a function to be called there.

    `subprocess` begins commands in the same way, and takes longer to import than all else that a guard does.

    Args:
        command: The command; empty for a function.
        theirs: Descriptors that a trainer is not to have; all but its three streams by default.

    Raises:
        OSError: It cannot be begun.
    """
    said, say = os.pipe()  # ends when the trainer has begun; else it tells why not
    child = os.fork()
    if child == 0:
        try:
            _stand_alone()
            if theirs is None:
                os.closerange(3, say)
                os.closerange(say + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
            else:
                for descriptor in (said, *theirs):
                    os.close(descriptor)
            if command:
                os.execvp(command[0], list(command))  # noqa: S606 - arguments, never a shell
        except OSError as error:
            os.write(say, str(error.errno).encode())
            os._exit(127)
        os.close(say)
        return 0
    os.close(say)
    failed = os.read(said, 16)
    os.close(said)
    if failed:
        os.waitpid(child, 0)
        raise OSError(int(failed), os.strerror(int(failed)))
    return child


def _stand_alone() -> None:
    """Make this process, a guard's child, a trainer's: no input, a session of its own, signals as any process has."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    signal.set_wakeup_fd(-1)
    for number in (*HELD_BACK, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def watch(child: int, guard: Guard) -> int:
    """Wait for a trainer, and pass on what its worker asks; its exit status, negative for a signal."""
    deadline, listening = None, [0, guard.woken]
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(listening, [], [], wait)
        if guard.woken in ready:
            os.read(guard.woken, 4096)
        if 0 in ready:
            asked = os.read(0, 64)
            _signal(child, signal.SIGKILL if b"k" in asked else signal.SIGTERM)
            if not asked:
                listening.remove(0)
                deadline = time.monotonic() + GRACE_S
        if deadline is not None and time.monotonic() >= deadline:
            _signal(child, signal.SIGKILL)
            deadline = None
    _signal(child, signal.SIGKILL)
    _kill_adopted()
    return os.waitstatus_to_exitcode(ended[1])


def main(command: list[str]) -> int:
    """Guard one command; its exit status, negative for a signal."""
    guard = stand_guard()
    try:
        child = begin(command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127 if isinstance(error, FileNotFoundError) else 126
    # Whoever reads the trainer's output sees its end when the trainer has ended.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return watch(child, guard)


if __name__ == "__main__":
    status = main(sys.argv[1:])
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # its end is passed on, its core is its own
        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)
