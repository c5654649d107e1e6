"""A pack of solved runs: their data drawn once, then one record after the other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scalingdsl.spec.errors import EngineError
from scalingdsl.spec.plan import Run

from ..packing import Pack
from ..record import Measurement, RunRecord, described
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
    if not hasattr(source, "draw"):
        raise EngineError(f"{run.model.word}(...) learns from points, and {run.source.word}(...) draws none")
    begun = time.monotonic()
    drawn = source.draw(run.seed)
    solved = solver(run.model)([r.model for r in pack.runs], drawn, run.seed)
    facts = {name: x for name, x in {**source.facts(drawn), **solved.facts}.items() if math.isfinite(x)}
    growth = (time.monotonic() - begun) / len(pack.runs)
    for member in pack.runs:
        if stop is not None and stop():
            return
        begun = time.monotonic()
        solution = next(solved.solutions)
        seconds = growth + time.monotonic() - begun
        yield _record(member, solution, facts, pack.key, seconds, source.digest)


def _record(run: Run, solution: Solution, facts: dict[str, float], pack: str, seconds: float, digest: str) -> RunRecord:
    measured = Measurement(
        step=run.steps,
        n_tokens=run.n_tokens,
        asked_tokens=run.asked_tokens,
        loss=solution.loss,
        standard_error=solution.standard_error,
    )
    return RunRecord(
        key=run.key,
        status="done",
        measurements=(measured,),
        run=described(run),
        n_total=run.n_total,
        n_body=run.n_body,
        flops=run.flops,
        flops_6nd=run.flops_6nd,
        facts=facts,
        source_digest=digest,
        seconds=seconds,
        pack=pack,
        provenance={"device": "cpu", "numpy": np.__version__},
    )
