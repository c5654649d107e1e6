"""Small plans and records for tests of what surrounds training."""

from __future__ import annotations

from scalingdsl.engine.store.record import Measurement, RunRecord, Status
from scalingdsl.spec.plan.run_grid import Alternative
from scalingdsl.spec.plan.study_plan import ClaimText, StudyPlan


def study_plan(title: str = "", claims: tuple[str, ...] = ()) -> StudyPlan:
    """A plan without axes."""
    return StudyPlan(
        title=title,
        axes=(),
        data=(Alternative(label="", call="walk(er(n=64, p=0.1), length=8)"),),
        models=(Alternative(label="", call="transformer(width=16)"),),
        train=(Alternative(label="", call="adamw()"),),
        claims=tuple(ClaimText(test=test) for test in claims),
    )


def record(key: str, *, loss: float = 2.5, status: Status = "done", seconds: float = 1.0) -> RunRecord:
    """A record with one measurement."""
    measured = Measurement(step=10, n_tokens=640, asked_tokens=640, loss=loss, standard_error=0.01)
    return RunRecord(
        key=key,
        status=status,
        measurements=(measured,) if status == "done" else (),
        run={"model": {"word": "transformer", "width": 16}, "seed": 0},
        n_total=1000,
        n_body=500,
        flops=1e9,
        flops_6nd=3.84e6,
        seconds=seconds,
        provenance={"torch": "2.13.0"},
    )
