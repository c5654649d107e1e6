"""`tvd`: the total variation distance of a model's next token from the law's, half the sum of |p - q| over tokens."""

from __future__ import annotations

from torch import Tensor

from . import measures


@measures("tvd")
def tvd(logits_nV: Tensor, targets_nK: Tensor, probability_nK: Tensor) -> Tensor:
    """Both sum to 1, so that it is the sum of p - q over tokens where that is positive, of which each can follow."""
    log_q_nK = logits_nV.gather(1, targets_nK).double() - logits_nV.double().logsumexp(1, keepdim=True)
    return (probability_nK - log_q_nK.exp()).clamp_min(0.0).sum(1)
