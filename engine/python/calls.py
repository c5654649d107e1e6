"""`fit`, `plan`, `run`, `report_of` and `load`, with the options of the command line by the same names.

A test compares each signature with its command: names, defaults and choices. What a command prints is shown by the
value that comes back; what concerns a terminal alone (`--json`, `--plot`) is not here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from scalingdsl.spec.constants import MAX_RUNS

if TYPE_CHECKING:
    from scalingdsl.spec import Checked
    from scalingdsl.spec.plan.study_plan import StudyPlan

    from ..executors.events import Callback
    from .fits_shown import FittedTable
    from .studies_shown import Outcome, PlannedHere, StudyReport

Device = Literal["auto", "cpu", "cuda"]


def fit(
    table: Any,
    law: str | None = None,
    *,
    objective: Literal["huber", "lad", "log-mse", "huber-raw", "mse"] | None = None,
    delta: float | None = None,
    columns: Mapping[str, str] | None = None,
    where: str | None = None,
    predict: Sequence[Mapping[str, float]] = (),
    overestimate: float = 1.0,
    rollout: Literal["N", "D", "C"] | None = None,
    best_over: Sequence[str] = (),
    exhaustive: bool = False,
    bootstrap: int = 1000,
    intervals: Literal["bootstrap", "profile"] = "bootstrap",
    seed: int = 0,
    out: Path | str | None = None,
) -> FittedTable:
    """Fit a law to a table of runs; the numbers are those of `scalingdsl fit`.

    Args:
        table: A DataFrame, a mapping of names to arrays, or the path of a csv, tsv, json, jsonl or parquet file.
        law: A law, such as "chinchilla" or "power(N, E=0)", an expression, or "best"; the usual one by default.
        objective: What is minimised, summed; the law's own by default.
        delta: Threshold of huber (on log loss) or huber-raw (on loss).
        columns: Where N, D, C, loss and run (the cluster) are, as columns or expressions: `{"N": "params*1e6"}`.
        where: Rows to fit, such as "N < 1B and loss < 4".
        predict: Sizes at which the loss is wanted with its intervals; `.predict` answers later without.
        overestimate: Factor on the penalty of rows predicted above what was seen.
        rollout: Fit to ever larger values of it, and predict the next each time.
        best_over: Columns that were tuned: of the rows that differ in these alone, the best is fitted.
        exhaustive: Polish every start of the grid.
        bootstrap: Number of draws.
        intervals: "profile" for those of the profile likelihood too.
        seed: Seed of the draws.
        out: Write a report with figures into this folder.

    Raises:
        FitError: The table or the request cannot be used.
    """
    from ..console.progress_display import Counting
    from ..fits.tables.fit_table import fit_table
    from .fits_shown import FittedTable

    if isinstance(table, str | Path) and not Path(table).is_file():
        from scalingdsl.spec.errors import UsageError
        from scalingdsl.spec.files.tables.table_file import is_run_folder

        if not is_run_folder(Path(table)):
            raise UsageError(f"no table at {table}")
    if out is not None:
        from ..study.table_study import check_reportable

        check_reportable(overestimate)
    with Counting() as counting:
        found = fit_table(
            table,
            law,
            columns=columns,
            where=where,
            predict=predict,
            overestimate=overestimate,
            exhaustive=exhaustive,
            rollout=rollout,
            best=best_over,
            objective=objective,
            delta=delta,
            bootstrap=bootstrap,
            seed=seed,
            intervals=intervals,
            progress=counting,
        )
    if out is not None:
        from ..study.table_study import write_study

        name = Path(table) if isinstance(table, str | Path) else Path(type(table).__name__)
        write_study(found, name, Path(out), objective=found.objective, best_over=best_over)
    return FittedTable.of(found)


def load(
    study: Path | str | None = None,
    *,
    text: str | None = None,
    set: Mapping[str, str] | None = None,
    max_runs: int = MAX_RUNS,
    data_root: Sequence[Path | str] = (),
) -> StudyPlan:
    """The plan of a study that is valid: what it asks for, with nothing of this machine.

    Args:
        study: The path of its file.
        text: The study itself, in place of a file.
        set: Let names and the text that replaces their value.
        max_runs: Refuse a larger study.
        data_root: Folders besides the study's own that its files may lie in.

    Raises:
        SpecError: The study is not valid: it shows every mistake with its line.
        UsageError: The file cannot be read.
    """
    plan = _checked(study, text, set, max_runs, data_root).plan
    assert plan is not None
    return plan


def plan(
    study: Path | str | None = None,
    *,
    text: str | None = None,
    set: Mapping[str, str] | None = None,
    out: Path | str | None = None,
    device: Device = "auto",
    workers: int | None = None,
    max_runs: int = MAX_RUNS,
    data_root: Sequence[Path | str] = (),
    design: float | None = None,
    assume: Mapping[str, float] | None = None,
    machine: str | None = None,
    recalibrate: bool = False,
    trainer: str | None = None,
    trainer_version: str | None = None,
    timeout: str | None = None,
    retries: int | None = None,
    gpus_per_run: int | None = None,
) -> PlannedHere:
    """A study's axes and runs, and what those that are missing will cost.

    Args:
        study: The path of its file.
        text: The study itself, in place of a file.
        set: Let names and the text that replaces their value.
        out: Its results folder; `runs/<name of the study>` by default.
        device: What it would be trained on.
        workers: Packs trained at a time; one a core, or a GPU, by default.
        max_runs: Refuse a larger study.
        data_root: Folders besides the study's own that its files may lie in.
        design: Scatter of log loss from run to run: foretells the intervals of a law in N and D.
        assume: Parameters of the law that `design` assumes.
        machine: Cost the study on h100, h200 or a100 instead of on this machine.
        recalibrate: Measure again how fast this machine trains.
        trainer: What will train `external` models, as `run` takes it; and so the four below.
        trainer_version: Its version.
        timeout: The time that a run of it may take.
        retries: Further tries of a run of it that fails.
        gpus_per_run: GPUs that each run of it has for itself.

    Raises:
        SpecError: The study is not valid: it shows every mistake with its line.
        UsageError: It cannot be planned as asked.
    """
    from scalingdsl.spec.errors import UsageError

    from ..external.told_trainer import told_or_none
    from ..planning.machines import machine_named
    from ..study.planned_study import plan_study
    from .studies_shown import PlannedHere

    checked = _checked(study, text, set, max_runs, data_root)
    assert checked.plan is not None
    try:
        named = None if machine is None else machine_named(machine)
    except LookupError as error:
        raise UsageError(error.args[0]) from None
    found = plan_study(
        checked.plan,
        base=checked.base,
        out=_folder(study, out, checked.plan),
        device=device,
        workers=workers,
        noise=design,
        assume=assume,
        machine=named,
        recalibrate=recalibrate,
        trainer=told_or_none(trainer, trainer_version, timeout, retries, gpus_per_run),
        measuring=_measuring,
    )
    return PlannedHere.of(found)


def run(
    study: Path | str | None = None,
    *,
    text: str | None = None,
    set: Mapping[str, str] | None = None,
    out: Path | str | None = None,
    device: Device = "auto",
    executor: str = "local",
    sbatch: str = "",
    workers: int | None = None,
    fail_fast: bool = False,
    checkpoint_every: float = 60.0,
    max_runs: int = MAX_RUNS,
    data_root: Sequence[Path | str] = (),
    progress: bool | Callback = True,
    trainer: str | None = None,
    trainer_version: str | None = None,
    timeout: str | None = None,
    retries: int | None = None,
    gpus_per_run: int | None = None,
) -> Outcome:
    """Train what is missing of a study, fit its laws, judge its claims, write its report.

    Args:
        study: The path of its file.
        text: The study itself, in place of a file.
        set: Let names and the text that replaces their value.
        out: Its results folder; `runs/<name of the study>` by default.
        device: What is trained on.
        executor: Where packs are trained: "local" (processes), "inline" (this process), "slurm", "ray".
        sbatch: Options of Slurm's tasks, as `sbatch` takes them.
        workers: Packs trained at a time; one a core, or a GPU, by default.
        fail_fast: Stop at the first run that fails.
        checkpoint_every: Seconds between checkpoints of what is trained.
        max_runs: Refuse a larger study.
        data_root: Folders besides the study's own that its files may lie in.
        progress: Show how it goes: in the cell of a notebook, else on stderr; or what is called with every event.
        trainer: What trains `external` models: a command, "module:function", or a name of your scalingdsl.toml.
        trainer_version: Its version; another version is another run.
        timeout: End a run of it after so long, such as "2h".
        retries: Further tries of a run of it that fails.
        gpus_per_run: GPUs that each run of it has for itself.

    Raises:
        SpecError: The study is not valid: it shows every mistake with its line.
        OverBudgetError: What is missing is predicted to take longer than the study's budget.
        UsageError: It cannot be run as asked, for one because torch is not installed.
    """
    from ..external.told_trainer import told_or_none
    from ..study.run_study import run_study
    from ..study.study_folder import origin_of
    from .studies_shown import Outcome

    checked = _checked(study, text, set, max_runs, data_root, at_hand=True)
    assert checked.plan is not None
    with _progress(progress) as shown:
        found = run_study(
            checked.plan,
            base=checked.base,
            out=_folder(study, out, checked.plan),
            origin=origin_of("-" if study is None else str(study), checked.plan),
            sources={name: source.text for name, source in checked.sources.items()},
            device=device,
            executor=executor,
            options=sbatch,
            workers=workers,
            progress=shown,
            fail_fast=fail_fast,
            checkpoint_every_s=checkpoint_every,
            trainer=told_or_none(trainer, trainer_version, timeout, retries, gpus_per_run),
        )
    return Outcome.of(found)


def report_of(folder: Path | str) -> StudyReport:
    """Fit the laws of a results folder and write its report again, without training.

    Raises:
        StoreError: It is no results folder.
    """
    from ..store.results_folder import Store
    from ..study.reporting import report_store
    from .studies_shown import StudyReport

    store = Store.existing(Path(folder))
    with store.lock():
        found = report_store(store)
    return StudyReport(found.analysis, found.path, found.page, found.complete)


def _checked(
    study: Path | str | None,
    text: str | None,
    settings: Mapping[str, str] | None,
    max_runs: int,
    roots: Sequence[Path | str],
    at_hand: bool = False,
) -> Checked:
    """A study that is valid.

    Raises:
        SpecError: It is not; the error shows every mistake in its line.
        UsageError: There is none.
    """
    from scalingdsl.spec import check
    from scalingdsl.spec.checker import refused

    checked = check(
        study,
        text=text,
        settings=settings or {},
        max_runs=max_runs,
        roots=tuple(Path(root) for root in roots),
        at_hand=at_hand,
    )
    if checked.plan is None:
        raise refused(checked)
    return checked


def _measuring(load: float | None) -> None:
    """Say on stderr that some seconds are spent on measuring this machine."""
    from ..console.progress_display import measuring

    print(measuring(load), file=sys.stderr)  # noqa: T201 - as the command does


def _folder(study: Path | str | None, out: Path | str | None, plan: StudyPlan) -> Path:
    from ..study.study_folder import default_folder

    return Path(out) if out is not None else default_folder("-" if study is None else str(study), plan)


def _progress(wanted: bool | Callback) -> AbstractContextManager[Callback | None]:
    """The display that fits where this runs, or what was given in its place; none where none is wanted."""
    from contextlib import nullcontext

    if not isinstance(wanted, bool):
        return nullcontext(wanted)
    if not wanted:
        return nullcontext()
    from .notebook_progress import NotebookProgress, in_notebook

    if in_notebook():
        return NotebookProgress()
    from ..console.progress_display import display

    return display()
