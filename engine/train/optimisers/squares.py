"""Means of the squares of a matrix's gradients from either side, G G' and G' G, which Shampoo's kin keep."""

from __future__ import annotations

from torch import Tensor

from .by_rows import Matrix


def keep_squares(matrix: Matrix, beta2: Tensor) -> None:
    """Mix G G' and G' G into their means, beta2 [r, 1, 1]."""
    grads = matrix.grads
    for side, square in (("left", grads @ grads.mT), ("right", grads.mT @ grads)):
        matrix.beside[side].mul_(beta2.float()).add_(square * (1 - beta2).float())
