"""`shampoo`: momentum between inverse fourth roots of the squares of gradients from either side.

    L <- beta2 L + (1 - beta2) G G'      R <- beta2 R + (1 - beta2) G' G      M <- beta1 M + (1 - beta1) G
    p <- p - lr (sqrt(max(1, out/in)) Lh^(-1/4) Mh Rh^(-1/4) + decay p)

Hats are means that know how many steps they are of, x / (1 - beta^t). The roots are renewed every so many steps, before
the step that they are due at. After one step of a gradient U S V' the update is U V'.

Reference: Gupta, Koren and Singer 2018, arXiv:1802.09568; means in place of sums as in arXiv:2309.06497.
"""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.optimisers import Shampoo
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .adam_step import adam_step
from .by_rows import ByRows, Matrix, Rows
from .matrix_functions import inverse_root, widening
from .registry import Optimiser, implements
from .squares import keep_squares


@implements(Shampoo)
def shampoo(layout: Layout, state: State) -> Optimiser:
    """`exp_avg` is the momentum of hidden matrices, which have no second moment but their squares."""
    return ByRows(layout, state, _Rooted, _numbers)


#: `eps` of AdamW, for the others.
EPS = 1e-8


def _numbers(word: Shampoo) -> tuple[float, ...]:
    return word.beta1, word.beta2, word.eps, word.decay, word.others, EPS


class _Rooted:
    """Matrix by matrix; rows are at steps of their own, and each renews its roots when they are due."""

    def __init__(self, rows: Rows, word: Shampoo) -> None:
        self._rows, self._every = rows, word.every
        self._matrices, self._spans = rows.matrices(), rows.spans("vectors", "vocabulary")

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        beta1, beta2, floor, decay, others, eps = numbers
        taken = self._rows.taken
        due = [row for row, step in enumerate(taken[:, 0].tolist()) if (step - 1) % self._every == 0]
        new = (1 - beta2).float().unsqueeze(-1)
        for matrix in self._matrices:
            keep_squares(matrix, new)
            for row in due:
                self._renew(matrix, row, float(1 - beta2[row] ** taken[row]), float(floor[row]))
            self._step(matrix, rate * matrix.rate, taken, beta1, decay)
        for span in self._spans:
            adam_step(span, rate * span.rate * others, taken, beta1, beta2, eps, decay)

    def _renew(self, matrix: Matrix, row: int, known: float, floor: float) -> None:
        for side in ("left", "right"):
            matrix.beside[f"{side}_turn"][row].copy_(inverse_root(matrix.beside[side][row] / known, 0.25, floor))

    def _step(self, matrix: Matrix, rate: Tensor, taken: Tensor, beta1: Tensor, decay: Tensor) -> None:
        mean, kept = matrix.moments["exp_avg"], beta1.unsqueeze(-1)
        mean.mul_(kept.float()).add_(matrix.grads * (1 - kept).float())
        update = matrix.beside["left_turn"] @ mean @ matrix.beside["right_turn"]
        own = rate / (1 - beta1**taken) * widening(update)
        if matrix.decays:
            matrix.params.mul_((1 - rate * decay).float().unsqueeze(-1))
        matrix.params.addcmul_(update, (-own).float().unsqueeze(-1))
