"""`accuracy`: the share of contexts whose likeliest next token, as the model has it, can follow.

Reference: arXiv:2401.12973.
"""

from __future__ import annotations

from torch import Tensor

from . import measures


@measures("accuracy")
def accuracy(logits_nV: Tensor, targets_nK: Tensor, probability_nK: Tensor) -> Tensor:
    """1 where the law gives the model's first choice a probability, else 0, at each context [n]."""
    chosen_n1 = logits_nV.argmax(1, keepdim=True)
    return ((targets_nK == chosen_n1) & (probability_nK > 0)).any(1).double()
