"""Numbers that follow from a fit's parameters: what one optimiser's parameters and tokens are worth in another's.

In a fit whose panels share E, alpha and beta, L = E + A (rho_N N)^-alpha + B (rho_D D)^-beta with A and B those of
the first panel: rho_N = (A_first / A)^(1/alpha) parameters of the first panel do the work of one, and likewise for
tokens.

Reference: Volkova et al. 2026, arXiv:2602.07712.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Law

from .core.fit_result import Array
from .solver.problem import Column


def worth(law: type[Law], params: Mapping[Column, Array]) -> dict[Column, Array]:
    """rho_N and rho_D of every panel whose exponent is shared and coefficient its own; 1 for the first."""
    out: dict[Column, Array] = {}
    for name, (factor, power) in law.worth.items():
        panels = [column.group for column in params if column.parameter == factor and column.group is not None]
        shared = Column(power, None)
        if len(panels) < 2 or shared not in params:
            continue
        first = params[Column(factor, panels[0])]
        for panel in panels:
            # An exponent near 0 makes any ratio infinite, which is what it is worth: nothing that has a number.
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                out[Column(name, panel)] = (first / params[Column(factor, panel)]) ** (1.0 / params[shared])
    return out
