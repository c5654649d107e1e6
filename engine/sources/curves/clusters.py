"""`cluster`: points in each cluster, the largest first."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..source_statistics import ranked
from . import Curve, computes


@computes("cluster")
def cluster(stream: Any, tokens: int) -> Curve:
    """Of the clusters that are drawn for seed 0; the standard error of a size is that of its rank, of Poisson."""
    sizes = np.sort(np.asarray(stream.draw(0).sizes, dtype=np.float64))[::-1]
    found = ranked(sizes, exact=False)
    x, y = np.asarray(found["x"], dtype=np.float64), np.asarray(found["y"], dtype=np.float64)
    return Curve(x, y, y / np.sqrt(x))
