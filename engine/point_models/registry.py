"""What solves a family that learns from points: a function `(runs, drawn, seed) -> solutions`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.base import Term

from ..registry import Registry
from ..store.record import Curve


class Solution(NamedTuple):
    """One model's mean squared error on what was held out, and the standard error of that mean: 0 of one over all that
    there could be.
    """

    loss: float
    standard_error: float
    #: Its share of the seconds that it took with others; None where it was solved alone.
    seconds: float | None = None
    #: Other numbers measured, by the names of their quantities, and their standard errors.
    values: Mapping[str, float] = {}
    errors: Mapping[str, float] = {}
    #: Training losses on the way of one that was trained.
    curve: Curve | None = None
    #: The part of the loss that no model could do without, where that is known.
    irreducible: float | None = None
    #: What it was at the marks on its way before the last.
    way: tuple[Solution, ...] = ()


class Solved(NamedTuple):
    """Solutions of runs in their order, worked out as they are asked for; numbers of the data found on the way; and
    what may have moved their last bits.
    """

    solutions: Iterator[Solution]
    facts: Mapping[str, float] = {}
    provenance: Mapping[str, str] = {}


#: Runs of one source, family and seed, what the source drew for the seed, or a stream of sequences, and the seed.
Solver = Callable[[Sequence[Run], Any, int], Solved]
_SOLVERS: Registry[Solver] = Registry(__package__, missing="nothing here solves {}")
implements = _SOLVERS.implements


def solver(model: Term) -> Solver:
    """What solves a family.

    Raises:
        EngineError: nothing here solves such a model.
    """
    return _SOLVERS.of(model)
