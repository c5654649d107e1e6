"""Exponential decay to an offset: the control against which a power law has to win."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.fit_result import Array
from ..core.form import Form, Parameter, Values, coefficient, level


def exponential(variables: Values, params: Values) -> Array:
    """Predicted loss E + A exp(-rate x), nats a token.

    Reference: the control fit of Barkeshli, Alfarano and Gromov 2026, arXiv:2601.10684.
    """
    return np.asarray(params["E"] + params["A"] * np.exp(-params["rate"] * variables["x"]))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `exponential` by E, A, rate."""
    decay = np.exp(-params["rate"] * variables["x"])
    return {"E": np.ones_like(decay), "A": decay, "rate": -params["A"] * variables["x"] * decay}


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """exp(-r x/u) decays at the rate r/u."""
    return {**params, "rate": params["rate"] / units["x"]}


FORM = Form(
    word="exponential",
    variables=("x",),
    parameters=(
        level("E", "irreducible loss, nats a token"),
        coefficient("A", "reducible loss at x = 0", None),
        Parameter("rate", "rate", "decay rate, per unit of x", "x", 1e-6, 1e3, np.geomspace(1e-3, 1e2, 41)),
    ),
    value=exponential,
    gradient=gradient,
    rescale=rescale,
    linear=("E", "A"),
)
