"""Reading a transformer a token at a time, keys and values kept: what a teacher needs to write sequences.

Every position costs one row of matrix products instead of the whole context again, so a sequence of T tokens costs
about as much as reading it once.

Axes: B sequence, H heads, T time, K head features, M width, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from scalingdsl.spec.vocabulary.words.families import Transformer
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, scaled_dot_product_attention

from ..train.families.attention import rotary
from ..train.families.transformer import transformer_layout
from ..train.parametrization import NORM_EPS, scales


def named_tensors(model: Transformer, vocab: int, row: Tensor) -> dict[str, Tensor]:
    """The tensors of a model's flat row of parameters, by name."""
    layout = transformer_layout(model, vocab)
    return {slot.name: layout.view(row[None], slot.name)[0].contiguous() for slot in layout.slots}


class Decoder:
    """`batch` sequences of up to `length` tokens, read together from the first one on."""

    def __init__(self, model: Transformer, tensors: Mapping[str, Tensor], length: int, batch: int) -> None:
        self.model, self.tensors, self.batch = model, tensors, batch
        self.scales = scales(model)
        self.device = tensors["embed"].device
        self.turn = rotary(model.width // model.n_heads, length, self.device)
        shape = (batch, model.n_heads, length, model.width // model.n_heads)
        self.keys = [torch.zeros(shape, device=self.device) for _ in range(model.layers)]
        self.values = [torch.zeros(shape, device=self.device) for _ in range(model.layers)]
        self.place = 0

    def restart(self) -> None:
        """Forget what was read."""
        self.place = 0

    def read(self, tokens: Tensor) -> Tensor:
        """Logits [B, V] of the token that follows, having read `tokens` [B]; overwritten by nothing."""
        model, w = self.model, self.tensors
        x = w["embed"][tokens] * self.scales.embedding
        for i in range(model.layers):
            h = self._norm(x, w[f"norm_attn.{i}"])
            x = x + self._attend(i, h @ w[f"qkv.{i}"]) @ w[f"attn_out.{i}"]
            h = self._norm(x, w[f"norm_mlp.{i}"])
            x = x + gelu(h @ w[f"up.{i}"]) @ w[f"down.{i}"]
        self.place += 1
        h = self._norm(x, w["norm_out"] * self.scales.logits)
        return h @ w["embed" if model.tied else "head"].T

    def _norm(self, x: Tensor, gain: Tensor) -> Tensor:
        return layer_norm(x, (self.model.width,), gain, None, NORM_EPS)

    def _attend(self, i: int, qkv: Tensor) -> Tensor:
        """Attention of the present position to itself and all before, [B, M]."""
        t, heads, width = self.place, self.model.n_heads, self.model.width
        q, k = (self._turned(part) for part in (qkv[:, :width], qkv[:, width : 2 * width]))
        self.keys[i][:, :, t] = k
        self.values[i][:, :, t] = qkv[:, 2 * width :].reshape(self.batch, heads, -1)
        query = q[:, :, None]
        keys, values = self.keys[i][:, :, : t + 1], self.values[i][:, :, : t + 1]
        return scaled_dot_product_attention(query, keys, values, scale=self.scales.scores)[:, :, 0].flatten(1)

    def _turned(self, part: Tensor) -> Tensor:
        """[B, M] with its pairs of features turned, [B, H, K]."""
        pairs = torch.view_as_complex(part.reshape(self.batch, self.model.n_heads, -1, 2))
        return torch.view_as_real(pairs * self.turn[self.place]).flatten(2)
