"""The stationary law of an irreducible chain, to working precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import splu

from .edges import Floats, Ints

#: States up to which elimination on the full matrix is used; it takes n^3 / 3 operations.
DENSE_STATES = 1_000
#: Steps of the lazy chain before elimination is tried instead.
LAZY_STEPS = 2_000
#: Movement a step, summed over states, below which only rounding is left.
STILL = 1e-15
#: Largest accepted error of pi P = pi, summed over states.
RESIDUAL = 1e-12


def stationary_law(
    n: int, source: Ints, target: Ints, probability: Floats, member: NDArray[np.bool_] | None = None
) -> Floats:
    """[V] pi with pi P = pi, sum 1, for the irreducible chain on the states `member`; also for periodic chains.

    Small chains are solved by elimination without subtraction, exact in every entry. A large chain either mixes fast,
    and then the lazy chain (I + P) / 2 forgets its start within some hundred steps, or it has narrow passages, and then
    sparse elimination fills in little.
    """
    states = np.arange(n) if member is None else np.flatnonzero(member)
    local = np.zeros(n, dtype=np.int64)
    local[states] = np.arange(len(states))
    matrix = csr_array((probability, (local[source], local[target])), shape=(len(states), len(states)))
    if len(states) <= DENSE_STATES:
        law = _eliminate(matrix.toarray())
    else:
        step = csr_array(matrix.T)
        still = _iterate(step)
        law = _solve(step) if still is None else still
        if not np.abs(step @ law - law).sum() <= RESIDUAL:
            raise EngineError(
                f"the stationary law of a chain of {len(states):,} states cannot be solved to {RESIDUAL:g}"
            )
    whole = np.zeros(n)
    whole[states] = law
    return whole


def _eliminate(p: Floats) -> Floats:
    """Censor one state after the other, then build the law up again. Grassmann, Taksar & Heyman 1985."""
    n = len(p)
    for k in range(n - 1, 0, -1):
        p[:k, k] /= p[k, :k].sum()
        p[:k, :k] += np.outer(p[:k, k], p[k, :k])
    law = np.ones(n)
    for k in range(1, n):
        law[k] = law[:k] @ p[:k, k]
    return np.asarray(law / law.sum())


def _iterate(step: csr_array) -> Floats | None:
    """The lazy chain from the uniform law until nothing moves, or None if that takes too long.

    A chain that is still after LAZY_STEPS forgets a part of some 1 / 50 a step, so its error is within 50 x STILL.
    """
    law = np.full(step.shape[0], 1 / step.shape[0])
    for _ in range(LAZY_STEPS):
        before, law = law, (law + step @ law) / 2
        law /= law.sum()
        if np.abs(law - before).sum() < STILL:
            return np.asarray(law)
    return None


def _solve(step: csr_array) -> Floats:
    """(P^T - I) pi = 0 with the last state's share set to 1."""
    n = step.shape[0]
    system = csc_array(eye_array(n, format="csr") - step)
    law = np.ones(n)
    law[:-1] = splu(system[:-1, :-1]).solve(step[:-1, [n - 1]].toarray().ravel())
    return np.asarray(law / law.sum())
