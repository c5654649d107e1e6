"""Predictions of a fitted law at other sizes, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .core.fit_result import Array, Fit
from .forms import form


def predict(fit: Fit, variables: Mapping[str, Array]) -> Array:
    """Loss at the given variables, shape (point,), nats a token."""
    if fit.details.surface is not None:
        return np.asarray(fit.details.surface.predict(_arrays(variables)))
    params = {name: np.asarray(value, dtype=np.float64) for name, value in fit.params.items()}
    return np.atleast_1d(_value(fit, variables, params))


def predict_draws(fit: Fit, variables: Mapping[str, Array]) -> Array:
    """Loss at the given variables in every draw of the fit, shape (draw, point)."""
    if fit.details.surface is not None:
        return np.asarray(fit.details.surface.draws(_arrays(variables)))
    params = {name: value[:, None] for name, value in fit.draws.items()}
    points = len(np.atleast_1d(next(iter(variables.values()))))
    draws = len(next(iter(fit.draws.values())))
    return np.array(np.broadcast_to(_value(fit, variables, params), (draws, points)))


def _arrays(variables: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in variables.items()}


def _value(fit: Fit, variables: Mapping[str, Array], params: Mapping[str, Array]) -> Array:
    law = form(fit.law, fit.variables)
    names = fit.details.names
    generic = {p: np.asarray(params[names.get(p, p)]) for p in law.parameter_names}
    at = {g: np.atleast_1d(np.asarray(variables[v], dtype=np.float64)) for g, v in zip(law.variables, fit.variables)}
    return law.value(at, generic)
