"""The known bias of parabolas: what they would find on noise-free losses of a known surface, at the same points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Fit, FitWarning, Optimum, Points
from ..core.warning_codes import warn
from ..predict import predict
from .closed_form import allocation
from .isoflop import isoflop

#: Relative misplacement of D at the largest budget above which the reader is warned.
MAX_BIAS = 0.01


@dataclass(frozen=True)
class Bias:
    """Bias of isoFLOP parabolas: in the exponent `a`, and in D at the largest budget, relative."""

    a: float
    tokens: float


def parabola_bias(fit: Fit, points: Points) -> Bias:
    """The bias on a fitted chinchilla surface.

    Raises:
        FitError: The surface has no parabola optimum at these points.
    """
    exact = replace(points, loss=predict(fit, points.variables))
    found = isoflop(exact, n_draws=0)
    true = {name: float(v[0]) for name, v in allocation({k: np.array([v]) for k, v in fit.params.items()}).items()}
    flops = found.curves["D"].flops[-1]
    tokens = true["D_1"] * flops ** true["b"]
    return Bias(found.params["a"] - true["a"], float(found.curves["D"].value[-1] / tokens - 1.0))


def with_bias(found: Optimum, fit: Fit, points: Points) -> Optimum:
    """An isoFLOP optimum with the bias that a fitted surface implies, and its distance to the surface's own optimum."""
    doubts: list[FitWarning] = []
    try:
        bias = parabola_bias(fit, points)
    except FitError:
        return found  # the surface bends otherwise than the data: nothing to compare
    if found.method == "isoflop" and abs(bias.tokens) > MAX_BIAS:
        doubts.append(
            warn(
                "FIT154",
                f"on the fitted surface these parabolas misplace D by {100 * bias.tokens:+.1f} % at the largest budget "
                f"and a by {bias.a:+.3f}",
            )
        )
    own = allocation({k: np.array([v]) for k, v in fit.params.items()})
    gap = found.params["a"] - float(own["a"][0])
    low, high = found.intervals.get("a", (-np.inf, np.inf))
    if not low <= float(own["a"][0]) <= high:
        doubts.append(
            warn("FIT155", f"a differs from the fitted surface's by {gap:+.3f}, more than its interval allows")
        )
    return replace(found, warnings=(*found.warnings, *doubts))
