"""One try of a run: its process, begun behind a guard, read, timed, and ended."""

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
from typing import IO, Protocol

from ..hardware.devices import usable_cores
from .bounded_log import BoundedLog
from .losses_told import Losses

GUARD = Path(__file__).with_name("process_guard.py")
#: Options of Python that spare a guard all that it has no use for.
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


class Begun(Protocol):
    """A trainer that has begun behind a guard."""

    stdout: IO[bytes]
    stderr: IO[bytes]

    def ask(self, letter: bytes) -> None:
        """Have it asked to end, by `t`, or killed, by `k`."""
        ...

    def status(self, wait_s: float | None = 0.0) -> int | None:
        """Its exit status, negative for a signal, waited for for so long; None while it lasts."""
        ...

    def end(self) -> None:
        """Let go of it; one that still lasts is ended."""
        ...


class GuardedCommand:
    """A command behind a guard of its own.

    Args:
        command: Its arguments.
        folder: Its working folder.
        environment: Its whole environment.
        keep_open: Descriptors that the guard holds for as long as the trainer lives: locks.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], keep_open: Sequence[int]
    ) -> None:
        self._guard = subprocess.Popen(  # noqa: S603 - arguments, never a shell
            [sys.executable, *ISOLATED, str(GUARD), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(environment),
            pass_fds=keep_open,
        )
        assert self._guard.stdin is not None
        assert self._guard.stdout is not None
        assert self._guard.stderr is not None
        self._stdin, self.stdout, self.stderr = self._guard.stdin, self._guard.stdout, self._guard.stderr

    def ask(self, letter: bytes) -> None:
        """See `Begun.ask`."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(letter)
            self._stdin.flush()

    def status(self, wait_s: float | None = 0.0) -> int | None:
        """See `Begun.status`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._guard.wait(wait_s)
        return None

    def end(self) -> None:
        """See `Begun.end`."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        self.status(2 * GRACE_S)
        self.stdout.close()
        self.stderr.close()


def supervise(
    begin: Callable[[], Begun],
    *,
    log: Path,
    losses: Losses | None,
    limits: Limits,
    stop: Callable[[], bool],
    heard: Callable[[], None],
) -> Ended:
    """Have a trainer train to its end.

    Args:
        begin: Begins it.
        log: File of what it writes.
        losses: Fed with its standard output; None where losses are read from files.
        limits: When it is ended.
        stop: Asked a few times a second; once true it is asked to end, by SIGTERM, and killed after GRACE_S.
        heard: Called a few times a second, and after it said something.
    """
    begun = last = time.monotonic()
    kept = BoundedLog(log)
    trainer = begin()
    why, killing = "", float("inf")
    try:
        with selectors.DefaultSelector() as selector:
            for pipe in (trainer.stdout, trainer.stderr):
                os.set_blocking(pipe.fileno(), False)
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map() or trainer.status() is None:
                for key, _ in selector.select(TICK_S) if selector.get_map() else ():
                    data = _read(key.fileobj)  # type: ignore[arg-type]
                    if data == b"":
                        selector.unregister(key.fileobj)
                    elif data:
                        last = time.monotonic()
                        kept.write(data)
                        if key.fileobj is trainer.stdout and losses is not None:
                            losses.feed(data)
                heard()
                now = time.monotonic()
                if not why and (why := _reason(stop, limits, now - begun, now - last)):
                    trainer.ask(b"t")
                    killing = now + GRACE_S
                if now >= killing:
                    trainer.ask(b"k")
                    killing = float("inf")
                if not selector.get_map():
                    trainer.status(TICK_S)
                elif trainer.status() is not None and now - last > GRACE_S:
                    break  # something that escaped holds the pipe
    finally:
        trainer.end()
        kept.close()
    if losses is not None:
        losses.end()
    status = trainer.status(None)
    assert status is not None
    return Ended(status, why, tuple(kept.last_lines()), time.monotonic() - begun)


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


def threads(workers: int) -> str:
    """Threads that each of so many processes side by side has."""
    return str(max(1, usable_cores() // max(1, workers)))


def signal_name(status: int) -> str:
    """`SIGSEGV` for -11."""
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
