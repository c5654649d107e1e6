"""A study whose models a trainer of the person's own trains: what it needs of that trainer before anything is begun."""

from __future__ import annotations

from collections.abc import Sequence

from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..external.placeholders import check_names, example
from ..external.told_trainer import names_taken
from ..external.trainer import Trainer
from ..external.trainer_version import VERSION, trained_elsewhere, with_version
from ..formatting import counted
from ..hardware.devices import gpus
from ..store.results_folder import Store


def needs_trainer(plan: StudyPlan, trainer: Trainer | None) -> StudyPlan:
    """The plan as its trainer trains it: of the trainer's version.

    Raises:
        UsageError: A trainer is told and none is needed, or the trainer is of another version.
    """
    if trainer is None:
        return plan
    if not trained_elsewhere(plan):
        raise UsageError("--trainer is for studies of `external` models; this study's models are trained here")
    return with_version(plan, trainer.version)


def same_version(plan: StudyPlan, trainer: Trainer) -> None:
    """Refuse, with `UsageError`, a trainer of another version than that of the runs that wait."""
    if needs_trainer(plan, trainer).digest != plan.digest:
        version = trainer.version or "none"
        raise UsageError(f"the runs that wait are of another version of the trainer than this one, which has {version}")


def not_told(runs: Sequence[Run]) -> UsageError:
    """The refusal to train without a trainer, with a command that fits the study."""
    return UsageError(
        "the models of this study are trained by a program of yours, and none is told; for example:\n"
        f"  --trainer '{example(runs)}'"
    )


def ready_elsewhere(trainer: Trainer | None, runs: Sequence[Run], store: Store) -> list[str]:
    """What is said before a trainer begins.

    Raises:
        UsageError: There is none, it asks for what the runs do not have, or is not told what they differ in.
    """
    if trainer is None:
        raise not_told(runs)
    return [*trainer_notes(trainer, runs), *other_versions(store, runs)]


def trainer_notes(trainer: Trainer | None, runs: Sequence[Run]) -> list[str]:
    """What a reader should know of how the runs are trained; whole sentences.

    Raises:
        UsageError: The trainer asks for what the runs do not have, or is not told what they differ in.
    """
    if trainer is None:
        return [f"a program of yours trains these models: tell `run` which, for example --trainer '{example(runs)}'"]
    notes = check_names(trainer, runs, names_taken(trainer))
    if trainer.timeout_s is None and trainer.silence_s is None:
        notes.append("the trainer has no limit of time, so that a run which hangs is waited for: --timeout 2h sets one")
    return notes


def workers_asked(trainer: Trainer | None, workers: int | None) -> int | None:
    """Runs at a time, where that is said: in so many words, or by how many GPUs each has for itself."""
    if workers is None and trainer is not None and trainer.gpus:
        return max(1, len(gpus()) // trainer.gpus)
    return workers


def other_versions(store: Store, runs: Sequence[Run]) -> list[str]:
    """What is said where the folder has runs of another version of the trainer."""
    keys = {run.key for run in runs}
    now = getattr(runs[0].model, VERSION, "") if runs else ""
    found: dict[str, int] = {}
    for record in store.records(store.keys() - keys).values():
        version = record.run.get("model", {}).get(VERSION, "")
        if version != now:
            found[version] = found.get(version, 0) + 1
    return [
        f"{counted(n, 'record')} of the trainer {_versioned(version)} stay; none is taken for one {_versioned(now)}"
        for version, n in sorted(found.items())
    ]


def _versioned(version: str) -> str:
    return f"of version {version!r}" if version else "without a version"
