"""Running a study: the one place that joins training to the store.

plan -> what is done -> what is missing -> packs, queued -> executor -> records -> analysis -> report -> exit status

The folder is locked while it is planned and queued, and again while it is reported on. Between the two any number of
processes work off its queue, on any number of machines; whoever ran the study waits until all are done.
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
from ..executors.job import Executor, Job, Request, Site
from ..executors.perform import characterise
from ..external.run_costs import seconds_known
from ..external.trainer import handed_on
from ..hardware.devices import device_named, need_torch, torch_installed
from ..planning.costs import cost_elsewhere, learn, predict
from ..store.record import FINAL, RunRecord, unfinished
from ..store.results_folder import Origin, Store
from .inputs import named_files, used_stores
from .interrupt import Interruption, interruptible
from .kept_curves import keep_curves
from .queue_packs import queue_packs
from .reporting import Reported, report_store
from .train_teachers import lessons
from .trained_elsewhere import needs_trainer, ready_elsewhere, workers_asked

if TYPE_CHECKING:
    from ..analysis.analysis_result import Analysis
    from ..external.trainer import Trainer
    from ..planning.costs import Cost

INTERRUPTED = 130
#: Seconds that another process may take to plan or to report before it is said to be in the way.
PATIENCE_S = 600.0


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
    options: str = "",
    fail_fast: bool = False,
    checkpoint_every_s: float = 60.0,
    silence_s: float = 90.0,
    trainer: Trainer | None = None,
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
        options: Options of a scheduler, for executors that have one.
        fail_fast: Stop at the first run that fails.
        checkpoint_every_s: Seconds between checkpoints of a pack.
        silence_s: Seconds after which a worker that shows no sign of life is given up.
        trainer: What trains the models of a study that are trained elsewhere.

    Raises:
        OverBudgetError: What is missing is predicted to take longer than the study's budget.
        StoreError: The folder belongs to another study, or cannot be written.
        KeyboardInterrupt: A signal asked to leave off while nothing was trained, or a second one did.
        UsageError: Something is to be trained, and torch is not installed, or no trainer of the person's own is told.
    """
    callback = progress if progress is not None else _ignore
    plan = needs_trainer(plan, trainer)
    origin = origin or Origin(out.name, str(out), plan.title)
    store = Store(out)
    runs = tuple(plan.runs())
    elsewhere = bool(runs) and runs[0].elsewhere
    made = executor_named(executor)(Request(workers_asked(trainer, workers), options))
    where = "cpu" if elsewhere else device_named(device) if made.here else device
    missing = unfinished(runs, store.records(run.key for run in runs))
    if missing:
        if elsewhere:
            store.warnings += ready_elsewhere(trainer, runs, store)
        else:
            need_torch("training")
    site = Site(str(out.resolve()), str(base.resolve()), where, checkpoint_every_s, silence_s=silence_s)
    with interruptible() as interruption:
        with store.lock(PATIENCE_S):
            store.adopt(plan, origin, sources or {}, [run.key for run in runs])
            store.keep_files(base, named_files(plan, base))
            used = used_stores(out, origin, sources or {})
            n_copied = sum(store.copy_in(other, [run.key for run in runs]) for other in used)
            store.state_claims(plan.claims, used)
            missing = unfinished(missing, store.records(run.key for run in missing))
            callback(Planned(len(runs), len(missing), n_copied))
            planned = _Planned(store, plan, base, runs, made, where, callback, trainer)
            predicted = planned.queue(missing) if missing else None
        seconds = None
        if missing:
            begun = time.monotonic()
            with handed_on(trainer):
                own = _train(made, site, planned, missing, interruption, callback, fail_fast)
            seconds = time.monotonic() - begun
        reported = None if interruption.asked() else _report(store, plan, runs, base, callback)
        records = store.records(run.key for run in runs) if reported is None else reported.records
        n_trained = len(missing) - len(unfinished(missing, records))
        if missing and reported is not None and made.here and not elsewhere:
            trained = [run for run in missing if run.key in own and not run.by_solver]
            learn(store.predictions(), trained, records, where, made.workers(where))
        store.hear_of_damage()
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


class _Planned:
    """What is missing of a study, cut into packs and queued."""

    def __init__(
        self,
        store: Store,
        plan: StudyPlan,
        base: Path,
        runs: Sequence[Run],
        executor: Executor,
        device: str,
        callback: Callback,
        trainer: Trainer | None = None,
    ) -> None:
        self._trainer, self._runs = trainer, runs
        self._store, self._plan, self._base = store, plan, base
        self._workers, self._here, self._callback = executor.workers(device), executor.here, callback
        # Elsewhere, what `auto` is shows where it is trained.
        self._device = "cpu" if device == "auto" else device
        self._longest = longest_of(runs)

    def queue(self, missing: Sequence[Run]) -> float | None:
        """Queue them; seconds predicted for them, None where nothing tells. With the folder's lock held.

        Raises:
            OverBudgetError: That is more than the study allows itself.
        """
        cost = self._cost(missing)
        if cost.wall_seconds is not None:
            check_budget(self._plan, cost.wall_seconds)
        self._store.predict(cost.run_seconds)
        # Mostly none of them is queued already, and what is left to cut is what was costed.
        cut = lambda runs: self._cut(cost if len(runs) == len(missing) else self._cost(runs))  # noqa: E731
        packs = queue_packs(self._store, missing, cut)
        tokens = {run.key: 1 if run.by_solver else run.n_tokens or 1 for run in missing}
        load = cost.measured_under_load
        self._callback(Predicted(packs, cost.wall_seconds, cost.workers, tokens, cost.run_seconds, load))
        return cost.wall_seconds

    def again(self) -> bool:
        """Queue what has no record though nothing is queued any more, as after a damaged file; if there was any."""
        with self._store.lock(PATIENCE_S):
            known = self._store.keys()
            left = [run for run in self._plan.runs() if run.key not in known]
            if left:
                self.queue(left)
        return bool(left)

    def _cost(self, runs: Sequence[Run]) -> Cost:
        if runs[0].elsewhere:
            records = self._store.records(run.key for run in self._runs)
            done = {run.key: (run, records[run.key]) for run in self._runs if run.key in records}
            return cost_elsewhere(runs, seconds_known(runs, done, self._trainer), self._workers)
        measuring = lambda load: self._callback(Measuring(load))  # noqa: E731
        taught = lessons(runs, self._base)
        return predict(
            runs, device=self._device, workers=self._workers, measuring=measuring, lessons=taught, here=self._here
        )

    def _cut(self, cost: Cost) -> list[Job]:
        positions = any(map(self._plan.by_position, self._plan.fits))
        return [
            Job(pack, self._longest[pack.runs[0].source], seconds=seconds or 0.0, by_position=positions)
            for pack, seconds in zip(cost.packs, cost.pack_seconds)
        ]


def longest_of(runs: Sequence[Run]) -> dict[Term, int]:
    """Tokens of the longest run of each source."""
    longest: dict[Term, int] = {}
    for run in runs:
        longest[run.source] = max(longest.get(run.source, 0), run.n_tokens)
    return longest


def _train(
    executor: Executor,
    site: Site,
    planned: _Planned,
    missing: Sequence[Run],
    interruption: Interruption,
    callback: Callback,
    fail_fast: bool,
) -> frozenset[str]:
    """Have the queue worked off; keys of the runs that this process and its workers recorded."""
    failing = threading.Event()

    def hear(event: Event) -> None:
        if isinstance(event, Lost) or (isinstance(event, Record) and event.status not in FINAL):
            failing.set()
        callback(event)

    def stop() -> bool:
        return interruption.asked() or (fail_fast and failing.is_set())

    with interruption.patient():
        own = executor.execute(site, hear, stop)
        while not stop() and planned.again():
            own |= executor.execute(site, hear, stop)
    return own


def _report(store: Store, plan: StudyPlan, runs: Sequence[Run], base: Path, callback: Callback) -> Reported:
    """Report on what there is, once nobody else is at it."""
    with store.lock(PATIENCE_S):
        store.forget_checkpoints()
        longest = longest_of(runs)
        # A folder of an earlier version, or runs that were copied in, have none yet; no teacher is trained for them.
        for run in {run.source: run for run in runs}.values() if torch_installed() else ():
            if not run.elsewhere and not lessons((run,), base):
                characterise(store, run.source, longest[run.source], base)
                keep_curves(store, plan, run.source, longest[run.source], base)
        return report_store(store, plan, runs, lambda what: callback(Working(what)))


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


def exit_status(reported: Reported | None) -> int:
    """130 interrupted, else that of what was reported."""
    return INTERRUPTED if reported is None else reported.exit_status
