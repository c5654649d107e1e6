"""What `report` can ask for beside the parts that every report has: one file a block, found by name.

A new block is one declaration in `spec/vocabulary/blocks.py` and one file in this folder, whose function is marked
`@implements(Declaration)`. A block with nothing to draw is a section that says why.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache

from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.blocks import Figures

from ..model import Section
from ..view import View

Builder = Callable[[View], Section]
_BUILDERS: dict[str, Builder] = {}


def implements(word: type[Figures]) -> Callable[[Builder], Builder]:
    """Registers the function that makes a block's section."""

    def register(builder: Builder) -> Builder:
        known = _BUILDERS.setdefault(word.word, builder)
        assert known is builder, f"two implementations of {word.word}"
        return builder

    return register


@cache
def builders() -> dict[str, Builder]:
    """Every block's function by the block's word."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return _BUILDERS


def blocks(view: View, asked: Iterable[str]) -> tuple[Section, ...]:
    """The sections of the blocks asked for, in that order; words that are no such block are passed over."""
    return tuple(builders()[word](view) for word in asked if word in builders())


def file_name(word: type[Term], ending: str = "") -> str:
    """The name of a block's figure: its word, with hyphens."""
    return word.word.replace("_", "-") + ending
