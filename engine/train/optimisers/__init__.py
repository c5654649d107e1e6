"""Optimisers: from a word of `train` to an update of every row of a pack, each with its own rate, decay and step.

A new optimiser is one declaration in `spec/vocabulary/` and one file in this folder whose class is marked
`@implements(Declaration)`.
"""

from __future__ import annotations

from .registry import Optimiser, implements, optimiser

__all__ = ["Optimiser", "implements", "optimiser"]
