"""`scalingdsl status`: where a results folder stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console.options import envelope, folder_argument, json_option
from ..formatting import duration

if TYPE_CHECKING:
    from ..store.results_folder import Store


@click.command(
    epilog="""\b
Example:
  scalingdsl status runs/er

\b
Exit status: 0; 2 where there is no results folder."""
)
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Show how many runs of a study are done, which packs are at work, and who is at work on them."""
    from ..store.results_folder import Store

    store = Store.existing(folder)
    found = state(store)
    if as_json:
        click.echo(envelope("status", **found))
        return
    counts = ", ".join(f"{n} {status}" for status, n in found["statuses"].items())
    click.echo(f"{found['title'] or found['study']}, plan {found['plan']}")
    click.echo(f"{found['runs']} runs: {counts}; {duration(found['seconds'])} of training so far")
    for pack in found["packs"]:
        where = f"step {pack['step']} of {pack['steps']}" if pack["steps"] else "beginning"
        loss = f", loss {pack['loss']:.3f}" if pack["loss"] is not None else ""
        click.echo(f"  pack {pack['pack']}: {where}{loss}")
    writer = found["writer"]
    click.echo(f"at work: process {writer['pid']} on {writer['host']}" if writer else "nobody is at work")
    for warning in store.warnings:
        click.echo(f"warning: {warning}", err=True)
    if found["report"]:
        click.echo(found["report"])


def state(store: Store) -> dict[str, Any]:
    """The documented keys of the envelope."""
    plan, origin = store.plan(), store.origin
    keys = [run.key for run in plan.runs()]
    records = store.records(keys)
    statuses = Counter(records[key].status if key in records else "missing" for key in keys)
    report = store.report / "report.md"
    return {
        "study": origin.name,
        "title": origin.title,
        "plan": plan.digest,
        "runs": len(keys),
        "statuses": dict(sorted(statuses.items())),
        "seconds": sum(record.seconds for record in records.values()),
        "packs": at_work(store) if store.writer else [],
        "writer": store.writer,
        "report": str(report) if report.is_file() else None,
    }


def at_work(store: Store) -> list[dict[str, Any]]:
    """Packs that were begun and are not over, with what was last heard of them."""
    from ..executors.events import Event, Finished, Progress, Started, Stopped

    packs = []
    for pack in store.packs():
        last: dict[str, Any] | None = None
        for line in store.events(pack):
            match Event.from_json({"pack": pack, **line}):
                case Started():
                    last = {"pack": pack, "step": 0, "steps": 0, "loss": None}
                case Progress() as now if last is not None:
                    last |= {"step": now.step, "steps": now.steps, "loss": now.loss}
                case Finished() | Stopped():
                    last = None
        if last is not None:
            packs.append(last)
    return packs
