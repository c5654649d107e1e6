"""`synthetic(source, ...)` on a chain: sequences of an imperfect copy to train on, the chain itself to be tested on.

Axes: V state, S slot (one possible transition); P, B, T as in `Stream`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.memorising import CopiedSequences

from ..edges import Floats
from ..protocol import Evaluation, Opened
from ..registry import implements, open_source
from .chain import Chain
from .stream import ChainStream

if TYPE_CHECKING:
    import torch
    from torch import Tensor


def copied_chain(chain: Chain, cut: int | None, temperature: float) -> Chain:
    """The chain that knows the likeliest successors of each state alone, logarithms divided by the temperature.

    Its sequences begin as those of the chain do, whatever states it would end in.
    """
    rows, probability = chain.rows, chain.probability
    kept = np.ones(len(probability), dtype=bool)
    if cut is not None:
        order = np.lexsort((np.arange(len(rows)), -probability, rows))
        place = np.empty(len(rows), dtype=np.int64)
        place[order] = np.arange(len(rows)) - chain.indptr[rows[order]]
        kept = place < cut
    weight = probability[kept] ** (1.0 / temperature)
    rows = rows[kept]
    weight /= np.bincount(rows, weight, chain.n)[rows]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=chain.n))]).astype(np.int64)
    return Chain(chain.n, indptr, chain.indices[kept], weight, chain.stationary, leaving=chain.leaving)


def lost(chain: Chain, copy: Chain) -> Floats:
    """[V] the share of each state's successors, by probability, that the copy does not know."""
    known = np.isin(chain.rows * chain.n + chain.indices, copy.rows * chain.n + copy.indices)
    return np.asarray(np.bincount(chain.rows, chain.probability * ~known, chain.n))


@dataclass(frozen=True, eq=False)
class CopiedStream(Opened):
    """A `Stream` that trains on a copy's sequences and is evaluated on those of its source."""

    source: ChainStream
    copy: ChainStream
    real: float
    identity: str

    @property
    def vocab(self) -> int:
        return self.source.vocab

    @property
    def length(self) -> int:
        return self.source.length

    @property
    def entropy_rate(self) -> float:
        return self.source.entropy_rate

    @property
    def entropy_standard_error(self) -> float:
        return 0.0

    @property
    def digest(self) -> str:
        return self.identity

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said of the source, and what its copy has lost."""
        share = float(self.source.chain.stationary @ lost(self.source.chain, self.copy.chain)) * (1.0 - self.real)
        said = f"{share:.2%} of what follows a state is in no sequence of the copy." if share else ""
        return (*self.source.notes, *((said,) if said else ()))

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`. A sequence is the source's own with probability `real`."""
        copied = self.copy.batch(seeds, index, device)
        if not self.real:
            return copied
        import torch

        from .. import rng

        drawn = rng.shift_right(rng.keys(seeds.to(device)[:, None], "eval", index.to(device)), 11)
        own = drawn.to(torch.float64) * 2.0**-53 < self.real
        return torch.where(own[..., None], self.source.batch(seeds, index, device), copied)

    def evaluation(self) -> Evaluation:
        """That of the source."""
        return self.source.evaluation()


@implements(CopiedSequences)
def copied_sequences(term: CopiedSequences, base: Path) -> CopiedStream:
    """Copies of a chain, generation after generation.

    Raises:
        EngineError: The source is no chain.
    """
    source: Any = open_source(term.source, base)
    if not isinstance(source, ChainStream):
        raise EngineError(f"nothing here copies {term.source.word}(...): it is no chain of known law")
    chain = source.chain
    for _ in range(term.generations):
        chain = copied_chain(chain, term.cut, term.temperature)
    copy = ChainStream(chain, source.length, source.start, source.eval_walks, source.eval_seed)
    return CopiedStream(source, copy, term.real, digest([source.digest, chain.digest, term.real]))
