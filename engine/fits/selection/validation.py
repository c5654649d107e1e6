"""Trust in a law beyond its data: splits, extrapolation, rollout, and the choice of a form by held-out error.

The error is always the root mean square of log(predicted) - log(seen). The best interpolation is not the best
extrapolation (Alabdulmohsin et al. 2022), so forms are ranked by what they say about points larger than any they were
fitted to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError
from scalingdsl.spec.vocabulary.base import REGISTRY
from scalingdsl.spec.vocabulary.words.laws import Law

from ..core.fit_result import DEFAULT_OPTIONS, Array, Fit, FitOptions, Points
from ..core.progress_callback import ProgressCallback, ignore_progress
from ..fit_law import fit_law
from ..forms import form
from ..predict import predict

#: Shares of the range, on a logarithmic scale, at which `rank` cuts the points to see how each form goes on. Earlier
#: cuts ask about what is further from the end than what the form will be used for.
CUTS = (0.65, 0.8)
#: A form that misses the points it is fitted to by this much more than another is not considered.
MISFIT = 2.0
#: Errors of two forms at two cuts that differ by less than this factor may be the other way round beyond the points.
APART = 3.0
#: Random divisions of the points, and the share of clusters that each fits: the model selection of arXiv:2601.10684.
SPLITS, SHARE = 20, 0.8
#: Forms whose errors are within this factor of the least cannot be told apart: the one with fewest parameters is taken.
TIE = 1.01


@dataclass(frozen=True)
class Split:
    """Errors of one law on points it was fitted to and on points it was not."""

    n_held_out: int
    held_out: float
    fit: Fit
    #: Mean squared error of the loss on the points fitted, and on those held out.
    fitted_mse: float
    held_out_mse: float


def errors_on(fit: Fit, points: Points) -> tuple[float, float]:
    """Root mean square error of log loss, and mean squared error of the loss; infinite where the law has no value."""
    if not points.n or not fit.succeeded:
        return float("inf"), float("inf")
    with np.errstate(all="ignore"):
        predicted = predict(fit, points.variables)
        log_mse = float(np.mean((np.log(predicted) - np.log(points.loss)) ** 2))
        mse = float(np.mean((predicted - points.loss) ** 2))
    return (log_mse**0.5 if np.isfinite(log_mse) else float("inf")), (mse if np.isfinite(mse) else float("inf"))


def split(law: str, points: Points, held_out: NDArray[np.bool_], options: FitOptions = DEFAULT_OPTIONS) -> Split:
    """Fit a law to some points and ask it about the others."""
    rows, left = np.flatnonzero(~held_out), np.flatnonzero(held_out)
    inside, outside = points.take(rows), points.take(left)
    fit = fit_law(law, inside, options.at(rows))
    held_out_error, held_out_mse = errors_on(fit, outside)
    return Split(outside.n, held_out_error, fit, errors_on(fit, inside)[1], held_out_mse)


def scale_of(points: Points) -> Array:
    """The size of each point: compute where N and D are known, else the law's one variable, shape (point,)."""
    return points.flops if points.has_compute else next(iter(points.variables.values()))


def largest(points: Points, by: str | None = None) -> NDArray[np.bool_]:
    """Points above half of the largest value of a variable, or of compute: what leaving the largest out leaves out."""
    x = scale_of(points) if by is None else points.variables[by]
    return np.asarray(x > 0.5 * np.max(x))


def divisions(points: Points, *, splits: int = SPLITS) -> Iterator[NDArray[np.bool_]]:
    """Masks of the points held out, shape (point,), one a division; points of one cluster stay together."""
    own, of_point = np.unique(points.clusters, return_inverse=True)
    rng = np.random.default_rng(0)
    for _ in range(splits):
        kept = rng.permutation(len(own))[: max(1, round(SHARE * len(own)))]
        yield ~np.isin(of_point, kept)


def validation(law: str, points: Points, options: FitOptions = DEFAULT_OPTIONS, *, splits: int = SPLITS) -> Split:
    """Mean errors over random divisions, as the squares average."""
    found = [split(law, points, held_out, options) for held_out in divisions(points, splits=splits)]
    return replace(
        found[-1],
        held_out=float(np.mean([s.held_out**2 for s in found])) ** 0.5,
        fitted_mse=float(np.mean([s.fitted_mse for s in found])),
        held_out_mse=float(np.mean([s.held_out_mse for s in found])),
    )


def validation_of(fit: Fit) -> float:
    """Mean squared error of the loss on cells held out, over random splits of the points a fit was made of."""
    return validation(fit.law, fit.details.points, fit.details.options).held_out_mse


def rollout(
    law: str, points: Points, options: FitOptions = DEFAULT_OPTIONS, *, by: str | None = None
) -> tuple[Split, ...]:
    """Fit to ever larger points and predict the next size, for every size that leaves enough to fit.

    Args:
        law: Word of the law.
        points: Cells.
        options: Of each fit.
        by: Variable whose distinct values are the sizes; compute by default.
    """
    x = scale_of(points) if by is None else points.variables[by]
    sizes = np.unique(np.round(np.log(x), 6))
    level = np.searchsorted(sizes, np.round(np.log(x), 6))
    found = []
    for k in range(1, len(sizes)):
        rows = np.flatnonzero(level <= k)
        step = split(law, points.take(rows), level[rows] == k, options.at(rows))
        if step.fit.succeeded:
            found.append(step)
    return tuple(found)


def candidates_in(variables: int) -> tuple[str, ...]:
    """Laws in so many variables among which `rank` chooses; the first where there are too few points to choose."""
    laws = (w for w in REGISTRY.values() if issubclass(w, Law))
    return tuple(law.word for law in laws if law.candidate and len(law.variables) == variables)


@dataclass(frozen=True)
class Ranked:
    """A form, how many parameters it has, and its errors of log loss.

    `held_out` is the geometric mean over the cuts, infinite where too few points lie below them; `fitted` that on all
    points, scaled for the parameters fitted.
    """

    law: str
    n_parameters: int
    held_out: float
    fitted: float
    #: The reason why it cannot be chosen, in words; empty for one that was considered.
    excluded: str = ""


def rank(
    points: Points,
    laws: Sequence[str] | None = None,
    options: FitOptions = DEFAULT_OPTIONS,
    *,
    progress: ProgressCallback = ignore_progress,
) -> tuple[Ranked, ...]:
    """Forms by how well they go on: fitted below several cuts of the range and asked about what lies above.

    The first is the one to use, the others follow by their error. A form that cannot follow the points it is fitted to
    does not come first, of forms that err alike the simplest does; where there are too few points to hold any out, the
    first candidate does.

    Raises:
        FitError: There are too few points even for that.
    """
    candidates = laws or candidates_in(min(len(points.variables), 2))
    x = np.log(scale_of(points))
    low, high = float(np.min(x)), float(np.max(x))
    cuts = [outside for outside in (x > low + cut * (high - low) for cut in CUTS) if 0 < np.sum(outside) < points.n]
    found = []
    for i, law in enumerate(candidates):
        progress("forms compared", i, len(candidates))
        size = len(form(law, tuple(points.variables)).parameters)
        spare = [outside for outside in cuts if points.n - np.sum(outside) > size]
        errors = [split(law, points, outside, options).held_out for outside in spare]
        held_out = float(np.exp(np.mean(np.log(errors)))) if 2 * len(spare) > len(cuts) else float("inf")
        found.append(Ranked(law, size, held_out, _misfit(law, points, size, options)))
    if not np.isfinite(found[0].fitted) and not any(np.isfinite(r.held_out) for r in found):
        raise FitError(f"too few points to hold any out, and for {found[0].law} itself: measure more cells")
    found = [replace(r, excluded=_excluded(r, found)) for r in found]
    follow = [r for r in found if not r.excluded]
    least = min((r.held_out for r in follow), default=float("inf"))
    tied = [r for r in follow if r.held_out <= TIE * least]
    best = min(tied, key=lambda r: (r.n_parameters, r.held_out), default=found[0])
    return (best, *sorted((r for r in found if r is not best), key=lambda r: r.held_out))


def _excluded(form: Ranked, among: Sequence[Ranked]) -> str:
    """The reason why a form is not considered; empty where it is."""
    nearest = min(among, key=lambda r: r.fitted)
    if not np.isfinite(form.fitted):
        return "has as many parameters as there are points, or no fit to them"
    if form.fitted > MISFIT * nearest.fitted:
        times = f"{form.fitted / nearest.fitted:.2g} times as far as"
        return f"misses the points it is fitted to {times} {nearest.law}"
    return "" if np.isfinite(form.held_out) else "has too few points below the cuts, or no value above them"


def rivals(forms: Sequence[Ranked]) -> dict[str, float]:
    """Forms that may be the one that goes on best, and the weight of each: as its squared held-out error is small.

    The first is the one chosen; a form whose error is more than `APART` times the least is told apart from it.
    """
    least = min((r.held_out for r in forms if not r.excluded), default=float("inf"))
    near = [r for r in forms if not r.excluded and r.held_out <= APART * least]
    if not near or least == 0.0:
        return {forms[0].law: 1.0}
    weights = {r.law: (least / r.held_out) ** 2 for r in near}
    total = sum(weights.values())
    return {law: weight / total for law, weight in weights.items()}


def _misfit(law: str, points: Points, size: int, options: FitOptions) -> float:
    """Root mean square error of log loss on the points fitted, scaled for the parameters."""
    if points.n <= size:
        return float("inf")
    fit = fit_law(law, points, options, bootstrap=0)
    return errors_on(fit, points)[0] * float(np.sqrt(points.n / (points.n - size)))
