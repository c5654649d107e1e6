"""From a family that is solved to what solves it. A family is one file in this folder, marked `@implements(Family)`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.base import Term


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
_SOLVERS: dict[type[Term], Solver] = {}


def implements(word: type[Term]) -> Callable[[Solver], Solver]:
    """Registers a function `(models, drawn, seed) -> solutions` as the solver of a family."""

    def register(solver: Solver) -> Solver:
        known = _SOLVERS.setdefault(word, solver)
        assert known is solver, f"two implementations of {word.__name__}"
        return solver

    return register


@cache
def _load() -> None:
    package = importlib.import_module(__package__)
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{__package__}.{module}")


def solver(model: Term) -> Solver:
    """What solves a family.

    Raises:
        EngineError: nothing here solves such a model.
    """
    _load()
    found = _SOLVERS.get(type(model))
    if found is None:
        raise EngineError(f"nothing here solves {model.word}(...)")
    return found
