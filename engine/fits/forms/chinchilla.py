"""The additive law in parameters and tokens."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.fit_result import Array
from ..core.form import Form, Values, coefficient, exponent, falling, level


def chinchilla(variables: Values, params: Values) -> Array:
    """Predicted loss E + A N^-alpha + B D^-beta, nats a token.

    Reference: Hoffmann et al. 2022, section 3.3, arXiv:2203.15556.
    """
    n_term = params["A"] * falling(variables["N"], params["alpha"])
    d_term = params["B"] * falling(variables["D"], params["beta"])
    return np.asarray(params["E"] + n_term + d_term)


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `chinchilla` by E, A, alpha, B, beta."""
    n_power = falling(variables["N"], params["alpha"])
    d_power = falling(variables["D"], params["beta"])
    return {
        "E": np.ones_like(n_power + d_power),
        "A": n_power,
        "alpha": -params["A"] * n_power * np.log(variables["N"]),
        "B": d_power,
        "beta": -params["B"] * d_power * np.log(variables["D"]),
    }


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """A (N/u)^-alpha is A u^alpha N^-alpha."""
    return {
        **params,
        "A": params["A"] * units["N"] ** params["alpha"],
        "B": params["B"] * units["D"] ** params["beta"],
    }


FORM = Form(
    word="chinchilla",
    variables=("N", "D"),
    parameters=(
        level("E", "irreducible loss, nats a token"),
        coefficient("A", "reducible loss of one parameter at unlimited data", "N"),
        exponent("alpha", "exponent in parameters"),
        coefficient("B", "reducible loss of one token at unlimited size", "D"),
        exponent("beta", "exponent in tokens"),
    ),
    value=chinchilla,
    gradient=gradient,
    rescale=rescale,
    linear=("E", "A", "B"),
)
