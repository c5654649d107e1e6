"""Blocks that `report` can add to the parts of every report: one file a block, found by name.

A block with nothing to draw is a section that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from scalingdsl.spec.vocabulary.base import REGISTRY, Word
from scalingdsl.spec.vocabulary.words.report_blocks import Figures

from ...registry import Registry
from ..report_model import Section
from ..study_view import View

Builder = Callable[[View], Section]
_BUILDERS: Registry[Builder] = Registry(__name__, missing="no block of the report is called {}")
implements = _BUILDERS.implements


def block_words() -> list[str]:
    """The words of all blocks."""
    return [name for name, word in REGISTRY.items() if issubclass(word, Figures)]


def blocks(view: View, words: Iterable[str]) -> tuple[Section, ...]:
    """The sections of the blocks requested, in that order; words that are no such block are passed over."""
    known = block_words()
    return tuple(_BUILDERS.of(REGISTRY[word])(view) for word in words if word in known)


def file_name(word: type[Word], ending: str = "") -> str:
    """The name of a block's figure: its word, with hyphens."""
    return word.word.replace("_", "-") + ending
