"""Flipped bytes and cut files of every kind are detected or harmless; `python -m tests.benchmarks.damage` tries them
at every position, and here are some of those.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...benchmarks.damage import Kind, kinds, tried

NAMES = (
    "records", "pack logs", "plans", "study.json", "claims.json", "predictions.json", "sources", "statistics",
    "curves", "queue", "index of records", "fits.json and fits.npz", "checkpoints", "cached tokens", "cached samples",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Kind]]]:
    home = tmp_path_factory.mktemp("damage") / "home"
    home.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield home, {kind.name: kind for kind in kinds(home)}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_damage_is_detected_or_harmless(home: tuple[Path, dict[str, Kind]], name: str) -> None:
    folder, found = home
    assert set(found) == set(NAMES)
    outcomes = tried(found[name], folder, 24)
    assert outcomes["detected"] + outcomes["harmless"] > 12
    assert (outcomes["silent"], outcomes["crash"]) == (0, 0)
