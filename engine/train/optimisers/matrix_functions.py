"""Functions of matrices [..., m, n]: orthogonal factors, eigenbases, inverse roots."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor

#: Coefficients of a x + b x^3 + c x^5, which takes singular values in (0, 1] to about 1 as fast as it can, and leaves
#: them between 0.7 and 1.2 (Jordan 2024).
QUINTIC = 3.4445, -4.7750, 2.0315
#: Added to a matrix's norm before dividing.
NORM_EPS = 1e-7


def orthogonal(matrix: Tensor, iterations: int) -> Tensor:
    """About U V' of matrices U S V' [r, m, n], by Newton and Schulz's iteration in their own precision.

    Reference: Jordan et al. 2024, kellerjordan.github.io/posts/muon.
    """
    a, b, c = QUINTIC
    tall = matrix.shape[-2] > matrix.shape[-1]
    x = matrix.mT if tall else matrix
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + NORM_EPS)
    for _ in range(iterations):
        square = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(square, square, square, beta=b, alpha=c), x, beta=a)
    return x.mT if tall else x


def widening(matrix: Tensor) -> float:
    """The factor on an orthogonal update of a matrix (in, out): sqrt(out/in), at least 1."""
    return sqrt(max(1.0, matrix.shape[-1] / matrix.shape[-2]))


def eigen(square: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues, ascending, and eigenvectors as columns, of symmetric matrices; if not finite, anything."""
    values, vectors = torch.linalg.eigh(torch.nan_to_num(square, 0.0, 0.0, 0.0))
    return values, vectors


def inverse_root(square: Tensor, power: float, eps: float) -> Tensor:
    """square^-power, eigenvalues below `eps` times the largest being taken for that; 0 of a matrix of zeros."""
    values, vectors = eigen(square)
    largest = values[..., -1:]
    roots = torch.where(largest > 0, values.clamp_min(eps * largest) ** -power, 0.0)
    return (vectors * roots.unsqueeze(-2)) @ vectors.mT
