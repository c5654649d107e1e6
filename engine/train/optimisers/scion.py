"""`scion`: the step of one size that the linear part of the loss falls most in.

    m <- momentum m + (1 - momentum) g
    p <- p - lr (sqrt(out/in) orthogonal(m) + decay p)        of hidden matrices
    p <- p - lr others (sign(m) + decay p)                    of the others

Reference: Pethick et al. 2025, arXiv:2502.07529, whose step of size `lr decay` within a radius of 1/decay this is.
"""

from __future__ import annotations

from math import sqrt

from scalingdsl.spec.vocabulary.words.optimisers import Scion
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .by_rows import ByRows, Rows
from .matrix_functions import orthogonal
from .registry import Optimiser, implements


@implements(Scion)
def scion(layout: Layout, state: State) -> Optimiser:
    """The momentum begins at 0; neither sign nor orthogonal factor knows its size."""
    return ByRows(layout, state, _Steepest, lambda word: (word.momentum, word.decay, word.others))


class _Steepest:
    """Matrix by matrix, and group by group of the others."""

    def __init__(self, rows: Rows, word: Scion) -> None:
        self._iterations = word.iterations
        self._matrices, self._spans = rows.matrices(), rows.spans("vectors", "vocabulary")

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        momentum, decay, others = numbers
        for matrix in self._matrices:
            mean, own = matrix.moments["momentum"], rate * matrix.rate
            _mix(mean, matrix.grads, momentum.unsqueeze(-1))
            rows, columns = mean.shape[-2:]
            if matrix.decays:
                matrix.params.mul_((1 - own * decay).float().unsqueeze(-1))
            update = orthogonal(mean, self._iterations)
            matrix.params.addcmul_(update, (-own * sqrt(columns / rows)).float().unsqueeze(-1))
        for span in self._spans:
            mean, own = span.moments["momentum"], rate * span.rate * others
            _mix(mean, span.grads, momentum)
            if span.decays:
                span.params.mul_((1 - own * decay).float())
            span.params.addcmul_(mean.sign(), (-own).float())


def _mix(mean: Tensor, fresh: Tensor, kept: Tensor) -> None:
    mean.mul_(kept.float()).addcmul_(fresh, (1 - kept).float())
