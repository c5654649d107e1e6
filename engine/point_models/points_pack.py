"""A pack of solved runs: their data drawn once, then one record after the other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary.identity import digest

from ..pack import Pack
from ..sources.protocol import PointStream
from ..store.record import Measurement, RunRecord
from .registry import Solution, solver


def solve_pack(pack: Pack, source: Any, *, stop: Callable[[], bool] | None = None) -> Iterator[RunRecord]:
    """Solve every run of a pack; each run's record as it is known.

    Args:
        pack: Runs of one family and seed, and of sources that draw the same.
        source: What `open_source` gives for the first of their sources: it draws the data of a seed, or sequences.
        stop: Asked between runs; once true, the iteration ends, and what is left is solved anew another time.

    Raises:
        EngineError: The source draws sequences for training, which no solved model can use.
    """
    run = pack.runs[0]
    if run.on_points and not isinstance(source, PointStream):
        raise EngineError(f"{run.model.word}(...) learns from points, and {run.source.word}(...) draws none")
    begun = time.monotonic()
    drawn = source.draw(run.seed) if run.on_points else source
    solved = solver(run.model)(pack.runs, drawn, run.seed)
    own = source.facts(drawn) if run.on_points else {}
    facts = {name: x for name, x in {**own, **solved.facts}.items() if math.isfinite(x)}
    growth = (time.monotonic() - begun) / len(pack.runs)
    for member in pack.runs:
        if stop is not None and stop():
            return
        begun = time.monotonic()
        solution = next(solved.solutions)
        alone = time.monotonic() - begun
        seconds = growth + (alone if solution.seconds is None else solution.seconds)
        yield RunRecord.of(
            member,
            **_outcome(member, solution),
            facts=facts,
            source_digest=source.digest if member.source == run.source else digest(member.source),
            seconds=seconds,
            pack=pack.key,
            provenance={"device": "cpu", "numpy": np.__version__, **solved.provenance},
        )


def _outcome(run: Run, solution: Solution) -> dict[str, Any]:
    """The measurement, or that there is none, and training losses where there are any."""
    curves = () if solution.curve is None else (solution.curve,)
    if not math.isfinite(solution.loss):
        message = f"its loss is not finite after {run.steps} steps"
        return {"status": "diverged", "message": message, "curves": curves}
    steps, asked = run.marks or (run.steps,), run.asked_marks or (run.asked_tokens,)
    # D is the same all along for a model with a number of samples of its own, and else what its steps were shown.
    made = (*run.asked_marks[:-1], run.n_tokens)
    measured = tuple(_measured(*one) for one in zip(steps, made, asked, (*solution.way, solution), strict=True))
    return {"status": "done", "measurements": measured, "curves": curves}


def _measured(step: int, n_tokens: int, asked: int, solution: Solution) -> Measurement:
    floor = solution.irreducible
    return Measurement(
        step=step,
        n_tokens=n_tokens,
        asked_tokens=asked,
        loss=solution.loss,
        standard_error=solution.standard_error,
        excess_loss=None if floor is None else solution.loss - floor,
        entropy_rate=floor,
        values={name: x for name, x in solution.values.items() if math.isfinite(x)},
        errors=dict(solution.errors),
    )
