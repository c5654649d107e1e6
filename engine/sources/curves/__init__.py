"""Curves of sources themselves, whatever is trained on them: one file each, found by itself.

A curve is declared as a `Quantity` of kind `curve` (`spec/vocabulary/quantities.py`) and by the sources that have it
(`Source.curves`); what computes it is marked `@computes("its name")`. From the source's law where that is known, else
from a sample of what is trained on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...registry import ByQuantity
from ..edges import Floats
from ..protocol import Opened


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a curve, rising in x, shape (point,) each."""

    x: Floats
    y: Floats
    #: Standard errors; 0 where the source's law says the point.
    error: Floats

    def to_json(self) -> dict[str, Any]:
        """As it is stored: six digits, as much as a law is read by."""
        return {name: [float(f"{v:.6g}") for v in getattr(self, name).tolist()] for name in ("x", "y", "error")}


def exact(x: Any, y: Any) -> Curve:
    """A curve that a law says."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return Curve(x, y, np.zeros(len(y)))


#: From an opened source and a number of tokens to look at, where it has to be sampled.
Computation = Callable[[Any, int], Curve]
_COMPUTATIONS: ByQuantity[Computation] = ByQuantity(__name__, missing="nothing here computes {}")
computes = _COMPUTATIONS.computes


def curve_of(name: str, stream: Any, tokens: int) -> Curve:
    """A curve of an opened source.

    Raises:
        EngineError: Nothing here computes it.
    """
    if isinstance(stream, Opened) and (known := stream.known_curve(name)) is not None:
        return exact(*known)
    return _COMPUTATIONS.of(name)(stream, tokens)
