"""Identifiability: the parameters that the points tell apart, and vectors that would predict them equally well.

A direction v of the solver's vector is free where J v = 0, J the derivative of the predictions: along it nothing that
was measured changes. Entries with a part in such a direction are not identified, however closely refits that all start
at one place agree on them; nor are those in which starts that reached the same objective ended apart.

Axes: A an answer, P an entry of u.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..core.fit_result import Array
from .problem import Problem

#: Ratio of singular values of the normalised Jacobian under which some direction of the parameters is not seen by the
#: data.
MIN_CONDITION = 1e-7
#: Relative distance between equally good answers above which the data do not tell them apart.
MAX_SPREAD = 1e-2
#: Size of a column of the Jacobian, relative to the largest, below which its entry changes nothing.
UNSEEN = 1e-12
#: Range of an entry that may have any size.
ANY_SIZE = 1e12
#: Part in a free direction, whose parts have unit squares, above which an entry is not identified.
PART = 1e-3


def not_identified(
    problem: Problem, u: Array, agreeing: Array, settle: Callable[[Array], Array]
) -> tuple[tuple[int, ...], Array]:
    """Entries of u that are not identified; vectors that predict the points equally well, the best first, shape (A, P).

    Args:
        problem: Law, points and objective.
        u: The best vector.
        agreeing: Where starts that reached the same objective ended, shape (A, P).
        settle: Takes vectors, shape (A, P), to the nearest ones that are as good as the best; fewer may come back.
    """
    free, walks = _free_directions(problem, u)
    apart = np.ptp(agreeing, axis=0) > MAX_SPREAD * np.maximum(1.0, np.max(np.abs(agreeing), axis=0))
    loose = apart | (np.max(np.abs(free), axis=0, initial=0.0) > PART)
    if not np.any(loose):
        return (), u[None]
    moved = np.clip(np.concatenate([u + walks, u - walks]), problem.low, problem.high)
    settled = settle(moved) if len(moved) else moved
    return tuple(int(i) for i in np.flatnonzero(loose)), np.concatenate([u[None], agreeing, settled])


def _free_directions(problem: Problem, u: Array) -> tuple[Array, Array]:
    """Free directions, shape (free, P): in units of the Jacobian's columns, and as steps of u.

    Entries of u are of order one, and so is the largest of a step. Entries at a bound are left out.
    """
    inside = (u > problem.low) & (u < problem.high)
    _, jacobian = problem.linearised(u[None])
    columns = (jacobian[0, inside] * np.sqrt(problem.weight)).T
    columns = np.where(np.isfinite(columns), columns, 0.0)
    norms = np.linalg.norm(columns, axis=0)
    if not len(norms):
        return np.empty((0, len(u))), np.empty((0, len(u)))
    # Entries of u are of order one, but for the coefficients of a regression, which have any size.
    size_of_u = np.where(problem.high[inside] - problem.low[inside] > ANY_SIZE, np.abs(u[inside]), 1.0)
    unseen = norms * size_of_u <= UNSEEN * max(1.0, float(np.max(norms * size_of_u)))
    # A term that went to nothing still has a direction, which may be another's: then that is not identified either.
    norms = np.where(norms > 0, norms, 1.0)
    # By its triangular factor, since a table may have a hundred thousand points.
    triangle = np.linalg.qr(columns / norms, mode="r")
    _, singular, directions = np.linalg.svd(triangle, full_matrices=True)
    size = np.zeros(len(norms))
    size[: len(singular)] = singular
    free = np.zeros((int(np.sum(size <= MIN_CONDITION * size[0])), len(u)))
    steps = np.zeros_like(free)
    free[:, inside] = directions[len(norms) - len(free) :]
    steps[:, inside] = free[:, inside] / np.maximum(norms, UNSEEN)
    steps /= np.max(np.abs(steps), axis=1, keepdims=True)
    alone = np.eye(len(u))[np.flatnonzero(inside)[unseen]]
    return np.concatenate([free, alone]), np.concatenate([steps, alone])
