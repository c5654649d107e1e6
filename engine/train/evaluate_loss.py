"""The loss of a model over the true law of the source, not over samples of it.

At every context of the evaluation the model's q is compared with the true p over the whole vocabulary:

    excess = mean over contexts of KL(p || q) = sum_v p(v) (log p(v) - log q(v)),    loss = entropy rate + excess.

log q is the logit less the logarithm of the full sum over V, taken in float64 from the model's float32 logits. Sampled
targets would add noise of order 1/sqrt(tokens) nats; here only the choice of contexts is left to chance, and its
standard error is over the evaluation's sequences, which are independent. An exhaustive evaluation weighs every context
by its probability and has none.

Axes: W sequence, T time, V vocabulary, K next token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from scalingdsl.spec.vocabulary.quantities import QUANTITIES
from torch import Tensor

from .families import Forward
from .measures import all_measures

#: Contexts times vocabulary of one batch: 8 MiB of float64.
BATCH_LOGITS = 2**20


class _Law(Protocol):
    def rows(self, states: Tensor) -> tuple[Tensor, Tensor]: ...


class _Evaluation(Protocol):
    """`engine.sources.Evaluation`, seen from here."""

    @property
    def tokens(self) -> Tensor: ...
    @property
    def law(self) -> _Law | None: ...
    @property
    def weights(self) -> Tensor | None: ...
    @property
    def states(self) -> Tensor | None: ...


@dataclass(frozen=True)
class Loss:
    """In nats a token; `excess` is None where the law of the source is not known."""

    loss: float
    standard_error: float
    excess: float | None
    #: Other numbers measured, by the names of their quantities, each with its standard error.
    others: Mapping[str, tuple[float, float]]


def batch_size(vocab: int, length: int, sequences: int) -> int:
    """Sequences evaluated at once: a function of the shape alone, so that no pack and no machine changes a result."""
    return max(1, min(sequences, BATCH_LOGITS // (vocab * length)))


def evaluate(model: Forward, evaluation: _Evaluation, entropy_rate: float | None, batch: int) -> Loss:
    """The loss of `model`, made for batches of `batch` sequences, on an evaluation on its own device."""
    law = evaluation.law
    measures = {name: one for name, one in all_measures().items() if law is not None or not QUANTITIES[name].of_law}
    shape, device = evaluation.tokens[:, :-1].shape, evaluation.tokens.device
    # Made before the large temporaries of the loop, lest small results between them keep their memory from being
    # reused.
    each_WT = torch.empty(shape, dtype=torch.float64, device=device)
    others = {name: torch.empty(shape, dtype=torch.float64, device=device) for name in measures}
    for start in range(0, len(evaluation.tokens), batch):
        tokens = evaluation.tokens[start : start + batch]
        inputs = tokens[:, :-1]
        missing = batch - len(tokens)
        padded = torch.cat([inputs, inputs[:1].expand(missing, -1)]) if missing else inputs
        logits = model.logits(padded)[: inputs.numel()]
        log_sum = log_sum_exp(logits)
        if law is None:
            targets = tokens[:, 1:].reshape(-1, 1)
            p = torch.ones_like(targets, dtype=torch.float64)
            terms = log_sum - logits.gather(1, targets)
        else:
            states = inputs if evaluation.states is None else evaluation.states[start : start + batch]
            targets, p = law.rows(states.reshape(-1))
            log_q = logits.gather(1, targets).double() - log_sum
            # A padded entry has p = 0 and counts 0, whatever its q.
            terms = torch.where(p > 0, p * (p.clamp_min(1e-300).log() - log_q), 0.0).sum(-1)
        each_WT[start : start + batch] = terms.view(inputs.shape)
        for name, measure in measures.items():
            others[name][start : start + batch] = measure(logits, targets, p).view(inputs.shape)
    mean, error = _mean(each_WT, evaluation.weights)
    means = {name: _mean(each, evaluation.weights) for name, each in others.items()}
    if law is None or entropy_rate is None:
        return Loss(mean, error, None, means)
    return Loss(entropy_rate + mean, error, mean, means)


def log_sum_exp(logits: Tensor) -> Tensor:
    """Logarithm of the sum of exponentials of each row, float64 [n, 1], with one temporary where torch's own takes
    four.
    """
    wide = logits.double()
    most = wide.max(-1, keepdim=True).values
    return wide.sub_(most).exp_().sum(-1, keepdim=True).log_().add_(most)


def _mean(each_WT: Tensor, weights_WT: Tensor | None) -> tuple[float, float]:
    """Mean and its standard error over sequences; none where weights say that nothing was left to chance."""
    if weights_WT is not None:
        return float((each_WT * weights_WT).sum()), 0.0
    walks = each_WT.mean(1)
    return float(walks.mean()), float(walks.std() / len(walks) ** 0.5)
