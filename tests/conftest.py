"""What every test is run with, whatever ran before it in the same process."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def smallest_numbers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Training flushes numbers below the least normal one for the rest of its process; hypothesis tries them."""
    flushed = getattr(request.function, "is_hypothesis_test", False) and sys.float_info.min / 2 == 0
    if flushed:
        sys.modules["torch"].set_flush_denormal(False)
    yield
    if flushed:
        sys.modules["torch"].set_flush_denormal(True)
