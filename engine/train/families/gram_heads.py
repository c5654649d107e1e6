"""Heads that match n-grams: before the first block each adds to a token's embedding, through a matrix of its own, the
mean embedding of the tokens that followed the last n tokens earlier in the sequence; nothing where there are none.

What is matched follows from the tokens and has no gradient.

Axes: P packed model, B batch, T time, N = B T, M width.

Reference: Akyurek et al. 2024, arXiv:2401.12973, section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor

from .gram_matching import matches


def matrices(model: Transformer, std: float) -> list[tuple[str, tuple[int, ...], float | None]]:
    """Names, shapes and first deviations of the heads' matrices."""
    return [(f"gram.{i}", (model.width, model.width), std) for i in range(model.grams)]


def room(model: Transformer, wide: Callable[..., Tensor], n: int) -> list[Tensor]:
    """Where each head keeps its means of `n` tokens, made by `wide`."""
    return [wide(n, model.width) for _ in range(model.grams)]


def squares(model: Transformer, length: int) -> list[int]:
    """Elements a token of what is matched."""
    return [length] if model.grams else []


def check_precision(model: Transformer, precision: str) -> None:
    """Heads are trained in float32 alone.

    Raises:
        EngineError: They would have to be trained in a narrower type.
    """
    if model.grams and precision == "bf16":
        raise EngineError("transformer(grams=...) is trained in float32: write `precision=fp32`")


def averages(tokens: Tensor, most: int) -> list[Tensor]:
    """For n = 1 to `most`, float32 [..., T, T]: at (i, j) the share of j among the places that follow what i ends."""
    found = []
    for matched in list(matches(tokens, most))[1:]:
        share = matched.float()
        found.append(share.div_(share.sum(-1, keepdim=True).clamp_min_(1.0)))
    return found


class GramHeads:
    """The heads of some rows; most models have none.

    Args:
        model: What they are heads of.
        weight: From the name of a matrix to it, [P, M, M].
        dweight: To its gradient; None where there is no backward pass.
        means: [P, N, M] for each n, filled by the forward pass and overwritten by the backward pass.
        length: T.
        bmm: The matrix products for models of this shape, without and with something to add to.
        baddbmm: See `bmm`.
    """

    def __init__(
        self,
        model: Transformer,
        weight: Callable[[str], Tensor],
        dweight: Callable[[str], Tensor] | None,
        means: Sequence[Tensor],
        length: int,
        bmm: Callable[..., Tensor],
        baddbmm: Callable[..., Tensor],
    ) -> None:
        names = [name for name, _, _ in matrices(model, 0.0)]
        self._weights = [weight(name) for name in names]
        self._dweights = None if dweight is None else [dweight(name) for name in names]
        self._means, self._length = means, length
        self._bmm, self._baddbmm = bmm, baddbmm
        self._shares: list[Tensor] = []

    def _apart(self, wide: Tensor) -> Tensor:
        """[P, N, M] as [P B, T, M]."""
        return wide.view(-1, self._length, wide.shape[-1])

    def forward(self, tokens: Tensor, x: Tensor) -> None:
        """Add to the embeddings x [P, N, M] of `tokens` [P, N]."""
        if not self._weights:
            return
        self._shares = averages(tokens.reshape(-1, self._length), len(self._weights))
        for share, mean in zip(self._shares, self._means):
            self._bmm(share, self._apart(x), out=self._apart(mean))
        for mean, weight in zip(self._means, self._weights):
            self._baddbmm(x, mean, weight, out=x)

    def backward(self, dx: Tensor) -> None:
        """From the gradient of what `forward` left, that of the matrices, and that of the embeddings in its place."""
        assert self._dweights is not None
        if not self._weights:
            return
        for mean, weight, dweight in zip(self._means, self._weights, self._dweights):
            self._bmm(mean.transpose(1, 2), dx, out=dweight)
            self._bmm(dx, weight.transpose(1, 2), out=mean)
        apart = self._apart(dx)
        for share, mean in zip(self._shares, self._means):
            self._baddbmm(apart, share.transpose(1, 2), self._apart(mean), out=apart)
