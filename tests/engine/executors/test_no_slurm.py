"""Without Slurm, and what its tasks are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from scalingdsl.engine.executors import executor_named
from scalingdsl.engine.executors.job import Request, Site
from scalingdsl.engine.executors.slurm import script
from scalingdsl.engine.hardware.devices import usable_cores
from scalingdsl.spec.errors import UsageError


def test_where_there_is_no_slurm_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="no Slurm here"):
        executor_named("slurm")(Request())


def test_a_task_is_a_worker_on_the_folder() -> None:
    text = script(Site("/shared/my runs/er", "/home/me", "cuda", 30.0))
    assert text.startswith("#!/bin/sh\nexec ")
    assert text.endswith(" work '/shared/my runs/er' --device cuda --checkpoint-every 30s\n")


def test_a_task_uses_the_cores_it_was_allotted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "1")
    assert usable_cores() == 1
    monkeypatch.setenv("SLURM_CPUS_ON_NODE", "4(x2)")
    assert usable_cores() >= 1
