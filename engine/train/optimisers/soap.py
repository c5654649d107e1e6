"""`soap`: Adam in the eigenbasis of Shampoo's squares.

    L <- beta2 L + (1 - beta2) G G'      R <- beta2 R + (1 - beta2) G' G      and every so many steps their eigenbases
    M <- beta1 M + (1 - beta1) G         m = Ql' M Qr,  g = Ql' G Qr          v <- beta2 v + (1 - beta2) g^2
    p <- p - lr (Ql ((m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)) Qr' + decay p)

At the first step there is no basis yet: it makes one of its own gradient and leaves hidden matrices where they are, so
that t counts from the second. The basis is renewed after the step that it is due at.

Reference: Vyas et al. 2024, arXiv:2409.11321, algorithm 3; eigendecompositions in place of steps of power iteration.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
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


@dataclass(frozen=True)
class _Step:
    """What a step of some rows multiplies by, all [r, 1, 1]: shares of the moments, and how much of them is known."""

    kept1: Tensor
    new1: Tensor
    new2: Tensor
    root2: Tensor
    eps: Tensor
    #: float64, as rates are: 0 in a row's first step, where it has no basis yet, else 1/(1 - beta1^t).
    size: Tensor
    #: float64, 0 or 1 likewise.
    begun: Tensor

    @classmethod
    def of(cls, taken: Tensor, beta1: Tensor, beta2: Tensor, eps: Tensor) -> _Step:
        """Of rows that have taken so many steps, this one included; all float64 [r, 1]."""
        t = (taken - 1).clamp_min(1.0)
        begun = (taken - 1).clamp_max(1.0)
        new1, root2 = begun * (1 - beta1), (1 - beta2**t).sqrt()
        kept, new, share, root, least = (x.float().unsqueeze(-1) for x in (beta1, new1, 1 - beta2, root2, eps))
        return cls(kept, new, share, root, least, (begun / (1 - beta1**t)).unsqueeze(-1), begun.unsqueeze(-1))


class _Turned:
    """Matrix by matrix; rows are at steps of their own, and each renews its basis when it is due."""

    def __init__(self, rows: Rows, word: Soap) -> None:
        self._rows, self._every = rows, word.every
        self._matrices, self._spans = rows.matrices(), rows.spans("vectors", "vocabulary")

    def __call__(self, rate: Tensor, numbers: Tensor) -> None:
        """See `Update`."""
        beta1, beta2, eps, decay, others = numbers
        taken = self._rows.taken
        due = [row for row, step in enumerate(taken[:, 0].tolist()) if (step - 1) % self._every == 0]
        step = _Step.of(taken, beta1, beta2, eps)
        for matrix in self._matrices:
            self._move(matrix, (rate * matrix.rate).unsqueeze(-1), decay.unsqueeze(-1), step)
            keep_squares(matrix, step.new2)
            for row in due:
                for side in ("left", "right"):
                    matrix.beside[f"{side}_turn"][row].copy_(eigen(matrix.beside[side][row])[1])
        for span in self._spans:
            adam_step(span, rate * span.rate * others, taken, beta1, beta2, eps, decay)

    def _move(self, matrix: Matrix, rate: Tensor, decay: Tensor, step: _Step) -> None:
        mean, square = matrix.moments["exp_avg"], matrix.moments["exp_avg_sq"]
        left, right = matrix.beside["left_turn"], matrix.beside["right_turn"]
        mean.mul_(step.kept1).addcmul_(matrix.grads, step.new1)
        # Without a basis everything turned is 0: nothing is known of the second moment.
        square.lerp_(torch.bmm(torch.bmm(left.mT, matrix.grads), right).square_(), step.new2)
        root = square.sqrt().div_(step.root2).add_(step.eps)
        turned = torch.bmm(torch.bmm(left.mT, mean), right).div_(root)
        update = torch.bmm(torch.bmm(left, turned), right.mT)
        if matrix.decays:
            matrix.params.mul_((1 - step.begun * rate * decay).float())
        matrix.params.addcmul_(update, (-rate * step.size).float())
