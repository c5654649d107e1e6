"""Readers read or refuse whatever they are given; `python -m tests.benchmarks.fuzz` tries as many inputs as asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..benchmarks.fuzz import fuzz
from ..benchmarks.fuzz_targets import Target, targets

KINDS = (
    "study", "study laid out", "table", "packed table", "edges", "matrix", "corpus", "table of a study",
    "edges of a study", "matrix of a study", "corpus of a study", "plan", "record", "checkpoint", "fits", "arrays",
    "queue", "lease", "log", "study.json", "claims.json", "predictions.json", "plan file", "source", "statistics",
    "curves", "losses told", "log of W&B",
)  # fmt: skip


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Target]]:
    home = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home / "cache"))
        yield targets(home)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_generated_input_is_read_or_refused(every: dict[str, Target], name: str) -> None:
    assert set(every) == set(KINDS)
    assert list(fuzz(every[name], name, range(30 if "study" in name else 150))) == []
