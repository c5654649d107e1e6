"""From loss to the accuracy of a task: a sigmoid between a floor, the chance level, and a ceiling."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Sigmoid

from ..core.fit_result import Array
from ..core.form import Form, Values, register


def sigmoid(variables: Values, params: Values) -> Array:
    """Predicted measure floor + (top - floor) / (1 + exp(rate (x - middle))), in the measure's own unit.

    It falls from `top` at small x to `floor` at large x: x is the loss and the measure an accuracy (fix the floor at
    chance), or x is a size and the measure an error.

    Reference: the second step of Bhagia et al. 2024, arXiv:2412.04403.
    """
    share = _share(variables, params)
    return np.asarray(params["floor"] * (1.0 - share) + params["top"] * share)


def _share(variables: Values, params: Values) -> Array:
    z = params["rate"] * (variables["x"] - params["middle"])
    return np.asarray(1.0 / (1.0 + np.exp(np.where(np.real(z) > 700.0, 700.0, z))))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `sigmoid` by floor, top, rate, middle."""
    share = _share(variables, params)
    slope = -(params["top"] - params["floor"]) * share * (1.0 - share)
    return {
        "floor": 1.0 - share,
        "top": share,
        "rate": slope * (variables["x"] - params["middle"]),
        "middle": -slope * params["rate"],
    }


def seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """Middles at and beyond the data, rates from a gentle slope to a step."""
    x = variables["x"]
    span = max(float(np.ptp(x)), 1e-3)
    middles = np.concatenate([np.quantile(x, np.linspace(0.05, 0.95, 9)), np.min(x) * np.array([0.4, 0.7, 0.9])])
    rate, middle = (g.ravel() for g in np.meshgrid(np.geomspace(0.5, 60.0, 14) / span, middles, indexing="ij"))
    return {"rate": rate, "middle": middle}


register(Form(Sigmoid, sigmoid, gradient, linear=("floor", "top"), seeds=seeds))
