"""The middle of what the runs of a setting found, and how well it is known: the mean over seeds, or their median, and
how far seeds scatter about that.

The standard error of a median is that of Maritz and Jarrett: the sample's order statistics with the probabilities that
each is the median of a sample drawn from these, which is the bootstrap's own answer without its noise. Nothing is
assumed of the shape in which seeds scatter. Of one or two seeds the median is the mean.

References: Maritz & Jarrett 1978, Journal of the American Statistical Association 73, 194; for even numbers with the
weights of Harrell & Davis 1982, Biometrika 69, 635, which are the same for odd ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.study_plan import StudyPlan
from scipy.special import betainc

Values = NDArray[np.float64]
#: Percentiles between which the middle two thirds of seeds lie, as far as one standard deviation of what is normal; and
#: the fewest seeds that tell them.
SPREAD, FEWEST = (16, 84), 5


class Middle(NamedTuple):
    """A middle of values, shape (seed,), and its standard error from their scatter, of two values or more."""

    of: Callable[[Values], float]
    error: Callable[[Values], float]


def _mean_error(values: Values) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def _median_error(values: Values) -> float:
    n = len(values)
    if n < 3:
        return _mean_error(values)
    half = (n + 1) / 2
    weights: Values = np.diff(betainc(half, half, np.arange(n + 1) / n))
    ordered = np.sort(values)
    return math.sqrt(max(0.0, float(weights @ ordered**2) - float(weights @ ordered) ** 2))


MEAN = Middle(lambda values: float(np.mean(values)), _mean_error)
MEDIAN = Middle(lambda values: float(np.median(values)), _median_error)


def middle_of(plan: StudyPlan) -> Middle:
    """What a study makes of its seeds."""
    return MEDIAN if any(axis.role == "median" for axis in plan.axes) else MEAN


def spread_columns(name: str) -> tuple[str, str]:
    """The columns with both percentiles of a number over the seeds of a cell."""
    low, high = (f"{name}_{percentile}" for percentile in SPREAD)
    return low, high


def spread_of(values: Values) -> tuple[float, float]:
    """Both percentiles of values, shape (seed,); missing where there are too few."""
    if len(values) < FEWEST:
        return float("nan"), float("nan")
    low, high = np.percentile(values, SPREAD)
    return float(low), float(high)
