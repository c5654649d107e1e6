"""What the training loop sees of a model family, and which class implements which word.

Axes: S step of a chunk, P packed model, B batch, T time, V vocabulary, n parameters.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from scalingdsl.spec.vocabulary.base import Term
from torch import Tensor

from ...registry import Registry
from ..parameter_layout import Layout


class Forward(Protocol):
    """Models for evaluation, all on the same sequences: one on a CPU."""

    def logits(self, tokens: Tensor) -> Tensor:
        """Logits [P*B*T, V] of inputs `tokens` [B, T], model by model; overwritten by the next call."""


class Stack(Protocol):
    """P models of one shape whose parameters are rows of one [P, n] tensor.

    The arithmetic of a row never depends on the other rows, nor on how many there are.
    """

    #: Whose operations it is made of; with them its last bits would change.
    kernels: str

    def chunk(self, tokens: Tensor) -> Any:
        """Several steps' sequences [S, p, B, T+1] of the first p rows, made ready for `step`."""

    def step(self, chunk: Any, at: int) -> None:
        """Gradients of step `at` of a chunk into the first p rows of the gradients, its losses into the chunk."""

    def losses(self, chunk: Any) -> Tensor:
        """Mean training loss of each step and row of a chunk, float64 [S, p], in nats a token."""


@runtime_checkable
class Arranging(Protocol):
    """A stack whose steps read something that is best made of a whole chunk at once."""

    def arrange(self, tokens: Tensor) -> Tensor:
        """Of sequences [S, p, B, T+1], what steps read beside them, [S, p, ...]."""

    def chunk(self, tokens: Tensor, arranged: Tensor) -> Any:
        """See `Stack.chunk`, with what was arranged of these sequences."""


class Family(Protocol):
    """An implementation of one word of `models`."""

    @staticmethod
    def layout(model: Any, vocab: int) -> Layout:
        """Tensors, initial scales and learning-rate groups."""

    @staticmethod
    def stack(model: Any, vocab: int, length: int, batch: int, params: Tensor, grads: Tensor, precision: str) -> Stack:
        """A stack over existing storage `params` and `grads`, both [P, n] float32."""

    @staticmethod
    def forward(model: Any, vocab: int, length: int, batch: int, params: Tensor, precision: str) -> Forward:
        """The models of all rows of `params` [P, n], for batches of `batch` sequences."""


_FAMILIES: Registry[Family] = Registry(__package__, missing="nothing here trains {}")
implements = _FAMILIES.implements


def family(model: Term) -> Family:
    """The implementation of a model's word.

    Raises:
        EngineError: nothing here trains such a model.
    """
    return _FAMILIES.of(model)
