"""The additive law with one exponent for parameters and tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.fit_result import Array
from ..core.form import Form, Values, coefficient, exponent, falling, level


def tied(variables: Values, params: Values) -> Array:
    """Predicted loss E + A N^-alpha + B D^-alpha, nats a token.

    Reference: Muennighoff et al. 2023, arXiv:2305.16264, who tie the exponents so that N and D scale alike.
    """
    n_term = params["A"] * falling(variables["N"], params["alpha"])
    return np.asarray(params["E"] + n_term + params["B"] * falling(variables["D"], params["alpha"]))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `tied` by E, A, B, alpha."""
    n_power = falling(variables["N"], params["alpha"])
    d_power = falling(variables["D"], params["alpha"])
    by_alpha = -params["A"] * n_power * np.log(variables["N"]) - params["B"] * d_power * np.log(variables["D"])
    return {"E": np.ones_like(by_alpha), "A": n_power, "B": d_power, "alpha": by_alpha}


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """A (N/u)^-alpha is A u^alpha N^-alpha."""
    moved = {"A": params["A"] * units["N"] ** params["alpha"], "B": params["B"] * units["D"] ** params["alpha"]}
    return {**params, **moved}


FORM = Form(
    word="tied",
    variables=("N", "D"),
    parameters=(
        level("E", "irreducible loss, nats a token"),
        coefficient("A", "reducible loss of one parameter at unlimited data", "N"),
        coefficient("B", "reducible loss of one token at unlimited size", "D"),
        exponent("alpha", "exponent in parameters and in tokens"),
    ),
    value=tied,
    gradient=gradient,
    rescale=rescale,
    linear=("E", "A", "B"),
)
