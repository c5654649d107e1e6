"""Smoothly broken power laws: straight pieces on logarithmic axes, joined by bends."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

import numpy as np

from ..core.fit_result import Array
from ..core.form import Form, Parameter, Values, coefficient, exponent, level


def broken(variables: Values, params: Values) -> Array:
    """Predicted loss E + A x^-c_0 prod_i (1 + (x/d_i)^(1/f_i))^(-c_i f_i), nats a token.

    At x = d_i the exponent changes by c_i, which may be negative; f_i is the width of the bend in units of log x.

    Reference: Caballero et al. 2023, equation 1, arXiv:2210.14891 (their a, b are E, A here).
    """
    log_x = np.log(variables["x"])
    bends = -params["c_0"] * log_x
    for i in range(1, _breaks(params) + 1):
        bends = bends - params[f"c_{i}"] * params[f"f_{i}"] * _softplus(_at(log_x, params, i))
    return np.asarray(params["E"] + params["A"] * np.exp(bends))


def _breaks(params: Values) -> int:
    return sum(name.startswith("d_") for name in params)


def _at(log_x: Array, params: Values, i: int) -> Array:
    """How far beyond bend i, in units of its width."""
    return np.asarray((log_x - np.log(params[f"d_{i}"])) / params[f"f_{i}"])


def _softplus(z: Array) -> Array:
    """log(1 + e^z), for complex z too."""
    large = np.real(z) > 0
    return np.asarray(np.where(large, z, 0.0) + np.log1p(np.exp(np.where(large, -z, z))))


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `broken` by E, A, c_0 and every c_i, d_i, f_i."""
    log_x = np.log(variables["x"])
    bare = broken(variables, {**params, "E": np.zeros(1), "A": np.ones(1)})
    curve = params["A"] * bare
    partial = {"E": np.ones_like(bare), "A": bare, "c_0": -curve * log_x}
    for i in range(1, _breaks(params) + 1):
        c, d, f = params[f"c_{i}"], params[f"d_{i}"], params[f"f_{i}"]
        z = _at(log_x, params, i)
        beyond = 0.5 * (1.0 + np.tanh(0.5 * z))
        partial[f"c_{i}"] = -curve * f * _softplus(z)
        partial[f"d_{i}"] = curve * c * beyond / d
        partial[f"f_{i}"] = -curve * c * (_softplus(z) - z * beyond)
    return partial


def rescale(params: Values, units: Mapping[str, float]) -> dict[str, Array]:
    """A carries the unit to the power c_0; the bends move with the unit."""
    moved = {f"d_{i}": params[f"d_{i}"] * units["x"] for i in range(1, _breaks(params) + 1)}
    return {**params, **moved, "A": params["A"] * units["x"] ** params["c_0"]}


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


def with_breaks(breaks: int) -> Form:
    """The law with this number of bends."""
    bends = tuple(
        parameter
        for i in range(1, breaks + 1)
        for parameter in (
            Parameter(f"c_{i}", "shape", f"change of the exponent at bend {i}", None, -8.0, 8.0),
            Parameter(f"d_{i}", "location", f"where bend {i} is, in units of x", "x", 1e-6, 1e6),
            Parameter(f"f_{i}", "shape", f"width of bend {i}, in units of log x", None, 0.02, 10.0),
        )
    )
    return Form(
        word="broken" if breaks == 1 else f"broken{breaks}",
        variables=("x",),
        parameters=(
            level("E", "irreducible loss, nats a token"),
            coefficient("A", "reducible loss at x = 1, were there no bend", "x"),
            exponent("c_0", "exponent before the first bend"),
            *bends,
        ),
        value=broken,
        gradient=gradient,
        rescale=rescale,
        linear=("E", "A"),
        seeds=lambda variables, loss: _seeds(breaks, variables, loss),
    )


FORMS = tuple(with_breaks(breaks) for breaks in (1, 2, 3))
