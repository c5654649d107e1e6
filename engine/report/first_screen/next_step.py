"""What to run next: what is missing or lies at an edge, and the axis that a design calculation would widen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.plan.run_grid import REPEATED

from ...analysis.cells.table_columns import swept_in_tables
from ...fits.core.fit_result import Array, Fit
from ...fits.forms import forms
from ...fits.selection.power_analysis import expected_widths
from ...formatting import axis_value, counted, duration, finite, magnitude, percent, significant
from ..report_model import Code, Piece
from ..sections.best_law import best_joint
from ..sections.cell_table import failures
from ..sections.tuned_values import tuned
from ..study_view import Page, View

#: Steps told at most.
MOST = 3
#: A wider grid is proposed where it narrows an interval to this share of its width at most.
WORTH = 0.8
#: An interval so many times as wide as noise alone would make it is wide because the law misses.
MISSES = 3.0
EXPONENTS = ("alpha", "beta")
#: Most that a size strays in the logarithm at one value of the axis that moves it.
ALIKE = 0.02
#: Cells that a law in N and D needs before its intervals can be foretold.
FEWEST_CELLS = 6


@dataclass(frozen=True)
class Wider:
    """A grid one step wider, what becomes of intervals as shares of their width, and the compute it adds as a share."""

    words: tuple[Piece, ...]
    narrower: dict[str, float]
    price: float


def next_steps(view: View) -> tuple[tuple[Piece, ...], ...]:
    """What is not trained, what lies at the edge of what was tried, and the widening that narrows most."""
    return tuple([*_unfinished(view), *_edges(view), *_wider(view)][:MOST])


def _unfinished(view: View) -> Iterator[tuple[Piece, ...]]:
    left = [f"{counted(n, 'run')} {status.replace('_', ' ')}" for status, n in failures(view) if status != "diverged"]
    if left:
        yield (f"The same command again: {', '.join(left)}.",)


def _edges(view: View) -> Iterator[tuple[Piece, ...]]:
    """Tuned values at the end of their grid, and which end where runs tell it."""
    columns = view.analysis.cells.columns
    for axis in tuned(view):
        edge = np.asarray(columns.get(f"edge_{axis}", np.zeros(view.analysis.cells.n)), dtype=bool)
        best = view.cell(f"best_{axis}")
        if not edge.any() or not np.any(np.isfinite(best)):
            continue
        if axis in swept_in_tables(view.analysis.plan):  # the rows that lost, and so which end it is, are not kept
            where = f"was best in {int(edge.sum())} of {counted(view.analysis.cells.n, 'cell')}"
            yield (f"Values of {axis} beyond those tried: the least or greatest {where}.",)
            continue
        tried = view.run(axis)
        for end, words, beyond in ((np.nanmin(tried), "smallest", "below"), (np.nanmax(tried), "largest", "above")):
            n = int(np.sum(edge & (best == end)))
            if n:
                where = f"was best in {n} of {counted(view.analysis.cells.n, 'cell')}"
                yield (f"A value of {axis} {beyond} {axis_value(float(end))}: the {words} tried {where}.",)


def _wider(view: View) -> Iterator[tuple[Piece, ...]]:
    """Of the page with most cells: the step that narrows the widest exponent most, and what it costs."""
    page = max(view.pages, key=lambda p: len(p.rows), default=None)
    found = None if page is None else best_joint(view, page)
    if page is None or found is None or not _designable(found[1]):
        return
    panel_fit, fit = found
    grid = {own: view.cell(quantity)[panel_fit.cells] for own, quantity in panel_fit.request.variables}
    noise = _noise(view, page)
    if not noise > 0:
        return
    now = expected_widths(grid, noise, params=fit.params, law=fit.law)
    widest = max(EXPONENTS, key=lambda name: _width(fit, name) / fit.params[name])
    times = _width(fit, widest) / now[widest] if now[widest] > 0 else 0.0
    if np.isfinite(times) and times > MISSES:
        yield (
            f"Another form, or fewer of the smallest sizes, before a wider grid: the interval of {widest} is "
            f"{significant(times, 2)} times as wide as noise alone would make it, so {panel_fit.request.name} misses.",
        )
        return
    steps = _candidates(view, fit, grid, noise, now)
    best = min(steps, key=lambda w: w.narrower.get(widest, 1.0), default=None)
    if best is not None and best.narrower.get(widest, 1.0) <= WORTH:
        shares = [f"{name} to {100 * share:.0f} %" for name, share in best.narrower.items() if share <= WORTH]
        gain = f"would narrow the 95 % interval of {' and of '.join(shares)} of its width"
        yield (*best.words, f"{gain}, if the law holds there, for {_price(view, best.price)}.")


def _designable(fit: Fit) -> bool:
    """True for a law in N and D with an exponent in each, wholly fitted, that design calculations can be made for."""
    own = {*fit.variables} == {"N", "D"} and {*EXPONENTS} <= {*fit.params} and fit.law in forms()
    return own and not fit.fixed and fit.n >= FEWEST_CELLS and fit.details.n_joint is None


def _width(fit: Fit, name: str) -> float:
    """Width of the 95 % interval of a parameter; infinite where it has none."""
    low, high = fit.intervals.get(name, (None, None))
    return high - low if finite(low) and finite(high) else np.inf


def _candidates(
    view: View, fit: Fit, grid: Mapping[str, Array], noise: float, now: Mapping[str, float]
) -> Iterator[Wider]:
    """The grid with one more N or D at either end, and with twice the seeds."""
    n, d = grid["N"], grid["D"]
    compute = float(np.sum(n * d))
    for moved, held, letter in ((n, d, "N"), (d, n, "D")):
        values, others = np.unique(moved), np.unique(held)
        if len(values) < 2:
            continue
        for last, before in ((values[-1], values[-2]), (values[0], values[1])):
            beyond = float(last**2 / before)
            wider = {letter: np.append(moved, np.full(len(others), beyond)), _other(letter): np.append(held, others)}
            then = expected_widths(wider, noise, params=fit.params, law=fit.law)
            narrower = {name: then[name] / now[name] for name in EXPONENTS if now[name] > 0 and finite(then[name])}
            yield Wider(_step(view, letter, beyond), narrower, float(beyond * np.sum(others)) / compute)
    if any(axis.role in REPEATED for axis in view.analysis.plan.axes):
        yield Wider(("Twice the seeds",), dict.fromkeys(EXPONENTS, 2 ** (-0.5)), 1.0)


def _other(letter: str) -> str:
    return "D" if letter == "N" else "N"


def _noise(view: View, page: Page) -> float:
    """Median standard error of the loss of the page's cells, as a share of it; 0 where none is known."""
    share = (view.cell("standard_error") / view.cell("loss"))[page.rows]
    share = share[np.isfinite(share)]
    return float(np.median(share)) if len(share) else 0.0


def _step(view: View, letter: str, beyond: float) -> tuple[Piece, ...]:
    """A next size in words: the value of the axis that moves it with the size, or the size where no axis alone does."""
    axes = [a for a in view.analysis.plan.axes if a.role == "sweep" and not a.named and len(a.names) == 1]
    columns = view.analysis.cells.columns
    size = view.tokens if letter == "D" else view.cell("N")
    for name in (a.names[0] for a in axes if a.names[0] in columns):
        x = view.cell(name)
        known = np.isfinite(x) & np.isfinite(size) & (x > 0) & (size > 0)
        values = np.unique(x[known])
        at = [float(np.median(size[known & (x == v)])) for v in values]
        alike = all(np.ptp(np.log(size[known & (x == v)])) < ALIKE for v in values)
        if len(values) > 1 and alike and np.all(np.diff(at) > 0):
            end, before = (-1, -2) if beyond > at[-1] else (0, 1)
            following = _on_grid(values[end] ** 2 / values[before], values)
            shown = f"{name} = {axis_value(following)}"
            return "Adding", Code(shown), *(() if letter == "D" else (f"(N about {magnitude(beyond)})",))
    return (f"Adding {letter} = {magnitude(beyond)}",)


def _on_grid(value: float, values: Array) -> float:
    """A value to two digits, or among whole numbers the nearest of what all of them are multiples of."""
    if np.any(values % 1):
        return float(f"{value:.2g}")
    step = int(np.gcd.reduce(values.astype(np.int64)))
    return float(max(step, step * round(value / step)))


def _price(view: View, share: float) -> str:
    """The compute that a step adds, in time where runs took any."""
    spent = view.analysis.accounting.seconds if view.analysis.accounting is not None else 0.0
    return f"about {duration(share * spent)} more training" if spent > 0 else f"{percent(share)} more compute"
