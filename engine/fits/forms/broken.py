"""Smoothly broken power laws: straight pieces on logarithmic axes, joined by bends."""

from __future__ import annotations

from functools import partial
from itertools import combinations, product

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Broken, Broken2, Broken3

from ..core.fit_result import Array
from ..core.form import Form, Values, register, softplus


def broken(variables: Values, params: Values) -> Array:
    """Predicted loss E + A x^-c_0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i), nats a token.

    At x = d_i the exponent changes by c_i, which may be negative; f_i is the width of the bend in units of log x.

    Reference: Caballero et al. 2023, equation 1, arXiv:2210.14891 (their a, b are E, A here).
    """
    log_x = np.log(variables["x"])
    bends = -params["c_0"] * log_x
    for i in range(1, _breaks(params) + 1):
        bends = bends - params[f"c_{i}"] * params[f"f_{i}"] * softplus(_at(log_x, params, i))
    return np.asarray(params["E"] + params["A"] * np.exp(bends))


def _breaks(params: Values) -> int:
    return sum(name.startswith("d_") for name in params)


def _at(log_x: Array, params: Values, i: int) -> Array:
    """How far beyond bend i, in units of its width."""
    return np.asarray((log_x - np.log(params[f"d_{i}"])) / params[f"f_{i}"])


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `broken` by E, A, c_0 and every c_i, d_i, f_i."""
    log_x = np.log(variables["x"])
    bare = broken(variables, {**params, "E": np.zeros(1), "A": np.ones(1)})
    curve = params["A"] * bare
    by = {"E": np.ones_like(bare), "A": bare, "c_0": -curve * log_x}
    for i in range(1, _breaks(params) + 1):
        c, d, f = params[f"c_{i}"], params[f"d_{i}"], params[f"f_{i}"]
        z = _at(log_x, params, i)
        beyond = 0.5 * (1.0 + np.tanh(0.5 * z))
        by[f"c_{i}"] = -curve * f * softplus(z)
        by[f"d_{i}"] = curve * c * beyond / d
        by[f"f_{i}"] = -curve * c * (softplus(z) - z * beyond)
    return by


def _seeds(breaks: int, variables: Values, loss: Array) -> dict[str, Array]:
    """Slopes on a coarse grid, bends at quantiles of log x, widths of a tenth and a third of its range."""
    log_x = np.log(variables["x"])
    inside = np.exp(np.quantile(log_x, np.linspace(0.15, 0.85, 5 if breaks == 1 else 2 + breaks)))
    span = max(float(np.ptp(log_x)), 1e-3)
    first = (0.05, 0.15, 0.3, 0.6, 1.2) if breaks < 3 else (0.1, 0.5)
    change = (-0.6, -0.25, -0.1, 0.1, 0.25, 0.6, 1.5) if breaks == 1 else (-0.3, 0.2, 0.8)
    widths = (0.03 * span, 0.15 * span) if breaks == 1 else (0.08 * span,)
    names = ["c_0"] + [f"{p}_{i}" for p in "cf" for i in range(1, breaks + 1)]
    values = list(product(first, *([change] * breaks), *([widths] * breaks)))
    places = list(combinations(inside, breaks))
    rows = np.array([(*v, *d) for v in values for d in places])
    names += [f"d_{i}" for i in range(1, breaks + 1)]
    return {name: rows[:, i] for i, name in enumerate(names)}


for _breaks_of, _law in enumerate((Broken, Broken2, Broken3), start=1):
    register(Form(_law, broken, gradient, linear=("E", "A"), seeds=partial(_seeds, _breaks_of)))
