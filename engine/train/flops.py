"""Matmul FLOPs counted as they happen, to hold the closed forms of `spec/vocabulary/words/families.py` to.

A product of [.., m, k] by [.., k, n] is 2 m k n. Attention is counted over the full square of positions, two products
forward and four backward; the scores that fused kernels compute a second time are not counted, nor is anything
elementwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten


def _product(a: Tensor, b: Tensor) -> int:
    return 2 * a.numel() * b.shape[-1]


def _square(q: Tensor, k: Tensor) -> int:
    return 2 * q.numel() * k.shape[-2]


_FLOPS: dict[Any, Callable[..., int]] = {
    aten.mm: _product,
    aten.bmm: _product,
    aten.addmm: lambda c, a, b: _product(a, b),
    aten.baddbmm: lambda c, a, b: _product(a, b),
    aten.baddbmm_: lambda c, a, b: _product(a, b),
    aten._scaled_dot_product_flash_attention_for_cpu: lambda q, k, *rest: 2 * _square(q, k),
    aten._scaled_dot_product_flash_attention_for_cpu_backward: lambda grad, q, k, *rest: 4 * _square(q, k),
}


class CountFlops(TorchDispatchMode):
    """Inside, `total` grows by the FLOPs of every matmul."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None) -> Any:
        count = _FLOPS.get(func._overloadpacket)
        if count is not None:
            self.total += count(*args)
        return func(*args, **(kwargs or {}))
