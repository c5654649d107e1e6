"""Causal attention of a whole pack as one batch, forward and backward.

Every (model, sequence, head) is an item of its own, so a model's result does not depend on its companions. On the CPU
the fused kernel of torch is called directly, its backward too; elsewhere autograd records this one operation and no
other.

Axes: N = packed models times batch, T time, H heads, K head features.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .cpu import plain_gemm

_forward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
_backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward.default


def attend(q_NHTK: Tensor, k_NHTK: Tensor, v_NHTK: Tensor, scale: float, keep: bool) -> tuple[Tensor, Any]:
    """Attention output [N, H, T, K], laid out as [N, T, H, K], and what `attend_backward` needs of it if `keep`."""
    if q_NHTK.device.type == "cpu":
        with plain_gemm():
            out, log_sum = _forward(q_NHTK, k_NHTK, v_NHTK, 0.0, True, scale=scale)
        return out, (out, log_sum)
    if not keep:
        return _heads_last(_reference(q_NHTK, k_NHTK, v_NHTK, scale)), None
    with torch.enable_grad():
        inputs = tuple(t.detach().requires_grad_() for t in (q_NHTK, k_NHTK, v_NHTK))
        out = _heads_last(_reference(*inputs, scale))
    return out.detach(), (inputs, out)


def attend_backward(
    grad_NHTK: Tensor, q_NHTK: Tensor, k_NHTK: Tensor, v_NHTK: Tensor, scale: float, kept: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of q, k and v."""
    if q_NHTK.device.type == "cpu":
        out, log_sum = kept
        with plain_gemm():
            dq, dk, dv = _backward(grad_NHTK, q_NHTK, k_NHTK, v_NHTK, out, log_sum, 0.0, True, scale=scale)
        return dq, dk, dv
    inputs, out = kept
    dq, dk, dv = torch.autograd.grad(out, inputs, grad_NHTK)
    return dq, dk, dv


def _reference(q: Tensor, k: Tensor, v: Tensor, scale: float) -> Tensor:
    return torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)


def _heads_last(out_NHTK: Tensor) -> Tensor:
    return out_NHTK.transpose(1, 2).contiguous().transpose(1, 2)
