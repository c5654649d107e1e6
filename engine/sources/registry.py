"""What sources and graphs are built by: functions `(term, base) -> Stream`, or `-> Edges` for a graph."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from scalingdsl.spec.vocabulary.base import Term
from scalingdsl.spec.vocabulary.words.graphs import Graph

from ..registry import Registry
from .protocol import Stream

Builder = Callable[[Any, Path], Any]
_BUILDERS: Registry[Builder] = Registry(
    "scalingdsl.engine.sources",
    "scalingdsl.engine.teachers",
    missing="nothing can be drawn from {}: it is not a source of training sequences",
)
implements = _BUILDERS.implements


def _build(term: Term, base: Path | None) -> Any:
    return _BUILDERS.of(term)(term, Path() if base is None else base)


@lru_cache(maxsize=4)
def open_source(source: Term, base: Path | None = None) -> Stream:
    """The stream of a source; files are looked for beside `base`. Streams hold no state, so the last few are kept.

    Raises:
        EngineError: the source cannot be built: a bad file, an impossible graph, a word that is no source.
    """
    stream: Stream = _build(source, base)
    return stream


def open_anew(source: Term, base: Path | None = None) -> Any:
    """The same of one source among thousands, which are not worth keeping."""
    return _build(source, base)


def draw_graph(graph: Graph, base: Path | None = None) -> Any:
    """The edges of a graph, or what else a walk goes on, a function of the declaration (and of the file it names)."""
    return _build(graph, base)
