"""A pack of solved runs: their data drawn once, then one record after the other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan.run_grid import Run

from ..pack import Pack
from ..sources.protocol import PointStream
from ..store.record import Measurement, RunRecord
from .registry import Solution, solver


def solve_pack(pack: Pack, source: Any, *, stop: Callable[[], bool] | None = None) -> Iterator[RunRecord]:
    """Solve every run of a pack; each run's record as it is known.

    Args:
        pack: Runs of one source, family and seed.
        source: What `open_source` gives for the source: it draws the data of a seed.
        stop: Asked between runs; once true, the iteration ends, and what is left is solved anew another time.

    Raises:
        EngineError: The source draws sequences for training, which no solved model can use.
    """
    run = pack.runs[0]
    if not isinstance(source, PointStream):
        raise EngineError(f"{run.model.word}(...) learns from points, and {run.source.word}(...) draws none")
    begun = time.monotonic()
    drawn = source.draw(run.seed)
    solved = solver(run.model)(pack.runs, drawn, run.seed)
    facts = {name: x for name, x in {**source.facts(drawn), **solved.facts}.items() if math.isfinite(x)}
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
            source_digest=source.digest,
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
    measured = Measurement(
        step=run.steps,
        n_tokens=run.n_tokens,
        asked_tokens=run.asked_tokens,
        loss=solution.loss,
        standard_error=solution.standard_error,
        values=dict(solution.values),
        errors=dict(solution.errors),
    )
    return {"status": "done", "measurements": (measured,), "curves": curves}
