"""The results folder of a study, and its name."""

from __future__ import annotations

from pathlib import Path

from scalingdsl.spec.plan.study_plan import StudyPlan

from ..store.results_folder import Origin


def default_folder(study: str, plan: StudyPlan) -> Path:
    """`runs/<file stem>`; a study from standard input has no name, so it gets its plan's."""
    return Path("runs") / (f"stdin-{plan.digest}" if study == "-" else Path(study).stem)


def origin_of(study: str, plan: StudyPlan) -> Origin:
    """Name, path and title, by which a results folder knows its study again."""
    if study == "-":
        return Origin(f"stdin-{plan.digest}", "-", plan.title)
    return Origin(Path(study).stem, str(Path(study).resolve()), plan.title)
