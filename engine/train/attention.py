"""Causal attention of a whole pack as one batch, forward and backward.

Every (model, sequence, head) is an item of its own, so a model's result does not depend on its companions. On the CPU
the fused kernel of torch is called directly, its backward too. Elsewhere the square of scores is written out, in plain
products, which repeat bit for bit and which a CUDA graph can hold; contexts too long for that go to the device's fused
kernel, its backward by autograd.

Axes: N = packed models times batch, T time, H heads, K head features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

#: Devices whose fused kernel is called directly.
DIRECT = frozenset({"cpu"})
#: Elsewhere, the longest context whose square of scores is written out. Fused kernels add up gradients in whatever
#: order they come to them.
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
    if q_NHTK.shape[-2] <= SQUARE:
        weights = _weights(q_NHTK, k_NHTK, scale)
        return Attended(_heads_last(weights @ v_NHTK), weights)
    with torch.set_grad_enabled(training):
        q, k, v = (t.detach().requires_grad_(training) for t in (q_NHTK, k_NHTK, v_NHTK))
        out = _heads_last(scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale))
    return Attended(out.detach(), ((q, k, v), out))


def attend_backward(
    grad_NHTK: Tensor, q_NHTK: Tensor, k_NHTK: Tensor, v_NHTK: Tensor, scale: float, made: Attended
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of q, k and v."""
    if q_NHTK.device.type in DIRECT:
        dq, dk, dv = _backward(grad_NHTK, q_NHTK, k_NHTK, v_NHTK, made.out, made.kept, 0.0, True, scale=scale)
    elif q_NHTK.shape[-2] <= SQUARE:
        weights = made.kept
        dweights = grad_NHTK @ v_NHTK.transpose(-1, -2)
        dscores = torch._softmax_backward_data(dweights, weights, -1, weights.dtype).mul_(scale)
        dq, dk, dv = dscores @ k_NHTK, dscores.transpose(-1, -2) @ q_NHTK, weights.transpose(-1, -2) @ grad_NHTK
    else:
        inputs, out = made.kept
        dq, dk, dv = torch.autograd.grad(out, inputs, grad_NHTK)
    return dq, dk, dv


def _weights(q_NHTK: Tensor, k_NHTK: Tensor, scale: float) -> Tensor:
    """How much each position reads from each: [N, H, T, T], rows sum to 1, nothing from the future."""
    scores = (q_NHTK @ k_NHTK.transpose(-1, -2)).mul_(scale)
    future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu_(1)
    return torch.softmax(scores.masked_fill_(future, float("-inf")), -1)


def _heads_last(out_NHTK: Tensor) -> Tensor:
    return out_NHTK.transpose(1, 2).contiguous().transpose(1, 2)
