"""A power law in one variable above an offset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.fit_result import Array
from ..core.form import Form, Values, coefficient, exponent, falling, level


def power(variables: Values, params: Values) -> Array:
    """Predicted loss E + A x^-alpha, nats a token; with E fixed at 0 it is a straight line on logarithmic axes."""
    return np.asarray(params["E"] + params["A"] * falling(variables["x"], params["alpha"]))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `power` by E, A, alpha."""
    x_power = falling(variables["x"], params["alpha"])
    return {
        "E": np.ones_like(x_power),
        "A": x_power,
        "alpha": -params["A"] * x_power * np.log(variables["x"]),
    }


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """A (x/u)^-alpha is A u^alpha x^-alpha."""
    return {**params, "A": params["A"] * units["x"] ** params["alpha"]}


FORM = Form(
    word="power",
    variables=("x",),
    parameters=(
        level("E", "irreducible loss, nats a token"),
        coefficient("A", "reducible loss at x = 1", "x"),
        exponent("alpha", "exponent in x"),
    ),
    value=power,
    gradient=gradient,
    rescale=rescale,
    linear=("E", "A"),
)
