"""Declared precisions: what `precision=` means for the arithmetic of matmuls.

`fp32` is IEEE single everywhere, TF32 off; `tf32` lets a GPU round factors to 10 bits (a CPU has no such units and
computes fp32); `bf16` rounds factors and products to bfloat16. Parameters, moments, residuals, norms and losses are
float32 in all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def compute_dtype(precision: str) -> torch.dtype:
    """The type that matmuls take their factors in."""
    return torch.bfloat16 if precision == "bf16" else torch.float32


@contextmanager
def arithmetic(precision: str, device: torch.device) -> Iterator[None]:
    """Inside, fp32 matmuls on a GPU are as declared; autograd is off."""
    if device.type != "cuda":
        with torch.no_grad():
            yield
        return
    before = torch.backends.cuda.matmul.fp32_precision
    torch.backends.cuda.matmul.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    try:
        with torch.no_grad():
            yield
    finally:
        torch.backends.cuda.matmul.fp32_precision = before
