"""Everything that runs: sources, models, packs, executors, store, laws, report, command line. Imports nothing heavy.

`run(study)` and `fit(table, law)` are found here and imported when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "run": ".study.run_study",
    "run_study": ".study.run_study",
    "StudyOutcome": ".study.run_study",
    "fit": ".fits.tables.fit_table",
}
#: Called otherwise where they live.
_NAMES = {"fit": "fit_table"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), _NAMES.get(name, name))
