"""Causal attention with rotary positions for a whole pack as one batch, forward and backward, over buffers made once.

Every (model, sequence, head) is an item of its own, so a model's result does not depend on its companions. For short
contexts the square of scores is written out, in plain products: they run at the speed of large ones, repeat bit for
bit, can be held by a CUDA graph, and leave the backward pass nothing to compute again. Longer contexts go to the
device's fused kernel: on the CPU it is called directly, its backward too; elsewhere its backward is autograd's.

Axes: P packed model, B batch, T time, N = B T, M width, H heads, K head features, G = P B H items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ...hardware.block_sizes import CPU_SQUARE, GPU_SQUARE

ROTARY_BASE = 10_000.0
#: Devices whose fused kernel is called directly.
DIRECT = frozenset({"cpu"})

_fused = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
_fused_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward.default

#: Tensors by name.
Buffers = dict[str, Tensor]


def rotary(d_head: int, length: int, device: torch.device) -> Tensor:
    """exp(i t w), complex64 [T, K/2]: w = base^(-2j/K) for pair j of neighbouring features of a head."""
    rate = ROTARY_BASE ** (-torch.arange(0, d_head, 2, dtype=torch.float64) / d_head)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * rate
    return torch.polar(torch.ones_like(angle), angle).to(torch.complex64).to(device)


def is_square(length: int, d_head: int, device: torch.device, dtype: torch.dtype) -> bool:
    """True if the scores of such contexts are written out; on a CPU not in bfloat16, which would round them."""
    if device.type == "cpu":
        return dtype == torch.float32 and length <= CPU_SQUARE * d_head
    return length <= GPU_SQUARE


def score_columns(length: int, device: torch.device) -> int:
    """Numbers between the beginnings of two rows of scores: on a GPU a multiple of eight, since its fast products want
    rows that begin on 16 bytes, in bfloat16 too.
    """
    return length if device.type == "cpu" else -(-length // 8) * 8


class Attention:
    """One block's attention for some rows.

    Args:
        qkv_PNC: Queries, keys and values side by side, C = 3M; their gradients come back there.
        kept: Filled by the forward pass and overwritten by the backward pass: `q`, `k`, `v` [P, N, M]; where the square
            is written out also the outputs `mixed` [P, N, M] and `weights` [P, N, H C], C `score_columns`.
        scratch: Where the square is written out, `heads` [P, N, M] and, for a backward pass, `dweights` like `weights`.
        heads: H.
        length: T.
        scale: Of the scores.
        bmm: The matrix product for models of this shape.
    """

    def __init__(
        self,
        qkv_PNC: Tensor,
        kept: Buffers,
        scratch: Buffers,
        heads: int,
        length: int,
        scale: float,
        bmm: Callable[..., Tensor],
    ) -> None:
        #: q, k and v as the projections have them, and head by head, all [P B, H, T, K].
        self._beside = [_by_head(part, heads, length) for part in qkv_PNC.chunk(3, -1)]
        self._heads = [kept[name].view(self._beside[0].shape) for name in "qkv"]
        turn = rotary(self._heads[0].shape[-1], length, qkv_PNC.device)
        self._turns = turn * scale, turn
        self._turns_back = turn.conj() * scale, turn.conj().resolve_conj()
        self._kernel: _Kernel
        if "weights" in kept:
            self._kernel = _Square(self._heads, kept, scratch, bmm)
        elif qkv_PNC.device.type in DIRECT:
            self._kernel = _Direct(self._heads, len(qkv_PNC))
        else:
            self._kernel = _ByAutograd(self._heads, len(qkv_PNC))

    def forward(self) -> Tensor:
        """Outputs [P, N, M] of the projections."""
        for mine, beside, turn in zip(self._heads, self._beside, self._turns):
            _turn(beside, turn, mine)
        self._heads[2].copy_(self._beside[2])
        return self._kernel.forward()

    def backward(self, dout_PNM: Tensor) -> None:
        """Gradients of the projections from those of the outputs, which are overwritten."""
        gradients = self._kernel.backward(dout_PNM)
        for mine, beside, turn in zip(gradients, self._beside, self._turns_back):
            _turn(mine, turn, beside)
        self._beside[2].copy_(gradients[2])


class _Kernel(Protocol):
    """Softmax of scores over the past, times values: of q, k and v [P B, H, T, K], q having been scaled."""

    def forward(self) -> Tensor:
        """Outputs [P, N, M]."""

    def backward(self, dout_PNM: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of q, k and v, from those of the outputs."""


class _Square:
    """The square of scores written out. Gradients take the place of what is no longer needed."""

    def __init__(self, heads: list[Tensor], kept: Buffers, scratch: Buffers, bmm: Callable[..., Tensor]) -> None:
        _, self._n_heads, self._length, _ = heads[0].shape
        self._shape, self._bmm = heads[0].shape, bmm
        #: [G, T, K]
        self._q, self._k, self._v = (x.flatten(0, 1) for x in heads)
        #: Scores with the columns beyond the context [G, T, C], and without [G, T, T].
        self._mixed, self._rows = kept["mixed"], kept["weights"].view(len(self._q), self._length, -1)
        self._weights = self._rows[..., : self._length]
        # The features of a single head lie as the model's do.
        self._out = (self._mixed if self._n_heads == 1 else scratch["heads"]).view(self._q.shape)
        self._drows = scratch["dweights"].view(self._rows.shape) if "dweights" in scratch else None
        self._even = self._rows.shape[-1] == self._length
        future = torch.full(self._rows.shape[1:], float("-inf"), device=self._q.device)
        self._future = future.triu_(1).to(self._q.dtype)
        self._not_past = self._future < 0

    def forward(self) -> Tensor:
        """See `_Kernel.forward`."""
        self._bmm(self._q, self._k.transpose(1, 2), out=self._weights)
        if self._even:
            self._weights.add_(self._future)
        else:  # whatever is beyond the context
            self._rows.masked_fill_(self._not_past, float("-inf"))
        torch.softmax(self._rows, -1, out=self._rows)
        self._bmm(self._weights, self._v, out=self._out)
        if self._n_heads > 1:
            _by_head(self._mixed, self._n_heads, self._length).copy_(self._out.view(self._shape))
        return self._mixed

    def backward(self, dout_PNM: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `_Kernel.backward`."""
        dout, weights = dout_PNM.view(self._q.shape), self._weights
        assert self._drows is not None
        dweights, beyond = self._drows.split([self._length, self._drows.shape[-1] - self._length], -1)
        if self._n_heads > 1:
            dout = self._out
            dout.view(self._shape).copy_(_by_head(dout_PNM, self._n_heads, self._length))
        self._bmm(dout, self._v.transpose(1, 2), out=dweights)
        dv = self._bmm(weights.transpose(1, 2), dout, out=self._v)
        if not self._even:
            beyond.zero_()
        torch._softmax_backward_data(self._drows, self._rows, -1, weights.dtype, grad_input=self._drows)
        dq = self._bmm(dweights, self._k, out=dout)
        dk = self._bmm(dweights.transpose(1, 2), self._q, out=self._k)
        return dq.view(self._shape), dk.view(self._shape), dv.view(self._shape)


class _Direct:
    """The fused kernel of torch for CPUs, and its backward."""

    def __init__(self, heads: list[Tensor], rows: int) -> None:
        self._heads, self._rows = heads, rows
        self._made: tuple[Tensor, Tensor] | None = None

    def forward(self) -> Tensor:
        """See `_Kernel.forward`."""
        self._made = _fused(*self._heads, 0.0, True, scale=1.0)
        return _together(self._made[0], self._rows)

    def backward(self, dout_PNM: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `_Kernel.backward`."""
        assert self._made is not None
        dout = _by_head(dout_PNM, *self._heads[0].shape[1:3])
        gradients: tuple[Tensor, Tensor, Tensor] = _fused_backward(
            dout, *self._heads, *self._made, 0.0, True, scale=1.0
        )
        return gradients


class _ByAutograd:
    """The device's fused kernel, its backward by autograd."""

    def __init__(self, heads: list[Tensor], rows: int) -> None:
        self._heads, self._rows = heads, rows
        self._inputs: list[Tensor] = []
        self._out: Any = None

    def forward(self) -> Tensor:
        """See `_Kernel.forward`."""
        with torch.enable_grad():
            q, k, v = self._inputs = [x.detach().requires_grad_() for x in self._heads]
            self._out = scaled_dot_product_attention(q, k, v, is_causal=True, scale=1.0)
        return _together(self._out.detach(), self._rows)

    def backward(self, dout_PNM: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `_Kernel.backward`."""
        dout = _by_head(dout_PNM, *self._heads[0].shape[1:3])
        dq, dk, dv = torch.autograd.grad(self._out, self._inputs, dout)
        return dq, dk, dv


def _by_head(flat_PNM: Tensor, heads: int, length: int) -> Tensor:
    """[P, N, M] seen as [P B, H, T, K]."""
    return flat_PNM.view(-1, length, heads, flat_PNM.shape[-1] // heads).transpose(1, 2)


def _together(out_NHTK: Tensor, rows: int) -> Tensor:
    """[P B, H, T, K] as [P, N, M], without a copy where it lies so."""
    return out_NHTK.transpose(1, 2).reshape(rows, -1, out_NHTK.shape[1] * out_NHTK.shape[3])


def _turn(source: Tensor, turn: Tensor, target: Tensor) -> None:
    """Neighbouring features of `source` as complex numbers times `turn`, to `target`."""
    if source.dtype == torch.float32:
        torch.mul(_pairs(source), turn, out=_pairs(target))
    else:
        target.copy_(torch.view_as_real(_pairs(source.float()) * turn).flatten(-2))


def _pairs(x: Tensor) -> Tensor:
    return torch.view_as_complex(x.view(*x.shape[:-1], -1, 2))
