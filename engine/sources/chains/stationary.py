"""The stationary law of an irreducible chain, to working precision, whatever its period or its narrow passages.

A large chain that mixes fast is iterated. Every other is censored state by state (Grassmann, Taksar & Heyman 1985),
which subtracts nowhere and so gets every entry right to many digits, be it 1e-30: first on sparse rows, the state with
the fewest transitions next, then on the full matrix of those that are left once rows have filled in.
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scipy.sparse import csr_array

from ..edges import Floats, Ints

#: States above which iteration is tried first; censoring the full matrix takes n^3 / 3 operations.
SMALL = 1_000
#: Steps of iteration before it is given up.
STEPS = 2_000
#: Distance at which two laws that started apart have met; less is rounding.
MET = 2e-15
#: Largest accepted error of pi P = pi, summed over states.
RESIDUAL = 1e-12
#: Sparse rows are left for the full matrix when the shortest fills this part of it: a step on dictionaries costs some
#: fifty times as much an entry as one on arrays.
FULL = 1 / 7


def stationary_law(
    n: int, source: Ints, target: Ints, probability: Floats, member: NDArray[np.bool_] | None = None
) -> Floats:
    """[V] pi with pi P = pi and sum 1 for the irreducible chain on the states `member`, 0 for all others.

    Raises:
        EngineError: The law cannot be solved to the accuracy wanted.
    """
    states = np.arange(n) if member is None else np.flatnonzero(member)
    local = np.zeros(n, dtype=np.int64)
    local[states] = np.arange(len(states))
    size = (len(states), len(states))
    step = csr_array((probability, (local[target], local[source])), shape=size)  # P transposed
    found = iterate(step) if len(states) > SMALL else None
    law = censor(len(states), local[source], local[target], probability) if found is None else found
    if not np.abs(step @ law - law).sum() <= RESIDUAL:
        raise EngineError(f"the stationary law of a chain of {len(states):,} states cannot be solved to {RESIDUAL:g}")
    whole = np.zeros(n)
    whole[states] = law
    return whole


def iterate(step: csr_array) -> Floats | None:
    """The lazy chain (I + P) / 2, which has no period, from two laws until they meet; None if they do not.

    One law starts even, the other in one state. That one law stands still would prove nothing: a chain in two halves
    that hardly meet stands still with any split between them.
    """
    n = step.shape[0]
    laws = np.stack([np.full(n, 1 / n), np.eye(1, n)[0]], axis=1)
    for _ in range(STEPS):
        laws = (laws + step @ laws) / 2
        laws /= laws.sum(axis=0)
        if np.abs(laws[:, 0] - laws[:, 1]).sum() < MET:
            return np.asarray(laws.mean(axis=1))
    return None


def censor(n: int, source: Ints, target: Ints, probability: Floats) -> Floats:
    """The law by elimination.

    The chain watched only outside state k goes from i to j with p_ij + p_ik p_kj / s, where s is the sum of p_kj over
    j other than k; and pi_k = sum over i of pi_i p_ik / s.
    """
    ahead: list[dict[int, float]] = [{} for _ in range(n)]
    behind: list[set[int]] = [set() for _ in range(n)]
    for i, j, p in zip(source.tolist(), target.tolist(), probability.tolist()):
        if i != j:
            ahead[i][j] = p
            behind[j].add(i)
    waiting = [(len(ahead[k]) + len(behind[k]), k) for k in range(n)]
    heapq.heapify(waiting)
    left = set(range(n))
    shares: list[tuple[int, list[tuple[int, float]]]] = []
    while len(left) > 1:
        degree, k = heapq.heappop(waiting)
        if k not in left:
            continue
        if degree != (now := len(ahead[k]) + len(behind[k])):
            heapq.heappush(waiting, (now, k))
            continue
        if degree > 2 * FULL * len(left):
            break
        left.remove(k)
        total = sum(ahead[k].values())
        enters = [(i, ahead[i].pop(k) / total) for i in sorted(behind[k])]
        for j in ahead[k]:
            behind[j].remove(k)
        for i, share in enters:
            row = ahead[i]
            for j, p in ahead[k].items():
                if i != j:
                    row[j] = row.get(j, 0.0) + share * p
                    behind[j].add(i)
        shares.append((k, enters))
    law = np.zeros(n)
    rest = sorted(left)
    law[rest] = _censor_full(rest, ahead)
    for k, enters in reversed(shares):
        law[k] = sum(law[i] * share for i, share in enters)
    return np.asarray(law / law.sum())


def _censor_full(states: list[int], ahead: list[dict[int, float]]) -> Floats:
    """The law of the chain that is left, up to a factor; its rows hold transitions among `states` alone."""
    at = {state: i for i, state in enumerate(states)}
    p = np.zeros((len(states), len(states)))
    for state in states:
        for j, value in ahead[state].items():
            p[at[state], at[j]] = value
    for k in range(len(states) - 1, 0, -1):
        p[:k, k] /= p[k, :k].sum()
        p[:k, :k] += np.outer(p[:k, k], p[k, :k])
    law = np.ones(len(states))
    for k in range(1, len(states)):
        law[k] = law[:k] @ p[:k, k]
    return law
