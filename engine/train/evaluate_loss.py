"""The loss of a model over the true law of the source, not over samples of it.

At every context of the evaluation the model's q is compared with the true p over the whole vocabulary:

    excess = mean over contexts of KL(p || q) = sum_v p(v) (log p(v) - log q(v)),    loss = entropy rate + excess.

log q is the logit less the logarithm of the full sum over V, taken in float64 from the model's float32 logits. Sampled
targets would add noise of order 1/sqrt(tokens) nats; here only the choice of contexts is left to chance, and its
standard error is over the evaluation's sequences, which are independent. An exhaustive evaluation weighs every context
by its probability and has none.

On a GPU several models are evaluated at once, and one number after another is read back when all are done.

Axes: R model, Q quantity (the loss first), W sequence, T time, V vocabulary, K next token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from scalingdsl.spec.vocabulary.quantities import QUANTITIES
from torch import Tensor

from ..hardware.block_sizes import EVALUATION_LOGITS
from .families import Forward
from .measures import Measure, all_measures
from .measures.loss_by_position import by_position


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
    #: Fields of `ByPosition` but for the step; none unless they are asked for.
    positions: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


def batch_size(vocab: int, length: int, sequences: int, device: str = "cpu") -> int:
    """Sequences evaluated at once: a function of the shape alone, so that no pack and no machine changes a result."""
    return max(1, min(sequences, EVALUATION_LOGITS[device] // (vocab * length)))


def models_at_once(vocab: int, length: int, batch: int, slots: int, device: str) -> int:
    """Models of a pack evaluated at once, on batches of `batch` sequences: one on a CPU, whose caches it fills."""
    return 1 if device == "cpu" else max(1, min(slots, EVALUATION_LOGITS[device] // (vocab * length * batch)))


def evaluate(
    model: Forward,
    evaluation: _Evaluation,
    entropy_rate: float | None,
    batch: int,
    models: int = 1,
    positions: bool = False,
) -> list[Loss]:
    """The loss of each of `models` models, made for batches of `batch` sequences, on an evaluation on their device;
    with `positions` by position in these sequences too.
    """
    law = evaluation.law
    measures = {name: one for name, one in all_measures().items() if law is not None or not QUANTITIES[name].of_law}
    losses = []
    found_QRWT = in_contexts(model, evaluation, batch, models, measures)
    entropy_WT = _entropies(evaluation, batch) if positions else None
    for which, each in enumerate(_summed(found_QRWT, evaluation.weights).tolist()):
        mean, error = each[0]
        others = {name: (value, spread) for name, (value, spread) in zip(measures, each[1:])}
        known = law is not None and entropy_rate is not None
        places = by_position(found_QRWT[0, which], entropy_WT, evaluation.weights) if positions else {}
        loss = (entropy_rate or 0.0) + mean if known else mean
        losses.append(Loss(loss, error, mean if known else None, others, places))
    return losses


def measured(
    model: Forward, evaluation: _Evaluation, batch: int, models: int, measures: Mapping[str, Measure]
) -> Tensor:
    """Means and standard errors of each model's loss, or excess where the law is known, and of what `measures` give:
    float64 [R, Q, 2] on the evaluation's device.
    """
    return _summed(in_contexts(model, evaluation, batch, models, measures), evaluation.weights)


def in_contexts(
    model: Forward, evaluation: _Evaluation, batch: int, models: int, measures: Mapping[str, Measure]
) -> Tensor:
    """The same at every context: float64 [Q, R, W, T]."""
    law = evaluation.law
    shape, device = evaluation.tokens[:, :-1].shape, evaluation.tokens.device
    # Made before the large temporaries of the loop, lest small results between them keep their memory from being
    # reused.
    found = torch.empty(1 + len(measures), models, *shape, dtype=torch.float64, device=device)
    for start in range(0, len(evaluation.tokens), batch):
        tokens = evaluation.tokens[start : start + batch]
        inputs = tokens[:, :-1]
        missing = batch - len(tokens)
        padded = torch.cat([inputs, inputs[:1].expand(missing, -1)]) if missing else inputs
        logits = model.logits(padded)
        vocab = logits.shape[-1]
        logits = logits.view(models, -1, vocab)[:, : inputs.numel()].reshape(-1, vocab)
        log_sum = log_sum_exp(logits)
        if law is None:
            targets = _repeated(tokens[:, 1:].reshape(-1, 1), models)
            p = torch.ones_like(targets, dtype=torch.float64)
            terms = log_sum - logits.gather(1, targets)
        else:
            states = inputs if evaluation.states is None else evaluation.states[start : start + batch]
            targets, p = (_repeated(each, models) for each in law.rows(states.reshape(-1)))
            log_q = logits.gather(1, targets).double() - log_sum
            # A padded entry has p = 0 and counts 0, whatever its q.
            terms = torch.where(p > 0, p * (p.clamp_min(1e-300).log() - log_q), 0.0).sum(-1)
        place = slice(start, start + batch)
        found[0, :, place] = terms.view(models, *inputs.shape)
        for which, measure in enumerate(measures.values(), start=1):
            found[which, :, place] = measure(logits, targets, p).view(models, *inputs.shape)
    return found


def _summed(found_QRWT: Tensor, weights_WT: Tensor | None) -> Tensor:
    """Means over contexts with their standard errors, [R, Q, 2]."""
    return torch.stack([_means(each, weights_WT) for each in found_QRWT], 1)


def _entropies(evaluation: _Evaluation, batch: int) -> Tensor | None:
    """Entropy of the law at every context, float64 [W, T]; None where it is not known."""
    law, inputs = evaluation.law, evaluation.tokens[:, :-1]
    if law is None:
        return None
    states = inputs if evaluation.states is None else evaluation.states
    found = torch.empty(inputs.shape, dtype=torch.float64, device=inputs.device)
    for start in range(0, len(inputs), batch):
        _, p = law.rows(states[start : start + batch].reshape(-1))
        found[start : start + batch] = -torch.special.xlogy(p, p).sum(-1).view(-1, inputs.shape[1])
    return found


def _repeated(each: Tensor, models: int) -> Tensor:
    """[n, K] for every model: [R n, K], without a copy for one."""
    return each.expand(models, *each.shape).reshape(-1, each.shape[1])


def log_sum_exp(logits: Tensor) -> Tensor:
    """Logarithm of the sum of exponentials of each row, float64 [n, 1], with one temporary where torch's own takes
    four.
    """
    wide = logits.double()
    most = wide.max(-1, keepdim=True).values
    return wide.sub_(most).exp_().sum(-1, keepdim=True).log_().add_(most)


def _means(each_RWT: Tensor, weights_WT: Tensor | None) -> Tensor:
    """Mean of each model and its standard error over sequences, [R, 2]; none where weights say that nothing was left to
    chance.
    """
    if weights_WT is not None:
        sums = (each_RWT * weights_WT).flatten(1).sum(1)
        return torch.stack([sums, torch.zeros_like(sums)], 1)
    walks = each_RWT.mean(2)
    return torch.stack([walks.mean(1), walks.std(1) / walks.shape[1] ** 0.5], 1)
