"""`memoriser(gram, memory=sequence)`: what followed the last tokens of a sequence earlier in it, counted and mixed.

With c(v) the times that v followed a context, n their sum and k the number of different followers,

    p_m(v) = (c(v) + k p_{m-1}(v)) / (n + k)        of the context of m - 1 tokens, and p_{m-1} where it is new,

p_0 being the same for all tokens. Where worlds end, memories do: what was read before says nothing of the next. Nothing
is learnt: the evaluation is all that is read.

Axes: B sequence, T time, V vocabulary.

Reference: Witten & Bell 1991, method C; n-grams in context: arXiv:2401.12973.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.memorising import MOST_COMPARED, InContext
from torch import Tensor
from torch.nn.functional import one_hot

from ..train.evaluate_loss import batch_size, evaluate
from ..train.families.gram_matching import matches
from .registry import Solution, Solved, implements


@implements(InContext)
def in_context(runs: Sequence[Run], stream: Any, seed: int) -> Solved:
    """Losses on the evaluation of a source of sequences, by its law where that is known."""
    return Solved(_solutions(runs, stream))


def _solutions(runs: Sequence[Run], stream: Any) -> Iterator[Solution]:
    evaluation = stream.evaluation()
    batch = batch_size(stream.vocab, stream.length, len(evaluation.tokens))
    for run in runs:
        model: Any = run.model
        recall = Recall(stream.vocab, model.gram, stream.ends)
        (found,) = evaluate(recall, evaluation, stream.entropy_rate, batch)
        yield Solution(
            found.loss,
            found.standard_error,
            values={name: value for name, (value, _) in found.others.items()},
            errors={name: error for name, (_, error) in found.others.items()},
            irreducible=None if found.excess is None else stream.entropy_rate,
        )


class Recall:
    """Logarithms of what is foretold, in place of logits."""

    def __init__(self, vocab: int, gram: int, ends: int | None = None) -> None:
        self._vocab, self._gram, self._ends = vocab, gram, ends

    def logits(self, tokens: Tensor) -> Tensor:
        """See `Forward.logits`."""
        together = max(1, MOST_COMPARED // tokens.shape[1] ** 2)
        return torch.cat([self.law(part).log().float().flatten(0, 1) for part in tokens.split(together)])

    def law(self, tokens: Tensor) -> Tensor:
        """[B, T, V] probabilities of the token after each of `tokens` [B, T]; whole numbers are exact in float32."""
        shown = one_hot(tokens, self._vocab).float()
        law = torch.full(shown.shape, 1.0 / self._vocab, dtype=torch.float64)
        for matched in matches(tokens, self._gram - 1):
            if self._ends is not None:
                matched = matched & of_one_world(tokens, self._ends)
            counts = (matched.float() @ shown).double()
            kinds = (counts > 0).sum(-1, keepdim=True)
            known = counts.sum(-1, keepdim=True)
            law = torch.where(known > 0, (counts + kinds * law) / (known + kinds).clamp_min(1), law)
        return law


def of_one_world(tokens: Tensor, ends: int) -> Tensor:
    """bool [B, T, T]: at (i, j) True where the token at j is of the world that the one after i is of."""
    ended = tokens.eq(ends).long()
    after = ended.cumsum(1)
    return after[:, :, None] == (after - ended)[:, None, :]
