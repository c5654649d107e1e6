"""A results folder with a file of every kind, made without training."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from scalingdsl.engine.executors.events import Finished, Record, Started
from scalingdsl.engine.executors.perform import characterise
from scalingdsl.engine.store.results_folder import Origin, Store
from scalingdsl.spec import load
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..make import Law, record_of

TEXT = """
title "A study"
data walk(er(n=64, p=.1))
models transformer(layers=2, heads=1)  width in [16..64]
train adamw(lr=.01)  tokens in [64k..512k]
fit chinchilla(bootstrap=40)
expect alpha in [.1..2]
expect beta in [.1..2]
"""
ORIGIN = Origin("a", "/studies/a.scl", "A study")


@cache
def plan_of(text: str = TEXT) -> StudyPlan:
    return load("a.scl", text=text)


def fill(folder: Path, text: str = TEXT) -> Store:
    """A study that is done: its plan, claims, predictions, source, statistics, records and a pack's log."""
    plan, store = plan_of(text), Store(folder)
    runs = tuple(plan.runs())
    keys = [run.key for run in runs]
    store.adopt(plan, ORIGIN, {"a.scl": text}, keys)
    store.state_claims(plan.claims)
    store.predict(dict.fromkeys(keys, 2.5))
    store.check_source(runs[0].source, "0123456789abcdef")
    characterise(store, runs[0].source, max(run.n_tokens for run in runs), folder)
    store.append("p", Started("p", tuple(keys)).to_json())
    for run in runs:
        record = record_of(run, Law(), noise=0.01, source_digest="0123456789abcdef")
        store.write_record(record)
        store.append("p", Record("p", run.key, "done", record.final.loss if record.final else None).to_json())
    store.append("p", Finished("p").to_json())
    return store
