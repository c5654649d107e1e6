"""What a study's sources have to say of themselves, such as nodes left out of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scalingdsl.spec.plan import Run

#: Sources that are built to be asked; a study of more of them is told the rest as it trains.
_ASKED = 8


def source_notes(runs: Sequence[Run], base: Path) -> list[str]:
    """Each note once, in the order of the sources."""
    if not runs:
        return []
    from ..sources import open_source

    sources = list(dict.fromkeys(run.source for run in runs))[:_ASKED]
    return list(dict.fromkeys(note for source in sources for note in open_source(source, base).notes))
