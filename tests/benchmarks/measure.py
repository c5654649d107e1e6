"""Two ways of doing the same work, timed in processes of their own, in turns.

Process-wide settings (allocator, denormals, threads) belong to what is compared, so each way has its own process; times
are CPU seconds of that process, so that a busy machine changes them little, and the ways alternate, so that it changes
them alike.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class Worker:
    """A python process that answers one JSON line with one JSON line."""

    def __init__(self, module: str, *args: str, threads: int = 1, environment: Mapping[str, str] | None = None) -> None:
        env = {**os.environ, "OMP_NUM_THREADS": str(threads), **(environment or {})}
        command = [sys.executable, "-m", module, *args]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)

    def send(self, **request: object) -> None:
        """Ask for a measurement; `receive` gives it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, float]:
        """The answer to the last request."""
        assert self._process.stdout is not None
        answer: dict[str, float] = json.loads(self._process.stdout.readline())
        return answer

    def ask(self, **request: object) -> dict[str, float]:
        """One measurement."""
        self.send(**request)
        return self.receive()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return Spread(median, low, high)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"
