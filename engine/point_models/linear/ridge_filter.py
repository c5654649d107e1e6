"""`ridge(penalty)`: of a direction in which the features of the samples have variance x, the share
penalty / (x + penalty) of the error is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.training import Ridge

from .filters import Numbers, implements


@dataclass(frozen=True)
class Penalty:
    """Ridge regression with this penalty."""

    penalty: float

    def left(self, x: Numbers) -> Numbers:
        """Share of the error that is left."""
        return np.asarray(self.penalty / (x + self.penalty) if self.penalty else np.where(x > 0, 0.0, 1.0))

    def gain(self, x: Numbers) -> Numbers:
        """The share that is learnt, over x; 0 where there is nothing to learn from."""
        if self.penalty:
            return np.asarray(1.0 / (x + self.penalty))
        return np.divide(1.0, x, out=np.zeros_like(x), where=x > 0)


@implements(Ridge)
def ridge(term: Ridge, run: Run) -> tuple[Penalty, ...]:
    """One, for a penalty has no way."""
    return (Penalty(term.penalty),)
