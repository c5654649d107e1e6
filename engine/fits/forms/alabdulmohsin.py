"""The learning-curve laws M3 and M4: saturating in x, and sigmoid between a ceiling and a floor.

M1 and M2, straight and with an offset, are additive.

Reference: Alabdulmohsin, Neyshabur and Zhai 2022, arXiv:2209.06640. Their beta, c, gamma, err_inf and err_0 are A,
alpha, g, E and ceiling here.
"""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import M3, M4

from ..core.fit_result import Array
from ..core.form import EXPONENT_GRID, Form, Values, register, softplus
from ..core.nonnegative_least_squares import nonnegative_squares

#: Newton's steps for the loss that the last law gives implicitly; it converges from anywhere, mostly within ten.
NEWTON_STEPS = 60


def m3(variables: Values, params: Values) -> Array:
    """Predicted loss A (1/x + g)^alpha, nats a token: a power law that levels off at A g^alpha."""
    return np.asarray(params["A"] * (1.0 / variables["x"] + params["g"]) ** params["alpha"])


def m3_gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `m3` by A, alpha, g."""
    inside = 1.0 / variables["x"] + params["g"]
    by_a = inside ** params["alpha"]
    return {
        "A": by_a,
        "alpha": params["A"] * by_a * np.log(inside),
        "g": params["A"] * params["alpha"] * inside ** (params["alpha"] - 1.0),
    }


def m4(variables: Values, params: Values) -> Array:
    """Predicted loss L between E and the ceiling, nats a token, with (L - E) / (ceiling - L)^s = A x^-alpha."""
    return np.asarray(params["E"] + _above_floor(variables, params))


def _above_floor(variables: Values, params: Values) -> Array:
    """L - E, the root of log w - s log(b - w) = log(A x^-alpha) with b = ceiling - E.

    In z = log(w / (b - w)) the left side rises with a slope between 1 and s, so Newton's steps cannot go astray.
    """
    room = params["ceiling"] - params["E"]
    right = np.log(params["A"]) - params["alpha"] * np.log(variables["x"]) - (1.0 - params["s"]) * np.log(room)
    z = right / np.maximum(1.0, np.real(params["s"]))
    for _ in range(NEWTON_STEPS):
        share = 1.0 / (1.0 + np.exp(-z))
        value = -softplus(-z) + params["s"] * softplus(z) - right
        step = value / ((1.0 - share) + params["s"] * share)
        z = z - step
        if np.max(np.abs(step), initial=0.0) <= 1e-13 * (1.0 + np.max(np.abs(z), initial=0.0)):
            break
    return np.asarray(room / (1.0 + np.exp(-z)))


def m4_gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `m4` by E, ceiling, s, A, alpha, by the implicit function theorem."""
    w = _above_floor(variables, params)
    left = params["ceiling"] - params["E"] - w
    pull = params["s"] / left
    slope = 1.0 / w + pull
    return {
        "E": 1.0 - pull / slope,
        "ceiling": pull / slope,
        "s": np.log(left) / slope,
        "A": 1.0 / (params["A"] * slope),
        "alpha": -np.log(variables["x"]) / slope,
    }


def m4_seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """For floors, ceilings and s on a grid, log((L - E) / (ceiling - L)^s) is a straight line in log x."""
    lowest, highest = float(np.min(loss)), float(np.max(loss))
    floors = np.array([0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.995]) * lowest
    tops = highest * np.array([1.01, 1.2, 2.0, 10.0])
    shape = np.meshgrid(floors, tops, [0.1, 0.5, 1.0, 2.0], indexing="ij")
    floor, top, s = (g.ravel()[:, None] for g in shape)
    left = np.log(loss - floor + 1e-9 * highest) - s * np.log(top - loss)
    x = np.log(variables["x"])
    centred = x - np.mean(x)
    alpha = np.clip(-left @ centred / max(float(centred @ centred), 1e-300), 1e-3, 8.0)
    log_a = np.mean(left, axis=1) + alpha * np.mean(x)
    return {"E": floor[:, 0], "ceiling": top[:, 0], "s": s[:, 0], "A": np.exp(np.clip(log_a, -60, 60)), "alpha": alpha}


def m3_seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """Exponents and g on a grid, A by least squares."""
    grids = np.meshgrid(EXPONENT_GRID[::2], np.geomspace(1e-4, 1e2, 25), indexing="ij")
    alpha, g = (x.ravel() for x in grids)
    curve = (1.0 / variables["x"] + g[:, None]) ** alpha[:, None]
    found = nonnegative_squares(curve[:, None, :], loss, 1.0 / loss**2)
    return {"alpha": alpha, "g": g, "A": np.maximum(found[:, 0], 1e-12)}


register(Form(M3, m3, m3_gradient, linear=("A",), seeds=m3_seeds))
register(Form(M4, m4, m4_gradient, seeds=m4_seeds))
