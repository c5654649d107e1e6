"""Heads that match n-grams: before the first block each adds to a token's embedding, through a matrix of its own, the
mean embedding of the tokens that followed the last n tokens earlier in the sequence; nothing where there are none.

What is matched follows from the tokens and has no gradient.

Axes: P packed model, B batch, T time, N = B T, M width.

Reference: Akyurek et al. 2024, arXiv:2401.12973, section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from .gram_matching import matches


def averages(tokens: Tensor, most: int) -> list[Tensor]:
    """For n = 1 to `most`, float32 [..., T, T]: at (i, j) the share of j among the places that follow what i ends."""
    found = []
    for matched in list(matches(tokens, most))[1:]:
        share = matched.float()
        found.append(share.div_(share.sum(-1, keepdim=True).clamp_min_(1.0)))
    return found


class GramHeads:
    """The heads of some rows.

    Args:
        weights: [P, M, M] for each n.
        dweights: Their gradients; None where there is no backward pass.
        means: [P, N, M] for each n, filled by the forward pass and overwritten by the backward pass.
        length: T.
        bmm: The matrix products for models of this shape, without and with something to add to.
        baddbmm: See `bmm`.
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        dweights: Sequence[Tensor] | None,
        means: Sequence[Tensor],
        length: int,
        bmm: Callable[..., Tensor],
        baddbmm: Callable[..., Tensor],
    ) -> None:
        self._weights, self._dweights, self._means, self._length = weights, dweights, means, length
        self._bmm, self._baddbmm = bmm, baddbmm
        self._shares: list[Tensor] = []

    def _apart(self, wide: Tensor) -> Tensor:
        """[P, N, M] as [P B, T, M]."""
        return wide.view(-1, self._length, wide.shape[-1])

    def forward(self, tokens: Tensor, x: Tensor) -> None:
        """Add to the embeddings x [P, N, M] of `tokens` [P, N]."""
        self._shares = averages(tokens.reshape(-1, self._length), len(self._weights))
        for share, mean in zip(self._shares, self._means):
            self._bmm(share, self._apart(x), out=self._apart(mean))
        for mean, weight in zip(self._means, self._weights):
            self._baddbmm(x, mean, weight, out=x)

    def backward(self, dx: Tensor) -> None:
        """From the gradient of what `forward` left, that of the matrices, and that of the embeddings in its place."""
        assert self._dweights is not None
        for mean, weight, dweight in zip(self._means, self._weights, self._dweights):
            self._bmm(mean.transpose(1, 2), dx, out=dweight)
            self._bmm(dx, weight.transpose(1, 2), out=mean)
        apart = self._apart(dx)
        for share, mean in zip(self._shares, self._means):
            self._baddbmm(apart, share.transpose(1, 2), self._apart(mean), out=apart)
