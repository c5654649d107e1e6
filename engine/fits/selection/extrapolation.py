"""Extrapolation: a fit at sizes it was not made of, with intervals, and without its own largest runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array, Fit, FitWarning, Interval
from ..core.warn import warn
from ..intervals.bootstrap import interval
from ..predict import beyond, curve_interval, forecast, forecast_draws, predict, predict_draws
from .validation import Split, largest, split

#: Decades beyond the data above which a prediction is doubted.
FAR = 1.0


@dataclass(frozen=True)
class Predicted:
    """A law's loss at one setting, nats a token: the law's own interval, and that of a run measured there."""

    at: dict[str, float]
    loss: float
    law: Interval
    run: Interval
    #: Decades outside the range fitted, by variable.
    beyond: dict[str, float]


def predictions(
    fit: Fit, settings: Sequence[Mapping[str, float]], rivals: Sequence[tuple[Fit, float]] = ()
) -> tuple[Predicted, ...]:
    """The law at each setting.

    Args:
        fit: The law.
        settings: A value for each of its variables.
        rivals: Laws among which it was chosen, itself too, with their weights: intervals are of their draws together,
            so that they hold what the choice may have got wrong.

    Raises:
        FitError: A setting lacks one of its variables.
    """
    if not settings:
        return ()
    for setting in settings:
        if missing := [name for name in fit.variables if name not in setting]:
            needs = f"a prediction of {fit.law} needs {', '.join(fit.variables)}"
            raise FitError(f"{needs}; {', '.join(missing)} is not given")
    at: dict[str, Array] = {name: np.array([s[name] for s in settings], dtype=np.float64) for name in fit.variables}
    away = beyond(fit.details.points.variables, at)
    law, run = _chosen(rivals, at) if len(rivals) > 1 else (curve_interval(fit, at), forecast(fit, at))
    return tuple(
        Predicted(
            {n: float(x[i]) for n, x in at.items()},
            float(value),
            law[i],
            run[i],
            {n: float(x[i]) for n, x in away.items()},
        )
        for i, value in enumerate(predict(fit, at))
    )


def _chosen(
    rivals: Sequence[tuple[Fit, float]], at: Mapping[str, Array]
) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """95 % intervals of the law and of a run, of each rival's draws as many as its weight says."""
    found = []
    for draws_of in (predict_draws, forecast_draws):
        parts = []
        for fit, weight in rivals:
            draws = draws_of(fit, at)
            parts.append(draws[: max(1, round(weight * len(draws)))] if len(draws) else draws)
        together = np.concatenate(parts)
        found.append(tuple(interval(together[:, i], 1.0) for i in range(together.shape[1])))
    return found[0], found[1]


def doubts_of(predicted: Sequence[Predicted]) -> tuple[FitWarning, ...]:
    """Predictions far outside the data."""
    return tuple(
        warn("FIT142", f"{name} = {p.at[name]:.3g} lies {away:.1f} decades outside the data")
        for p in predicted
        for name, away in p.beyond.items()
        if away > FAR
    )


def largest_out(fit: Fit) -> Split | None:
    """The same law without the points above half of the largest compute (or value), asked about them."""
    points = fit.details.points
    held = largest(points)
    if not 0 < np.sum(held) < points.n:
        return None
    found = split(fit.law, points, held, fit.details.options)
    return found if np.isfinite(found.held_out) else None
