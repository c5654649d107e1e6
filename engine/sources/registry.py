"""From a word of the language to what it does.

A new source or graph is one declaration in `spec/vocabulary/` and one file in this folder, whose function is marked
`@implements(Declaration)`; files are found by name, none is listed anywhere.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.graphs import Graph

from .edges import Edges
from .protocol import Stream

Builder = Callable[[Any, Path], Any]
_BUILDERS: dict[type[Term], Builder] = {}


def implements(word: type[Term]) -> Callable[[Builder], Builder]:
    """Registers a function `(term, base) -> Stream` for a source, `-> Edges` for a graph."""

    def register(builder: Builder) -> Builder:
        known = _BUILDERS.setdefault(word, builder)
        assert known is builder, f"two implementations of {word.__name__}"
        return builder

    return register


@cache
def _load() -> None:
    package = importlib.import_module(__package__)
    for module in sorted(m.name for m in pkgutil.iter_modules(package.__path__)):
        importlib.import_module(f"{__package__}.{module}")


def _build(term: Term, base: Path | None) -> Any:
    _load()
    builder = _BUILDERS.get(type(term))
    if builder is None:
        raise EngineError(f"nothing can be drawn from {term.word}(...): it is not a source of training sequences")
    return builder(term, Path() if base is None else base)


@lru_cache(maxsize=4)
def open_source(source: Term, base: Path | None = None) -> Stream:
    """The stream of a source; files are looked for beside `base`. Streams hold no state, so the last few are kept.

    Raises:
        EngineError: the source cannot be built: a bad file, an impossible graph, a word that is no source.
    """
    stream: Stream = _build(source, base)
    return stream


def draw_graph(graph: Graph, base: Path | None = None) -> Edges:
    """The edges of a graph, a function of the declaration alone (and of the file it names)."""
    edges: Edges = _build(graph, base)
    return edges
