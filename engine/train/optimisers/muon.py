"""`muon`: of hidden matrices, momentum made orthogonal; of the others a step of AdamW.

    m <- momentum m + (1 - momentum) g        u = m, or momentum m + (1 - momentum) g of that where it looks ahead
    p <- p - lr (sqrt(max(1, out/in)) orthogonal(u) + decay p)

Reference: Jordan et al. 2024, kellerjordan.github.io/posts/muon.
"""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.optimisers import Muon
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .adam_step import adam_step
from .by_rows import ByRows, Rows
from .matrix_functions import orthogonal, widening
from .registry import Optimiser, implements

#: Betas and eps of what is no hidden matrix: AdamW's own.
BETA1, BETA2, EPS = 0.9, 0.95, 1e-8


@implements(Muon)
def muon(layout: Layout, state: State) -> Optimiser:
    """`exp_avg` is the momentum of hidden matrices, which have no second moment."""
    return ByRows(layout, state, _Orthogonal, _numbers)


def _numbers(word: Muon) -> tuple[float, ...]:
    return word.momentum, float(word.nesterov), word.decay, word.others, BETA1, BETA2, EPS


class _Orthogonal:
    """Matrix by matrix."""

    def __init__(self, rows: Rows, word: Muon) -> None:
        self._rows, self._iterations = rows, word.iterations
        self._matrices, self._spans = rows.matrices(), rows.spans("vectors", "vocabulary")

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        momentum, ahead, decay, others, beta1, beta2, eps = numbers
        # Looking ahead: the gradient mixed in once more.
        kept, mixed = momentum.float().unsqueeze(-1), (1 - ahead + ahead * momentum).float().unsqueeze(-1)
        new, added = 1 - kept, ahead.float().unsqueeze(-1)
        for matrix in self._matrices:
            mean, own = matrix.moments["exp_avg"], rate * matrix.rate
            fresh = new * matrix.grads
            mean.mul_(kept).add_(fresh)
            update = orthogonal((mean * mixed).addcmul_(fresh, added), self._iterations)
            if matrix.decays:
                matrix.params.mul_((1 - own * decay).float().unsqueeze(-1))
            matrix.params.addcmul_(update, (-own * widening(update)).float().unsqueeze(-1))
        taken = self._rows.taken
        for span in self._spans:
            adam_step(span, rate * span.rate * others, taken, beta1, beta2, eps, decay)
