"""`entropy`: the entropy of the next token after a context of so many tokens, in nats.

Of a chain it follows from the law. Of anything else it is estimated from counts with the bias of counting taken away
to first order; contexts so long that this correction is not small are dropped.
"""

from __future__ import annotations

import numpy as np

from ..chains.stream import ChainStream
from ..source_statistics import MOST_CONTEXT, conditional_entropies, sampled
from . import Curve, computes, exact

#: Nats up to which the correction is small.
SMALL = 0.1


@computes("entropy")
def entropy(stream: object, tokens: int) -> Curve:
    """After contexts of no token, one, two, ..."""
    if isinstance(stream, ChainStream):
        law = stream.chain.stationary[stream.chain.stationary > 0]
        found = [-float(law @ np.log(law)), *[stream.chain.entropy_rate] * MOST_CONTEXT]
        return exact(range(len(found)), found)
    known = conditional_entropies(sampled(stream, tokens))  # type: ignore[arg-type]
    said = [(k, h, bias) for k, (h, bias) in enumerate(known) if abs(bias) <= SMALL]
    return Curve(*np.array(said, dtype=np.float64).reshape(-1, 3).T)
