"""Sources of training data: each word of `data` as a stream of sequences, with the truth it is judged by."""

from __future__ import annotations

from .protocol import Evaluation, Law, NextLaw, SparseLaw, Stream
from .registry import draw_graph, implements, open_source

__all__ = ["Evaluation", "Law", "NextLaw", "SparseLaw", "Stream", "draw_graph", "implements", "open_source"]
