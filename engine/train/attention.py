"""Causal attention of a whole pack as one batch, forward and backward.

Every (model, sequence, head) is an item of its own, so a model's result does not depend on its companions. On the CPU
the fused kernel of torch is called directly, its backward too; elsewhere autograd records this one operation and no
other.

Axes: N = packed models times batch, T time, H heads, K head features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

#: Devices whose fused kernel is called directly.
DIRECT = frozenset({"cpu"})
#: Elsewhere, the longest context whose square of scores is written out: plain products repeat bit for bit, the backward
#: passes of fused kernels add in whatever order they come to it.
SQUARE = 512

_forward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward.default


@dataclass(frozen=True)
class Attended:
    """Attention output [N, H, T, K], in memory as [N, T, H, K], and what the backward pass needs beside it."""

    out: Tensor
    kept: Any = None


def attend(q_NHTK: Tensor, k_NHTK: Tensor, v_NHTK: Tensor, scale: float, training: bool) -> Attended:
    """Softmax of scaled scores over the past, times values."""
    if q_NHTK.device.type in DIRECT:
        out, log_sum = _forward(q_NHTK, k_NHTK, v_NHTK, 0.0, True, scale=scale)
        return Attended(out, log_sum)
    if not training:
        return Attended(_heads_last(_recorded(q_NHTK, k_NHTK, v_NHTK, scale)))
    with torch.enable_grad():
        q, k, v = (t.detach().requires_grad_() for t in (q_NHTK, k_NHTK, v_NHTK))
        out = _heads_last(_recorded(q, k, v, scale))
    return Attended(out.detach(), ((q, k, v), out))


def attend_backward(
    grad_NHTK: Tensor, q_NHTK: Tensor, k_NHTK: Tensor, v_NHTK: Tensor, scale: float, made: Attended
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of q, k and v."""
    if q_NHTK.device.type in DIRECT:
        dq, dk, dv = _backward(grad_NHTK, q_NHTK, k_NHTK, v_NHTK, made.out, made.kept, 0.0, True, scale=scale)
        return dq, dk, dv
    inputs, out = made.kept
    dq, dk, dv = torch.autograd.grad(out, inputs, grad_NHTK)
    return dq, dk, dv


def _recorded(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    if q.shape[-2] <= SQUARE:
        with sdpa_kernel(SDPBackend.MATH):
            return scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)
    return scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)


def _heads_last(out_NHTK: Tensor) -> Tensor:
    return out_NHTK.transpose(1, 2).contiguous().transpose(1, 2)
