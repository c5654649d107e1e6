"""A step of AdamW on whatever an optimiser leaves to it."""

from __future__ import annotations

from torch import Tensor

from .by_rows import Span


def adam_step(
    span: Span, rate: Tensor, taken: Tensor, beta1: Tensor, beta2: Tensor, eps: Tensor, decay: Tensor
) -> None:
    """Move `span` by AdamW; the moments are `exp_avg` and `exp_avg_sq`, numbers float64 [r, 1], `rate` its own."""
    exp_avg, exp_avg_sq = span.moments["exp_avg"], span.moments["exp_avg_sq"]
    exp_avg.mul_(beta1.float()).addcmul_(span.grads, (1 - beta1).float())
    exp_avg_sq.mul_(beta2.float()).addcmul_(span.grads * (1 - beta2).float(), span.grads)
    root = exp_avg_sq.sqrt().div_((1 - beta2**taken).sqrt().float()).add_(eps.float())
    if span.decays:
        span.params.mul_((1 - rate * decay).float())
    span.params.addcmul_(exp_avg / root, (-rate / (1 - beta1**taken)).float())
