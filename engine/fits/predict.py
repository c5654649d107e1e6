"""Predictions of a fitted law at other sizes, with everything that is uncertain about them: the parameters, and the
noise of the run predicted.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import chdtri

from .core.fit_result import Array, Fit, Interval
from .forms import form
from .intervals import bootstrap_random
from .intervals.bootstrap import interval

#: Seed of the residuals' choice, and cluster number of the tails, apart from any cluster of cells.
WHICH, TAIL = -2, -3


def predict(fit: Fit, variables: Mapping[str, Array]) -> Array:
    """Loss at the given variables, shape (point,), nats a token."""
    if fit.details.surface is not None:
        return np.asarray(fit.details.surface.predict(_arrays(variables)))
    params = {name: np.asarray(value, dtype=np.float64) for name, value in fit.params.items()}
    return np.atleast_1d(_value(fit, variables, params))


def predict_draws(fit: Fit, variables: Mapping[str, Array]) -> Array:
    """Loss at the given variables in every draw of the fit, shape (draw, point).

    Where the law's level may be 0, every second draw is one of the law without it.
    """
    if fit.details.surface is not None:
        return np.asarray(fit.details.surface.draws(_arrays(variables)))
    draws_of = {name: np.array(value) for name, value in fit.draws.items()}
    for name, value in fit.details.without_level.items():
        draws_of[name][1::2] = value[1::2]
    params = {name: value[:, None] for name, value in draws_of.items()}
    points = len(np.atleast_1d(next(iter(variables.values()))))
    draws = len(next(iter(fit.draws.values())))
    return np.array(np.broadcast_to(_value(fit, variables, params), (draws, points)))


def _arrays(variables: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in variables.items()}


def _value(fit: Fit, variables: Mapping[str, Array], params: Mapping[str, Array]) -> Array:
    law = form(fit.law, fit.variables)
    generic = {p: np.asarray(params[fit.details.names.get(p, p)]) for p in law.parameter_names}
    return law.value(_arrays({g: variables[v] for g, v in zip(law.variables, fit.variables)}), generic)


def forecast_draws(fit: Fit, variables: Mapping[str, Array]) -> Array:
    """Draws of what would be measured at the variables, shape (draw, point): a draw of the curve plus a residual.

    Residuals are scaled up for the parameters fitted to them and, where few are left, given Student's tails; they are
    added in the space of the fit's objective, so that noise on log loss stays relative.
    """
    curve = predict_draws(fit, variables)
    noise = fit.details.noise
    n_draws, n_points = curve.shape
    left = max(1, len(noise) - fit.details.n_free)
    points = np.arange(n_points, dtype=np.int64)
    which = np.floor(bootstrap_random.uniforms(WHICH, n_draws, points) * len(noise)).astype(np.int64)
    tails = np.sqrt(left / chdtri(left, bootstrap_random.uniforms(0, n_draws, np.array([TAIL], dtype=np.int64))))
    added = noise[which] * np.sqrt(len(noise) / left) * tails
    return np.asarray(curve * np.exp(added) if fit.details.space == "log" else curve + added)


def forecast(fit: Fit, variables: Mapping[str, Array]) -> tuple[Interval, ...]:
    """The 95 % interval in which a new run's loss will lie, one a point."""
    return _intervals(forecast_draws(fit, variables), predict(fit, variables))


def curve_interval(fit: Fit, variables: Mapping[str, Array]) -> tuple[Interval, ...]:
    """The 95 % interval in which the law itself lies, one a point: no noise of a run."""
    return _intervals(predict_draws(fit, variables), predict(fit, variables))


def _intervals(draws_KX: Array, estimate: Array) -> tuple[Interval, ...]:
    return tuple(interval(draws_KX[:, i], float(x)) for i, x in enumerate(estimate))


def beyond(fitted: Mapping[str, Array], variables: Mapping[str, Array]) -> dict[str, Array]:
    """Decades by which each variable lies outside the range that was fitted, 0 inside, shape (point,) each."""
    out = {}
    for name, x in variables.items():
        low, high = np.log10(np.min(fitted[name])), np.log10(np.max(fitted[name]))
        at = np.log10(np.asarray(x, dtype=np.float64))
        out[name] = np.maximum(0.0, np.maximum(low - at, at - high))
    return out
