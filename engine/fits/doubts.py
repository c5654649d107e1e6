"""What in the points, the solution and the draws should make a reader doubt a fit: one small function a doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from .codes import warn
from .result import Array, FitWarning, Interval, Points
from .solve import Solution

SHORT_RANGE = 8.0
STEEP = 3.0
COLLINEAR = 0.995


def of_points(points: Points, n_free: int) -> Iterator[FitWarning]:
    """Doubts about the data alone."""
    spare = points.n - n_free
    if 0 <= spare < 3:
        yield warn("FIT112", f"{points.n} points for {n_free} parameters")
    for name, x in points.variables.items():
        span = float(np.max(x) / np.min(x))
        if 1.0 < span < SHORT_RANGE:
            yield warn("FIT121", f"{name} spans a factor of {span:.3g} only")
    columns = np.stack(list(points.variables.values()), axis=1)
    repeated = points.n - len(np.unique(columns, axis=0))
    if repeated and points.cluster is None:
        yield warn("FIT125", f"{repeated} of {points.n} points repeat the variables of another")
    if {"N", "D"} <= set(points.variables):
        n, d = np.log(points.variables["N"]), np.log(points.variables["D"])
        if np.std(n) > 0 and np.std(d) > 0 and abs(float(np.corrcoef(n, d)[0, 1])) > COLLINEAR:
            yield warn("FIT123", "log N and log D are correlated above .995 in these points")


def of_solution(solution: Solution, params: Mapping[str, float], exponents: tuple[str, ...]) -> Iterator[FitWarning]:
    """Doubts about the optimum."""
    if solution.status == "starts disagree":
        yield warn("FIT103", f"{solution.agreeing} of {solution.starts} starts reached the best objective")
    if solution.status == "unidentified":
        yield warn("FIT104", "some combination of the parameters leaves every prediction unchanged")
    for name in solution.at_bound:
        if name == "E" and params.get("E") == 0.0:
            yield warn("FIT102", "E = 0: the points do not show where the loss ends")
        else:
            yield warn("FIT101", f"{name} lies at the bound of its range")
    for name in exponents:
        if params[name] > STEEP:
            yield warn("FIT107", f"{name} = {params[name]:.3g}")


def of_draws(n_clusters: int, min_trusted: int) -> Iterator[FitWarning]:
    """Doubts about the intervals."""
    if n_clusters < min_trusted:
        yield warn("FIT111", f"{n_clusters} clusters carry the intervals")


def tight(
    intervals: Mapping[str, Interval], estimates: Mapping[str, float], errors: Mapping[str, Array | float]
) -> Iterator[FitWarning]:
    """Intervals narrower than a fifth of what the curvature of the objective implies."""
    for name, (low, high) in intervals.items():
        error = float(errors.get(name, 0.0))
        if np.isfinite(high - low) and error > 0 and high - low < 0.2 * 3.92 * error:
            yield warn("FIT113", f"{name} = {estimates[name]:.6g} in [{low:.6g}, {high:.6g}]")
