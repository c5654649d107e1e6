"""What the training loop sees of an optimiser, and which class implements which word."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Protocol, TypeVar

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.base import Term
from torch import Tensor

from ..layout import Layout
from ..schedule import Array
from ..state import State


class Optimiser(Protocol):
    """Updates of the first rows of a pack. A row's update depends on that row alone."""

    def chunk(self, words: Sequence[Any], rates: Array) -> Any:
        """Several steps' numbers, made ready for `step`: rows 0, 1, ... as their declarations `words` say, at rates
        `rates` [S, p]. On a GPU a tensor whose first axis is S.
        """

    def step(self, chunk: Any, at: int) -> Tensor:
        """Clip and update rows 0, 1, ... by the numbers of step `at` of a chunk; gradient norms [p]."""


Maker = Callable[[Layout, State], Optimiser]
M = TypeVar("M", bound=Callable[..., Any])
_OPTIMISERS: dict[type[Term], Maker] = {}


def implements(word: type[Term]) -> Callable[[M], M]:
    """Registers a class `(layout, state)` as the optimiser of a declaration."""

    def register(maker: M) -> M:
        known = _OPTIMISERS.setdefault(word, maker)
        assert known is maker, f"two implementations of {word.__name__}"
        return maker

    return register


@cache
def _load() -> None:
    package = importlib.import_module(__package__)
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{__package__}.{module}")


def optimiser(word: Term, layout: Layout, state: State) -> Optimiser:
    """The implementation of an optimiser's word, for a pack.

    Raises:
        EngineError: nothing here optimises that way.
    """
    _load()
    maker = _OPTIMISERS.get(type(word))
    if maker is None:
        raise EngineError(f"nothing here trains with {word.word}(...)")
    return maker(layout, state)
