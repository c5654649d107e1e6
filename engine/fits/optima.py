"""Compute-optimal sizes, with C = 6 N D: N and D of lowest loss at each C, and how they and the loss grow with C."""

from __future__ import annotations

import numpy as np
from scalingdsl.spec.errors import FitError

from .result import Array, Curve, Fit, Interval, Optimum, Points
from .uncertainty import interval

#: FLOPs a parameter and token: forward and backward pass of a dense model, without attention (Kaplan et al. 2020).
FLOPS_PER_PARAMETER_TOKEN = 6.0
#: Points of a curve.
N_CURVE = 50


def optimum(
    method: str, *, fit: Fit | None = None, points: Points | None = None, flops: Array | None = None
) -> Optimum:
    """Compute-optimal sizes by `method`: "surface" of a chinchilla fit.

    Args:
        method: How the optimum is found.
        fit: The fitted surface.
        points: The cells, whose compute gives the range of the curves.
        flops: Compute at which curves are given, shape (compute,).

    Raises:
        FitError: An unknown method, or one that lacks what it works on.
    """
    if method != "surface":
        raise FitError(f"no optimum is found by {method!r}; there is surface(FIT)")
    if fit is None or fit.law != "chinchilla":
        raise FitError("surface(FIT) needs a fit of chinchilla")
    return surface(fit, compute_range(points, flops))


def compute_range(points: Points | None, flops: Array | None) -> Array:
    """Compute at which curves are given: as asked, or log-spaced over the points' range."""
    if flops is not None:
        return np.asarray(flops, dtype=np.float64)
    if points is None or not points.n:
        return np.geomspace(1e15, 1e21, N_CURVE)
    used = FLOPS_PER_PARAMETER_TOKEN * points.variables["N"] * points.variables["D"]
    return np.geomspace(float(np.min(used)), float(np.max(used)), N_CURVE)


def surface(fit: Fit, flops: Array) -> Optimum:
    """The closed form of E + A N^-alpha + B D^-beta under C = 6 N D.

    N = G (C/6)^a, D = (C/6)^b / G with G = (alpha A / beta B)^(1/(alpha + beta)), a = beta/(alpha + beta),
    b = alpha/(alpha + beta); the reducible loss falls with gamma = alpha beta/(alpha + beta).

    Reference: Hoffmann et al. 2022, equation 4.
    """
    estimate = allocation({k: np.array([v]) for k, v in fit.params.items()})
    draws = allocation(fit.draws)
    jackknife = allocation(fit.extra["jackknife"]) if fit.extra.get("jackknife") else None
    params = {k: float(v[0]) for k, v in estimate.items()}
    intervals = {
        k: interval(draws[k], params[k], None if jackknife is None else jackknife[k]) for k in params if len(draws[k])
    }
    return Optimum(
        method="surface",
        params=params,
        intervals=intervals,
        draws=draws,
        curves={
            "N": power_curve(flops, estimate, draws, "N_1", "a"),
            "D": power_curve(flops, estimate, draws, "D_1", "b"),
            "L": power_curve(flops, estimate, draws, "K", "gamma", falling=True),
        },
        status=fit.status,
        warnings=fit.warnings,
    )


def allocation(p: dict[str, Array]) -> dict[str, Array]:
    """a, b, gamma, E and the coefficients of N = N_1 C^a, D = D_1 C^b, L = E + K C^-gamma; arrays of one shape."""
    alpha, beta = p["alpha"], p["beta"]
    a, b = beta / (alpha + beta), alpha / (alpha + beta)
    log_g = (np.log(alpha) + np.log(p["A"]) - np.log(beta) - np.log(p["B"])) / (alpha + beta)
    log_n = log_g - a * np.log(FLOPS_PER_PARAMETER_TOKEN)
    log_d = -log_g - b * np.log(FLOPS_PER_PARAMETER_TOKEN)
    k = p["A"] * np.exp(-alpha * log_n) + p["B"] * np.exp(-beta * log_d)
    gamma = alpha * beta / (alpha + beta)
    return {"a": a, "b": b, "gamma": gamma, "E": p["E"], "N_1": np.exp(log_n), "D_1": np.exp(log_d), "K": k}


def power_curve(
    flops: Array, estimate: dict[str, Array], draws: dict[str, Array], factor: str, power: str, falling: bool = False
) -> Curve:
    """factor * C^power, or E + factor * C^-power, with its band."""
    logs = np.log(flops)

    def at(p: dict[str, Array]) -> Array:
        sign = -1.0 if falling else 1.0
        curve = np.exp(np.log(p[factor])[:, None] + sign * p[power][:, None] * logs)
        return np.asarray(curve + p["E"][:, None] if falling else curve)

    value, drawn = at(estimate)[0], at(draws)
    bands = [interval(drawn[:, i], float(value[i])) for i in range(len(flops))] if len(drawn) else []
    low = np.array([band.low for band in bands]) if bands else np.full_like(value, np.nan)
    high = np.array([band.high for band in bands]) if bands else np.full_like(value, np.nan)
    return Curve(flops, value, low, high)


def lower_envelope(flops: Array, loss: Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which points no other beats with less or equal compute: the lower envelope of (C, loss), shape (point,)."""
    order = np.lexsort((loss, flops))
    lowest = np.minimum.accumulate(loss[order])
    before = np.concatenate([[np.inf], lowest[:-1]])
    kept = np.zeros(len(loss), dtype=np.bool_)
    kept[order] = loss[order] < before
    return kept


__all__ = ["Interval", "allocation", "compute_range", "lower_envelope", "optimum", "surface"]
