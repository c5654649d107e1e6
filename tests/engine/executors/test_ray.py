"""A Ray of two nodes on this machine, one of which is killed in mid-run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from scalingdsl.engine import run
from scalingdsl.engine.executors import executor_named
from scalingdsl.engine.executors.events import Event, Joined, Progress
from scalingdsl.engine.executors.job import Request
from scalingdsl.engine.store.results_folder import Store
from scalingdsl.spec.errors import UsageError

STUDY = """
data walk(er(n=64, p=.2), length=32, eval_walks=16)
models transformer(layers=1, heads=1)  width in {16, 24, 32}
train adamw(batch=8, lr=.01)  tokens=60k  seed in {0, 1, 2}
fit power(N)
"""
ray_installed = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install '.[ray]'")


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_where_there_is_no_ray_it_is_said() -> None:
    with pytest.raises(UsageError, match=r"Ray is not installed: pip install 'scalingdsl\[ray\]'"):
        executor_named("ray")(Request())


def found(folder: Path) -> dict[str, Any]:
    """What was measured, by run; exactly."""
    return {key: (record.status, record.measurements, record.curves) for key, record in Store(folder).records().items()}


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A cluster of a head without cores and two nodes of one core each."""
    import ray
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made = [cluster, *(cluster.add_node(num_cpus=1) for _ in range(2))]
    ray.init(address=cluster.address, log_to_driver=False)
    yield made
    ray.shutdown()
    cluster.shutdown()


@ray_installed
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_node_killed_in_mid_run_changes_no_bit(nodes: list[Any], tmp_path: Path) -> None:
    cluster, doomed, _ = nodes
    study = tmp_path / "study.scl"
    study.write_text(STUDY)
    run(study, out=tmp_path / "here", executor="local", workers=1, progress=False)
    killed = threading.Event()
    who: set[str] = set()

    def kill_once(event: Event) -> None:
        if isinstance(event, Joined):
            who.update(event.who)
        if isinstance(event, Progress) and not killed.is_set():
            killed.set()
            cluster.remove_node(doomed, allow_graceful=False)

    outcome = run(study, out=tmp_path / "there", executor="ray", workers=2, progress=kill_once)
    assert killed.is_set()
    assert outcome.exit_status == 0
    assert found(tmp_path / "there") == found(tmp_path / "here")
    assert str(os.getpid()) not in " ".join(who)
