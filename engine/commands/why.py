"""`scalingdsl why`: which field makes a run new."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
from scalingdsl.spec.errors import UsageError

from ..console.options import envelope, json_option, load_study, set_option
from ..console.say import say
from ..store.record_index import PARTS, IndexedRun, RecordIndex


@click.command(
    epilog="""\b
Examples:
  scalingdsl why 3fa9 --out runs/er
  scalingdsl why 3fa9 --study studies/er.scl

\b
Exit status: 0; 1 the study is not valid; 2 there is no such run."""
)
@click.argument("run", metavar="RUN")
@click.option("--out", type=click.Path(path_type=Path), help="Results folder.  [default: the one with that run]")
@click.option("--study", metavar="FILE", help="Look for the run in this study instead of the folder's own plan.")
@set_option
@json_option
def command(run: str, out: Path | None, study: str | None, settings: dict[str, str], as_json: bool) -> None:
    """Say why a run is (or would be) trained: how it differs from the stored run most like it.

    RUN is the run's key, or as much of its beginning as is not shared by another; `plan --json` (under `grid`) and
    `export` list keys.
    """
    from ..store.record import described
    from ..store.results_folder import Store
    from ..study.study_folder import default_folder

    if study is not None:
        checked = load_study(study, command="why", settings=settings, as_json=as_json)
        assert checked.plan is not None
        store, plan = Store(out or default_folder(study, checked.plan)), checked.plan
    else:
        store = Store.existing(out) if out is not None else _holding(run)
        plan = store.plan()
    with RecordIndex(store) as index:
        asked = _run(run, index.runs(plan, run))
        own = next((record for record in index.records() if record.key == asked.key), None)
        done = own is not None and own.final
        known = index.described(asked.key) or described(next(r for r in plan.runs() if r.key == asked.key))
        near = nearest(known, asked.key, index)
        other = None if near is None else index.described(near)
        changes = [] if other is None else differences(known, other)
    for warning in store.warnings:
        say(f"warning: {warning}", err=True)
    if as_json:
        say(
            envelope("why", run=asked.key, done=done, status=own.status if own else None, nearest=near, changes=changes)
        )
        return
    at = ", ".join(f"{name}={value}" for name, value in asked.point)
    say(f"run {asked.key}" + (f" ({at})" if at else ""))
    say(f"is done ({own.status}): it is not trained again" if own and done else _state(own))
    if near is None:
        say(f"no other run is stored in {store.folder}")
        return
    say(f"the stored run most like it is {near}; it differs in")
    for change in changes:
        say(f"  {change['field']}: {_shown(change['there'])} there, {_shown(change['here'])} here")


def _state(own: Any) -> str:
    return f"ended with {own.status} ({own.message}): it is tried again" if own else "has no result: it is trained next"


def _holding(run: str) -> Any:
    """The store under runs/ whose plan has the run."""
    from ..store.results_folder import Store

    found = []
    for store in Store.under(Path("runs")):
        with RecordIndex(store) as index:
            found += [store] if index.runs(store.plan(), run) else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"several folders have a run {run}...: {', '.join(str(s.folder) for s in found)}; name one with --out"
        )
    raise UsageError(f"no folder under runs/ has a run {run}; name one with --out, or a study with --study")


def _run(key: str, found: list[IndexedRun]) -> IndexedRun:
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} runs begin with {key}: {', '.join(r.key for r in found[:4])}...; give more of the key"
        )
    raise UsageError(f"the study has no run {key}; `scalingdsl plan --json` and `export` list them")


def nearest(run: Mapping[str, Any], key: str, index: RecordIndex) -> str | None:
    """The run that is over, other than `key`, with the fewest fields that differ from `run`; the first of equals."""
    parts, others = index.described_in_parts()
    rest = {name: value for name, value in run.items() if name not in PARTS}
    own = [flat(run[name], name) if name in run else {} for name in PARTS] + [flat(rest)]
    names = [*PARTS, ""]

    @cache
    def apart(place: int, number: int | None) -> int:
        there = {} if number is None else flat(parts[number], names[place])
        return sum(own[place].get(name) != there.get(name) for name in own[place].keys() | there.keys())

    found = ((sum(apart(*part) for part in enumerate(numbers)), other) for other, numbers in others if other != key)
    return min(found, default=(0, None))[1]


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields by path whose values differ, sorted: `optimiser.lr`, here and there."""
    ours, theirs = flat(here), flat(there)
    return [
        {"field": name, "here": ours.get(name), "there": theirs.get(name)}
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def flat(tree: Any, path: str = "") -> dict[str, Any]:
    """Nested plain data as path -> leaf."""
    if isinstance(tree, Mapping):
        leaves: dict[str, Any] = {}
        for name, value in tree.items():
            leaves |= flat(value, f"{path}.{name}" if path else str(name))
        return leaves
    return {path: tree}


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
