"""`scalingdsl status` while a study runs: what is being done, by whom, for how long, and about how much longer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from scalingdsl.engine.cli import main
from scalingdsl.engine.executors.events import Event, Progress, Record, Started, Teaching
from scalingdsl.engine.store.record import RunRecord
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.engine.train.pack_progress import PackProgress
from scalingdsl.spec import load

TEXT = "data walk(er(n=64, p=.1)); models width in [16..32]; train adamw(lr=.01)  tokens=64k  seed in {0, 1}"
AT = PackProgress("p", active=2, waiting=1, ended=0, step=30, steps=120, n_tokens=10, tokens_per_s=1.0, loss=3.0)


def status(store: Store) -> str:
    return CliRunner().invoke(main, ["status", str(store.folder)]).stdout


def tell(store: Store, *events: Event) -> None:
    for event in events:
        store.append("p", event.to_json())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "runs")
    plan = load("s.scl", text=TEXT)
    keys = [run.key for run in plan.runs()]
    store.adopt(plan, Origin("s", "s.scl", "A study"), {}, keys)
    store.predict(dict.fromkeys(keys, 20.0))
    return store


def test_what_a_pack_is_at(store: Store) -> None:
    runs = tuple(store.plan().runs())
    keys = tuple(run.key for run in runs)
    with store.lock():
        assert re.search(r"^at work: process \d+ on \S+, for \S+ s, starting$", status(store), re.MULTILINE)
        tell(store, Started("p", keys))
        assert "  pack p: preparing its data; 0 of 4 runs over" in status(store)
        tell(store, Teaching(**vars(AT)))
        assert "  pack p: training its teacher, step 30 of 120; 0 of 4 runs over" in status(store)
        tell(store, Progress(**vars(replace(AT, step=60))))
        said = status(store)
        assert "  pack p: 0 of 4 runs over; 2 runs at step 60 of 120 in all, mean loss 3.000" in said
        assert said.rstrip().endswith("; about 1 min 20 s left")
        store.write_record(RunRecord.of(runs[0], status="done", pack="p", seconds=10.0))
        tell(store, Record("p", keys[0], "done"))
        found = json.loads(CliRunner().invoke(main, ["status", str(store.folder), "--json"]).stdout)
        assert (found["packs"][0]["runs_over"], found["seconds_left"]) == (1, 30.0)
        for run in runs[1:]:
            store.write_record(RunRecord.of(run, status="done", pack="p", seconds=10.0))
        assert status(store).rstrip().endswith(", fitting and drawing")
    assert status(store).rstrip().endswith("nobody is at work")
