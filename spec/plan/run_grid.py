"""The part of a plan that its runs follow from: axes, alternatives, definitions, conditions; and a `Run`.

Templates are canonical text of the language, with every `let` put in and axis names left free. `expand.py` turns them
and the axes into `Run` values, one at a time; a `Run` is all that training one model needs.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SerializeAsAny

from ..vocabulary.base import Frozen, Scalar
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import SequenceSource, Source
from ..vocabulary.words.training import GradientOptimiser, Optimiser

FORMAT_VERSION = 1

Role = Literal["sweep", "tune", "panel", "replicate", "median"]
#: Roles of axes of seeds, whose runs repeat one setting.
REPEATED = ("replicate", "median")
#: Roles of axes that cells are reduced over, and what is done with them.
REDUCED = {"tune": "tuned", "replicate": "averaged", "median": "one of which the median is taken"}


class PlanAxis(Frozen):
    """One axis of the grid; several names for axes that move together."""

    names: tuple[str, ...]
    role: Role = "sweep"
    #: One tuple a point, one value a name.
    points: tuple[tuple[Scalar, ...], ...]
    #: Whether the values are names or labels, never numbers a law can see.
    named: bool = False
    #: Whether the points lie along one run's way (`tokens along [..]`) in every alternative that has the axis.
    along: bool = False
    #: Label -> what it stands for, in canonical text: (("small", "128"),), (("er(n=64, p=0.1)", "er(n=64, p=0.1)"),).
    values: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The axis's name; members of a joint axis are joined by `&`."""
        return "&".join(self.names)


class Alternative(Frozen):
    """One value of `data`, `models` or `train`: a call in canonical text, axis names free."""

    label: str
    call: str
    #: Axes (by name) that multiply this alternative; an axis of another alternative does not.
    axes: tuple[str, ...] = ()
    #: Points of an axis where this alternative has fewer than the axis: (("lr", ((0.001,), (0.01,))),).
    points: tuple[tuple[str, tuple[tuple[Scalar, ...], ...]], ...] = ()
    #: Axes whose points lie along one run's way here.
    along: tuple[str, ...] = ()


class RunGrid(Frozen):
    """Axes and templates; a `StudyPlan` adds what is asked of the results."""

    format_version: int = FORMAT_VERSION
    title: str = ""
    axes: tuple[PlanAxis, ...]
    data: tuple[Alternative, ...]
    models: tuple[Alternative, ...]
    train: tuple[Alternative, ...]
    #: Quantities the study defines beside parameters: (("tokens", "20*N"),).
    definitions: tuple[tuple[str, str], ...] = ()
    #: Conditions on cells, canonical text, all of which hold for every run.
    where: tuple[str, ...] = ()


class Run(Frozen):
    """One model to train: everything that decides its numbers, and what is known of it in closed form."""

    #: Digest of what decides the numbers.
    key: str
    #: Axis name -> value for the axes that apply to this run; joint axes one entry a name.
    point: tuple[tuple[str, Scalar], ...]
    source: SerializeAsAny[Source]
    model: SerializeAsAny[Family]
    optimiser: SerializeAsAny[Optimiser]
    seed: int = Field(ge=0)
    #: Optimiser steps, and the tokens they take: steps x batch x length. A model that is not trained takes one, and has
    #: 0 for whichever of its sizes has no end.
    steps: int = Field(ge=1)
    n_tokens: int = Field(ge=0)
    #: D as the study asked for it, before rounding to whole steps.
    asked_tokens: int = Field(ge=0)
    #: Steps at which a path (`along`) is measured, ascending, the last one `steps`; empty for an ordinary run.
    marks: tuple[int, ...] = ()
    #: D as the study asked for it at each mark.
    asked_marks: tuple[int, ...] = ()
    #: Parameters: total, and without vocabulary-by-width matrices.
    n_total: int
    n_body: int
    #: Exact matmul FLOPs of training, and 6 N D.
    flops: float
    flops_6nd: float

    @property
    def on_points(self) -> bool:
        """True where its model learns from points that are drawn once for all models of its seed."""
        return self.model.learns_from == "points"

    @property
    def by_solver(self) -> bool:
        """True where its model is not trained on sequences, step by step, but solved for, or trained, on what is there
        from the first.
        """
        return self.on_points or not self.model.trained

    @property
    def elsewhere(self) -> bool:
        """True where a trainer of the person's own trains its model."""
        return self.model.learns_from == "elsewhere"

    @property
    def takes_steps(self) -> bool:
        """True where its model takes an optimiser's steps."""
        return self.model.trained and self.optimiser.takes_steps

    @property
    def stepping(self) -> GradientOptimiser:
        """The optimiser of a run whose model is trained."""
        assert isinstance(self.optimiser, GradientOptimiser), f"{self.optimiser.word} takes no steps"
        return self.optimiser

    @property
    def sequences(self) -> SequenceSource:
        """The source of a run whose model learns from sequences."""
        assert isinstance(self.source, SequenceSource), f"{self.source.word} gives no sequences"
        return self.source

    def value(self, axis: str) -> Scalar | None:
        """This run's value on an axis, or None where the axis does not apply."""
        return dict(self.point).get(axis)
