"""`saturating(x)`: value and gradient."""

from __future__ import annotations

import numpy as np
from scalingdsl.engine.fits.core.fit_result import Array
from scalingdsl.engine.fits.core.form import Form, Values, register

from .words import Saturating


def saturating(variables: Values, params: Values) -> Array:
    """Predicted loss E + A / (1 + x/half), nats a token."""
    return np.asarray(params["E"] + params["A"] / (1 + variables["x"] / params["half"]))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `saturating` by E, A, half."""
    x, half = variables["x"], params["half"]
    left = 1 / (1 + x / half)
    return {"E": np.ones_like(left), "A": left, "half": params["A"] * left**2 * x / half**2}


register(Form(Saturating, saturating, gradient, linear=("E", "A"), grids={"half": np.geomspace(1e-3, 1e3, 41)}))
