"""Surfaces of the loss without a formula: regressions that say what the data say and nothing about why."""

from __future__ import annotations

from .smooth_surface import SURFACES, SmoothSurface

__all__ = ["SURFACES", "SmoothSurface"]
