"""`memoriser(gram=2, samples)` on a chain whose law is known: counts of what followed what in D tokens of training.

With c(v, w) the times that w followed v, n(v) their sum and k(v) the number of states that can follow v,

    q(w | v) = (c(v, w) + 1/2) / (n(v) + k(v)/2).

It knows which states can follow which, and its loss is that over the chain's whole law, without noise of an evaluation:
the entropy rate and sum_v pi(v) KL(p(. | v) || q(. | v)).

In the mean over draws each logarithm is that of a binomial, so that the loss is known exactly where transitions are
drawn one by one,

    E KL(v) = sum_w p(w | v) (log p(w | v) - E log(c(v, w) + 1/2)) + E log(n(v) + k(v)/2),
    c(v, w) ~ Binomial(D, pi(v) p(w | v)),    n(v) ~ Binomial(D, pi(v)),

which tends to (transitions - states)/(2D): exponent 1, and (2E - n)/2 for a walk on n nodes and E edges. Of sequences
of several tokens, which are no independent draws, counts of a state scatter otherwise; that cancels to first order.

Axes: S slot, one possible transition.

References: arXiv:2601.10684, appendix C; Krichevsky & Trofimov 1981, IEEE Transactions on Information Theory 27, 199.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.memorising import MOST_DRAWN, Transitions

from ..sources.chains.chain import Chain
from ..sources.chains.stream import ChainStream
from ..sources.edges import Floats, Ints
from .registry import Solution, Solved, implements

#: What is added to every count.
ADDED = 0.5
#: Means of a binomial above which its logarithm is a series in the inverse of the mean, good to 1e-12.
SERIES_ABOVE = 1e4
#: Standard deviations beyond which no value of a binomial counts.
REACH = 14.0


@implements(Transitions)
def transitions(runs: Sequence[Run], stream: Any, seed: int) -> Solved:
    """Losses over the chain's law; `theory` is their mean over draws."""
    if not isinstance(stream, ChainStream):
        raise EngineError(f"{runs[0].source.word}(...) has no chain whose transitions could be counted")
    return Solved(_solutions(runs, stream, seed))


def _solutions(runs: Sequence[Run], stream: ChainStream, seed: int) -> Iterator[Solution]:
    chain = stream.chain
    samples = [run.model.n_samples for run in runs]
    found = dict(counted(stream, sorted(set(samples)), seed))
    rate = chain.entropy_rate
    for n in samples:
        said = {"theory": rate + expected_excess(chain, n)}
        yield Solution(rate + excess(chain, found[n]), 0.0, values=said, irreducible=rate)


def counted(stream: ChainStream, samples: Sequence[int], seed: int) -> Iterator[tuple[int, Ints]]:
    """Counts [S] of every transition after each number of samples, ascending: of more they are those of fewer and more.

    Samples are tokens that are foretold, in the order in which a model trained on `seed` reads them.
    """
    chain, length = stream.chain, stream.length
    codes = chain.rows * chain.n + chain.indices
    counts = np.zeros(len(codes), dtype=np.int64)
    block = max(1, MOST_DRAWN // length)
    seeds, done = torch.tensor([seed]), 0
    for wanted in samples:
        while done < wanted:
            first = done // length
            last = min(first + block, -(-wanted // length))
            walks = stream.batch(seeds, torch.arange(first, last)[None])[0].numpy()
            seen = (walks[:, :-1] * chain.n + walks[:, 1:]).ravel()[done - first * length :][: wanted - done]
            counts += np.bincount(np.searchsorted(codes, seen), minlength=len(codes))
            done += len(seen)
        yield wanted, counts.copy()


def excess(chain: Chain, counts: Ints) -> float:
    """Loss above the entropy rate of what was counted, nats a token."""
    degree = np.diff(chain.indptr)
    of_row = np.bincount(chain.rows, weights=counts, minlength=chain.n)
    foretold = (counts + ADDED) / (of_row + ADDED * degree)[chain.rows]
    weight = chain.stationary[chain.rows] * chain.probability
    return float(weight @ (np.log(chain.probability) - np.log(foretold)))


def expected_excess(chain: Chain, samples: int) -> float:
    """Its mean over draws of transitions one by one."""
    degree = np.diff(chain.indptr)
    joint = chain.stationary[chain.rows] * chain.probability
    states = chain.states
    weight = chain.stationary[states]
    known = joint @ np.log(chain.probability)
    of_slots = joint @ mean_log(samples, joint, np.full(len(joint), ADDED))
    return float(known - of_slots + weight @ mean_log(samples, weight, ADDED * degree[states]))


def mean_log(n: int, p: Floats, added: Floats) -> Floats:
    """E log(X + added) of X ~ Binomial(n, p), element by element, good to about 1e-12."""
    pairs = np.stack([p, added], axis=1)
    # Equal probabilities differ in their last bits.
    kinds, where = np.unique(pairs.round(15), axis=0, return_inverse=True)
    return np.array([_mean_log(n, float(q), float(a)) for q, a in kinds])[where.ravel()]


def _mean_log(n: int, p: float, added: float) -> float:
    mean, variance = n * p, n * p * (1 - p)
    if p >= 1:
        return math.log(n + added)
    if mean > SERIES_ABOVE:
        return _series(n, p, added)
    reach = REACH * math.sqrt(variance) + 4 * REACH
    low, high = max(0, math.floor(mean - reach)), min(n, math.ceil(mean + reach))
    values = np.arange(low, high + 1)
    # Logarithms of the ratios of neighbours, added up from the middle, keep their digits where factorials do not.
    ratios = np.log((n - values[:-1]) / (values[:-1] + 1)) + math.log(p) - math.log1p(-p)
    logs = np.concatenate(([0.0], np.cumsum(ratios)))
    weights = np.exp(logs - logs.max())
    return float(weights @ np.log(values + added) / weights.sum())


def _series(n: int, p: float, added: float) -> float:
    """Through the central moments of X, the second to the sixth, of which the last two are taken to first order."""
    mean, v = n * p + added, n * p * (1 - p)
    skew = 1 - 2 * p
    moments = (v, v * skew, v * (1 - 6 * p * (1 - p)) + 3 * v * v, 10 * v * v * skew, 15 * v**3)
    terms = ((-1) ** (k + 1) * moment / (k * mean**k) for k, moment in enumerate(moments, start=2))
    return math.log(mean) + math.fsum(terms)
