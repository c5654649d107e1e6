"""One try of a run: its process begun behind a guard, read, timed, and ended."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..hardware.devices import usable_cores
from .bounded_log import BoundedLog
from .losses_told import Losses
from .process_guard import CALL

GUARD = Path(__file__).with_name("process_guard.py")
#: Options of Python that spare a guard all that it has no use for; a function is called with what the person has.
ISOLATED = ("-I", "-S")
#: Seconds between two looks at the clock and at `stop`.
TICK_S = 0.2
#: Seconds that a trainer has to end by itself once it is asked to; fewer than its worker has.
GRACE_S = 15.0
#: Bytes of a pipe that are read at a time.
CHUNK = 65_536


@dataclass(frozen=True)
class Ended:
    """How a try ended."""

    #: Exit status; negative for a signal.
    status: int
    #: Whether it was ended for being too slow or silent, or because the study was stopped.
    why: str = ""
    last_lines: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Limits:
    """Seconds that a process may take, and be silent for."""

    timeout_s: float | None = None
    silence_s: float | None = None


def supervise(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    losses: Losses | None,
    limits: Limits,
    stop: Callable[[], bool],
    heard: Callable[[], None],
    keep_open: Sequence[int] = (),
) -> Ended:
    """Run a command to its end.

    Args:
        command: Its arguments, or a call of a function (see `process_guard`).
        folder: Its working folder.
        environment: Its whole environment.
        log: File of what it writes.
        losses: Fed with its standard output; None where losses are read from files.
        limits: When it is ended.
        stop: Asked a few times a second; once true it is asked to end, by SIGTERM, and killed after GRACE_S.
        heard: Called a few times a second, and after it said something.
        keep_open: Descriptors that the guard holds for as long as the trainer lives: locks.
    """
    begun = last = time.monotonic()
    kept = BoundedLog(log)
    guard = subprocess.Popen(  # noqa: S603 - arguments, never a shell
        [sys.executable, *([] if command[0] == CALL else ISOLATED), str(GUARD), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=dict(environment),
        pass_fds=keep_open,
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    assert guard.stderr is not None
    why, killing = "", float("inf")
    try:
        with selectors.DefaultSelector() as selector:
            for pipe in (guard.stdout, guard.stderr):
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map() or guard.poll() is None:
                for key, _ in selector.select(TICK_S) if selector.get_map() else ():
                    data = _read(key.fileobj)  # type: ignore[arg-type]
                    if data == b"":
                        selector.unregister(key.fileobj)
                    elif data:
                        last = time.monotonic()
                        kept.write(data)
                        if key.fileobj is guard.stdout and losses is not None:
                            losses.feed(data)
                heard()
                now = time.monotonic()
                if not why and (why := _reason(stop, limits, now - begun, now - last)):
                    _ask(guard.stdin, b"t")
                    killing = now + GRACE_S
                if now >= killing:
                    _ask(guard.stdin, b"k")
                    killing = float("inf")
                if not selector.get_map():
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        guard.wait(TICK_S)
                elif guard.poll() is not None and now - last > GRACE_S:
                    break  # something that escaped holds the pipe
    finally:
        with contextlib.suppress(OSError):
            guard.stdin.close()
        if guard.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                guard.wait(2 * GRACE_S)
        guard.stdout.close()
        guard.stderr.close()
        kept.close()
    if losses is not None:
        losses.end()
    return Ended(guard.wait(), why, tuple(kept.last_lines()), time.monotonic() - begun)


def _read(pipe: IO[bytes]) -> bytes | None:
    try:
        return os.read(pipe.fileno(), CHUNK)
    except BlockingIOError:
        return None


def _reason(stop: Callable[[], bool], limits: Limits, took: float, silent: float) -> str:
    if stop():
        return "stopped"
    if limits.timeout_s is not None and took > limits.timeout_s:
        return "timeout"
    if limits.silence_s is not None and silent > limits.silence_s:
        return "silence"
    return ""


def _ask(pipe: IO[bytes], letter: bytes) -> None:
    with contextlib.suppress(BrokenPipeError):
        pipe.write(letter)
        pipe.flush()


def threads(workers: int) -> str:
    """Threads that each of so many processes side by side has."""
    return str(max(1, usable_cores() // max(1, workers)))


def signal_name(status: int) -> str:
    """`SIGSEGV` for -11."""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
