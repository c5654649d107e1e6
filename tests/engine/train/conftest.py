"""Both kinds of steps: those compiled from C, where the machine has them, and torch's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scalingdsl.engine import native


@pytest.fixture(params=["native", "torch"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Whose steps models are trained by in this test."""
    monkeypatch.setenv(native.CHOICE, request.param)
    native.library.cache_clear()
    if request.param == "native" and native.library() is None:
        pytest.skip("no compiled steps here: they need a compiler at installation and a processor with AVX-512")
    yield request.param
    native.library.cache_clear()
