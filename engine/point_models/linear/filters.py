"""What an optimiser leaves of a linear model's error, direction by direction: a function `(term, run) -> filters`.

Directions are those in which the features of the samples vary independently, and x is how much they do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.base import Term

from ...registry import Registry

#: Numbers, real or complex.
Numbers = NDArray[Any]


class Filter(Protocol):
    """A function of x, given by what it leaves of the error."""

    def left(self, x: Numbers) -> Numbers:
        """Share of the error that is left; without bound where steps are too long."""

    def gain(self, x: Numbers) -> Numbers:
        """The share that is learnt, over x."""


#: An optimiser and a run of it, to the filter at its end and at every mark on its way.
Filters = Callable[[Any, Run], tuple[Filter, ...]]
_FILTERS: Registry[Filters] = Registry(__package__, missing="{} has no closed form on linear models")
implements = _FILTERS.implements


def filters(run: Run) -> tuple[Filter, ...]:
    """Those of a run, by its optimiser."""
    term: Term = run.optimiser
    return _FILTERS.of(term)(term, run)
