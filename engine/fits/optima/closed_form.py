"""The compute-optimal sizes of E + A N^-alpha + B D^-beta under C = 6 N D, in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN

from ..core.fit_result import Array, Fit, Interval, Optimum
from ..core.warn import warn
from ..forms import declaration
from .growth_exponents import optimum_of

#: How near to the best loss counts as equal, over which ratio of sizes that is called flat, and how far it is searched.
NEARLY, WIDE, REACH, N_REACHED = 1e-3, 4.0, 1e4, 4001


def terms_of(law: str) -> dict[str, str]:
    """E, A, alpha, B and beta -> their names in an additive law of N and D; empty for any other, without the form."""
    declared = declaration(law)
    summands = declared.summands()
    if set(summands) != {"N", "D"}:
        return {}
    (a, alpha), (b, beta) = summands["N"], summands["D"]
    levels = [p.name for p in declared.params if p.kind == "level"]
    return dict(zip(("E",), levels)) | {"A": a, "alpha": alpha, "B": b, "beta": beta}


def closed_form(fit: Fit, flops: Array) -> Optimum:
    """N = G (C/6)^a, D = (C/6)^b / G with G = (alpha A / beta B)^(1/(alpha + beta)), a = beta/(alpha + beta).

    b = alpha/(alpha + beta), and the reducible loss falls with gamma = alpha beta/(alpha + beta).

    Reference: Hoffmann et al. 2022, equation 4.
    """
    names = terms_of(fit.law)

    def allocated(p: Mapping[str, Array]) -> dict[str, Array]:
        return allocation({own: p[name] for own, name in names.items()})

    both = allocated({name: np.concatenate([[value], fit.draws[name]]) for name, value in fit.params.items()})
    jackknife = allocated(fit.details.jackknife) if fit.details.jackknife else {}
    curves = {
        "N": _power_curve(flops, both, "N_1", "a"),
        "D": _power_curve(flops, both, "D_1", "b"),
        "L": both["E"][:, None] + _power_curve(flops, both, "K", "gamma", -1.0),
    }
    found = optimum_of("surface", both, curves, flops, fit.status, fit.warnings, jackknife)
    terms = {own: fit.params[name] for own, name in names.items()}
    flat = flatness(found.params, terms, float(np.max(flops)))
    if flat.high > WIDE * flat.low:
        sizes = f"any N from {flat.low:.3g} to {flat.high:.3g} is within 0.1 % of the best"
        found = replace(found, warnings=(*fit.warnings, warn("FIT157", f"at C = {float(np.max(flops)):.3g} {sizes}")))
    return replace(found, flat=flat)


def flatness(optimum: Mapping[str, float], p: Mapping[str, float], flops: float) -> Interval:
    """The sizes whose loss at this compute is within 0.1 % of the best one's."""
    n = optimum["N_1"] * flops ** optimum["a"] * np.geomspace(1 / REACH, REACH, N_REACHED)
    with np.errstate(all="ignore"):
        d = flops / (FLOPS_PER_PARAMETER_TOKEN * n)
        loss = p.get("E", 0.0) + p["A"] * n ** -p["alpha"] + p["B"] * d ** -p["beta"]
    near = n[loss <= (1.0 + NEARLY) * np.min(loss)]
    return Interval(float(near[0]), float(near[-1])) if len(near) else Interval(np.nan, np.nan)


# Draws in which an exponent ran to nothing put the optimum beyond any float: infinite there is the right answer.
_RUNAWAY = np.errstate(over="ignore", divide="ignore", invalid="ignore")


@_RUNAWAY
def allocation(p: Mapping[str, Array]) -> dict[str, Array]:
    """a, b, gamma, E and the coefficients of N = N_1 C^a, D = D_1 C^b, L = E + K C^-gamma; arrays of one shape."""
    alpha, beta = p["alpha"], p["beta"]
    a, b = beta / (alpha + beta), alpha / (alpha + beta)
    log_g = (np.log(alpha) + np.log(p["A"]) - np.log(beta) - np.log(p["B"])) / (alpha + beta)
    log_n = log_g - a * np.log(FLOPS_PER_PARAMETER_TOKEN)
    log_d = -log_g - b * np.log(FLOPS_PER_PARAMETER_TOKEN)
    k = p["A"] * np.exp(-alpha * log_n) + p["B"] * np.exp(-beta * log_d)
    gamma = alpha * beta / (alpha + beta)
    return {
        "a": a,
        "b": b,
        "gamma": gamma,
        "E": p.get("E", np.zeros_like(k)),
        "N_1": np.exp(log_n),
        "D_1": np.exp(log_d),
        "K": k,
    }


@_RUNAWAY
def _power_curve(flops: Array, p: Mapping[str, Array], factor: str, power: str, sign: float = 1.0) -> Array:
    """factor * C^(sign power), shape (value, compute)."""
    return np.asarray(np.exp(np.log(p[factor])[:, None] + sign * p[power][:, None] * np.log(flops)))
