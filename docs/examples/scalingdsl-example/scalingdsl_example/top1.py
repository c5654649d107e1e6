"""`top1`: the share of contexts whose most probable next token a model gives the highest probability."""

from __future__ import annotations

from scalingdsl.engine.train.measures import measures
from torch import Tensor


@measures("top1")
def top1(logits_nV: Tensor, targets_nK: Tensor, probability_nK: Tensor) -> Tensor:
    """1 where the model's first choice is the law's, else 0, at each context [n]."""
    best = targets_nK.gather(1, probability_nK.argmax(1, keepdim=True))
    return (logits_nV.argmax(1, keepdim=True) == best).double().squeeze(1)
