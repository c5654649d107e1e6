"""Stacks of transformers whose steps are compiled C, one model after another over one workspace.

On one core nothing is gained by running models side by side, and a workspace that serves them all stays in the caches.

Axes: S step of a chunk, P packed model, B batch, T time, V vocabulary, n parameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor

from ...store.cache import cache_folder
from ..kernels import kernels, workspace
from ..kernels.kernel_shape import Shape, shape_of
from ..parameter_layout import Layout
from ..parametrization import NORM_EPS, scales
from .attention import rotary
from .output_head import mean_losses

#: Tensors of a block, in the order of `enum place` of shape.h.
BLOCK = ("norm_attn", "qkv", "attn_out", "norm_mlp", "up", "down")


@dataclass
class Chunk:
    """Several steps' data."""

    #: [S, P, B, T] int64.
    inputs: Tensor
    targets: Tensor
    #: [S, P, B, T] float32: the probability given to each target, filled in as steps are taken.
    prob: Tensor


@dataclass(frozen=True)
class LaidOut:
    """A shape and what it points to: C has only addresses, so all of it is kept together."""

    shape: Shape
    #: Rotary cosines and sines, [T, K], and where tensors lie in a row of parameters: see shape.h.
    cos: Tensor
    sin: Tensor
    places: Tensor


def laid_out(model: Transformer, layout: Layout, vocab: int, length: int, batch: int) -> LaidOut:
    """The whole of a model's shape."""
    turn = rotary(model.width // model.n_heads, length, torch.device("cpu"))
    cos = turn.real.repeat_interleave(2, -1).contiguous()
    sin = torch.stack((-turn.imag, turn.imag), -1).flatten(-2).contiguous()
    blocks = [f"{name}.{i}" for i in range(model.layers) for name in BLOCK]
    names = [*blocks, "norm_out", "embed", "embed" if model.tied else "head"]
    places = torch.tensor([layout.slot(name).start for name in names])
    s, shape = scales(model), shape_of(model, vocab, length, batch)
    shape.score_scale, shape.logit_scale, shape.embed_scale, shape.norm_eps = s.scores, s.logits, s.embedding, NORM_EPS
    shape.cos, shape.sin, shape.places = cos.data_ptr(), sin.data_ptr(), places.data_ptr()
    return LaidOut(shape, cos, sin, places)


class NativeTransformer:
    """P transformers over storage `params` [P, n], with gradients if `grads` is given."""

    def __init__(
        self,
        model: Transformer,
        layout: Layout,
        vocab: int,
        length: int,
        batch: int,
        params: Tensor,
        grads: Tensor | None,
    ) -> None:
        native = kernels()
        assert native is not None
        self.kernels, self._native, self._params, self._grads = native.name, native, params, grads
        self._laid_out = laid_out(model, layout, vocab, length, batch)
        self._shape = self._laid_out.shape
        self._work = torch.zeros(workspace(self._shape, grads is not None))
        self._logits = torch.zeros(0 if grads is not None else batch * length * vocab).view(-1, vocab)

    def chunk(self, tokens: Tensor) -> Chunk:
        """See `Stack.chunk`.

        Raises:
            EngineError: A token is none of the vocabulary.
        """
        self._check(tokens)
        inputs, targets = tokens[..., :-1].contiguous(), tokens[..., 1:].contiguous()
        return Chunk(inputs, targets, torch.zeros(targets.shape))

    def step(self, chunk: Chunk, at: int) -> None:
        """See `Stack.step`."""
        assert self._grads is not None
        data = chunk.inputs, chunk.targets, chunk.prob
        for row in range(chunk.inputs.shape[1]):
            tensors = self._params[row], self._grads[row], *(t[at, row] for t in data), self._work
            self._native.gradients(self._shape, *(t.data_ptr() for t in tensors))

    def losses(self, chunk: Chunk) -> Tensor:
        """See `Stack.losses`."""
        return mean_losses(chunk.prob)

    def logits(self, tokens: Tensor) -> Tensor:
        """See `Forward.logits`, for a stack of one row."""
        self._check(tokens)
        tensors = self._params, tokens.contiguous(), self._logits, self._work
        self._native.logits(self._shape, *(t.data_ptr() for t in tensors))
        return self._logits

    def _check(self, tokens: Tensor) -> None:
        """C would read and write wherever a token points to."""
        least, most = (int(x) for x in tokens.aminmax())
        if least < 0 or most >= self._shape.vocab:
            raise EngineError(
                f"the data hold a token {least if least < 0 else most}, and the vocabulary is 0 to "
                f"{self._shape.vocab - 1}: were prepared data changed? Remove them from {cache_folder()} to have them "
                "made again"
            )
