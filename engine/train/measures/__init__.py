"""Numbers measured of a model beside its loss, in every evaluation: one file each, found by itself.

A number is declared as a `Quantity` with `evaluated=True` (`spec/vocabulary/quantities.py`); what measures it is marked
`@measures("its name")`, here or in the module that another package's entry point names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.plugins import implementation
from scalingdsl.spec.vocabulary.quantities import names
from torch import Tensor

#: From logits [n, V] of n contexts, and next tokens [n, K] with their probabilities (one token of probability 1 where
#: the law is not known; padded with 0), a number of each context, float64 [n]. It is averaged as the loss is.
Measure = Callable[[Tensor, Tensor, Tensor], Tensor]
_FOUND: dict[str, Measure] = {}


def measures(name: str) -> Callable[[Measure], Measure]:
    """Registers what is decorated as the measure of a quantity."""

    def register(measure: Measure) -> Measure:
        assert _FOUND.setdefault(name, measure) is measure, f"two measures of {name}"
        return measure

    return register


@cache
def all_measures() -> Mapping[str, Measure]:
    """The measure of every quantity that evaluations give, in the order of their declarations.

    Raises:
        EngineError: Nothing here measures one of them.
    """
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    found: dict[str, Measure] = {}
    for name in names(evaluated=True):
        if name not in _FOUND:
            implementation(name)
        if name not in _FOUND:
            raise EngineError(f"nothing here measures `{name}`")
        found[name] = _FOUND[name]
    return found
