"""`unigram` and `successor`: shares of tokens, and of next tokens among those after one, the largest first.

Ranks are spread evenly in the logarithm.
"""

from __future__ import annotations

import numpy as np

from ..chains.stream import ChainStream
from ..edges import Floats
from ..points.items import ItemLaws
from ..source_statistics import next_share, pair_counts, ranked, sampled
from . import Curve, computes, exact


@computes("unigram")
def unigram(stream: object, tokens: int) -> Curve:
    """Of a chain the stationary law, of items the law by which they are asked for."""
    if isinstance(stream, ChainStream):
        return _exact(stream.chain.stationary)
    if isinstance(stream, ItemLaws):
        return _exact(stream.draw(0).drawn)
    sequences = sampled(stream, tokens)  # type: ignore[arg-type]
    counts = np.bincount(sequences.ravel())
    found = ranked(counts / counts.sum(), exact=False)
    x, share = np.asarray(found["x"], dtype=np.float64), np.asarray(found["y"], dtype=np.float64)
    return Curve(x, share, np.sqrt(share * (1.0 - share) / counts.sum()))


@computes("successor")
def successor(stream: object, tokens: int) -> Curve:
    """Of a chain its transition probabilities; else shares of pairs, with the error of so many first tokens."""
    if isinstance(stream, ChainStream):
        return _exact(stream.chain.probability)
    pairs = pair_counts(sampled(stream, tokens))  # type: ignore[arg-type]
    share = next_share(pairs)
    found = ranked(share, exact=False)
    x, y = np.asarray(found["x"], dtype=np.float64), np.asarray(found["y"], dtype=np.float64)
    seen = (pairs[2] / share)[np.argsort(-share, kind="stable")][x.astype(np.int64) - 1]
    return Curve(x, y, np.sqrt(y * (1.0 - y) / seen))


def _exact(law: Floats) -> Curve:
    found = ranked(law, exact=True)
    return exact(found["x"], found["y"])
