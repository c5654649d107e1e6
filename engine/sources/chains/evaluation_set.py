"""The evaluation set of a chain: a fixed sample of walks, or every context of a small chain with its probability."""

from __future__ import annotations

import numpy as np
import torch
from scalingdsl.spec.errors import EngineError

from ..edges import Floats, Ints
from ..protocol import Evaluation, NextLaw, SparseLaw
from .chain import Chain

#: Cells of a padded table of next tokens, of 16 bytes each: 256 MiB. A law of more is kept in compressed rows.
TABLE_CELLS = 2**24
#: Contexts that may be enumerated.
CONTEXTS = 2**20


def next_law(chain: Chain, most_cells: int = TABLE_CELLS) -> NextLaw | SparseLaw:
    """The chain's rows, padded to its largest degree unless that takes more than `most_cells`."""
    degree = np.diff(chain.indptr)
    width = int(degree.max())
    if chain.n * width > most_cells:
        return SparseLaw(*(torch.from_numpy(array) for array in (chain.indptr, chain.indices, chain.probability)))
    column = np.arange(len(chain.indices)) - np.repeat(chain.indptr[:-1], degree)
    targets, probability = np.zeros((chain.n, width), dtype=np.int64), np.zeros((chain.n, width))
    targets[chain.rows, column] = chain.indices
    probability[chain.rows, column] = chain.probability
    return NextLaw(torch.from_numpy(targets), torch.from_numpy(probability), torch.from_numpy(chain.row_entropy))


def every_context(chain: Chain, start: Floats, length: int) -> Evaluation:
    """All walks of `length` states with their probabilities, so that a weighted sum over contexts is an expectation.

    A context is a walk's first t states, t = 1 to length; the walk's weight goes to each t in equal parts. The last
    column of `tokens` is no context and repeats a walk's most likely end only to complete the shape.

    Raises:
        EngineError: There are more contexts than can be enumerated.
    """
    degree = np.diff(chain.indptr)
    paths: Ints = np.flatnonzero(start)[:, None]
    weight = start[paths[:, 0]]
    for _ in range(length - 1):
        last = paths[:, -1]
        copies = degree[last]
        if int(copies.sum()) * length > CONTEXTS:
            raise EngineError(
                f"exhaustive evaluation would enumerate more than {CONTEXTS:,} contexts: "
                f"shorten length={length}, take a smaller chain, or leave out `exhaustive`"
            )
        origin = np.repeat(np.arange(len(paths)), copies)
        slot = np.arange(len(origin)) - np.repeat(np.cumsum(copies) - copies, copies) + chain.indptr[last[origin]]
        paths = np.concatenate([paths[origin], chain.indices[slot][:, None]], axis=1)
        weight = weight[origin] * chain.probability[slot]
    law = next_law(chain)
    targets, probability = law.rows(torch.from_numpy(paths[:, -1]))
    end = targets.gather(1, probability.argmax(dim=1, keepdim=True))
    tokens = torch.cat([torch.from_numpy(paths), end], dim=1)
    weights = torch.from_numpy(weight / (weight.sum() * length))[:, None].expand(-1, length).contiguous()
    return Evaluation(tokens, law, weights)
