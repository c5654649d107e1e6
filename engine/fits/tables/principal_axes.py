"""Principal axes of columns of a table, what each explains, and cells that are missing filled in.

Missing cells begin as the mean of their column. Of columns brought to mean 0 and one scale they are then what the first
principal axis says, over and over; where all that is known lies between 0 and 1, so does what is filled in. The
axes are those of the columns in their own units about their means, each with the sign that makes its loadings sum to a
positive number.

Axes: R row, C column, A axis.

Reference: arXiv:2405.10938, and its code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from ..core.fit_result import Array

#: Rounds of filling in, and the change below which they end.
ROUNDS, SMALL = 1000, 1e-10


@dataclass(frozen=True, eq=False)
class PrincipalAxes:
    """Axes of some columns."""

    #: [R, A] place of each row along each axis; missing where no column of a row is known.
    places: Array
    #: [A] share of the variance that each axis explains.
    shares: Array


def principal_axes(columns_RC: Array, kept: NDArray[np.bool_]) -> PrincipalAxes:
    """All axes, of the rows kept; other rows have places on them too.

    Raises:
        FitError: Fewer than two rows are kept, or a column has no number in any of them.
    """
    inside = columns_RC[kept]
    if len(inside) < 2 or not np.all(np.any(np.isfinite(inside), axis=0)):
        raise FitError("principal axes need two rows at least, and a number in every column")
    known = columns_RC[np.isfinite(columns_RC)]
    bounds = (0.0, 1.0) if np.all((known >= 0) & (known <= 1)) else (-np.inf, np.inf)
    middle, spread = np.nanmean(inside, axis=0), np.nanstd(inside, axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    found, loading = _filled(inside, middle, scale, bounds)
    centre = np.mean(found, axis=0)
    _, size, axes = np.linalg.svd(found - centre, full_matrices=False)
    axes *= np.where(np.sum(axes, axis=1) < 0, -1.0, 1.0)[:, None]
    whole = columns_RC.copy()
    whole[kept] = found
    for row in np.flatnonzero(~kept):
        whole[row] = _completed(columns_RC[row], centre, scale, loading, bounds)
    places = (whole - centre) @ axes.T
    places[~np.any(np.isfinite(columns_RC), axis=1)] = np.nan
    return PrincipalAxes(places, size**2 / np.sum(size**2))


def _filled(inside: Array, middle: Array, scale: Array, bounds: tuple[float, float]) -> tuple[Array, Array]:
    """The rows with what is missing filled in, and the first axis of the columns brought to one scale."""
    missing = ~np.isfinite(inside)
    found = np.where(missing, middle, inside)
    for _ in range(ROUNDS):
        centre = np.mean(found, axis=0)
        unit = (found - centre) / scale
        _, _, axes = np.linalg.svd(unit, full_matrices=False)
        loading = axes[0]
        said = np.clip(np.outer(unit @ loading, loading) * scale + centre, *bounds)
        moved = float(np.max(np.abs(said - found)[missing], initial=0.0))
        found = np.where(missing, said, inside)
        if moved <= SMALL:
            break
    return found, loading


def _completed(row: Array, middle: Array, scale: Array, loading: Array, bounds: tuple[float, float]) -> Array:
    """A row that the axes are not of, filled in by the first of them."""
    there = np.isfinite(row)
    unit = ((row - middle) / scale)[there]
    weight = float(loading[there] @ loading[there])
    place = float(unit @ loading[there]) / weight if weight > 0 else 0.0
    return np.asarray(np.where(there, row, np.clip(place * loading * scale + middle, *bounds)))
