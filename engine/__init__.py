"""Everything that runs: sources, models, packs, executors, store, laws, report, command line. Imports nothing heavy.

`fit(table)`, `plan(study)`, `run(study)`, `report_of(folder)` and `load(study)` are found here and imported when first
asked for; `%load_ext scalingdsl.engine` adds `%%scaling` to a notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalingdsl.spec.lazy import lazily

if TYPE_CHECKING:
    from .python.calls import fit, load, plan, report_of, run
    from .python.magic import load_ipython_extension
    from .study.run_study import StudyOutcome, run_study

__all__ = ["StudyOutcome", "fit", "load", "load_ipython_extension", "plan", "report_of", "run", "run_study"]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "python.calls": ("fit", "load", "plan", "report_of", "run"),
        "python.magic": ("load_ipython_extension",),
        "study.run_study": ("StudyOutcome", "run_study"),
    },
)
