"""`lstm(width, layers)`: models of a pack one after the other, torch's own recurrence, its gradient by autograd.

    i, f, g, o = x W + h U + b        c <- sigmoid(f) c + sigmoid(i) tanh(g)        h = sigmoid(o) tanh(c)

in every layer, the input x of the first being the token's embedding, of the others the h of the layer below; logits are
those h of the last times the embedding. A row is a model of its own, so that its bits are the same in every pack.

Axes: S step of a chunk, P packed model, B batch, T time, M width, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import torch
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.families import Lstm
from torch import Tensor
from torch.nn.functional import cross_entropy

from ..parameter_layout import Layout, Tensors, layout
from ..parametrization import SP_STD
from .registry import implements


@dataclass
class Chunk:
    """Sequences [S, P, B, T+1], and the losses [S, P] of the steps taken."""

    tokens: Tensor
    losses: Tensor


@implements(Lstm)
class LstmStack:
    """LSTMs over storage `params` [P, n], with gradients if `grads` is given."""

    kernels = "autograd"

    def __init__(self, model: Lstm, vocab: int, params: Tensor, grads: Tensor | None, precision: str) -> None:
        if precision == "bf16":
            raise EngineError("lstm(...) is trained in float32: write `precision=fp32`")
        self.model, self.params, self.grads = model, params, params[:0] if grads is None else grads
        self._layout = self.layout(model, vocab)
        mult = model.width_mult
        self._read, self._said = (1.0, 1.0) if mult is None else (sqrt(model.width), 1 / sqrt(mult))

    @staticmethod
    def layout(model: Lstm, vocab: int) -> Layout:
        """Biases, which begin at 0, then the embedding, then the matrices; under muP all of variance 1/width."""
        m = model.width
        std = SP_STD if model.width_mult is None else 1 / sqrt(m)
        biases: Tensors = [(f"bias.{i}", (4 * m,), 0.0) for i in range(model.layers)]
        matrices: Tensors = [(f"{name}.{i}", (m, 4 * m), std) for i in range(model.layers) for name in ("read", "keep")]
        return layout(
            [("vectors", False, biases), ("vocabulary", True, [("embed", (vocab, m), std)]), ("hidden", True, matrices)]
        )

    @classmethod
    def stack(
        cls, model: Lstm, vocab: int, length: int, batch: int, params: Tensor, grads: Tensor, precision: str
    ) -> LstmStack:
        """See `Family.stack`."""
        return cls(model, vocab, params, grads, precision)

    @classmethod
    def forward(cls, model: Lstm, vocab: int, length: int, batch: int, params: Tensor, precision: str) -> LstmStack:
        """See `Family.forward`."""
        return cls(model, vocab, params, None, precision)

    def chunk(self, tokens: Tensor) -> Chunk:
        """See `Stack.chunk`."""
        return Chunk(tokens, torch.zeros(tokens.shape[:2], dtype=torch.float64, device=tokens.device))

    def step(self, chunk: Chunk, at: int) -> None:
        """See `Stack.step`."""
        for row, (grad, tokens) in enumerate(zip(self.grads, chunk.tokens[at])):
            params = self.params[row].detach().requires_grad_()
            with torch.enable_grad():
                loss = cross_entropy(self._logits(params, tokens[:, :-1]), tokens[:, 1:].reshape(-1))
            grad.copy_(torch.autograd.grad(loss, params)[0])
            chunk.losses[at, row] = loss.detach()

    def losses(self, chunk: Chunk) -> Tensor:
        """See `Stack.losses`."""
        return chunk.losses

    @torch.no_grad()
    def logits(self, tokens: Tensor) -> Tensor:
        """See `Forward.logits`."""
        return torch.cat([self._logits(row, tokens) for row in self.params])

    def _logits(self, params: Tensor, tokens: Tensor) -> Tensor:
        """[B*T, V] of one model for inputs [B, T]."""

        def view(name: str) -> Tensor:
            return self._layout.view(params[None], name)[0]

        embed = view("embed")
        weights: list[Tensor] = []
        for i in range(self.model.layers):
            read, keep, bias = (view(f"{name}.{i}") for name in ("read", "keep", "bias"))
            # torch has matrices as (out, in), and a second bias, which the first makes up for.
            weights += [read.mT.contiguous(), keep.mT.contiguous(), bias, torch.zeros_like(bias)]
        begins = embed.new_zeros(self.model.layers, len(tokens), self.model.width)
        features = embed[tokens] * self._read
        out = torch.lstm(
            features, (begins, begins), weights, has_biases=True, num_layers=self.model.layers, dropout=0.0,
            train=False, bidirectional=False, batch_first=True,
        )[0]  # fmt: skip
        return (out @ embed.mT * self._said).flatten(0, 1)
