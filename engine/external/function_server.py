"""Calls of a function of Python, each in a process of its own, forked from this one. Run as a script by a worker.

    function_server.py module:function

A worker asks for a call by a message on standard input, which is a socket: JSON with the `config` of a run and its
`environment`, and beside it the descriptors of its standard output, its standard error and its locks. While the call
lasts this process is its guard (see `process_guard`); then it answers with the exit status, negative for a signal.

A call finds what a new interpreter would find. It imports the person's own modules itself, with its run's environment;
forked with it are libraries alone, those that calls before it have imported, with none of their functions called. Where
that does not do, a call is a new interpreter: for a run with GPUs or with an environment of its own, where a library
has begun threads or CUDA as it was imported, which no fork survives, and on systems other than Linux.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO, Any

#: Bytes of a message, descriptors beside it, and bytes of names of libraries at most.
MOST_MESSAGE, MOST_DESCRIPTORS, MOST_NAMES = 1 << 20, 8, 60_000
#: Seconds that the server of a worker that leaves has to end the call it is at, longer than a guard takes.
GRACE_S = 30.0


# --- the worker's end -------------------------------------------------------------------------------------------------


class FunctionServer:
    """A server process, begun when it is first asked.

    Args:
        function: `module:function`.
        folder: Working folder of its calls, where the person's modules are.
        environment: The whole environment of all calls, but for what differs from run to run.
    """

    def __init__(self, function: str, folder: Path, environment: Mapping[str, str]) -> None:
        #: What it serves, and for which process: one that was forked from it has to have another.
        self.of = (os.getpid(), function, folder, environment)
        self.socket, theirs = socket.socketpair()
        try:
            self.process = subprocess.Popen(  # noqa: S603 - the person's own function
                [sys.executable, __file__, function],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=folder,
                env=dict(environment),
            )
        except OSError:
            self.socket.close()
            raise
        finally:
            theirs.close()

    def call(self, config: str, environment: Mapping[str, str], keep_open: Sequence[int], anew: bool) -> FunctionCall:
        """Begin a call.

        Args:
            config: File of the run's values.
            environment: Variables that are this run's own.
            keep_open: Descriptors that the server holds for as long as the call lasts: locks.
            anew: Have a new interpreter.

        Raises:
            OSError: The server is no more there.
        """
        message = json.dumps({"config": config, "environment": dict(environment), "anew": anew}).encode()
        pipes = os.pipe(), os.pipe()
        try:
            socket.send_fds(self.socket, [message + b"\n"], [*(write for _, write in pipes), *keep_open])
        except OSError:
            for read, _ in pipes:
                os.close(read)
            raise
        finally:
            for _, write in pipes:
                os.close(write)
        return FunctionCall(self, *(read for read, _ in pipes))

    def close(self) -> None:
        """End it, with the call that it is at."""
        self.socket.close()
        try:
            self.process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class FunctionCall:
    """A call that has begun: its streams, and its end."""

    def __init__(self, server: FunctionServer, stdout: int, stderr: int) -> None:
        self._server = server
        self._status: int | None = None
        self.stdout: IO[bytes] = os.fdopen(stdout, "rb", 0)
        self.stderr: IO[bytes] = os.fdopen(stderr, "rb", 0)

    def ask(self, letter: bytes) -> None:
        """Have it asked to end, by `t`, or killed, by `k`."""
        with contextlib.suppress(OSError):
            self._server.socket.send(letter)

    def status(self, wait_s: float | None = 0.0) -> int | None:
        """Its exit status, waited for for so long; None while it lasts. Where the server died, that of the server."""
        if self._status is None and select.select([self._server.socket], [], [], wait_s)[0]:
            try:
                answer = self._server.socket.recv(64)
            except ConnectionResetError:
                answer = b""
            self._status = int(answer) if answer else self._server.process.wait() or 1
        return self._status

    def end(self) -> None:
        """Let go of it; one that still lasts is ended with its server."""
        if self.status() is None:
            self._server.close()
            self._status = self._server.process.returncode or 1
        self.stdout.close()
        self.stderr.close()


_kept: list[FunctionServer] = []


def call_function(
    function: str,
    folder: Path,
    environment: Mapping[str, str],
    *,
    config: str,
    own: Mapping[str, str],
    keep_open: Sequence[int],
    anew: bool,
) -> FunctionCall:
    """Begin a call by this process's server, which is kept for the next one of the same function."""
    for server in _kept:
        if server.of == (os.getpid(), function, folder, environment):
            with contextlib.suppress(OSError):
                return server.call(config, own, keep_open, anew)
    close_servers()
    _kept.append(server := FunctionServer(function, folder, environment))
    return server.call(config, own, keep_open, anew)


@atexit.register
def close_servers() -> None:
    """End the server of this process."""
    for server in _kept:
        if server.of[0] == os.getpid():
            server.close()
    _kept.clear()


# --- the server's end -------------------------------------------------------------------------------------------------


def serve(function: str) -> None:
    """Call it whenever asked, until the worker is gone. Returns in the processes of calls too, once they are over."""
    guarding, calling = import_module("process_guard"), import_module("function_call")  # beside this script
    sys.path[0] = os.getcwd()  # the person's modules, not those beside this script
    asked, own_log, tried = socket.socket(fileno=os.dup(0)), os.dup(2), set(sys.modules)
    guard = guarding.stand_guard()
    gc.freeze()  # what is here is here to stay
    while True:
        message, held = _received(asked)
        if not message:
            return
        run = json.loads(message)
        anew = run["anew"] or not _may_fork()
        names, name = os.pipe()
        os.dup2(held[0], 1)
        os.dup2(held[1], 2)
        child = guarding.begin((), (asked.fileno(), own_log, names, *guard, *held))
        if child == 0:
            asked.detach()
            os.environ.update(run["environment"])
            if anew:
                os.execv(sys.executable, [sys.executable, calling.__file__, function, run["config"]])  # noqa: S606
            _called(calling, function, run["config"], partial(_tell_libraries, name, function, tried))
            return
        os.close(name)
        os.dup2(own_log, 1)
        os.dup2(own_log, 2)
        for stream in held[:2]:
            os.close(stream)
        status = guarding.watch(child, guard)
        for lock in held[2:]:
            os.close(lock)
        with contextlib.suppress(OSError):  # the worker is gone
            asked.send(str(status).encode())
        _import_libraries(names, tried)


def _received(asked: socket.socket) -> tuple[bytes, list[int]]:
    """The next message, with its descriptors; nothing once the worker is gone."""
    message, held = b"", list[int]()
    while b"\n" not in message:
        try:
            data, descriptors, _, _ = socket.recv_fds(asked, MOST_MESSAGE, MOST_DESCRIPTORS)
        except ConnectionResetError:
            data, descriptors = b"", []
        if not data:
            return b"", []
        held += descriptors
        message = (message + data).lstrip(b"tk")  # asked of a call that had ended by itself
    return message.partition(b"\n")[0], held


def _called(calling: Any, function: str, config: str, imported: Callable[[], None]) -> None:
    """Call it in this process, a new one."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()  # as it would be; Python's own generators see to that themselves
    sys.argv = [calling.__file__, function, config]
    calling.main(function, config, imported)
    _leave()


def _leave() -> None:
    """End this process as an interpreter ends: threads waited for, what is registered for the end done, files closed.

    Only it does not take apart all that it has imported, which costs many times what a fork does.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    streams = (sys.stdout, sys.stderr)
    for stream in streams:
        with contextlib.suppress(Exception):
            stream.flush()
    for age in range(3):  # a file that wraps another is younger
        for thing in reversed(gc.get_objects(age)):
            if issubclass(type(thing), (io.TextIOBase, io.BufferedIOBase)) and thing not in streams:
                with contextlib.suppress(Exception):
                    thing.close()
    ctypes.CDLL(None).fflush(None)
    os._exit(0)


# --- libraries --------------------------------------------------------------------------------------------------------


def _tell_libraries(to: int, function: str, tried: set[str]) -> None:
    """Tell the server which libraries this call has imported that it has not."""
    own = function.partition(":")[0].partition(".")[0]
    shelf = os.path.dirname(os.__file__) + os.sep
    names = ""
    for name, module in list(sys.modules.items()):
        origin = getattr(getattr(module, "__spec__", None), "origin", None) or ""
        if name in tried or name.partition(".")[0] == own or len(names) > MOST_NAMES:
            continue
        if origin.startswith(shelf) or "/site-packages/" in origin or "/dist-packages/" in origin:
            names += f"{name}\n"
    os.set_blocking(to, False)
    os.write(to, names.encode())
    os.close(to)


def _import_libraries(names: int, tried: set[str]) -> None:
    """Import what a call told; what cannot be imported alone is left to calls."""
    with os.fdopen(names) as told:
        found = [line.strip() for line in told if line.endswith("\n")]
    for name in found:
        tried.add(name)
        with contextlib.suppress(Exception):
            import_module(name)
    if found:
        gc.collect()
        gc.freeze()  # what is here is here to stay


def _may_fork() -> bool:
    """True where a fork of this process is as good as new: nothing runs beside this thread, and no GPU is in use."""
    if sys.platform != "linux":
        return False
    torch = sys.modules.get("torch")
    return len(os.listdir("/proc/self/task")) == 1 and (torch is None or not torch.cuda.is_initialized())


if __name__ == "__main__":
    serve(sys.argv[1])
