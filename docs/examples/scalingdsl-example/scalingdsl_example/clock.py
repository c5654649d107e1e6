"""`clock(hours, slip)`: a Markov chain whose matrix is written down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scalingdsl.engine.sources.chains.chain import chain_of
from scalingdsl.engine.sources.chains.stream import ChainStream
from scalingdsl.engine.sources.registry import implements

from .words import Clock


@implements(Clock)
def clock(term: Clock, base: Path) -> ChainStream:
    """Any hour follows with slip/hours, the next one with 1 - slip more."""
    n = term.hours
    hour = np.arange(n)
    matrix = np.full((n, n), term.slip / n)
    matrix[hour, (hour + 1) % n] += 1 - term.slip
    source, target = np.nonzero(matrix)
    chain = chain_of(n, source, target, matrix[source, target])
    return ChainStream(chain, term.length, eval_walks=term.eval_walks, eval_seed=term.eval_seed)
