"""Members of a pack: a member is one row's worth of training; a trajectory is all the members that one run's record
needs.

An ordinary run is a trajectory of one member. A path (`tokens along [..]`) under `wsd` is a trunk, and for each mark a
branch that leaves it where the mark's own decay would begin and ends at the mark. A branch is, bit for bit, the run
that would have been trained to that mark alone with the same warm-up: it reads the same data at the same steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.training import GradientOptimiser, Schedule

from ..store.record import ByPosition, Curve, Measurement
from .loss_curve import LossCurve
from .pack_state import Snapshot
from .schedule import Array, branch_step, rates, warmup_steps


@dataclass
class Trajectory:
    """One run on its way to a record."""

    run: Run
    #: Step -> what was measured there.
    measured: dict[int, Measurement] = field(default_factory=dict)
    #: Step -> losses by position there, where they are asked for.
    positions: dict[int, ByPosition] = field(default_factory=dict)
    #: Training losses of each member, by the step at which it ends.
    curves: dict[int, LossCurve] = field(default_factory=dict)
    #: Members not yet ended.
    open: int = 1
    #: Seconds charged so far, and seconds in which any member was trained or evaluated.
    seconds: float = 0.0
    wall: float = 0.0
    #: Why its members diverged, those that did.
    troubles: list[str] = field(default_factory=list)
    #: Numerics modes, beside that of this process, that a part of it was trained in.
    mixed: list[str] = field(default_factory=list)

    def measurements(self) -> tuple[Measurement, ...]:
        """Ascending by step."""
        return tuple(self.measured[step] for step in sorted(self.measured))

    def by_position(self) -> tuple[ByPosition, ...]:
        """Ascending by step."""
        return tuple(self.positions[step] for step in sorted(self.positions))

    def losses(self) -> tuple[Curve, ...]:
        """Training losses, those of the trunk first, then those of branches by where they end."""
        ends = sorted(self.curves, key=lambda end: (end != self.run.steps, end))
        return tuple(self.curves[end].value() for end in ends if self.curves[end].step > self.curves[end].begins)


@dataclass
class Member:
    """One row's worth of training: from `step` to `steps`."""

    trajectory: Trajectory
    #: Step at which it ends, and to which its schedule is drawn.
    steps: int
    step: int = 0
    branch: bool = False
    #: State to begin from; None begins from the run's seed.
    start: Snapshot | None = None
    #: Loss of the last step trained, in nats a token.
    loss: float = float("nan")
    #: Why it cannot go on, once it cannot.
    trouble: str = ""

    @property
    def run(self) -> Run:
        """The run it trains for."""
        return self.trajectory.run

    @property
    def optimiser(self) -> GradientOptimiser:
        """Its declaration, which every row has of its own."""
        return self.run.stepping

    @property
    def name(self) -> str:
        """Name of its checkpoint."""
        return f"{self.run.key}.{self.steps}" if self.branch else self.run.key

    @property
    def curve(self) -> LossCurve:
        """Its training losses so far."""
        if self.steps not in self.trajectory.curves:
            tokens = self.run.n_tokens // self.run.steps
            self.trajectory.curves[self.steps] = LossCurve(tokens, self.step, self.step)
        return self.trajectory.curves[self.steps]

    @property
    def left(self) -> int:
        """Steps still to train."""
        return self.steps - self.step

    @property
    def due(self) -> bool:
        """True if it is to be measured at its present step."""
        return not self.trouble and (self.step == self.steps or self.step in self.stations())

    def next_event(self) -> int:
        """The next step at which something is to be done with it: a measurement, a branch, the end."""
        if self.branch:
            return self.steps
        return min(
            (e for e in (*self.branch_points(), *self.stations(), self.steps) if e > self.step), default=self.steps
        )

    def branch_points(self) -> dict[int, tuple[int, ...]]:
        """Step -> marks whose branches leave the trunk there."""
        points: dict[int, tuple[int, ...]] = {}
        if not self.branch:
            for mark in self.run.marks[:-1]:
                step = branch_step(self.optimiser.schedule, mark)
                if step is not None:
                    points[step] = (*points.get(step, ()), mark)
        return points

    def stations(self) -> tuple[int, ...]:
        """Marks at which the member itself is measured on its way."""
        if self.branch:
            return ()
        return tuple(m for m in self.run.marks[:-1] if branch_step(self.optimiser.schedule, m) is None)

    @cached_property
    def horizon(self) -> tuple[Schedule, int, int]:
        """What its rates are a function of beside the step and the peak: schedule, warm-up steps, steps."""
        return self.optimiser.schedule, warmup_steps(self.optimiser.warmup, self.run.steps), self.steps

    def rates(self, count: int) -> Array:
        """Learning rates of its next `count` steps."""
        return rates_of([self], count)[:, 0]


def rates_of(members: Sequence[Member], count: int, after: int = 0) -> Array:
    """Learning rates of `count` steps of each member, `after` steps from now, [S, p]; members at one step of one
    schedule share them.

    A pack's rows differ in seeds and peaks more than in schedules, and on a GPU a chunk of steps of a thousand rows is
    over sooner than a thousand schedules are worked out.
    """
    shapes: dict[tuple[tuple[Schedule, int, int], int], Array] = {}
    for member in members:
        place = member.horizon, member.step
        if place not in shapes:
            _, warmup, steps = member.horizon
            at = np.arange(count) + member.step + after
            shapes[place] = rates(member.optimiser.schedule, warmup, steps, at)
    peaks = np.array([member.optimiser.lr for member in members])
    return peaks * np.stack([shapes[member.horizon, member.step] for member in members], axis=1)
