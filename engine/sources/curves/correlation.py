"""`correlation`: the largest singular value of the covariance of tokens that lie a lag apart, against the lag.

    C(n)_uv = P(x_i = u, x_{i + n} = v) - P(x_i = u) P(x_{i + n} = v)

Of a chain it follows from the law, diag(pi) P^n - pi pi'. Of anything else it is counted; pairs that are independent
leave a norm of the order of tokens^-1/2, which is measured on a shuffled sample, and lags at which no more is left are
dropped.

Axes: V token.

Reference: arXiv:2602.07488.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, svds

from ..chains.stream import ChainStream
from ..edges import Floats, Ints
from ..source_statistics import sampled
from . import Curve, computes, exact

#: Lags at most, spread evenly in the logarithm.
LAGS = 24
#: Matrices up to this size are decomposed whole.
WHOLE = 64
#: Norms of independent pairs, times this, are noise.
NOISE = 2.0


@computes("correlation")
def correlation(stream: object, tokens: int) -> Curve:
    """At lags 1 to the length of a sequence."""
    if isinstance(stream, ChainStream):
        lags = spread(stream.length)
        return exact(lags, [_of_chain(stream, int(lag)) for lag in lags])
    sequences = sampled(stream, tokens)  # type: ignore[arg-type]
    vocab = int(sequences.max()) + 1
    lags = spread(min(stream.length, sequences.shape[1] - 1))  # type: ignore[attr-defined]
    norms = np.array([_counted(sequences[:, :-lag].ravel(), sequences[:, lag:].ravel(), vocab) for lag in lags])
    shuffled = np.random.Generator(np.random.Philox(key=[0, 0])).permutation(sequences.ravel())
    floor = _counted(sequences.ravel(), shuffled, vocab)
    above = norms > NOISE * floor
    return Curve(lags[above].astype(np.float64), norms[above], np.full(int(above.sum()), floor))


def spread(most: int) -> Ints:
    """Whole numbers from 1 to `most`, evenly in the logarithm."""
    return np.unique(np.geomspace(1, max(1, most), LAGS).round().astype(np.int64))


def _of_chain(stream: ChainStream, lag: int) -> float:
    chain = stream.chain
    step = csr_array((chain.probability, chain.indices, chain.indptr), shape=(chain.n, chain.n))
    back, law = step.T.tocsr(), chain.stationary

    def ahead(x: Floats) -> Floats:
        moved = x.ravel()
        for _ in range(lag):
            moved = np.asarray(step @ moved)
        return np.asarray(law * moved - law * (law @ x.ravel()))

    def behind(x: Floats) -> Floats:
        moved = law * x.ravel()
        for _ in range(lag):
            moved = np.asarray(back @ moved)
        return np.asarray(moved - law * (law @ x.ravel()))

    return _norm(chain.n, ahead, behind)


def _counted(first: Ints, second: Ints, vocab: int) -> float:
    """The norm of the covariance of pairs, from their counts."""
    codes, counts = np.unique(first * vocab + second, return_counts=True)
    joint = csr_array((counts / len(first), (codes // vocab, codes % vocab)), shape=(vocab, vocab))
    p, q = (np.bincount(tokens, minlength=vocab) / len(tokens) for tokens in (first, second))
    back = joint.T.tocsr()
    return _norm(
        vocab, lambda x: joint @ x.ravel() - p * (q @ x.ravel()), lambda x: back @ x.ravel() - q * (p @ x.ravel())
    )


def _norm(n: int, ahead: Callable[[Floats], Floats], behind: Callable[[Floats], Floats]) -> float:
    """The largest singular value of an n x n matrix that is known by what it does to a vector, and its transpose."""
    if n <= WHOLE:
        columns = np.stack([ahead(unit) for unit in np.eye(n)], axis=1)
        return float(np.linalg.norm(columns, 2))
    matrix = LinearOperator((n, n), matvec=ahead, rmatvec=behind, dtype=np.float64)
    start = np.random.Generator(np.random.Philox(key=[0, n])).standard_normal(n)
    return float(svds(matrix, k=1, v0=start, return_singular_vectors=False)[0])
