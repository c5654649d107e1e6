"""The language of scaling-law studies: text in, a frozen `StudyPlan` out. Needs no torch, numpy or scipy.

>>> from scalingdsl.spec import load
>>> plan = load("study.scl", text="data walk(er(n=512,p=.02)); models width in [32..512]; fit chinchilla")
>>> [axis.name for axis in plan.axes]
['width', 'tokens']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .checker import Checked, check, load
    from .errors import Diagnostic, ScalingDSLError, SpecError, UsageError
    from .plan.run_grid import Run
    from .plan.study_plan import StudyPlan

__all__ = ["Checked", "Diagnostic", "Run", "ScalingDSLError", "SpecError", "StudyPlan", "UsageError", "check", "load"]

_HOMES = {
    "checker": ("Checked", "check", "load"),
    "errors": ("Diagnostic", "ScalingDSLError", "SpecError", "UsageError"),
    "plan.run_grid": ("Run",),
    "plan.study_plan": ("StudyPlan",),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that importing the package costs nothing."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f".{home}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
