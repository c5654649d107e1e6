"""The known bias of parabolas: what they would find on noise-free losses of a known surface, at the same points."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Fit, FitWarning, Optimum, Points
from ..core.warning_codes import warn
from ..predict import predict
from .closed_form import allocation
from .isoflop import isoflop

#: Relative misplacement of D at the largest budget above which the reader is warned.
MAX_BIAS = 0.01


def with_bias(found: Optimum, fit: Fit, points: Points) -> Optimum:
    """An isoFLOP optimum with the bias that a fitted surface implies, and its distance to the surface's own optimum."""
    doubts: list[FitWarning] = []
    try:
        exact = isoflop(replace(points, loss=predict(fit, points.variables)), n_draws=0)
    except FitError:
        return found  # the surface bends otherwise than the data: nothing to compare
    own = {name: float(v[0]) for name, v in allocation({k: np.array([v]) for k, v in fit.params.items()}).items()}
    parabolas = exact.curves["D"]
    misplaced = float(parabolas.value[-1] / (own["D_1"] * parabolas.flops[-1] ** own["b"]) - 1.0)
    if found.method == "isoflop" and abs(misplaced) > MAX_BIAS:
        doubts.append(
            warn(
                "FIT154",
                f"on the fitted surface these parabolas misplace D by {100 * misplaced:+.1f} % at the largest budget "
                f"and a by {exact.params['a'] - own['a']:+.3f}",
            )
        )
    low, high = found.intervals.get("a", (-np.inf, np.inf))
    if not low <= own["a"] <= high:
        gap = f"{found.params['a'] - own['a']:+.3f}"
        doubts.append(warn("FIT155", f"a differs from the fitted surface's by {gap}, more than its interval allows"))
    return replace(found, warnings=(*found.warnings, *doubts))
