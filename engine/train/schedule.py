"""Learning-rate schedules in closed form: the multiple of the peak rate at any step of any horizon.

Steps count from 0. Warm-up is linear: (t + 1) / w at step t < w. A cosine or a decay ends *after* the last step, so
that no step is spent at rate zero; a schedule shorter than its warm-up never reaches its peak (a coded warning of the
report).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.words.training import Constant, Cosine, Schedule, Warmup, WarmupStableDecay

Array = NDArray[np.float64]


def decay_steps(schedule: WarmupStableDecay, steps: int) -> int:
    """Steps of the final decay of a run of `steps` steps; at least one."""
    return min(steps, max(1, round(schedule.decay * steps)))


def rates(schedule: Schedule, warmup: int, steps: int, at: NDArray[np.int64]) -> Array:
    """Multiples of the peak rate at steps `at` of a run of `steps` steps, `warmup` of them warm-up; shape as `at`."""
    t = at.astype(np.float64)
    warm = np.minimum(1.0, (t + 1) / warmup) if warmup else np.ones_like(t)
    match schedule:
        case Constant():
            return warm
        case Cosine():
            progress = np.clip((t - warmup) / max(1, steps - warmup), 0.0, 1.0)
            return warm * (schedule.final + (1 - schedule.final) * 0.5 * (1 + np.cos(np.pi * progress)))
        case WarmupStableDecay():
            return warm * np.minimum(1.0, (steps - t) / decay_steps(schedule, steps))
        case _:
            raise EngineError(f"no implementation of the schedule {schedule.word}(...)")


def branch_step(schedule: Schedule, mark: int) -> int | None:
    """The step at which a run that is to end at `mark` leaves the trunk, or None where the trunk itself passes through.

    Under `wsd` every mark is the end of a decay of its own; under any other schedule a mark is a point on the way.
    """
    if isinstance(schedule, WarmupStableDecay):
        return mark - decay_steps(schedule, mark)
    return None


def warmup_steps(warmup: Warmup, steps: int) -> int:
    """Warm-up steps of a run of `steps` steps."""
    return warmup.of(steps)
