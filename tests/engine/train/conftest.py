"""Both kinds of steps: those compiled from C, where the machine has them, and torch's."""

from __future__ import annotations

import pytest
from scalingdsl.engine.train import kernels as native


@pytest.fixture(params=["native", "torch"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whose steps models are trained by in this test."""
    monkeypatch.setenv(native.CHOICE, request.param)
    if request.param == "native" and native.kernels() is None:
        pytest.skip("no compiled steps here: they need a compiler at installation and a processor with AVX-512")
    return str(request.param)
