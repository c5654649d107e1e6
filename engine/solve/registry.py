"""What solves a family that is not trained: a function `(models, drawn, seed) -> solutions`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scalingdsl.spec.vocabulary.base import Term

from ..registry import Registry


class Solution(NamedTuple):
    """One model's mean squared error on what was held out, and the standard error of that mean."""

    loss: float
    standard_error: float


class Solved(NamedTuple):
    """Solutions of models in their order, worked out as they are asked for; numbers of the data found on the way."""

    solutions: Iterator[Solution]
    facts: Mapping[str, float] = {}


#: Models, what a source drew for a seed, and the seed.
Solver = Callable[[Sequence[Any], Any, int], Solved]
_SOLVERS: Registry[Solver] = Registry(__package__, "nothing here solves {}")
implements = _SOLVERS.implements


def solver(model: Term) -> Solver:
    """What solves a family.

    Raises:
        EngineError: nothing here solves such a model.
    """
    return _SOLVERS.of(model)
