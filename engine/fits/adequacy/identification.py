"""What the points tell of each parameter: both ends of its interval, one, or neither.

A parameter is looked for between bounds (an exponent in (0, 8], a level between 0 and the losses), and an interval that
ends at one of them was cut off there: it says that the parameter lies above or below its other end. One that is cut off
at both, or is as wide as what can be told at all, says nothing: such a parameter is not identified, although all refits
end somewhere. So is one whose interval is a sliver at a bound of our making, where the refits pile up.

What is told from one side is asked of the likelihood too: where noise hides the curve, refits of a fit at a bound stay
there whatever the truth, and the exponent was said to be less than it was in every second such table. A parameter whose
likelihood allows values far beyond its refits is not identified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ..core.fit_result import Array, Fit, FitWarning, Interval, Told
from ..core.warn import warn
from ..intervals.bootstrap import interval
from ..intervals.profile_likelihood import profile_ends
from ..solver.prepare import Request
from ..solver.problem import Column, Problem
from .doubts import STEEP, WIDE

#: Distance from a bound, relative to the range, at which an interval ends there.
TOUCH = 5e-3
#: Share of the range from which an interval says nothing, and below which one at a bound is a sliver.
NEARLY, SLIVER = 0.9, 0.1
#: Widths of the refits' interval that the likelihood's may reach beyond it; where a level may be 0 refits are close.
FURTHER, FURTHER_LEVEL = 2.0, 4.0
#: Kinds of parameters that can lie at their lower bound by nature: no level, no dependence.
LOWEST = ("level", "exponent", "shape")


def parameters_told(
    request: Request, problem: Problem, draws_KP: Array, jackknife_GP: Array, u: Array, plain: Mapping[str, Interval]
) -> dict[str, Told]:
    """What the points tell of every entry of u, by its name in this fit.

    Args:
        request: The law and its names.
        problem: The problem that was solved.
        draws_KP: Draws of u.
        jackknife_GP: u without each group of clusters.
        u: The best vector.
        plain: Intervals in plain units, by name.
    """
    told: dict[str, Told] = {}
    for i, column in enumerate(problem.columns):
        name = request.shown(column)
        if name not in plain or not np.all(np.isfinite(plain[name])):
            told[name] = Told("no interval")
            continue
        ends = interval(draws_KP[:, i], float(u[i]), jackknife_GP[:, i])
        told[name] = _told(problem, column, i, ends, plain[name])
        if told[name].status in ("above", "below"):
            told[name] = _confirmed(told[name], request, problem, u, i, ends)
    for column in problem.columns:
        # The coefficient of a power means nothing without the power.
        power, name = request.form.parameter(column.parameter).power, request.shown(column)
        for group in (column.group, None):
            beside = told.get(request.shown(Column(power, group))) if isinstance(power, str) else None
            low, high = plain.get(name, (np.nan, np.nan))
            open_end = beside is not None and beside.status in ("above", "below") and not high <= WIDE * low
            if open_end or (beside is not None and beside.status == "unidentified"):
                told[name] = Told("unidentified")
    return told


def _told(problem: Problem, column: Column, i: int, ends: Interval, plain: Interval) -> Told:
    kind = problem.form.parameter(column.parameter).kind
    low, high = float(problem.low[i]), float(problem.high[i])
    # A level lies below the lowest loss, whatever its bound.
    top = float(np.min(problem.loss)) / problem.scale if kind == "level" and np.min(problem.loss) > 0 else high
    most = STEEP if kind == "exponent" else NEARLY * (top - low)
    width, room = ends.high - ends.low, TOUCH * (high - low)
    at_low, at_high = ends.low <= low + room, ends.high >= high - room
    sliver = width < SLIVER * (high - low)
    if kind == "coefficient":
        return Told("unidentified" if at_low or at_high else "identified")
    if at_low and not at_high and width < most and (kind in LOWEST or not sliver):
        return Told("below", plain.high)
    if at_high and not at_low and not sliver and width < NEARLY * (high - low):
        return Told("above", plain.low)
    return Told("unidentified" if at_low or at_high or width >= most else "identified")


def _confirmed(told: Told, request: Request, problem: Problem, u: Array, i: int, ends: Interval) -> Told:
    """What is told from one side, as far as the profile of the likelihood agrees: the farther of their bounds."""
    low, high = profile_ends(problem, u, i, request.points.clusters)
    column = problem.columns[i]
    further = FURTHER_LEVEL if problem.form.parameter(column.parameter).kind == "level" else FURTHER
    if max(ends.low - low, high - ends.high) > further * (ends.high - ends.low):
        return Told("unidentified")
    at = u.copy()
    at[i] = high if told.status == "below" else low
    bound = float(problem.raw(at[None])[column][0])
    return Told(told.status, max(bound, told.bound) if told.status == "below" else min(bound, told.bound))


def of_bounds(fit: Fit, ends: Mapping[str, Interval], known: tuple[str, ...]) -> Iterator[FitWarning]:
    """A doubt that names what is told from one side or not at all.

    Args:
        fit: The fit.
        ends: The intervals, those of parameters that are not identified too.
        known: Names of which another warning says so.
    """
    said = []
    for name, told in fit.told.items():
        low, high = ends.get(name, (np.nan, np.nan))
        if name in known or told.status not in ("above", "below", "unidentified"):
            continue
        spans = f", 95 % from {low:.3g} to {high:.3g}" if told.status == "unidentified" and np.isfinite(low) else ""
        said.append(f"{name} is {told.words}{spans}")
    if said:
        yield warn("FIT116", "; ".join(said))
