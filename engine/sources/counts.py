"""`bigram(text)` and `ngram(text, n)`: Markov chains whose transition counts are those of a text's training tokens.

A state is the n - 1 tokens before the next one. What is seen at most `drop` times is left out, and so is what leaves
the largest set of states that can all reach each other: a walk that went there could not go on for ever.

Axes: W sequence, T time, S state, n - 1 tokens of a state.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.text import Bigram, Counted, Ngram
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from .chain import Chain, chain_of
from .edges import Floats, Ints
from .protocol import Evaluation, SparseLaw
from .registry import implements
from .stream import ChainStream
from .tokens import tokenised


@implements(Bigram)
def bigram(term: Bigram, base: Path) -> ChainStream:
    """A state is a token, with the token's own id."""
    states = _training_tokens(term, base)
    chain = counted(states, term.vocab, term, "token")
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)


@implements(Ngram)
def ngram(term: Ngram, base: Path) -> ChainStream | NgramStream:
    """Of order 2 it is the bigram chain."""
    tokens = _training_tokens(term, base)
    states, contexts = contexts_of(tokens, term.vocab, term.n - 1)
    if term.n == 2:
        return ChainStream(
            counted(tokens, term.vocab, term, "token"), term.length, term.start, term.eval_walks, term.eval_seed
        )
    chain = counted(states, len(contexts), term, "context")
    walked = ChainStream(chain, term.length + 2 - term.n, term.start, term.eval_walks, term.eval_seed)
    return NgramStream(walked, contexts, term.vocab, term.length)


def _training_tokens(term: Counted, base: Path) -> Ints:
    text = tokenised(term.text, base)
    if term.text.unique is not None and term.text.unique > len(text.train):
        raise EngineError(
            f"{term.text.path}: has {len(text.train):,} training tokens, and unique={term.text.unique:,} asks for more"
        )
    return text.train[: term.text.unique].astype(np.int64)


def contexts_of(tokens: Ints, vocab: int, size: int) -> tuple[Ints, Ints]:
    """The context of `size` tokens that ends at each token that has one, as a number, and the contexts [S, size]."""
    ids, contexts = tokens, np.arange(vocab)[:, None]
    for k in range(1, size):
        codes, ids = np.unique(ids[:-1] * vocab + tokens[k:], return_inverse=True)
        contexts = np.concatenate([contexts[codes // vocab], (codes % vocab)[:, None]], axis=1)
    return ids, contexts


def counted(states: Ints, n: int, term: Counted, noun: str) -> Chain:
    """The chain of a text's states in order.

    Raises:
        EngineError: No transition that leads back to itself is seen often enough.
    """
    codes, counts = np.unique(states[:-1] * n + states[1:], return_counts=True)
    often = counts > term.drop
    source, target, weight = codes[often] // n, codes[often] % n, counts[often].astype(np.float64)
    inside = _recurrent(n, source, target)
    if not inside.any():
        raise EngineError(
            f"{term.word}: no transition of {term.text.path} that leads back to itself is seen more than "
            f"drop={term.drop} times in {len(states):,} tokens: take a longer text or a smaller `drop`"
        )
    share = weight[inside].sum() / max(1, counts.sum())
    kept = int(inside.sum())
    note = f"{kept:,} of {len(codes):,} transitions between {noun}s are kept, {share:.1%} of their occurrences."
    return chain_of(n, source[inside], target[inside], weight[inside], notes=(note,), noun=noun)


def _recurrent(n: int, source: Ints, target: Ints) -> NDArray[np.bool_]:
    """[transition] whether it stays in the class of states, each reachable from each, that has the most transitions."""
    links = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(n, n))
    _, label = connected_components(links, directed=True, connection="strong")
    within = label[source] == label[target]
    if not within.any():
        return np.asarray(within)
    best = int(np.bincount(label[source[within]]).argmax())
    return np.asarray(within & (label[source] == best))


@dataclass(frozen=True, eq=False)
class NgramStream:
    """A `Stream` of walks on contexts, each read off by its last token, the first one whole."""

    walked: ChainStream
    #: [S, n - 1] the tokens of each state.
    contexts: Ints
    vocab: int
    length: int

    @property
    def entropy_rate(self) -> float:
        return self.walked.entropy_rate

    @cached_property
    def digest(self) -> str:
        """Of the chain and what its states read."""
        sha = hashlib.sha256(f"ngram {self.vocab} {self.walked.digest}\n".encode())
        sha.update(self.contexts.astype("<i8").tobytes())
        return sha.hexdigest()[:16]

    @property
    def notes(self) -> tuple[str, ...]:
        return self.walked.notes

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`."""
        return self._tokens(self.walked.batch(seeds, index, device))

    def evaluation(self) -> Evaluation:
        """As of any chain; in a sequence shorter than a context, the law is that of all contexts that begin so."""
        states = self.walked.evaluation().tokens
        law, beginnings = whole_law(self.walked.chain, self.walked.start_law, self.contexts)
        first = states[:, :1].numpy()
        early = [torch.from_numpy(rows[first]) for rows in beginnings]
        return Evaluation(self._tokens(states), law, states=torch.cat([*early, states[:, :-1]], dim=1))

    def _tokens(self, states: Tensor) -> Tensor:
        contexts = torch.from_numpy(self.contexts).to(states.device)
        return torch.cat([contexts[states[..., 0]], contexts[states[..., 1:], -1]], dim=-1)


def whole_law(chain: Chain, start: Floats, contexts: Ints) -> tuple[SparseLaw, list[Ints]]:
    """The law of the next token in every state and after every beginning of one, in one table.

    Returns:
        The law, and for beginnings of 1 to n - 2 tokens [S]: the row of each state's own beginning.
    """
    indptr, targets, probability = [chain.indptr], [contexts[chain.indices, -1]], [chain.probability]
    beginnings: list[Ints] = []
    rows = chain.n
    for k in range(1, contexts.shape[1]):
        _, row = np.unique(contexts[:, :k], axis=0, return_inverse=True)
        row = row.reshape(-1)
        codes, slot = np.unique(row * (contexts.max() + 1) + contexts[:, k], return_inverse=True)
        weight = np.bincount(slot.reshape(-1), weights=start)
        source, target = codes // (contexts.max() + 1), codes % (contexts.max() + 1)
        total = np.bincount(source, weights=weight)
        met = weight > 0
        source, target, weight = source[met], target[met], weight[met]
        ends = np.cumsum(np.bincount(source, minlength=len(total)))
        indptr.append(indptr[-1][-1] + ends)
        targets.append(target)
        probability.append(weight / total[source])
        beginnings.append(rows + row)
        rows += len(total)
    arrays = (np.concatenate(part) for part in (indptr, targets, probability))
    return SparseLaw(*(torch.from_numpy(np.ascontiguousarray(array)) for array in arrays)), beginnings
