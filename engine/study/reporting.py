"""From a results folder to its report: read records, analyse, write. No training, so `report DIR` needs no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar, Term

from ..store.record import FINAL, RunRecord
from ..store.results_folder import Store

if TYPE_CHECKING:
    from ..analysis.analysis_result import Analysis, Columns, StoredFacts


#: Exit statuses of `run` and `report`.
FAILED, CLAIM_FAILED = 3, 4


class Reported(NamedTuple):
    """A report written, and what it says."""

    analysis: Analysis
    path: Path
    #: The same as a page.
    page: Path
    #: Whether every run of the plan is over.
    complete: bool
    #: Records of the plan's runs, as they were read for it.
    records: Mapping[str, RunRecord]

    @property
    def claim_failed(self) -> bool:
        """True if any claim failed; one that is undecided did not."""
        return any(verdict.status == "failed" for verdict in self.analysis.verdicts)

    @property
    def nothing_found(self) -> str:
        """The reason why nothing was found, as that no law could be fitted; empty where something was."""
        return next((note.message for note in self.analysis.notes if note.code == "RUN210"), "")

    @property
    def exit_status(self) -> int:
        """3 where some runs failed or nothing was found, before 4, a claim failed."""
        return FAILED if not self.complete or self.nothing_found else CLAIM_FAILED if self.claim_failed else 0


def report_store(
    store: Store,
    plan: StudyPlan | None = None,
    runs: Sequence[Run] | None = None,
    working: Callable[[str], None] = lambda what: None,
    to: Path | None = None,
) -> Reported:
    """Analyse what is stored, write what was found and the report; the same records, the same bytes.

    Args:
        store: The results folder.
        plan: The study, where it is at hand.
        runs: Its runs, where they are expanded already.
        working: Hears what is being done.
        to: Folder to write into; the results folder by default.
    """
    from ..analysis import analyse, study_table
    from ..findings.store_findings import write_findings
    from ..report import PAGE, write_report

    plan = plan or store.plan()
    runs = tuple(plan.runs()) if runs is None else runs
    working("fitting")
    records = store.records(run.key for run in runs)
    analysis = analyse(
        plan,
        records,
        runs=runs,
        table=study_table(plan, store.base),
        facts=facts(store, plan, records, runs),
        late_claims=frozenset(claim.test for claim in store.late_claims(plan.claims)),
    )
    known = provenance(study_file(store), records.values())
    working("drawing")
    out = to or store.report
    found = write_findings(analysis, out)
    data = {**data_files(analysis), found.name: found.read_bytes()}
    path = write_report(analysis, out, provenance=known, data=data)
    complete = all(run.key in records and records[run.key].status in FINAL for run in runs)
    return Reported(analysis, path, path.with_name(PAGE), complete, records)


def study_file(store: Store) -> str:
    """The file to run the study from: one kept in the folder, as of a table that was fitted, or the study's own."""
    kept = sorted((store.folder / "files").glob("*.scl"))
    return f"files/{kept[0].name}" if kept else f"{store.origin.name}.scl"


def data_files(analysis: Analysis) -> dict[str, bytes]:
    """The tables behind a report, as files beside it: name -> contents."""
    from .plain_tables import csv_text

    return {
        "runs.csv": csv_text(analysis.runs.columns).encode(),
        "cells.csv": csv_text(analysis.cells.columns).encode(),
    }


def tables(store: Store) -> dict[str, Columns]:
    """The run table and the cell table of what is stored, by name."""
    from ..analysis import study_table
    from ..analysis.cells.reduce_runs import cell_table
    from ..analysis.cells.run_table import run_table
    from ..analysis.cells.table_cells import given_cells

    plan = store.plan()
    table = study_table(plan, store.base)
    if table is not None:
        given, cells, *_ = given_cells(plan, table)
        return {"runs": given.columns, "cells": cells.columns}
    runs = tuple(plan.runs())
    rows = run_table(plan, runs, store.records(run.key for run in runs))
    return {"runs": rows.columns, "cells": cell_table(plan, rows).columns}


def facts(store: Store, plan: StudyPlan, records: Mapping[str, RunRecord], runs: Sequence[Run] = ()) -> StoredFacts:
    """Statistics of the sources of `runs`, and seconds predicted, where all that took time were."""
    from ..analysis.analysis_result import StoredFacts
    from .kept_curves import stored_curves

    predicted = store.predictions()
    timed = [key for key, record in records.items() if record.seconds > 0]
    known = bool(timed) and all(key in predicted for key in timed)
    seconds = sum(predicted[key] for key in timed) if known else None
    return StoredFacts(seconds, source_facts(store, runs), stored_curves(store, plan, runs), store.curves(records))


def source_facts(store: Store, runs: Sequence[Run]) -> tuple[dict[str, Any], ...]:
    """Stored statistics of each source of `runs`, with the values of the axes that go with it and with no other."""
    values: dict[Term, dict[str, set[Scalar]]] = {}
    for run in runs:
        seen = values.setdefault(run.source, {})
        for axis, value in run.point:
            seen.setdefault(axis, set()).add(value)
    found = []
    for source, seen in values.items():
        kept = store.statistics(source)
        if kept is None:
            continue
        others = [other for known, other in values.items() if known != source]
        point = [
            (axis, *own) for axis, own in seen.items() if len(own) == 1 and any(o.get(axis) != own for o in others)
        ]
        label = ", ".join(f"{axis} = {value}" for axis, value in point) or kept["word"]
        found.append({**kept, "point": point, "label": label})
    return tuple(found)


def provenance(study: str, records: Iterable[RunRecord]) -> dict[str, str]:
    """Provenance, to repeat the study in the file `study` by: versions, and every machine and mode of the records."""
    said: dict[str, set[str]] = {}
    for record in records:
        for key, value in record.provenance.items():
            said.setdefault(key, set()).add(value)
    trained = {key: ", ".join(sorted(values)) for key, values in sorted(said.items())}
    return {"study": study, "analysed_with": f"scalingdsl {version('scalingdsl')}", **trained}
