"""Readers read or refuse whatever they are given; `python -m tests.benchmarks.fuzz` tries as many inputs as asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..benchmarks.fuzz import Target, fuzz, targets

KINDS = (
    "study", "plan", "table", "edges", "matrix", "corpus", "record", "checkpoint", "fits", "queue", "log",
    "study.json", "claims.json", "predictions.json", "plan file",
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
    assert list(fuzz(every[name], name, range(200))) == []
