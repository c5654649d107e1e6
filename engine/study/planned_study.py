"""A study planned: its runs, what is done of them, and what the others will cost. `plan` on the command line and in
Python show this value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..hardware.devices import INSTALL_TORCH, default_workers, device_named, torch_installed
from ..planning.costs import predict
from ..planning.machines import Estimate, Machine, estimate, teachers_of
from ..store.record import unfinished
from ..store.results_folder import Store
from .study_folder import at_hand, source_notes
from .train_teachers import lessons

if TYPE_CHECKING:
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
        limit = self.plan.budget.seconds
        return limit is not None and self.cost.wall_seconds > limit


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
        measuring: Called before some seconds are spent on measuring it, with the load of other work.

    Raises:
        UsageError: cuda is asked for where there is none, or the grid carries no law in N and D.
    """
    runs = tuple(plan.runs())
    store = Store(out)
    missing = tuple(unfinished(runs, store.records(run.key for run in runs)))
    warnings = source_notes(runs, base)
    if machine is not None and missing and all(run.on_points for run in missing):
        words = f"what learns from points runs on processors, so {machine.name} has nothing to do"
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
    design = None
    if noise is not None:
        from ..planning.grid_design import foretell

        design = foretell(plan, runs, noise, assume or {})
    return PlannedStudy(plan, runs, missing, cost, store, tuple(warnings), design)


def _without_torch(missing: Sequence[Run]) -> list[str]:
    """What a prediction lacks where there is no torch to measure with."""
    if not missing or torch_installed():
        return []
    teachers = ", and that of teachers is not counted" if teachers_of(missing) else ""
    return [f"torch is not installed ({INSTALL_TORCH}): the time is that of a typical machine{teachers}"]
