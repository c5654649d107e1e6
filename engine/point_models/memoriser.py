"""`memoriser(samples)` on items: the share of questions whose answer it has not met among D draws.

Draws of items that were met before teach nothing, so that only how many there are is drawn: of each stage of draws the
number that falls on new items, which ones, and where in the stage. The stages are the same for all D: of more draws a
memoriser has seen all that it has of fewer.

In the mean over draws the error is the sum over items of p (1 - q)^D, q being the law that is drawn from.

Axes: i item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.words.memorising import Memoriser

from ..sources.points.items import Items
from ..sources.seeded import generators
from .registry import Solution, Solved, implements

Floats = NDArray[np.float64]

#: Draws of the first stage, and how many times as many there are after each next one.
FIRST, TIMES = 1024, 4
#: Stream of role "data" that is remembered.
REMEMBERED = 0

#: Sums of laws that are the same for every seed, by source and D: workers meet them seed after seed.
_known: dict[tuple[Any, int], float] = {}


@implements(Memoriser)
def memoriser(runs: Sequence[Run], drawn: Items, seed: int) -> Solved:
    """Share of questions whose answer is not known."""
    return Solved(_solutions(runs, drawn, seed))


def _solutions(runs: Sequence[Run], drawn: Items, seed: int) -> Iterator[Solution]:
    samples = [run.model.n_samples for run in runs]
    found = errors(drawn, samples, next(generators(seed, "data", REMEMBERED)))
    for run, n in zip(runs, samples):
        yield Solution(found[n], 0.0, values={"theory": _theory(run, drawn, n)})


def _theory(run: Run, drawn: Items, samples: int) -> float:
    if not drawn.fixed:
        return expected(drawn, samples)
    key = run.source, samples
    if key not in _known:
        _known[key] = expected(drawn, samples)
    return _known[key]


def expected(drawn: Items, samples: int) -> float:
    """Sum over items of p (1 - q)^D."""
    there = drawn.drawn > 0
    lost = float(np.sum(drawn.asked[~there])) if not np.all(there) else 0.0
    p, q = (drawn.asked, drawn.drawn) if not lost else (drawn.asked[there], drawn.drawn[there])
    with np.errstate(divide="ignore"):
        return lost + float(p @ np.exp(samples * np.log1p(-np.minimum(q, 1.0))))


def errors(drawn: Items, samples: Sequence[int], random: np.random.Generator) -> dict[int, float]:
    """The error after each number of draws."""
    wanted = sorted(set(samples))
    left = np.flatnonzero(drawn.drawn)
    unknown = 1.0
    found: dict[int, float] = {}
    begin, size = 0, FIRST
    while wanted:
        below = np.cumsum(drawn.drawn[left])
        mass = float(below[-1]) if len(below) else 0.0
        new = int(random.binomial(size, min(mass, 1.0)))
        places = begin + np.sort(random.choice(size, new, replace=False, shuffle=False))
        chosen = np.minimum(np.searchsorted(below, random.random(new) * mass, side="right"), len(left) - 1)
        # Of an item that is drawn several times only the first counts.
        chosen, at = np.unique(chosen, return_index=True)
        learnt = np.zeros(new)
        learnt[at] = drawn.asked[left[chosen]]
        known = np.concatenate([[0.0], np.cumsum(learnt)])
        while wanted and wanted[0] <= begin + size:
            n = wanted.pop(0)
            found[n] = max(unknown - float(known[np.searchsorted(places, n, side="left")]), 0.0)
        unknown -= float(known[-1])
        left = np.delete(left, chosen)
        begin, size = begin + size, (TIMES - 1) * (begin + size)
    return found
