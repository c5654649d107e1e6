"""From a results folder to its report: read records, analyse, write. No training, so `report DIR` needs no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scalingdsl.spec.digest import NUMERICS_VERSION
from scalingdsl.spec.plan import Run, StudyPlan

from .record import RunRecord
from .store import Store, claim_name

if TYPE_CHECKING:
    from .analysis.result import Analysis

#: A run with one of these is over: training it again would give the same.
FINAL = ("done", "diverged")


class Reported(NamedTuple):
    """A report written, and what it says."""

    analysis: Analysis
    path: Path
    #: 3 where runs are missing or failed, else 4 where a claim failed, else 0.
    exit_status: int


def report_store(store: Store, plan: StudyPlan | None = None, runs: Sequence[Run] | None = None) -> Reported:
    """Analyse what is stored and write the report into the folder; the same records give the same bytes."""
    from .analysis import analyse
    from .report import write_report

    plan = plan or store.plan()
    runs = tuple(plan.runs()) if runs is None else runs
    records = store.records(run.key for run in runs)
    late = store.late_claims()
    analysis = analyse(
        plan,
        records,
        facts=facts(store, records),
        late_claims=frozenset(c.test for c in plan.claims if claim_name(c) in late),
    )
    path = write_report(
        analysis, store.report, formats=plan.report, provenance=provenance(plan, store.origin.name, records.values())
    )
    complete = all(run.key in records and records[run.key].status in FINAL for run in runs)
    failed = any(verdict.status == "failed" for verdict in analysis.verdicts)
    return Reported(analysis, path, 3 if not complete else 4 if failed else 0)


def facts(store: Store, records: Mapping[str, RunRecord]) -> dict[str, Any]:
    """What the store knows beside the records: how well the cost was predicted, over runs that ended and were predicted."""
    predicted = store.predictions()
    both = [key for key, record in records.items() if key in predicted and record.status in FINAL]
    if not both:
        return {}
    return {
        "predicted_seconds": sum(predicted[key] for key in both),
        "predicted_runs": len(both),
        "predicted_actual_seconds": sum(records[key].seconds for key in both),
    }


def provenance(plan: StudyPlan, name: str, records: Sequence[RunRecord] | Any) -> dict[str, str]:
    """What a reader needs to repeat the study: versions, and every machine and mode that the records name."""
    said: dict[str, set[str]] = {}
    for record in records:
        for key, value in record.provenance.items():
            said.setdefault(key, set()).add(value)
    return {
        "study": f"{name}.scl, plan {plan.digest}",
        "analysed with": f"scalingdsl {version('scalingdsl')}, numerics {NUMERICS_VERSION}",
        **{key: ", ".join(sorted(values)) for key, values in sorted(said.items())},
    }
