"""`gru(width)`: models of a pack one after the other, their gradients by autograd.

Written for reading: a row is a model of its own, so that its bits are the same in every pack. Families that stack their
rows in one operation are faster, and have to see to that themselves.

Axes: S step of a chunk, P packed model, B batch, T time, M width, V vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import torch
from scalingdsl.engine.train.families import implements
from scalingdsl.engine.train.parameter_layout import Layout, layout
from torch import Tensor
from torch.nn.functional import cross_entropy

from .words import Gru


@dataclass
class Chunk:
    """Sequences [S, P, B, T+1], and the losses [S, P] of the steps taken."""

    tokens: Tensor
    losses: Tensor


@implements(Gru)
class GruStack:
    """GRUs over storage `params` [P, n], with gradients if `grads` is given."""

    kernels = "autograd"

    def __init__(self, model: Gru, vocab: int, params: Tensor, grads: Tensor | None = None) -> None:
        self.model, self.params, self.grads = model, params, params[:0] if grads is None else grads
        self._layout = self.layout(model, vocab)
        self._scale = 1.0 if model.width_mult is None else 1 / sqrt(model.width_mult)

    @staticmethod
    def layout(model: Gru, vocab: int) -> Layout:
        """Biases, then the embedding, then the matrices; all of variance 1/width."""
        m, std = model.width, 1 / sqrt(model.width)
        return layout(
            [
                ("vectors", False, [("bias", (3 * m,), 0.0)]),
                ("vocabulary", True, [("embed", (vocab, m), std)]),
                ("hidden", True, [("input", (m, 3 * m), std), ("memory", (m, 3 * m), std)]),
            ]
        )

    @classmethod
    def stack(
        cls, model: Gru, vocab: int, length: int, batch: int, params: Tensor, grads: Tensor, precision: str
    ) -> GruStack:
        """See `Family.stack`."""
        return cls(model, vocab, params, grads)

    @classmethod
    def forward(cls, model: Gru, vocab: int, length: int, batch: int, params: Tensor, precision: str) -> GruStack:
        """See `Family.forward`."""
        return cls(model, vocab, params)

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
        bias, embed, read, memory = (
            self._layout.view(params[None], name)[0] for name in ("bias", "embed", "input", "memory")
        )
        x = embed[tokens] * sqrt(self.model.width) @ read + bias
        h = x.new_zeros(len(tokens), self.model.width)
        outputs = []
        for t in range(tokens.shape[1]):
            keeps, looks, new = x[:, t].chunk(3, 1)
            kept, looked, known = (h @ memory).chunk(3, 1)
            keep = torch.sigmoid(keeps + kept)
            h = keep * h + (1 - keep) * torch.tanh(new + torch.sigmoid(looks + looked) * known)
            outputs.append(h)
        return (torch.stack(outputs, 1) @ embed.T * self._scale).flatten(0, 1)
