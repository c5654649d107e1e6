"""The compute of a training run: C = 6 N D."""

from __future__ import annotations

#: FLOPs a parameter and token: forward and backward pass of a dense model, without attention (Kaplan et al. 2020).
FLOPS_PER_PARAMETER_TOKEN = 6
