"""`eigenvalue`: variances of points along their principal axes, the largest first."""

from __future__ import annotations

import numpy as np

from ..points.latents_drawn import LatentPoints
from ..source_statistics import ranked
from . import Curve, computes, exact


@computes("eigenvalue")
def eigenvalue(stream: LatentPoints, tokens: int) -> Curve:
    """Of independent latents their variances, which are declared."""
    found = ranked(np.asarray(stream.draw(0).variances), exact=True)
    return exact(found["x"], found["y"])
