"""The language of scaling-law studies: text in, a frozen `StudyPlan` out. Needs no torch, numpy or scipy.

>>> from scalingdsl.spec import load
>>> plan = load("study.scl", text="data walk(er(n=512,p=.02)); models width in [32..512]; fit chinchilla")
>>> [axis.name for axis in plan.axes]
['width', 'tokens']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import lazily

if TYPE_CHECKING:
    from .checker import Checked, check, load
    from .errors import Diagnostic, ScalingDSLError, SpecError, UsageError
    from .plan.run_grid import Run
    from .plan.study_plan import StudyPlan

__all__ = ["Checked", "Diagnostic", "Run", "ScalingDSLError", "SpecError", "StudyPlan", "UsageError", "check", "load"]

__getattr__, __dir__ = lazily(
    __name__,
    {
        "checker": ("Checked", "check", "load"),
        "errors": ("Diagnostic", "ScalingDSLError", "SpecError", "UsageError"),
        "plan.run_grid": ("Run",),
        "plan.study_plan": ("StudyPlan",),
    },
)
