"""Teachers that a study still has to train, as the runs that train them: what predicting its time takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scalingdsl.spec.plan.run_grid import Run

from ..hardware.devices import torch_installed
from ..planning.machines import teachers_of

#: The runs of one teacher, one a rate that it is tuned over.
Lessons = tuple[Run, ...]


def lessons(runs: Sequence[Run], base: Path) -> tuple[Lessons, ...]:
    """Of every teacher whose sequences `runs` read and that this user's cache does not hold; none without torch.

    Args:
        runs: Runs still to be trained.
        base: The study's directory, where the texts of its teachers are found.
    """
    terms = teachers_of(runs)
    if not terms or not torch_installed():
        return ()
    from ..teachers.teacher import key_of, made, teacher_run

    keys = [(term, key_of(term, base)) for term in terms]
    return tuple(tuple(teacher_run(term, key, lr) for lr in term.tried) for term, key in keys if not made(key))
