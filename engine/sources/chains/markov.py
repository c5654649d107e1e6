"""`markov("file")`: any Markov chain, from its transition matrix as `spec/files/` reads it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.transition_matrices import read_matrix
from scalingdsl.spec.vocabulary.words.sources import Markov

from ..registry import implements
from ..user_files import read_checked, sentences
from .chain import chain_of
from .stream import ChainStream


@implements(Markov)
def markov(term: Markov, base: Path) -> ChainStream:
    """A reducible chain is run on its largest closed class of states, which its notes say."""
    path = base / term.path
    matrix = read_checked(path, term.sha256, read_matrix)
    if term.states and term.states != matrix.n:
        raise EngineError(
            f"{path}: has {matrix.n:,} states, but {term.states:,} when the study was checked; check it again"
        )
    source, target = (np.frombuffer(part, dtype=np.int64) for part in (matrix.source, matrix.target))
    probability = np.frombuffer(matrix.probability, dtype=np.float64)
    chain = chain_of(matrix.n, source, target, probability, notes=sentences(matrix.told))
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)
