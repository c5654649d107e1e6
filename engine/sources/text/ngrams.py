"""`bigram(text)` and `ngram(text, n)`: Markov chains whose transition counts are those of a text's training tokens.

A state is the n - 1 tokens before the next one. What is seen at most `drop` times is left out, and so is what leaves
the largest set of states that can all reach each other: a walk that went there could not go on for ever.

Axes: W sequence, T time, S state, n - 1 tokens of a state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.files.small_texts import nothing_left
from scalingdsl.spec.files.text_documents import too_many
from scalingdsl.spec.vocabulary.words.text import Bigram, Counted, Ngram
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor

from ..chains.chain import Chain, chain_of
from ..chains.stream import ChainStream
from ..edges import Floats, Ints
from ..protocol import Evaluation, Opened, SparseLaw
from ..registry import implements
from .tokens import Tokens, tokenised

#: Contexts looked up and counted at once.
BLOCK = 1 << 22


@implements(Bigram)
def bigram(term: Bigram, base: Path) -> ChainStream:
    """A state is a token, with the token's own id."""
    chain = counted(contexts_of(_training_tokens(term, base), term.vocab, 1), term, "token")
    return ChainStream(chain, term.length, term.start, term.eval_walks, term.eval_seed, term.exhaustive)


@implements(Ngram)
def ngram(term: Ngram, base: Path) -> ChainStream | NgramStream:
    """Of order 2 it is the bigram chain."""
    contexts = contexts_of(_training_tokens(term, base), term.vocab, term.n - 1)
    if term.n == 2:
        return ChainStream(counted(contexts, term, "token"), term.length, term.start, term.eval_walks, term.eval_seed)
    chain = counted(contexts, term, "context")
    walked = ChainStream(chain, term.length + 2 - term.n, term.start, term.eval_walks, term.eval_seed)
    return NgramStream(walked, contexts.tokens_of, term.vocab, term.length)


def _training_tokens(term: Counted, base: Path) -> Tokens:
    text = tokenised(term.text, base)
    if term.text.unique is not None and (found := too_many(len(text.train), term.text.unique)):
        raise EngineError(f"{term.text.path}: {found}")
    return text.train[: term.text.unique]


@dataclass(frozen=True, eq=False)
class Contexts:
    """The contexts that occur in a text, runs of `size` tokens, numbered in the order of their tokens.

    The context at a place is looked up when it is asked for, a block of the text at a time: the numbers of all places
    would take eight bytes a token.
    """

    #: [token] mapped from disk.
    text: Tokens
    vocab: int
    #: For each size from 2 on, the codes that occur, ascending: the number of the context one token shorter, times
    #: `vocab`, plus the last token.
    codes: tuple[Ints, ...]

    @property
    def size(self) -> int:
        return 1 + len(self.codes)

    def __len__(self) -> int:
        return len(self.codes[-1]) if self.codes else self.vocab

    @property
    def tokens_of(self) -> Ints:
        """[S, size] the tokens of each context."""
        found: Ints = np.arange(self.vocab)[:, None]
        for codes in self.codes:
            found = np.concatenate([found[codes // self.vocab], (codes % self.vocab)[:, None]], axis=1)
        return found

    def at(self, tokens: Tokens) -> Ints:
        """The number of the context that ends at each token of a part of the text that has one."""
        ids: Ints = np.array(tokens, dtype=np.int64)
        for k, codes in enumerate(self.codes, start=1):
            ids = np.searchsorted(codes, ids[:-1] * self.vocab + tokens[k:])
        return ids

    def blocks(self) -> Iterator[Ints]:
        """`at` of all the text, `BLOCK` contexts at once and one more, with which the next ones begin."""
        for at in range(0, len(self.text) - self.size, BLOCK):
            yield self.at(self.text[at : at + BLOCK + self.size])


def contexts_of(tokens: Tokens, vocab: int, size: int) -> Contexts:
    """The contexts of `size` tokens."""
    contexts = Contexts(tokens, vocab, ())
    for _ in range(1, size):
        following = occurring(
            ids[:-1] * vocab + contexts.text[at : at + len(ids) - 1]
            for ids, at in zip(contexts.blocks(), range(contexts.size, len(tokens), BLOCK))
        )[0]
        contexts = Contexts(tokens, vocab, (*contexts.codes, following))
    return contexts


def counted(contexts: Contexts, term: Counted, noun: str) -> Chain:
    """The chain of a text's contexts in order.

    Raises:
        EngineError: No two states lead to one another often enough.
    """
    n = len(contexts)
    codes, counts = occurring(states[:-1] * n + states[1:] for states in contexts.blocks())
    often = counts > term.drop
    source, target, weight = codes[often] // n, codes[often] % n, counts[often].astype(np.float64)
    inside = _recurrent(n, source, target)
    if not (source[inside] != target[inside]).any():
        left = nothing_left(len(contexts.text), term.drop)
        raise EngineError(f"{term.word}: {term.text.path}: {left}")
    share = weight[inside].sum() / max(1, counts.sum())
    kept = int(inside.sum())
    note = f"{kept:,} of {len(codes):,} transitions between {noun}s are kept, {share:.1%} of their occurrences."
    return chain_of(n, source[inside], target[inside], weight[inside], notes=(note,), noun=noun)


def occurring(blocks: Iterable[Ints]) -> tuple[Ints, Ints]:
    """The codes that occur in all blocks together, ascending, and how often: `np.unique` of them joined.

    What was found is merged where it is about as long as what was found before, so that no code is moved often.
    """
    found: list[tuple[Ints, Ints]] = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for block in blocks:
        found.append(np.unique(block, return_counts=True))
        while len(found) > 1 and 2 * len(found[-1][0]) >= len(found[-2][0]):
            found.append(_merged(found.pop(), found.pop()))
    while len(found) > 1:
        found.append(_merged(found.pop(), found.pop()))
    return found[0]


def _merged(few: tuple[Ints, Ints], many: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Codes ascending, and counts, of both; may write into the counts of `many`."""
    (codes, counts), (more_codes, more_counts) = many, few
    place = np.searchsorted(codes, more_codes)
    known = np.zeros(len(place), dtype=np.bool_)
    inside = place < len(codes)
    known[inside] = codes[place[inside]] == more_codes[inside]
    counts[place[known]] += more_counts[known]
    new = ~known
    return np.insert(codes, place[new], more_codes[new]), np.insert(counts, place[new], more_counts[new])


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
class NgramStream(Opened):
    """A `Stream` of walks on contexts, each read off by its last token, the first one whole."""

    walked: ChainStream
    #: [S, n - 1] the tokens of each state.
    contexts: Ints
    vocab: int
    length: int

    @property
    def entropy_rate(self) -> float:
        return self.walked.entropy_rate

    @property
    def entropy_standard_error(self) -> float:
        return 0.0

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
