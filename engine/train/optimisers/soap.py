"""`soap`: Adam in the eigenbasis of Shampoo's squares.

    L <- beta2 L + (1 - beta2) G G'      R <- beta2 R + (1 - beta2) G' G      and every so many steps their eigenbases
    M <- beta1 M + (1 - beta1) G         m = Ql' M Qr,  g = Ql' G Qr          v <- beta2 v + (1 - beta2) g^2
    p <- p - lr (Ql ((m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)) Qr' + decay p)

At the first step there is no basis yet: it makes one of its own gradient and leaves hidden matrices where they are, so
that t counts from the second. The basis is renewed after the step that it is due at.

Reference: Vyas et al. 2024, arXiv:2409.11321, algorithm 3; eigendecompositions in place of steps of power iteration.
"""

from __future__ import annotations

from scalingdsl.spec.vocabulary.words.optimisers import Soap
from torch import Tensor

from ..pack_state import State
from ..parameter_layout import Layout
from .adam_step import adam_step
from .by_rows import ByRows, Matrix, Rows
from .matrix_functions import eigen
from .registry import Optimiser, implements
from .squares import keep_squares


@implements(Soap)
def soap(layout: Layout, state: State) -> Optimiser:
    """Of hidden matrices `exp_avg` is kept as gradients are, `exp_avg_sq` in the eigenbasis."""
    return ByRows(layout, state, _Turned, _numbers)


def _numbers(word: Soap) -> tuple[float, ...]:
    return word.beta1, word.beta2, word.eps, word.decay, word.others


class _Turned:
    """Matrix by matrix; rows are at steps of their own, and each renews its basis when it is due."""

    def __init__(self, rows: Rows, word: Soap) -> None:
        self._rows, self._every = rows, word.every
        self._matrices, self._spans = rows.matrices(), rows.spans("vectors", "vocabulary")

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        beta1, beta2, eps, decay, others = numbers
        taken = self._rows.taken
        steps = taken[:, 0].tolist()
        fresh = [row for row, step in enumerate(steps) if step == 1]
        due = [row for row, step in enumerate(steps) if (step - 1) % self._every == 0]
        for matrix in self._matrices:
            self._step(matrix, rate * matrix.rate, taken, numbers, fresh)
            for row in due:
                for side in ("left", "right"):
                    matrix.beside[f"{side}_turn"][row].copy_(eigen(matrix.beside[side][row])[1])
        for span in self._spans:
            adam_step(span, rate * span.rate * others, taken, beta1, beta2, eps, decay)

    def _step(self, matrix: Matrix, rate: Tensor, taken: Tensor, numbers: Tensor, fresh: list[int]) -> None:
        beta1, beta2, eps, decay, _ = (number.unsqueeze(-1) for number in numbers)
        rate, moved = rate.unsqueeze(-1), (taken - 1).unsqueeze(-1)
        grads, mean, square = matrix.grads, matrix.moments["exp_avg"], matrix.moments["exp_avg_sq"]
        left, right = matrix.beside["left_turn"], matrix.beside["right_turn"]
        # Without a basis everything turned is 0: nothing is known of the second moment.
        begun = moved.clamp_max(1.0)
        mean.mul_(beta1.float()).add_(grads * (begun * (1 - beta1)).float())
        turned = left.mT @ grads @ right
        square.mul_(beta2.float()).addcmul_(turned * (1 - beta2).float(), turned)
        t = moved.clamp_min(1.0)
        root = square.sqrt().div_((1 - beta2**t).sqrt().float()).add_(eps.float())
        update = left @ ((left.mT @ mean @ right) / root) @ right.mT
        if matrix.decays:
            matrix.params.mul_((1 - begun * rate * decay).float())
        matrix.params.addcmul_(update, (-begun * rate / (1 - beta1**t)).float())
        keep_squares(matrix, beta2)
