"""Where Triton's kernels run in tests: on a GPU where there is one, else in Triton's interpreter on the CPU."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest
import torch
from scalingdsl.engine.train.kernels import gpu
from torch import Tensor

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu":
    os.environ[gpu.INTERPRETER] = "1"  # heeded when kernels are first imported

needs_triton = pytest.mark.skipif(
    find_spec("triton") is None, reason="no Triton here: pip install 'scalingdsl[gpu-kernels]'"
)


def far(got: Tensor, exact: Tensor) -> float:
    """Relative error in the Euclidean norm."""
    exact = exact.double().cpu()
    return float((got.double().cpu() - exact).norm() / exact.norm())
