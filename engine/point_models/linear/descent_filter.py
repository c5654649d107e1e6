"""`sgd(lr, momentum)` on all samples at once: of a direction in which the features of the samples have variance x, the
share r_t(x) of the error is left after t steps, where

    r_0 = 1    r_1 = 1 - lr x    r_(t+1) = (1 + m - lr x) r_t - m r_(t-1)

m being the momentum: a polynomial in x, and so defined off the real axis too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.training import Sgd

from .filters import Numbers, implements


@dataclass(frozen=True)
class Descent:
    """Gradient descent from 0 for some steps."""

    lr: float
    momentum: float
    steps: int

    def left(self, x: Numbers) -> Numbers:
        """Share of the error that is left; without bound where steps are too long."""
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            return self._left(x)

    def _left(self, x: Numbers) -> Numbers:
        step = 1.0 - self.lr * x
        if not self.momentum:
            return np.asarray(step**self.steps)
        # Roots of y^2 - (1 + m - lr x) y + m, which are complex where they swing.
        middle = 0.5 * (step + self.momentum) + 0j
        apart = np.sqrt(middle * middle - self.momentum)
        apart = np.where(np.abs(apart) < 1e-9, 1e-9, apart)
        upper, lower = middle + apart, middle - apart
        found = (upper**self.steps * (step - lower) - lower**self.steps * (step - upper)) / (2.0 * apart)
        return found if np.iscomplexobj(x) else np.asarray(found.real)

    def gain(self, x: Numbers) -> Numbers:
        """The share that is learnt, over x."""
        if self.momentum or np.iscomplexobj(x):
            small = np.abs(x) * self.lr * self.steps < 1e-9
            there = np.where(small, 1.0, x)
            return np.where(small, self._begins, (1.0 - self.left(there)) / there)
        # Without the difference of like numbers where x is small.
        rate = self.lr * x
        calm = rate < 0.5
        learnt = np.where(calm, -np.expm1(self.steps * np.log1p(-np.where(calm, rate, 0.0))), 1.0 - self.left(x))
        return np.divide(learnt, x, out=np.full_like(x, self._begins), where=np.abs(rate) * self.steps > 1e-12)

    @property
    def _begins(self) -> float:
        """What is learnt over x, of a direction that hardly varies."""
        m = self.momentum
        return self.lr * (self.steps - m * (1.0 - m**self.steps) / (1.0 - m)) / (1.0 - m)


@implements(Sgd)
def descent(term: Sgd, run: Run) -> tuple[Descent, ...]:
    """One for each mark of the run's way."""
    return tuple(Descent(term.lr, term.momentum, steps) for steps in run.marks or (run.steps,))
