"""`scalingdsl diff`: two studies, or two results folders, compared by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..console.options import envelope, json_option, load_study
from ..console.say import say
from ..store.record_index import IndexedRecord, RecordIndex
from .why import differences

#: Differences in words that are shown.
_SHOWN = 40


@dataclass(frozen=True)
class Side:
    """One of the two: a plan, and the records of a folder."""

    plan: StudyPlan
    keys: frozenset[str]
    records: Mapping[str, IndexedRecord]
    #: None for a study file, which has no results.
    folder: Path | None


@click.command(
    epilog="""\b
Examples:
  scalingdsl diff studies/er.scl studies/ba.scl
  scalingdsl diff runs/er runs/er-again

\b
Exit status: 0; 1 a study is not valid; 2 there is nothing to compare."""
)
@click.argument("a", metavar="A", type=click.Path(path_type=Path))
@click.argument("b", metavar="B", type=click.Path(path_type=Path))
@json_option
def command(a: Path, b: Path, as_json: bool) -> None:
    """Compare two study files or results folders: what each means, the runs they share, and results that differ."""
    found = compare(_side(a, as_json), _side(b, as_json))
    if as_json:
        click.echo(envelope("diff", **found))
        return
    if found["same_plan"]:
        say(f"the same study: plan {found['plans'][0]}")
    for change in found["plan_changes"][:_SHOWN]:
        say(f"{change['field']}: {_shown(change['there'])} -> {_shown(change['here'])}")
    if len(found["plan_changes"]) > _SHOWN:
        say(f"... and {len(found['plan_changes']) - _SHOWN} more (--json lists all)")
    both, only_a, only_b = found["shared"], found["only_a"], found["only_b"]
    say(f"runs: {both} in both, {only_a} only in {a}, {only_b} only in {b}")
    if found["compared"]:
        say(f"results: {found['compared']} compared, {len(found['results'])} differ")
    for result in found["results"][:_SHOWN]:
        shown = ["-" if result[side] is None else f"{result[side]:.6g}" for side in ("loss_a", "loss_b")]
        say(f"  run {result['run']}: {result['status_a']} {shown[0]}, {result['status_b']} {shown[1]}")


def _side(path: Path, as_json: bool) -> Side:
    from ..store.results_folder import Store

    if path.is_dir():
        store = Store.existing(path)
        plan = store.plan()
        with RecordIndex(store) as index:
            side = Side(plan, frozenset(index.keys(plan)), {record.key: record for record in index.records(plan)}, path)
        for warning in store.warnings:
            say(f"warning: {path}: {warning}", err=True)
        return side
    plan_or_none = load_study(str(path), command="diff", as_json=as_json).plan
    assert plan_or_none is not None
    return Side(plan_or_none, frozenset(run.key for run in plan_or_none.runs()), {}, None)


def compare(a: Side, b: Side) -> dict[str, Any]:
    """The documented keys of the envelope."""
    both = sorted(a.records.keys() & b.records.keys())
    results = []
    for key in both:
        one, two = a.records[key], b.records[key]
        if one.outcome != two.outcome:
            losses = {"loss_a": one.loss, "loss_b": two.loss}
            results.append({"run": key, "status_a": one.status, "status_b": two.status, **losses})
    return {
        "plans": [a.plan.digest, b.plan.digest],
        "same_plan": a.plan.digest == b.plan.digest,
        "plan_changes": differences(outline(b.plan), outline(a.plan)),
        "shared": len(a.keys & b.keys),
        "only_a": len(a.keys - b.keys),
        "only_b": len(b.keys - a.keys),
        "compared": len(both),
        "results": results,
    }


def outline(plan: StudyPlan) -> dict[str, Any]:
    """A plan as name -> text, so that a change is told where it was made and not by its place in a list."""
    parts: dict[str, Any] = {"title": plan.title, "report": ", ".join(plan.report)}
    for axis in plan.axes:
        values = ", ".join("&".join(str(v) for v in point) for point in axis.points)
        parts[f"axis {axis.name}"] = f"{axis.role}{' along' if axis.along else ''} {{{values}}}"
    for kind in ("data", "models", "train"):
        for one in getattr(plan, kind):
            parts[f"{kind} {one.label}".strip()] = one.call
    parts |= {f"definition {name}": text for name, text in plan.definitions}
    parts |= {f"where {text}": "stated" for text in plan.where}
    for request in plan.fits:
        parts |= {f"fit {request.name}.{k}": _words(v) for k, v in request.model_dump().items() if k != "name" and v}
    parts |= {f"optimum {request.name}": request.where or "stated" for request in plan.optima}
    parts |= {f"expect {c.test}{' where ' + c.where if c.where else ''}": "stated" for c in plan.claims}
    parts |= {f"budget.{k}": v for k, v in plan.budget.model_dump().items() if v is not None}
    return parts


def _words(value: Any) -> str:
    """`N=N, D=D` of pairs, `E, beta` of names."""
    if isinstance(value, tuple):
        return ", ".join("=".join(map(_words, v)) if isinstance(v, tuple) else _words(v) for v in value)
    return str(value)


def _shown(value: Any) -> str:
    return "(nothing)" if value in (None, "") else str(value)
