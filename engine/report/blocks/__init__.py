"""Blocks that `report` can add to the parts of every report: one file a block, found by name.

A block with nothing to draw is a section that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from scalingdsl.spec.vocabulary.base import Word

from ...registry import Registry
from ..report_model import Section
from ..study_view import View

Builder = Callable[[View], Section]
_BUILDERS: Registry[Builder] = Registry(__name__, missing="no block of the report is called {}")
implements = _BUILDERS.implements


@cache
def builders() -> dict[str, Builder]:
    """Every block's function by the block's word."""
    return {declared.word: builder for declared, builder in _BUILDERS.all().items()}


def blocks(view: View, words: Iterable[str]) -> tuple[Section, ...]:
    """The sections of the blocks requested, in that order; words that are no such block are passed over."""
    return tuple(builders()[word](view) for word in words if word in builders())


def file_name(word: type[Word], ending: str = "") -> str:
    """The name of a block's figure: its word, with hyphens."""
    return word.word.replace("_", "-") + ending
