"""`scalingdsl status`: where a results folder stands."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console.options import envelope, folder_argument, json_option
from ..console.say import say
from ..formatting import counted, duration
from ..store.record import FINAL

if TYPE_CHECKING:
    from scalingdsl.spec.plan.study_plan import StudyPlan

    from ..executors.lease import Holder
    from ..store.record_index import RecordIndex
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
    say(f"{found['title'] or found['study']}, plan {found['plan']}")
    say(f"{found['runs']} runs: {counts}; {duration(found['seconds'])} of training so far")
    for pack in found["packs"]:
        say(f"  pack {pack['pack']}: {_pack_words(pack)}")
    others = {(worker["pid"], worker["host"]) for worker in found["workers"]}
    for pid, host in sorted(others - {(found["writer"].get("pid"), found["writer"].get("host"))}):
        say(f"also at work: process {pid} on {host}")
    say(_writer_words(found) if found["writer"] else _idle_words(found))
    for warning in store.warnings:
        say(f"warning: {warning}", err=True)
    if found["report"]:
        say(found["report"])


def _pack_words(pack: dict[str, Any]) -> str:
    """A pack at work in words: its stage, its runs that are over, its steps, and whose loss it is."""
    over = f"{pack['runs_over']} of {counted(pack['runs'], 'run')} over"
    if pack["stage"] != "training":
        share = f", step {pack['step']} of {pack['steps']}" if pack["steps"] else ""
        return f"{pack['stage']}{share}; {over}"
    loss = f", mean loss {pack['loss']:.3f}" if pack["loss"] is not None else ""
    return f"{over}; {counted(pack['active'], 'run')} at step {pack['step']} of {pack['steps']} in all{loss}"


def _idle_words(found: dict[str, Any]) -> str:
    waiting = f"; {counted(found['queued'], 'pack')} waiting" if found["queued"] else ""
    return f"nobody is at work{waiting}"


def _writer_words(found: dict[str, Any]) -> str:
    """Who is at work, on what, for how long, and about how much longer."""
    writer = found["writer"]
    words = f"at work: process {writer['pid']} on {writer['host']}"
    if "since" in writer:
        words += f", for {duration(max(0, round(time.time()) - writer['since']))}"
    missing = found["runs"] - sum(n for status, n in found["statuses"].items() if status in FINAL)
    if not missing:
        return f"{words}, fitting and drawing"
    if not found["packs"]:
        return f"{words}, starting"
    left = found["seconds_left"]
    return words if left is None else f"{words}; about {duration(left)} left"


def state(store: Store) -> dict[str, Any]:
    """The documented keys of the envelope."""
    from ..store.record_index import RecordIndex

    plan, origin = store.plan(), store.origin
    report = store.report / "report.md"
    holders = workers(store)
    writer = store.writer or next(({"pid": h.pid, "host": h.host, "since": h.since} for h in holders.values()), {})
    packs = at_work(store, tuple(holders) or store.packs()) if writer else []
    with RecordIndex(store) as index:
        totals = index.totals(plan)
        left = seconds_left(store, plan, index, len(packs)) if packs else None
    statuses = Counter(totals.statuses)
    if missing := totals.runs - statuses.total():
        statuses["missing"] = missing
    return {
        "study": origin.name,
        "title": origin.title,
        "plan": plan.digest,
        "runs": totals.runs,
        "statuses": dict(sorted(statuses.items())),
        "seconds": totals.seconds,
        "seconds_left": left,
        "packs": packs,
        "queued": sum(1 for _ in store.queue.glob("[!.]*.json")),
        "writer": writer,
        "workers": [
            {"pack": pack, "pid": h.pid, "host": h.host, "job": h.job, "since": h.since} for pack, h in holders.items()
        ],
        "report": str(report) if report.is_file() else None,
    }


def workers(store: Store) -> dict[str, Holder]:
    """Who is at work on which pack, by its lease; not those that are known to be gone."""
    from ..executors.lease import Leases

    leases = Leases(store.leases, silence_s=0)
    found = ((pack, leases.holder(pack)) for pack in sorted(leases.names()))
    return {pack: holder for pack, holder in found if holder is not None and not holder.gone}


def seconds_left(store: Store, plan: StudyPlan, index: RecordIndex, workers: int) -> float | None:
    """Seconds until nothing is missing, by the predictions and how they held; None where nothing was predicted."""
    predicted, keys = store.predictions(), index.keys(plan)
    records = {record.key: record for record in index.records(plan)}
    over = {key for key in keys if key in records and records[key].final}
    missing = [key for key in keys if key not in over]
    if not all(key in predicted for key in missing):
        return None
    known = [key for key in keys if key in over and key in predicted and records[key].seconds > 0]
    expected, actual = sum(predicted[key] for key in known), sum(records[key].seconds for key in known)
    slower = actual / expected if expected else 1.0
    return slower * sum(predicted[key] for key in missing) / max(1, workers)


def at_work(store: Store, begun: Sequence[str]) -> list[dict[str, Any]]:
    """Packs among `begun` that are not over, with what was last heard of them; steps are those of all runs at work."""
    from ..executors.events import Event, Finished, Progress, Record, Started, Stopped, Teaching

    packs = []
    for pack in begun:
        last: dict[str, Any] | None = None
        for line in store.events(pack):
            try:
                event = Event.from_json({"pack": pack, **line})
            except (KeyError, TypeError):  # of another version, or damaged in a line that has no checksum yet
                continue
            match event:
                case Started(runs=runs):
                    last = {"pack": pack, "stage": "preparing its data", "runs": len(runs), "runs_over": 0}
                    last |= {"active": 0, "step": 0, "steps": 0, "loss": None}
                case (Progress() | Teaching()) as now if last is not None:
                    last["stage"] = "training" if isinstance(now, Progress) else "training its teacher"
                    last |= {"active": now.active, "step": now.step, "steps": now.steps, "loss": now.loss}
                case Record() if last is not None:
                    last["runs_over"] += 1
                case Finished() | Stopped():
                    last = None
        if last is not None:
            packs.append(last)
    return packs
