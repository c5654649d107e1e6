"""Training losses along a run, kept sparsely: means between steps that lie evenly in the logarithm.

The steps that means end after are the same for every run, and losses are added one after the other, so that a curve
is the same wherever chunks are cut, whoever a run's companions are, and however often it was stopped on its way.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..store.record import Curve

#: Means a doubling of steps: 28 in a thousand steps, 48 in a hundred thousand.
PER_DOUBLING = 3
#: Steps after which a mean ends, ascending.
ENDS = tuple(sorted({math.ceil(2 ** (k / PER_DOUBLING)) for k in range(40 * PER_DOUBLING)}))
#: Digits kept: the last bits of a mean over tokens are a device's own.
DIGITS = 6


@dataclass
class LossCurve:
    """A curve on its way."""

    #: Tokens (or points) that a step reads.
    step_tokens: int
    #: Step at which it begins: where a branch left its trunk, else 0.
    begins: int = 0
    #: Steps taken.
    step: int = 0
    #: Steps that means ended after, and the means, in nats a token.
    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    #: Sum and number of the losses since the last of them.
    total: float = 0.0
    count: int = 0

    def add(self, losses: NDArray[np.float64]) -> None:
        """Losses of the next steps, shape (S,), up to the first that is not finite."""
        wrong = np.flatnonzero(~np.isfinite(losses))
        losses = losses[: wrong[0]] if len(wrong) else losses
        first = 0
        while first < len(losses):
            end = ENDS[bisect_right(ENDS, self.step)]
            part = losses[first : first + end - self.step]
            # Sums one after the other, whatever the length of the part; `np.sum` adds pairs.
            self.total = float(np.add.accumulate(np.concatenate(([self.total], part)))[-1])
            self.count += len(part)
            self.step += len(part)
            first += len(part)
            if self.step == end:
                self.steps.append(self.step)
                self.losses.append(self._mean())
                self.total, self.count = 0.0, 0

    def _mean(self) -> float:
        return float(f"{self.total / self.count:.{DIGITS}g}")

    def value(self) -> Curve:
        """The curve as far as it goes; the last mean may be over part of its steps."""
        open_steps, open_losses = ([self.step], [self._mean()]) if self.count else ([], [])
        steps, losses = (*self.steps, *open_steps), (*self.losses, *open_losses)
        return Curve(begins=self.begins, step_tokens=self.step_tokens, steps=steps, losses=losses)
