"""`lion`: the sign of the gradient mixed into a momentum.

    u = sign(beta1 m + (1 - beta1) g)        m <- beta2 m + (1 - beta2) g        p <- p - lr (u + decay p)

Reference: Chen et al. 2023, arXiv:2302.06675, algorithm 2.
"""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.optimisers import Lion
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .by_rows import ByRows, Rows
from .registry import Optimiser, implements


@implements(Lion)
def lion(layout: Layout, state: State) -> Optimiser:
    """The momentum begins at 0."""
    return ByRows(layout, state, _Signs, lambda word: (word.beta1, word.beta2, word.decay))


class _Signs:
    """Group by group."""

    def __init__(self, rows: Rows, word: Lion) -> None:
        self._spans = rows.spans()

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        beta1, beta2, decay = numbers
        for span in self._spans:
            momentum, own = span.moments["momentum"], rate * span.rate
            sign = (momentum * beta1.float()).addcmul_(span.grads, (1 - beta1).float()).sign_()
            momentum.mul_(beta2.float()).addcmul_(span.grads, (1 - beta2).float())
            if span.decays:
                span.params.mul_((1 - own * decay).float())
            span.params.addcmul_(sign, (-own).float())
