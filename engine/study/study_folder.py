"""The results folder of a study, its name, and notes of its sources, such as nodes left out of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import Term

from ..store.results_folder import Origin

#: Sources that are built to be asked; a study of more of them is told the rest as it trains.
_ASKED = 8


def default_folder(study: str, plan: StudyPlan) -> Path:
    """`runs/<file stem>`; a study from standard input has no name, so it gets its plan's."""
    return Path("runs") / (f"stdin-{plan.digest}" if study == "-" else Path(study).stem)


def origin_of(study: str, plan: StudyPlan) -> Origin:
    """Name, path and title, by which a results folder knows its study again."""
    if study == "-":
        return Origin(f"stdin-{plan.digest}", "-", plan.title)
    return Origin(Path(study).stem, str(Path(study).resolve()), plan.title)


def source_notes(runs: Sequence[Run], base: Path) -> list[str]:
    """Each note once, in the order of the sources; those whose files are still to come have nothing to say."""
    if not runs:
        return []
    ours = dict.fromkeys(run.source for run in runs if not run.elsewhere)
    kept = [source for source in ours if at_hand(source)][:_ASKED]
    notes = dict.fromkeys(note for source in kept for note in _notes(source, base))
    return list(notes)


def _notes(source: Term, base: Path) -> tuple[str, ...]:
    """What there is to know of a source; where torch is missing, of one that can be read without it."""
    from ..sources import open_source

    try:
        return open_source(source, base).notes
    except ModuleNotFoundError as missing:
        if missing.name != "torch":
            raise
        return (f"what {source.word}(...) leaves out of its data is not known without torch",)


def at_hand(term: Term) -> bool:
    """True if the files that a term names were there when it was checked: then their content is known."""
    values = [getattr(term, name) for name in type(term).model_fields]
    return getattr(term, "sha256", None) != "" and all(at_hand(value) for value in values if isinstance(value, Term))
