"""All kinds of steps: those compiled from C that this machine can take, and torch's."""

from __future__ import annotations

import pytest
from scalingdsl.engine.train import kernels as compiled


@pytest.fixture(params=[*compiled.KINDS, "torch"])
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whose steps models are trained by in this test, as records name them."""
    kind = request.param
    if kind != "torch" and kind not in compiled.usable_kinds():
        pytest.skip(f"no compiled steps of the kind {kind} here: {compiled.why_not()}")
    monkeypatch.setenv(compiled.CHOICE, kind)
    return str(compiled.KINDS.get(kind, kind))
