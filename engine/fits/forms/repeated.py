"""Loss when tokens are repeated: epochs beyond the first are worth less and less, and so are parameters beyond them."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.vocabulary.words.laws import Repeated

from ..core.fit_result import Array
from ..core.form import Form, Values, register
from ..core.nonnegative_least_squares import additive

COARSE = np.geomspace(0.05, 2.0, 12)
ONE = np.ones(1)


def repeated(variables: Values, params: Values) -> Array:
    """Predicted loss E + A N'^-alpha + B D'^-beta, nats a token, with U distinct tokens in the corpus.

    A run that ends before the corpus does has seen D of them: U stands for the smaller of the two.

    D' = U + U R_D (1 - exp(-(D/U - 1)/R_D)) are the tokens' worth in fresh ones; N' = M + M R_N (1 - exp(-(N/M -
    1)/R_N)) the parameters' worth, M the smaller of N and what is compute-optimal for U tokens, G (G U)^(beta/alpha)
    with G = (alpha A / beta B)^(1/(alpha + beta)).

    Reference: Muennighoff et al. 2023, section 3.1, arXiv:2305.16264 (their R_D*, R_N* are R_D, R_N here).
    """
    n_worth, d_worth = _worth(variables, params)
    return np.asarray(
        params["E"] + params["A"] * n_worth ** -params["alpha"] + params["B"] * d_worth ** -params["beta"]
    )


def _distinct(variables: Values) -> Array:
    """Distinct tokens that were seen."""
    return np.minimum(variables["U"], variables["D"])


def _log_needed(variables: Values, params: Values) -> Array:
    """log of the parameters that are compute-optimal for U tokens."""
    alpha, beta = params["alpha"], params["beta"]
    log_g = (np.log(alpha) + np.log(params["A"]) - np.log(beta) - np.log(params["B"])) / (alpha + beta)
    return np.asarray(log_g * (1 + beta / alpha) + beta / alpha * np.log(_distinct(variables)))


def _worth(variables: Values, params: Values) -> tuple[Array, Array]:
    log_n = np.log(variables["N"])
    log_needed = _log_needed(variables, params)
    base = np.exp(np.where(np.real(log_needed) < np.real(log_n), log_needed, log_n))
    distinct = _distinct(variables)
    epochs = variables["D"] / distinct - 1.0
    n_worth = base + base * params["R_N"] * -np.expm1(-(variables["N"] / base - 1.0) / params["R_N"])
    d_worth = distinct * (1.0 + params["R_D"] * -np.expm1(-epochs / params["R_D"]))
    return n_worth, d_worth


def gradient(variables: Values, params: Values) -> dict[str, Array]:
    """Derivatives of `repeated` by E, A, alpha, B, beta, R_D, R_N."""
    A, alpha, B, beta = params["A"], params["alpha"], params["B"], params["beta"]
    n_worth, d_worth = _worth(variables, params)
    n_slope = -alpha * A * n_worth ** (-alpha - 1)
    d_slope = -beta * B * d_worth ** (-beta - 1)
    # N' = M + M R (1 - e), e = exp(-(N/M - 1)/R): dN'/dM = 1 + R (1 - e) - e N/M, and M moves with A, alpha, B, beta
    # wherever it is less than N.
    log_n, log_needed = np.log(variables["N"]), _log_needed(variables, params)
    less = log_needed < log_n
    base = np.exp(np.minimum(log_needed, log_n))
    spare = variables["N"] / base - 1.0
    fade = np.exp(-spare / params["R_N"])
    by_log_base = np.where(less, base * (1.0 + params["R_N"] * (1.0 - fade) - fade * variables["N"] / base), 0.0)
    through_base = n_slope * by_log_base
    ratio = 1 + beta / alpha  # log M = log G * ratio + beta/alpha log U; log G = log(alpha A / beta B) / (alpha + beta)
    log_g = (np.log(alpha) + np.log(A) - np.log(beta) - np.log(B)) / (alpha + beta)
    distinct = _distinct(variables)
    moved = log_g + np.log(distinct)
    base_by_alpha = ratio * (1 / alpha - log_g) / (alpha + beta) - beta / alpha**2 * moved
    base_by_beta = ratio * (-1 / beta - log_g) / (alpha + beta) + moved / alpha
    n_power, d_power = n_worth**-alpha, d_worth**-beta
    epochs = variables["D"] / distinct - 1.0
    d_fade = np.exp(-epochs / params["R_D"])
    by_r_d = distinct * (1.0 - d_fade - d_fade * epochs / params["R_D"])
    by_r_n = base * (1.0 - fade - fade * spare / params["R_N"])
    return {
        "E": np.ones_like(n_power + d_power),
        "A": n_power + through_base * ratio / ((alpha + beta) * A),
        "alpha": -A * n_power * np.log(n_worth) + through_base * base_by_alpha,
        "B": d_power - through_base * ratio / ((alpha + beta) * B),
        "beta": -B * d_power * np.log(d_worth) + through_base * base_by_beta,
        "R_D": d_slope * by_r_d + 0.0 * n_power,
        "R_N": n_slope * by_r_n + 0.0 * d_power,
    }


def seeds(variables: Values, loss: Array) -> dict[str, Array]:
    """Exponents and decay constants on a grid; E, A and B then follow as in the additive law of D' and N."""
    shape = np.meshgrid(COARSE, COARSE, [2.0, 15.0, 100.0], [2.0, 20.0], indexing="ij")
    alpha, beta, r_d, r_n = (g.ravel() for g in shape)
    _, worth = _worth(variables, {"A": ONE, "alpha": ONE, "B": ONE, "beta": ONE, "R_D": r_d[:, None], "R_N": ONE})
    found = additive([variables["N"] ** -alpha[:, None], worth ** -beta[:, None]], loss)
    additive_part = {"E": found[:, 0], "A": found[:, 1], "B": found[:, 2]}
    return {**additive_part, "alpha": alpha, "beta": beta, "R_D": r_d, "R_N": r_n}


register(Form(Repeated, repeated, gradient, unit_of={"U": "D"}, seeds=seeds))
