"""Exponential decay to an offset: the control against which a power law has to win."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Exponential

from ..core.fit_result import Array
from ..core.form import Form, Values, register


def exponential(variables: Values, params: Values) -> Array:
    """Predicted loss E + A exp(-rate x), nats a token.

    Reference: the control fit of Barkeshli, Alfarano and Gromov 2026, arXiv:2601.10684.
    """
    return np.asarray(params["E"] + params["A"] * np.exp(-params["rate"] * variables["x"]))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `exponential` by E, A, rate."""
    decay = np.exp(-params["rate"] * variables["x"])
    return {"E": np.ones_like(decay), "A": decay, "rate": -params["A"] * variables["x"] * decay}


register(Form(Exponential, exponential, gradient, linear=("E", "A"), grids={"rate": np.geomspace(1e-3, 1e2, 41)}))
