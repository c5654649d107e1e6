"""Power analysis of a planned grid: intervals of a law in N and D before anything is trained, and a better grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scalingdsl.spec.errors import UsageError
from scalingdsl.spec.plan.run_grid import REPEATED, Run
from scalingdsl.spec.plan.study_plan import StudyPlan

from ..fits.core.fit_result import Array
from ..fits.selection.power_analysis import Grid, better_grid, expected_widths

#: Exponents assumed where none are given; as language models have them.
EXPONENTS = {"alpha": 0.35, "beta": 0.37}
#: Share of the irreducible loss that each term is assumed to add in the smallest cell.
SMALLEST_SHARE = 0.4
#: Cells that a five-parameter law needs before its intervals can be foretold.
MIN_CELLS = 6


@dataclass(frozen=True)
class Foretold:
    """Predicted intervals of a study's grid, their assumptions, and those of the best grid of its price."""

    #: Standard deviation of log loss from run to run, and how many runs are averaged in a cell.
    noise: float
    repeats: int
    assumed: dict[str, float]
    widths: dict[str, float]
    better: Grid | None
    better_widths: dict[str, float]


def foretell(plan: StudyPlan, runs: Sequence[Run], noise: float, given: Mapping[str, float]) -> Foretold:
    """Widths of the 95 % intervals of a chinchilla fit to the study's largest panel.

    Args:
        plan: The study.
        runs: Its runs.
        noise: Standard deviation of log loss from run to run.
        given: Parameters of the law assumed; exponents alone suffice.

    Raises:
        UsageError: The grid cannot carry a law in N and D.
    """
    cells, repeats = largest_panel(plan, runs)
    if len(cells) < MIN_CELLS or any(len({c[i] for c in cells}) < 3 for i in (0, 1)):
        raise UsageError("--design foretells a law in N and D: it needs three or more of each, in six or more cells")
    n, d = (np.array([c[i] for c in cells], dtype=np.float64) for i in (0, 1))
    assumed = assumption(n, d, given)
    of_cell = noise / repeats**0.5
    expected = expected_widths({"N": n, "D": d}, of_cell, params=assumed)
    whole = Grid(tuple(sorted(set(n.tolist()))), tuple(sorted(set(d.tolist()))))
    if len(cells) != len(whole.n) * len(whole.d):
        return Foretold(noise, repeats, assumed, expected, None, {})
    better = better_grid(whole, of_cell, params=assumed)
    if better == whole:
        return Foretold(noise, repeats, assumed, expected, None, {})
    widths = expected_widths(better.variables(), of_cell, params=assumed)
    return Foretold(noise, repeats, assumed, expected, better, widths)


def largest_panel(plan: StudyPlan, runs: Sequence[Run]) -> tuple[list[tuple[int, int]], int]:
    """N and asked D of each cell of the panel with most cells, and how many seeds every cell averages.

    Tuned values are one cell, and so are replicates; the points along a run's way are cells of their own.
    """
    apart = [name for axis in plan.axes if axis.role == "panel" or axis.named for name in axis.names]
    again = [name for axis in plan.axes if axis.role in REPEATED for name in axis.names]
    panels: dict[tuple[object, ...], dict[tuple[int, int], set[object]]] = {}
    for run in runs:
        cells = panels.setdefault(tuple(run.value(name) for name in apart), {})
        for tokens in run.asked_marks or (run.asked_tokens,):
            cells.setdefault((run.n_total, tokens), set()).add(tuple(run.value(name) for name in again))
    largest = max(panels.values(), key=len, default={})
    return list(largest), min((len(seeds) for seeds in largest.values()), default=1)


def assumption(n: Array, d: Array, given: Mapping[str, float]) -> dict[str, float]:
    """A whole law from what is given: exponents as of language models, terms that are sizeable in the smallest cell."""
    law = {"E": 1.0, **EXPONENTS, **given}
    law.setdefault("A", SMALLEST_SHARE * law["E"] * float(np.min(n)) ** law["alpha"])
    law.setdefault("B", SMALLEST_SHARE * law["E"] * float(np.min(d)) ** law["beta"])
    return law
