"""Numbers measured of a model beside its loss, in every evaluation: one file each, found by itself.

A number is declared as a `Quantity` with `evaluated=True` (`spec/vocabulary/quantities.py`); what measures it is marked
`@measures("its name")`, here or in the module that another package's entry point names.

Losses by position in a sequence, which an evaluation has where a study asks for them, stand in `loss_by_position`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from scalingdsl.spec.vocabulary.quantities import names
from torch import Tensor

from ...registry import ByQuantity

#: From logits [n, V] of n contexts, and next tokens [n, K] with their probabilities (one token of probability 1 where
#: the law is not known; padded with 0), a number of each context, float64 [n]. It is averaged as the loss is.
Measure = Callable[[Tensor, Tensor, Tensor], Tensor]
_MEASURES: ByQuantity[Measure] = ByQuantity(__name__, missing="nothing here measures {}")
measures = _MEASURES.computes


@cache
def all_measures() -> Mapping[str, Measure]:
    """The measure of every quantity that evaluations give, in the order of their declarations.

    Raises:
        EngineError: Nothing here measures one of them.
    """
    return {name: _MEASURES.of(name) for name in names(evaluated=True)}
