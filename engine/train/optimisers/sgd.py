"""`sgd(momentum, nesterov)`, as `torch.optim.SGD` has it, with decoupled weight decay:

v <- momentum v + g        p <- p - lr (v + decay p), or p - lr (g + momentum v + decay p) where it looks ahead
"""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.training import Sgd
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .by_rows import ByRows, Rows
from .registry import Optimiser, implements


@implements(Sgd)
def sgd(layout: Layout, state: State) -> Optimiser:
    """The momentum of a first step is its gradient."""
    return ByRows(layout, state, _Descent, lambda word: (word.momentum, float(word.nesterov), word.decay))


class _Descent:
    """Group by group."""

    def __init__(self, rows: Rows, word: Sgd) -> None:
        self._spans = rows.spans()

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        momentum, ahead, decay = numbers.float()
        for span in self._spans:
            velocity, own = span.moments["velocity"], rate * span.rate
            velocity.mul_(momentum).add_(span.grads)
            # Looking ahead, the gradient and `momentum` times the velocity; else the velocity alone.
            step = velocity * (1 - ahead + ahead * momentum)
            step.addcmul_(span.grads, ahead)
            if span.decays:
                span.params.mul_((1 - own * decay).float())
            span.params.addcmul_(step, (-own).float())
