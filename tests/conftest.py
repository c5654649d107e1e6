"""What every test is run with, whatever ran before it in the same process."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator

# Before numpy and torch: small products gain nothing from threads, which processes side by side take from each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

# Whoever starts the tests by `nohup` ignores what the tests of signals, and the processes that they start, wait for.
if sys.platform != "win32":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test that is not marked slow is quick."""
    for item in items:
        if item.get_closest_marker("slow") is None:
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    """Half a million objects of modules and tests stay to the end: no collection of garbage goes through them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def smallest_numbers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Training flushes numbers below the least normal one for the rest of its process; hypothesis tries them."""
    flushed = getattr(request.function, "is_hypothesis_test", False) and sys.float_info.min / 2 == 0
    if flushed:
        sys.modules["torch"].set_flush_denormal(False)
    yield
    if flushed:
        sys.modules["torch"].set_flush_denormal(True)
