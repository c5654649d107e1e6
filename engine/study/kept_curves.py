"""Curves of sources that a study's laws are fitted to or its report draws: computed once, kept beside its results, and
read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scalingdsl.spec.plan.panel_axes import source_axes
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.plan.study_plan import StudyPlan
from scalingdsl.spec.vocabulary.base import REGISTRY, Term
from scalingdsl.spec.vocabulary.quantities import QUANTITIES, curves
from scalingdsl.spec.vocabulary.words.report_blocks import Figures

from ..analysis.cells.curve_cells import asked_of
from ..store.results_folder import Store

#: Tokens looked at for a curve, at least and at most: students of a source read no fewer anyway.
FEWEST, MOST = 2**18, 2**22


def wanted_of(plan: StudyPlan) -> tuple[str, ...]:
    """Curves that a study's laws are fitted to, or that blocks of its report draw, in order."""
    asked, blocks = asked_of(plan), (REGISTRY.get(name) for name in plan.report)
    drawn = {block.along for block in blocks if block is not None and issubclass(block, Figures)}
    return tuple(name for name in curves() if name in asked or QUANTITIES[name].along in drawn)


def keep_curves(store: Store, plan: StudyPlan, source: Term, longest: int, base: Path) -> None:
    """Compute what the study asks for of a source and is not kept yet.

    Args:
        store: The results folder.
        plan: The study.
        source: The source.
        longest: Tokens that the study's longest run reads of it.
        base: The study's directory.
    """
    has = getattr(source, "curves", ())
    asked = [name for name in wanted_of(plan) if name in has]
    missing = [name for name in asked if name not in store.source_curves(source)] if asked else []
    if not missing:
        return
    from ..sources import open_source
    from ..sources.curves import curve_of

    stream = open_source(source, base)
    tokens = min(max(longest, FEWEST), MOST)
    store.keep_source_curves(source, {name: curve_of(name, stream, tokens).to_json() for name in missing})


def stored_curves(store: Store, plan: StudyPlan, runs: Sequence[Run]) -> tuple[dict[str, Any], ...]:
    """Curves of each source of `runs`, with its place on the axes that move sources."""
    if not wanted_of(plan) or not runs:
        return ()
    axes = source_axes(runs, plan)
    found = []
    for source, run in {run.source: run for run in runs}.items():
        kept, known = store.source_curves(source), store.statistics(source) or {}
        place = [(axis, value) for axis, value in run.point if axis in axes]
        found.append({"point": place, "curves": kept, "entropy_rate": known.get("entropy_rate")})
    return tuple(found)
