"""The joint law of parameters and tokens without an irreducible loss."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Kaplan

from ..core.fit_result import Array
from ..core.form import Form, Values, register
from ..core.nonnegative_least_squares import nonnegative_squares


def kaplan(variables: Values, params: Values) -> Array:
    """Predicted loss [(N_c / N)^(alpha/beta) + D_c / D]^beta, nats a token.

    Reference: Kaplan et al. 2020, equation 1.5, arXiv:2001.08361.
    """
    n_term = (params["N_c"] / variables["N"]) ** (params["alpha"] / params["beta"])
    return np.asarray((n_term + params["D_c"] / variables["D"]) ** params["beta"])


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `kaplan` by N_c, alpha, D_c, beta."""
    alpha, beta = params["alpha"], params["beta"]
    ratio = params["N_c"] / variables["N"]
    n_term = ratio ** (alpha / beta)
    inside = n_term + params["D_c"] / variables["D"]
    slope = beta * inside ** (beta - 1)
    by_share = slope * n_term * np.log(ratio)
    return {
        "N_c": slope * n_term * alpha / (beta * params["N_c"]),
        "alpha": by_share / beta,
        "D_c": slope / variables["D"],
        "beta": inside**beta * np.log(inside) - by_share * alpha / beta**2,
    }


def seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """At given exponents, L^(1/beta) is linear in N_c^(alpha/beta) and D_c."""
    exponents = np.geomspace(0.02, 2.0, 16)
    alpha, beta = (g.ravel() for g in np.meshgrid(exponents, exponents, indexing="ij"))
    n_basis = variables["N"] ** -(alpha / beta)[:, None]
    basis = np.stack([n_basis, np.broadcast_to(1 / variables["D"], n_basis.shape)], axis=1)
    # Relative errors of L^(1/beta) are 1/beta times those of L: weights make every point count alike.
    unit = float(np.mean(loss))
    target = (loss / unit) ** (1 / beta)[:, None]
    found = np.maximum(nonnegative_squares(basis, target, 1 / target**2), 1e-12)
    scale = unit ** (1 / beta)
    return {"N_c": (found[:, 0] * scale) ** (beta / alpha), "alpha": alpha, "D_c": found[:, 1] * scale, "beta": beta}


register(Form(Kaplan, kaplan, gradient, seeds=seeds))
