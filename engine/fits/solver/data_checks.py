"""Numbers that can be fitted at all."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.fit_result import Array, FitWarning
from ..core.warning_codes import warn
from .objective import Objective


def unusable(variables: Mapping[str, Array], loss: Array, objective: Objective) -> FitWarning | None:
    """The reason why these numbers cannot be fitted, or None."""
    if not len(loss):
        return warn("FIT106", "there are no points")
    for name, x in variables.items():
        if len(x) != len(loss):
            return warn("FIT106", f"{name} has {len(x)} values for {len(loss)} losses")
        if not np.all(np.isfinite(x)) or np.any(x <= 0):
            return warn(
                "FIT106", f"{name} is not positive and finite in row {int(np.argmin(np.isfinite(x) & (x > 0)))}"
            )
    if not np.all(np.isfinite(loss)):
        return warn("FIT106", f"the loss is not finite in row {int(np.argmin(np.isfinite(loss)))}")
    if objective.space == "log" and np.any(loss <= 0):
        row = int(np.argmin(loss > 0))
        return warn("FIT106", f"the loss is not positive in row {row}, and {objective.name} needs its logarithm")
    return None
