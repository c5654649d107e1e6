"""Statistics of a source for a reader: its entropy rate, frequencies by rank, counts of counts, contexts.

Plain numbers, computed once while a study runs and stored beside its results, so that a report needs neither the source
nor torch. Of a known chain frequencies are those of its law; of anything else they are counted in a sample of training
sequences.

Axes: W sequence, L token of a sequence.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from scalingdsl.spec.vocabulary.base import Term

from .chains.chain import Chain
from .chains.stream import ChainStream
from .edges import Floats, Ints
from .protocol import Stream
from .text.ngrams import NgramStream
from .text.text_windows import TextStream

#: Tokens counted at most.
MOST_TOKENS = 2**20
#: Points kept of a curve.
POINTS = 200
#: Longest context whose next token's entropy is estimated.
MOST_CONTEXT = 5
#: Counts up to here are kept one by one, larger ones in bins of equal width in the logarithm, so many a decade.
SINGLE, BINS = 20, 30


def statistics(term: Term, stream: Stream, tokens: int = MOST_TOKENS) -> dict[str, Any]:
    """Facts of a source as JSON data.

    Args:
        term: Its declaration.
        stream: What it draws.
        tokens: Tokens to count at most; students of a teacher read as many anyway.
    """
    sequences = sampled(stream, min(tokens, MOST_TOKENS))
    walked = chain_of(stream)
    rate, error, known = rate_of(stream)
    unigram = np.bincount(sequences.ravel(), minlength=1)
    pairs = pair_counts(sequences)
    of_tokens = stream.chain if isinstance(stream, ChainStream) else None
    entropies = conditional_entropies(sequences)
    return {
        "word": term.word,
        "vocab": stream.vocab,
        "length": stream.length,
        "digest": stream.digest,
        "entropy_rate": rate,
        "standard_error": error,
        "known": known,
        "states": None if walked is None else len(walked.states),
        "transitions": None if walked is None else len(walked.indices),
        "tokens": int(sequences.size),
        "unigram": ranked(of_tokens.stationary if of_tokens else unigram / unigram.sum(), exact=of_tokens is not None),
        "bigram": ranked(of_tokens.probability if of_tokens else next_share(pairs), exact=of_tokens is not None),
        "counts": counts_of(pairs[2]),
        "contexts": [_round(h) for h, _ in entropies],
        "context_bias": [_round(b) for _, b in entropies],
    }


def rate_of(stream: Stream) -> tuple[float | None, float | None, str]:
    """The entropy rate, its standard error, and how it is known: from the law, from contexts sampled, or not at all."""
    rate, error = stream.entropy_rate, stream.entropy_standard_error
    return rate, error, "" if rate is None else "contexts" if error else "law"


def chain_of(stream: Stream) -> Chain | None:
    """The chain whose states a source walks on."""
    if isinstance(stream, NgramStream):
        return stream.walked.chain
    return stream.chain if isinstance(stream, ChainStream) else None


def sampled(stream: Stream, tokens: int) -> Ints:
    """[W, L] training tokens: of a text its first ones, as one sequence; of anything else sequences of data seed 0."""
    if isinstance(stream, TextStream):
        return stream.tokens.train[:tokens].astype(np.int64)[None, :]
    count = max(2, tokens // stream.length)
    return stream.batch(torch.zeros(1, dtype=torch.int64), torch.arange(count)[None]).numpy()[0]


def pair_counts(sequences: Ints) -> tuple[Ints, Ints, Ints]:
    """First tokens, second tokens and counts of every pair that occurs, shape (pair,)."""
    span = int(sequences.max()) + 1
    codes, counts = np.unique(sequences[:, :-1] * span + sequences[:, 1:], return_counts=True)
    return codes // span, codes % span, counts


def next_share(pairs: tuple[Ints, Ints, Ints]) -> Floats:
    """Share of each pair among those with the same first token, shape (pair,)."""
    first, _, counts = pairs
    return np.asarray(counts / np.bincount(first, weights=counts)[first])


def ranked(probability: Floats, *, exact: bool) -> dict[str, Any]:
    """Probabilities above 0 against their rank, at evenly spaced ranks in the logarithm."""
    falling = np.sort(probability[probability > 0])[::-1]
    ranks = np.unique(np.geomspace(1, len(falling), POINTS).round().astype(np.int64))
    return {"x": ranks.tolist(), "y": [_round(p) for p in falling[ranks - 1].tolist()], "exact": exact}


def counts_of(counts: Ints) -> dict[str, Any]:
    """Pairs that occur k times against k; above `SINGLE` the mean over the counts of a bin."""
    k, n = np.unique(counts, return_counts=True)
    single = k <= SINGLE
    x, y = k[single].astype(float).tolist(), n[single].astype(float).tolist()
    if not single.all():
        top = float(k.max()) + 1
        edges = np.unique(np.geomspace(SINGLE + 1, top, max(2, round(BINS * np.log10(top / SINGLE)))).round())
        for low, high in pairwise(edges):
            inside = (k >= low) & (k < high)
            if inside.any():
                x.append(_round(float(np.sqrt(low * (high - 1)))))
                y.append(_round(float(n[inside].sum() / (high - low))))
    return {"x": x, "y": y, "exact": False}


def conditional_entropies(sequences: Ints) -> list[tuple[float, float]]:
    """Entropy of the next token given the last k, k = 0, 1, ..., and the correction in it, in nats.

    The plug-in estimate H(context, next) - H(context) plus (pairs seen - contexts seen) / (2 windows), which takes away
    its bias to first order (Miller 1955). It says little where that correction is not small.
    """
    found = []
    context = np.zeros_like(sequences)
    span = int(sequences.max()) + 1
    for k in range(min(MOST_CONTEXT, sequences.shape[1] - 1) + 1):
        # The context of size k that ends before each position k, k + 1, ..., and the token there.
        before = context[:, : sequences.shape[1] - k]
        both = before * span + sequences[:, k:]
        _, ids, of_both = np.unique(both, return_inverse=True, return_counts=True)
        of_before = np.unique(before, return_counts=True)[1]
        bias = (len(of_both) - len(of_before)) / (2 * both.size)
        found.append((entropy(of_both) - entropy(of_before) + bias, bias))
        # A context and the token after it are the next context, which begins one place further on.
        context = ids.reshape(both.shape)
    return found


def entropy(counts: Ints) -> float:
    """Of the distribution that the counts are proportional to, in nats."""
    share = counts / counts.sum()
    return float(-(share * np.log(share)).sum())


def _round(x: float) -> float:
    """Six digits, as much as a figure needs."""
    return float(f"{x:.6g}")
