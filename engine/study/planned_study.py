"""A study planned: its runs, what is done of them, and what the others will cost. `plan` on the command line and in
Python show this value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..external.run_costs import seconds_known
from ..hardware.devices import INSTALL_TORCH, default_workers, device_named, torch_installed
from ..planning.costs import cost_elsewhere, predict
from ..planning.machines import Estimate, Machine, estimate, teachers_of
from ..store.record import unfinished
from ..store.results_folder import Store
from .study_folder import at_hand, source_notes
from .train_teachers import lessons
from .trained_elsewhere import needs_trainer, trainer_notes, workers_asked

if TYPE_CHECKING:
    from ..external.trainer import Trainer
    from ..planning.costs import Cost
    from ..planning.grid_design import Foretold


@dataclass(frozen=True)
class PlannedStudy:
    """A study before it is run, or while some of it is done."""

    plan: StudyPlan
    runs: tuple[Run, ...]
    #: Runs without a result in the folder.
    missing: tuple[Run, ...]
    #: Of the missing runs, here or on a named machine.
    cost: Cost | Estimate
    store: Store
    #: What a reader should know of the sources and of the prediction; whole sentences.
    warnings: tuple[str, ...] = ()
    #: How wide the intervals of a law in N and D will be, where that was asked for.
    design: Foretold | None = field(default=None)

    @property
    def over_budget(self) -> bool:
        """True if what is missing is predicted to take longer than the study allows itself."""
        limit, seconds = self.plan.budget.seconds, self.cost.wall_seconds
        return limit is not None and seconds is not None and seconds > limit


def plan_study(
    plan: StudyPlan,
    *,
    base: Path,
    out: Path,
    device: str = "auto",
    workers: int | None = None,
    noise: float | None = None,
    assume: Mapping[str, float] | None = None,
    machine: Machine | None = None,
    recalibrate: bool = False,
    trainer: Trainer | None = None,
    measuring: Callable[[float | None], None] = lambda load: None,
) -> PlannedStudy:
    """Plan a study: cost its missing runs, foretell its intervals.

    Args:
        plan: The study.
        base: Its directory, where the files its sources name are found.
        out: Its results folder, which need not exist.
        device: "cpu", "cuda", or "auto" for cuda where there is one.
        workers: Packs trained at a time; as many as there are cores, or GPUs, by default.
        noise: Standard deviation of log loss from run to run; foretells the intervals of a law in N and D.
        assume: Parameters of the law that is assumed for that.
        machine: A machine to be costed for in place of this one.
        recalibrate: Measure this machine's speed again.
        trainer: The trainer of models that are trained elsewhere, where it is told already.
        measuring: Called before some seconds are spent on measuring it, with the load of other work.

    Raises:
        UsageError: cuda is asked for where there is none, or the grid carries no law in N and D.
    """
    plan = needs_trainer(plan, trainer)
    runs = tuple(plan.runs())
    store = Store(out)
    records = store.records(run.key for run in runs)
    missing = tuple(unfinished(runs, records))
    warnings = source_notes(runs, base)
    if runs and runs[0].elsewhere:
        warnings += trainer_notes(trainer, runs)
        team = workers_asked(trainer, workers) or default_workers("cpu")
        taken = seconds_known(
            missing, {run.key: (run, records[run.key]) for run in runs if run.key in records}, trainer
        )
        design = _design(plan, runs, noise, assume)
        return PlannedStudy(plan, runs, missing, cost_elsewhere(missing, taken, team), store, tuple(warnings), design)
    if machine is not None and missing and all(run.by_solver for run in missing):
        words = f"what is solved for runs on processors, so {machine.name} has nothing to do"
        warnings.append(f"{words}: costed on this machine")
        machine = None
    if machine is not None:
        cost: Cost | Estimate = estimate(missing, machine)
    else:
        where = device_named(device)
        warnings += _without_torch(missing)
        taught = lessons([run for run in missing if at_hand(run.source)], base)
        team = workers or default_workers(where)
        cost = predict(missing, device=where, workers=team, measuring=measuring, lessons=taught, anew=recalibrate)
    return PlannedStudy(plan, runs, missing, cost, store, tuple(warnings), _design(plan, runs, noise, assume))


def _design(
    plan: StudyPlan, runs: Sequence[Run], noise: float | None, assume: Mapping[str, float] | None
) -> Foretold | None:
    if noise is None:
        return None
    from ..planning.grid_design import foretell

    return foretell(plan, runs, noise, assume or {})


def _without_torch(missing: Sequence[Run]) -> list[str]:
    """What a prediction lacks where there is no torch to measure with."""
    if not missing or torch_installed():
        return []
    teachers = ", and that of teachers is not counted" if teachers_of(missing) else ""
    return [f"torch is not installed ({INSTALL_TORCH}): the time is that of a typical machine{teachers}"]
