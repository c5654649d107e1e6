"""Means of the squares of a matrix's gradients from either side, G G' and G' G, which Shampoo's kin keep."""

from __future__ import annotations

import torch
from torch import Tensor

from .by_rows import Matrix


def keep_squares(matrix: Matrix, new: Tensor) -> None:
    """Mix G G' and G' G into their means, `new` [r, 1, 1] being their share."""
    grads = matrix.grads
    for side, square in (("left", torch.bmm(grads, grads.mT)), ("right", torch.bmm(grads.mT, grads))):
        matrix.beside[side].lerp_(square, new)
