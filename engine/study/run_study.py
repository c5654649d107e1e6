"""Running a study: the one place that joins training to the store.

plan -> what is done -> what is missing -> packs -> executor -> records -> analysis -> report -> exit status
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import Term

from ..executors import executor_named
from ..executors.events import Callback, Event, Lost, Measuring, Planned, Predicted, Record, Working
from ..executors.job import Executor, Job, Site
from ..executors.perform import characterise
from ..hardware.devices import default_workers, device_named, need_torch, torch_installed
from ..planning.costs import learn, predict
from ..store.record import FINAL, RunRecord, Status, unfinished
from ..store.results_folder import Origin, Store
from .inputs import named_files, used_stores
from .interrupt import interruptible
from .reporting import Reported, report_store
from .train_teachers import lessons

if TYPE_CHECKING:
    from ..analysis.analysis_result import Analysis

INTERRUPTED = 130


class OverBudgetError(EngineError):
    """The study is predicted to take longer than it allows itself; nothing was trained. Exit status 1."""


@dataclass(frozen=True)
class StudyOutcome:
    """Outcome of `run`."""

    plan: StudyPlan
    folder: Path
    records: Mapping[str, RunRecord]
    #: None where the run was interrupted.
    analysis: Analysis | None
    report: Path | None
    #: The report as a page.
    page: Path | None
    #: 0, 3 some runs failed or nothing was found, 4 a claim failed, 130 interrupted.
    exit_status: int
    #: Runs of the plan; of these trained now, and taken over from a used study's folder.
    n_runs: int
    n_trained: int
    n_copied: int
    #: Wall seconds that training what was missing took, and was predicted to take; None where nothing was.
    seconds: float | None
    predicted_seconds: float | None
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<StudyOutcome {self.folder}: {self.n_runs} runs, {self.n_trained} trained now>"


# --- the whole study --------------------------------------------------------------------------------------------------


def run_study(
    plan: StudyPlan,
    *,
    base: Path,
    out: Path,
    origin: Origin | None = None,
    sources: Mapping[str, str] | None = None,
    device: str = "auto",
    executor: str = "local",
    workers: int | None = None,
    progress: Callback | None = None,
    fail_fast: bool = False,
    checkpoint_every_s: float = 30.0,
) -> StudyOutcome:
    """Train what is missing in `out`, fit, judge and report.

    Args:
        plan: The study.
        base: Its directory, where the files its sources name are found.
        out: Results folder; made if it does not exist, refused if it belongs to another study.
        origin: Name, path and title of the study; the folder's name where nothing better is known.
        sources: Texts of the study's files by name, kept beside the plan; used studies are found through them.
        device: "cpu", "cuda", or "auto" for cuda where there is one.
        executor: A module of `engine/executors`.
        workers: Processes at most; as many as there are cores, or GPUs, by default.
        progress: Called with every event (see `executors/events.py`).
        fail_fast: Stop at the first run that fails.
        checkpoint_every_s: Seconds between checkpoints of a pack.

    Raises:
        OverBudgetError: What is missing is predicted to take longer than the study's budget.
        StoreError: The folder belongs to another study, is in use, or cannot be written.
        UsageError: Something is to be trained, and torch is not installed.
    """
    callback = progress if progress is not None else _ignore
    origin = origin or Origin(out.name, str(out), plan.title)
    make = executor_named(executor)
    where = device_named(device)
    store = Store(out)
    runs = tuple(plan.runs())
    keys = [run.key for run in runs]
    longest: dict[Term, int] = {}
    for run in runs:
        longest[run.source] = max(longest.get(run.source, 0), run.n_tokens)
    if unfinished(runs, store.records(keys)):
        need_torch("training")
    with store.lock():
        store.adopt(plan, origin, sources or {}, keys)
        store.keep_files(base, named_files(plan))
        used = used_stores(out, origin, sources or {})
        n_copied = sum(store.copy_in(other, keys) for other in used)
        store.state_claims(plan.claims, used)
        records = store.records(keys)
        missing = unfinished(runs, records)
        callback(Planned(len(runs), len(missing), n_copied))
        stopped = False
        seconds = predicted = None
        if missing:
            team = workers or default_workers(where)
            cost = predict(
                missing,
                device=where,
                workers=team,
                measuring=lambda load: callback(Measuring(load)),
                lessons=lessons(missing, base),
            )
            predicted = cost.wall_seconds
            check_budget(plan, predicted)
            store.predict(cost.run_seconds)
            tokens = {run.key: 1 if run.on_points else run.n_tokens for run in missing}
            load = cost.measured_under_load
            callback(Predicted(len(cost.packs), predicted, cost.workers, tokens, cost.run_seconds, load))
            jobs = [Job(pack, longest[pack.runs[0].source]) for pack in cost.packs]
            site = Site(str(out.resolve()), str(base.resolve()), where, checkpoint_every_s)
            begun = time.monotonic()
            stopped = _execute(make(team), jobs, site, store, runs, callback, fail_fast)
            seconds = time.monotonic() - begun
            if not stopped:
                learn(store, missing, where, team)
        records = store.records(keys)
        n_trained = len(missing) - len(unfinished(missing, records))
        # A folder of an earlier version, or runs that were copied in, have none yet; no teacher is trained for them.
        for run in {run.source: run for run in runs}.values() if not stopped and torch_installed() else ():
            if not lessons((run,), base):
                characterise(store, run.source, longest[run.source], base)
        reported = None if stopped else report_store(store, plan, runs, lambda what: callback(Working(what)))
    return StudyOutcome(
        plan=plan,
        folder=out,
        records=records,
        analysis=reported.analysis if reported else None,
        report=reported.path if reported else None,
        page=reported.page if reported else None,
        exit_status=exit_status(reported),
        n_runs=len(runs),
        n_trained=n_trained,
        n_copied=n_copied,
        seconds=seconds,
        predicted_seconds=predicted,
        warnings=tuple(store.warnings),
    )


def _ignore(event: Event) -> None:
    """The callback where nobody watches."""


def check_budget(plan: StudyPlan, seconds: float) -> None:
    """Refuse what is predicted to take longer than the study's budget, with `OverBudgetError`."""
    limit = plan.budget.seconds
    if limit is not None and seconds > limit:
        raise OverBudgetError(
            f"what is missing is predicted to take {seconds:.0f} s on this machine, more than the study's "
            f"budget of {limit:.0f} s; raise `budget`, or ask for less (`scalingdsl plan` shows where the time goes)"
        )


def _execute(
    executor: Executor,
    jobs: Sequence[Job],
    site: Site,
    store: Store,
    runs: Sequence[Run],
    callback: Callback,
    fail_fast: bool,
) -> bool:
    """Do the jobs; whether they were interrupted by the user."""
    planned = {run.key: run for run in runs}
    failing = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Lost):
            for key in event.runs:
                store.write_record(given_up(planned[key], event.pack, event.status, event.message))
        if isinstance(event, Lost) or (isinstance(event, Record) and event.status not in FINAL):
            failing.set()
        callback(event)

    with interruptible() as interrupted:
        executor.execute(jobs, site, listen, lambda: interrupted.is_set() or (fail_fast and failing.is_set()))
        return interrupted.is_set()


def given_up(run: Run, pack: str, status: Status, message: str) -> RunRecord:
    """The record of a run that could not be trained; the next `run` tries it again."""
    return RunRecord.of(run, status=status, message=message, pack=pack)


def exit_status(reported: Reported | None) -> int:
    """130 interrupted, else that of what was reported."""
    return INTERRUPTED if reported is None else reported.exit_status
