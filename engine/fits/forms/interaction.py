"""A surface between the additive law, Kaplan's law and a bottleneck: one parameter says how the terms combine."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Interaction

from ..core.fit_result import Array
from ..core.form import Form, Values, register
from ..core.nonnegative_least_squares import additive

#: Values of `mix` from which starts are made; 1 is the additive law.
MIX_GRID = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
COARSE = np.geomspace(0.02, 8.0, 12)


def interaction(variables: Values, params: Values) -> Array:
    """Predicted loss E + [(A N^-alpha)^(1/mix) + (B D^-beta)^(1/mix)]^mix, nats a token.

    mix = 1 is the additive law of Hoffmann et al. 2022; mix -> 0 a bottleneck, the larger of the two terms; E = 0 with
    mix = beta the law of Kaplan et al. 2020. Above 1, scarcity of both hurts more than the sum.
    """
    _, _, top, inside = _logs(variables, params)
    return np.asarray(params["E"] + np.exp(top + params["mix"] * np.log(inside)))


def _logs(variables: Values, params: Values) -> tuple[Array, Array, Array, Array]:
    """Logarithms of the two terms, the larger one, and the sum of the powers relative to it."""
    n_log = np.log(params["A"]) - params["alpha"] * np.log(variables["N"])
    d_log = np.log(params["B"]) - params["beta"] * np.log(variables["D"])
    top = np.where(np.real(n_log) > np.real(d_log), n_log, d_log)
    inside = np.exp((n_log - top) / params["mix"]) + np.exp((d_log - top) / params["mix"])
    return n_log, d_log, top, inside


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `interaction` by E, A, alpha, B, beta, mix."""
    mix = params["mix"]
    n_log, d_log, top, inside = _logs(variables, params)
    both = np.exp(top + mix * np.log(inside))
    n_share = np.exp((n_log - top) / mix) / inside
    d_share = np.exp((d_log - top) / mix) / inside
    by_mix = both * (np.log(inside) - (n_share * (n_log - top) + d_share * (d_log - top)) / mix)
    return {
        "E": np.ones_like(both),
        "A": both * n_share / params["A"],
        "alpha": -both * n_share * np.log(variables["N"]),
        "B": both * d_share / params["B"],
        "beta": -both * d_share * np.log(variables["D"]),
        "mix": by_mix,
    }


def seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """Exponents and mix on a grid; A and B as in the additive law, scaled so that equal terms keep their sum."""
    alpha, beta = (g.ravel() for g in np.meshgrid(COARSE, COARSE, indexing="ij"))
    found = additive([variables["N"] ** -alpha[:, None], variables["D"] ** -beta[:, None]], loss)
    kept = 2.0 ** (1.0 - MIX_GRID)
    return {
        "alpha": np.repeat(alpha, len(kept)),
        "beta": np.repeat(beta, len(kept)),
        "mix": np.tile(MIX_GRID, len(alpha)),
        "A": np.outer(found[:, 1], kept).ravel(),
        "B": np.outer(found[:, 2], kept).ravel(),
    }


register(Form(Interaction, interaction, gradient, linear=("E",), seeds=seeds))
