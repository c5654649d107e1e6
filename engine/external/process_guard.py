"""A process between a worker and a trainer, so that no trainer outlives its worker. Run as a script; imports little.

    process_guard.py command argument ...                    guards a command
    process_guard.py --call module:function config.json      guards a call of a function: see `function_call`

It begins the trainer in a session of its own and waits. A `t` on standard input, or the input's end, which is the
worker's death, is passed on as SIGTERM, a `k` as SIGKILL, to the whole group; what is left of the group, and whatever
its processes left behind, is killed in the end. It ends as the trainer did.
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
from importlib import import_module

#: Seconds from SIGTERM to SIGKILL once the worker is dead.
GRACE_S = 10.0
#: Stands before a function in place of a command.
CALL = "--call"
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


def begin(command: list[str]) -> int:
    """Begin the trainer; its process, or 0 in that process, where it is a function to be called there.

    `subprocess` begins commands in the same way, and takes longer to import than all else that a guard does.

    Raises:
        OSError: It cannot be begun.
    """
    said, say = os.pipe()  # ends when the trainer has begun; else it tells why not
    child = os.fork()
    if child == 0:
        try:
            _stand_alone(say)
            if command[0] != CALL:
                os.execvp(command[0], command)  # noqa: S606 - arguments, never a shell
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


def _stand_alone(kept: int) -> None:
    """A session of its own, nothing open but its three streams and `kept`, and signals as they are to any process."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.closerange(3, kept)
    os.closerange(kept + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    signal.set_wakeup_fd(-1)
    for number in (*HELD_BACK, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def call(target: str, config: str) -> int:
    """Call a function in this process."""
    function_call = import_module("function_call")  # beside this script
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [str(function_call.__file__), target, config]
    function_call.main(target, config)
    return 0


def main(command: list[str]) -> int:
    """Guard one command; its exit status, negative for a signal."""
    for number in HELD_BACK:
        signal.signal(number, signal.SIG_IGN)  # the worker decides
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)

    try:
        child = begin(command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127 if isinstance(error, FileNotFoundError) else 126
    if child == 0:
        return call(*command[1:])
    # Whoever reads the trainer's output sees its end when the trainer has ended.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    deadline, listening = None, [0, woken]
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready, _, _ = select.select(listening, [], [], wait)
        if woken in ready:
            os.read(woken, 4096)
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


if __name__ == "__main__":
    status = main(sys.argv[1:])
    if status < 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # its end is passed on, its core is its own
        if -status not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)
