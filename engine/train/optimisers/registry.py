"""What the training loop sees of an optimiser, and which class implements which word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from scalingdsl.spec.vocabulary.base import Term
from torch import Tensor

from ...registry import Registry
from ..pack_state import State
from ..parameter_layout import Layout
from ..schedule import Array


class Optimiser(Protocol):
    """Updates of the first rows of a pack. A row's update depends on that row alone."""

    def chunk(self, words: Sequence[Any], rates: Array) -> Any:
        """Several steps' numbers, made ready for `step`: rows 0, 1, ... as their declarations `words` say, at rates
        `rates` [S, p]. On a GPU a tensor whose first axis is S.
        """

    def step(self, chunk: Any, at: int) -> Tensor:
        """Clip and update rows 0, 1, ... by the numbers of step `at` of a chunk; gradient norms [p]."""


Maker = Callable[[Layout, State], Optimiser]
_OPTIMISERS: Registry[Maker] = Registry(__package__, missing="nothing here trains with {}")
implements = _OPTIMISERS.implements


def optimiser(word: Term, layout: Layout, state: State) -> Optimiser:
    """The implementation of an optimiser's word, for a pack.

    Raises:
        EngineError: nothing here optimises that way.
    """
    return _OPTIMISERS.of(word)(layout, state)
