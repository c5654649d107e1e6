"""`mix(first, second, share)`: sequences of two sources, each of the second with probability `share`.

Of two chains the law of the next token is known, since what was read so far tells which of them writes:

    p(v | x_0 ... x_t) = w p_2(v | x_t) + (1 - w) p_1(v | x_t),      w = share P_2 / (share P_2 + (1 - share) P_1)

P being the probability of x_0 ... x_t by each. Of other sources no law of a mixture is known here.

Axes: W sequence, T time, V vocabulary, K next token, n context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.mixtures import ChainMix, Mix

from .chains.chain import Chain
from .chains.stream import ChainStream
from .edges import Floats, Ints
from .protocol import Evaluation, Law, Opened, Stream
from .registry import implements, open_source

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Contexts whose law is written out at once.
CONTEXTS = 2**12


@implements(Mix)
def mix(term: Mix, base: Path) -> MixedStream:
    """Both as they are on their own."""
    parts = open_source(term.first, base), open_source(term.second, base)
    return MixedStream(*parts, term.share, term.eval_seed)


@implements(ChainMix)
def chain_mix(term: ChainMix, base: Path) -> MixedChains:
    """The same of two chains."""
    parts = open_source(term.first, base), open_source(term.second, base)
    return MixedChains(*parts, term.share, term.eval_seed)


@dataclass(frozen=True, eq=False)
class MixedStream(Opened):
    """A `Stream` of two sources' sequences."""

    first: Stream
    second: Stream
    share: float
    eval_seed: int

    @property
    def vocab(self) -> int:
        return self.first.vocab

    @property
    def length(self) -> int:
        return self.first.length

    @property
    def entropy_rate(self) -> float | None:
        """Not known."""
        return None

    @property
    def entropy_standard_error(self) -> float | None:
        return None

    @property
    def digest(self) -> str:
        return digest([self.first.digest, self.second.digest, self.share])

    @property
    def planned(self) -> str:
        return digest([self.first.planned, self.second.planned, self.share])

    @property
    def ends(self) -> int | None:
        return self.first.ends if self.first.ends == self.second.ends else None

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self._notes, "No law of this mixture is known: its losses are those on its own sequences.")

    @property
    def _notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.first.notes, *self.second.notes)))

    @property
    def artefacts(self) -> Mapping[str, Path]:
        return {**self.first.artefacts, **self.second.artefacts}

    def teach(self, hear: Callable[[Any], None], device: str = "cpu") -> None:
        self.first.teach(hear, device)
        self.second.teach(hear, device)

    def of_second(self, seeds: Tensor | int, index: Tensor) -> Tensor:
        """bool, True for sequences that are of the second."""
        import torch

        from . import rng

        drawn = rng.shift_right(rng.keys(seeds, "graph", index), 11)
        return drawn.to(torch.float64) * 2.0**-53 < self.share

    def batch(self, seeds: Tensor, index: Tensor, device: torch.device | str = "cpu") -> Tensor:
        """int64 [P, B, T+1]; see `Stream.batch`. A sequence has the number that it has in its own source."""
        import torch

        ours = self.of_second(seeds.to(device)[:, None], index.to(device))
        second, first = (part.batch(seeds, index, device) for part in (self.second, self.first))
        return torch.where(ours[..., None], second, first)

    def evaluation(self) -> Evaluation:
        """Sequences of both evaluations, judged by the tokens that follow."""
        return Evaluation(self._chosen(self.first.evaluation().tokens, self.second.evaluation().tokens))

    def _chosen(self, first: Tensor, second: Tensor) -> Tensor:
        """As many sequences [W, T+1] as both have, of which each is of one."""
        import torch

        count = min(len(first), len(second))
        ours = self.of_second(self.eval_seed, torch.arange(count))
        return torch.where(ours[:, None], second[:count], first[:count])


@dataclass(frozen=True, eq=False)
class MixedLaw:
    """The law of a mixture at every context of some sequences; a row is a context, numbered sequence by sequence."""

    first: Law
    second: Law
    vocab: int
    #: [n] present token, and the weight of the second chain.
    present: Tensor
    weight: Tensor

    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """See `Law.rows`: a token that both chains lead to stands once."""
        import torch

        weight, present = self.weight[states][:, None], self.present[states]
        both = [law.rows(present) for law in (self.first, self.second)]
        targets = torch.cat([torch.where(p > 0, tokens, self.vocab) for tokens, p in both], 1)
        probability = torch.cat([both[0][1] * (1 - weight), both[1][1] * weight], 1)
        targets, order = targets.sort(dim=1, stable=True)
        probability = probability.gather(1, order)
        again = (targets[:, 1:] == targets[:, :-1]) & (targets[:, 1:] < self.vocab)
        probability[:, :-1] += torch.where(again, probability[:, 1:], 0.0)
        probability[:, 1:] = torch.where(again, 0.0, probability[:, 1:])
        return torch.where(targets < self.vocab, targets, 0), probability

    def to(self, device: torch.device | str) -> MixedLaw:
        """The same law on another device."""
        laws = self.first.to(device), self.second.to(device)
        return MixedLaw(*laws, self.vocab, self.present.to(device), self.weight.to(device))


class MixedChains(MixedStream):
    """A mixture whose law is known."""

    first: ChainStream
    second: ChainStream

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes

    @property
    def entropy_rate(self) -> float:
        """Mean entropy of the law at the contexts of the evaluation, nats a token: known of these, not of all."""
        return float(self._entropies.mean())

    @property
    def entropy_standard_error(self) -> float:
        return float(self._entropies.std(ddof=1) / len(self._entropies) ** 0.5)

    def evaluation(self) -> Evaluation:
        """Walks of both, with the law at each of their contexts."""
        return self._judged

    @cached_property
    def _judged(self) -> Evaluation:
        import torch

        from .chains.evaluation_set import next_law

        tokens = self._chosen(*(part.walks() for part in (self.first, self.second)))
        weight = torch.from_numpy(self.weight_of_second(tokens.numpy()))
        first, second = (next_law(part.chain) for part in (self.first, self.second))
        law = MixedLaw(first, second, self.vocab, tokens[:, :-1].flatten(), weight.flatten())
        states = torch.arange(weight.numel()).view(weight.shape)
        return Evaluation(tokens, law, None, states)

    @cached_property
    def _entropies(self) -> Floats:
        """[W] nats a token."""
        import torch

        def found() -> Iterator[Tensor]:
            assert self._judged.law is not None
            assert self._judged.states is not None
            for states in self._judged.states.flatten().split(CONTEXTS):
                _, p = self._judged.law.rows(states)
                yield -torch.special.xlogy(p, p).sum(1)

        return torch.cat(list(found())).view(-1, self.length).mean(1).numpy()

    def weight_of_second(self, tokens: Ints) -> Floats:
        """[W, T] probability that a sequence [W, T+1] is of the second chain, given its tokens so far."""
        with np.errstate(divide="ignore"):
            share = np.log([1.0 - self.share, self.share])
            parts = (self.first, self.second)
            first, second = (s + _log_probability(part, tokens[:, :-1]) for s, part in zip(share, parts))
        most = np.maximum(first, second)
        one, other = np.exp(first - most), np.exp(second - most)
        return np.asarray(other / (one + other))


def _log_probability(part: ChainStream, tokens: Ints) -> Floats:
    """[W, T] logarithm of the probability of each beginning of sequences [W, T]; -inf of what cannot be."""
    before, after = tokens[:, :-1], tokens[:, 1:]
    steps = np.log(part.start_law[tokens[:, :1]]), np.log(_chances(part.chain, before, after))
    return np.cumsum(np.concatenate(steps, axis=1), axis=1)


def _chances(chain: Chain, before: Ints, after: Ints) -> Floats:
    """Transition probabilities of pairs of states; 0 where one does not lead to the other."""
    slots, wanted = chain.rows * chain.n + chain.indices, before * chain.n + after
    place = np.minimum(np.searchsorted(slots, wanted), len(slots) - 1)
    return np.where(slots[place] == wanted, chain.probability[place], 0.0)
