"""Laws of the same cells compared: which of two the data prefer, by what odds, in each slice and in all together.

With S_1 and S_2 the summed squared residuals of two laws with p_1 and p_2 parameters on n cells, and sigma^2 the
variance of a cell's mean by its replicates, with f degrees of freedom,

    log odds for the first = (n - (p_1 + p_2) / 2 + f) / 2 log((S_2 + f sigma^2) / (S_1 + f sigma^2)) + p_2 - p_1

the difference of log likelihoods whose common noise is estimated from what both leave and from the replicates: two
laws that both lie within the noise are not told apart by luck. Slices add up. Cells of one trajectory count as one.

Reference: Burnham and Anderson 2002, Model Selection and Multimodel Inference, section 2.4 (the penalty is Akaike's).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scalingdsl.spec.plan.study_plan import FitRequest

from ..fits.core.fit_result import Fit
from .analysis_result import Panel, PanelFit

#: Odds from which a law is preferred.
DECISIVE = 20.0
#: Odds above which nothing more is said: they trust the noise to be normal, of which so much is not known.
LARGE = 1e6


@dataclass(frozen=True)
class FormSlice:
    """Two laws of the same cells: their mean squared residuals, and the log of the odds for the first."""

    panel: Panel
    n_cells: int
    mse: tuple[float, float]
    log_odds: float


@dataclass(frozen=True)
class FormComparison:
    """Two laws in all slices that both were fitted in."""

    first: FitRequest
    second: FitRequest
    slices: tuple[FormSlice, ...]

    @property
    def log_odds(self) -> float:
        """Of all slices together."""
        return float(np.sum([one.log_odds for one in self.slices]))

    @property
    def prefers(self) -> Literal["first", "second", "neither"]:
        """The law that the data prefer by decisive odds."""
        if abs(self.log_odds) < np.log(DECISIVE):
            return "neither"
        return "first" if self.log_odds > 0 else "second"

    @property
    def sentence(self) -> str:
        """The preference in words."""
        names = [self.first.name, self.second.name]
        if self.log_odds < 0:
            names.reverse()
        better, worse = names
        n, nearer = len(self.slices), sum(np.sign(one.log_odds) == np.sign(self.log_odds) for one in self.slices)
        ratios = [one.mse[1] / one.mse[0] for one in self.slices if one.mse[0] > 0 and one.mse[1] > 0]
        ratio = float(np.median(ratios)) if ratios else float("nan")
        ratio = ratio if self.log_odds < 0 else 1.0 / ratio
        said = f"the cells prefer `{better}` to `{worse}` by odds of {_odds(self.log_odds)}"
        if self.prefers == "neither":
            said = f"the cells do not tell `{better}` from `{worse}`: odds of {_odds(self.log_odds)} for it"
        parts = [said, f"in {nearer} of {n} slices it is the nearer"] if n > 1 else [said]
        if np.isfinite(ratio):
            parts.append(
                f"its mean squared error is {ratio:.2g} times the other's{' in the median slice' if n > 1 else ''}"
            )
        return "; ".join(parts)


def _odds(log_odds: float) -> str:
    if abs(log_odds) > np.log(LARGE):
        return "more than a million to 1"
    odds = float(np.exp(abs(log_odds)))
    return f"{odds:,.0f} to 1" if odds > 10 else f"{odds:.2g} to 1"


def compare_forms(fits: Sequence[PanelFit]) -> tuple[FormComparison, ...]:
    """The first law of each quantity with every other of it, in the panels where both were fitted to the same cells."""
    requests = list(dict.fromkeys(f.request for f in fits))
    found = []
    for i, first in enumerate(requests):
        if any(_comparable(first, earlier) for earlier in requests[:i]):
            continue
        for second in requests[i + 1 :]:
            slices = tuple(_slices(first, second, fits)) if _comparable(first, second) else ()
            if slices:
                found.append(FormComparison(first, second, slices))
    return tuple(found)


def _comparable(one: FitRequest, other: FitRequest) -> bool:
    return one.quantities == other.quantities and one.loss == other.loss and one.law != other.law


def _slices(first: FitRequest, second: FitRequest, fits: Sequence[PanelFit]) -> Iterator[FormSlice]:
    others = {f.panel: f for f in fits if f.request == second and f.fit is not None}
    for own in fits:
        other = others.get(own.panel)
        if own.request != first or own.fit is None or other is None or other.fit is None:
            continue
        if np.array_equal(own.cells, other.cells) and own.fit.params and other.fit.params:
            log_odds = _log_odds(own.fit, other.fit)
            if np.isfinite(log_odds):
                yield FormSlice(own.panel, own.fit.n, (own.fit.mse, other.fit.mse), log_odds)


def _log_odds(one: Fit, other: Fit) -> float:
    """For the first of two fits to the same cells; NaN where a law runs through all of them."""
    n, points = one.n, one.details.points
    freedom, variance = 0.0, 0.0
    if points.scatter is not None and points.replicates is not None and len(points.scatter) == n:
        known = (points.replicates > 1) & np.isfinite(points.scatter)
        spare = points.replicates[known] - 1.0
        freedom = float(np.sum(spare))
        variance = float(spare @ (points.scatter[known] ** 2 / points.replicates[known])) / max(freedom, 1.0)
    p, q = one.details.n_free, other.details.n_free
    left = n - (p + q) / 2.0
    if left + freedom <= 0:
        return float("nan")
    squares = [n * fit.mse + freedom * variance for fit in (one, other)]
    if min(squares) <= 0:
        return float("nan")
    share = one.n_clusters / n
    return share * (left + freedom) / 2.0 * float(np.log(squares[1] / squares[0])) + q - p
