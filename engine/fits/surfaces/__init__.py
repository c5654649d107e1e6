"""Surfaces of the loss without a formula: regressions that say what the data say and nothing about why."""

from __future__ import annotations

from .kernel_regression import fit_kernel
from .network_regression import fit_network
from .smooth_surface import SmoothSurface

__all__ = ["SURFACES", "SmoothSurface", "fit_kernel", "fit_network"]

#: Word of the law -> how it is fitted.
SURFACES = {"kernel": fit_kernel, "network": fit_network}
