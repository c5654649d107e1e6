"""Studies with known answers: plans as the checker makes them, records as a trainer would leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scalingdsl.engine.store.record import Measurement, RunRecord
from scalingdsl.spec.plan.run_grid import Alternative, PlanAxis, Role, Run
from scalingdsl.spec.plan.study_plan import ClaimText, FitRequest, OptimumRequest, StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import AdamW

ENTROPY = 2.3
STEP = 256


@dataclass(frozen=True)
class Law:
    """L = E + A N^-alpha + B D^-beta, with parameters of a size small models have."""

    E: float = ENTROPY
    A: float = 40.0
    alpha: float = 0.5
    B: float = 300.0
    beta: float = 0.6

    def __call__(self, run: Run, tokens: float) -> float:
        return self.E + self.A * run.n_total**-self.alpha + self.B * tokens**-self.beta


def axis(name: str, values: Sequence[Scalar], role: Role = "sweep", *, along: bool = False) -> PlanAxis:
    """One axis; labels make it named."""
    named = any(isinstance(v, str) for v in values)
    names = tuple(name.split("&"))
    points = tuple(v if isinstance(v, tuple) else (v,) for v in values)
    return PlanAxis(names=names, role=role, points=points, named=named, along=along)


def run_at(point: dict[str, Scalar], *, tokens: float, n: int | None = None, marks: Sequence[float] = ()) -> Run:
    """One run: N from its width, D from the tokens asked for, a whole number of steps."""
    width = int(point.get("width", 64))
    n_total = n if n is not None else 100 * width + 24 * width**2
    steps = max(1, round(tokens / STEP))
    return Run(
        key="/".join(f"{k}={v}" for k, v in point.items()) or "run",
        point=tuple(point.items()),
        source=Walk(graph=ErdosRenyi(n=64, p=0.1)),
        model=Transformer(width=width),
        optimiser=AdamW(),
        seed=int(point.get("seed", 0)),
        steps=steps,
        n_tokens=steps * STEP,
        asked_tokens=round(tokens),
        marks=tuple(max(1, round(m / STEP)) for m in marks),
        asked_marks=tuple(round(m) for m in marks),
        n_total=n_total,
        n_body=24 * width**2,
        flops=6.5 * n_total * steps * STEP,
        flops_6nd=6.0 * n_total * steps * STEP,
    )


def product(
    axes: Iterable[PlanAxis], keep: Callable[[dict[str, Scalar]], bool] = lambda point: True
) -> list[dict[str, Scalar]]:
    """Points of the grid, each a dict of axis names."""
    points: list[dict[str, Scalar]] = [{}]
    for one in axes:
        points = [p | dict(zip(one.names, values)) for p in points for values in one.points]
    return [p for p in points if keep(p)]


def record_of(
    run: Run,
    loss: Callable[[Run, float], float],
    *,
    noise: float = 0.0,
    penalty: Callable[[Run], float] = lambda run: 0.0,
    status: str = "done",
    entropy: float | None = ENTROPY,
    provenance: dict[str, str] | None = None,
) -> RunRecord:
    """What training this run would leave, with noise that its seed and place decide."""
    per_step = run.n_tokens // run.steps
    rng = np.random.default_rng([run.seed, run.n_total % 2**31, run.n_tokens % 2**31])
    measurements = []
    for step, asked in zip(run.marks or (run.steps,), run.asked_marks or (run.asked_tokens,)):
        value = loss(run, step * per_step) + penalty(run) + noise * float(rng.standard_normal())
        measurements.append(
            Measurement(
                step=step,
                n_tokens=step * per_step,
                asked_tokens=asked,
                loss=value,
                standard_error=1e-3,
                excess_loss=None if entropy is None else value - entropy,
                entropy_rate=entropy,
            )
        )
    done = status == "done"
    return RunRecord(
        key=run.key,
        status=status,  # type: ignore[arg-type]
        message="" if done else "loss became infinite",
        measurements=tuple(measurements) if done else (),
        run={"seed": run.seed},
        n_total=run.n_total,
        n_body=run.n_body,
        flops=run.flops,
        flops_6nd=run.flops_6nd,
        seconds=2.0,
        provenance={"device": "cpu"} if provenance is None else provenance,
    )


def fit_request(name: str, *, where: str | None = None, bootstrap: int = 60, **extra: object) -> FitRequest:
    """A request by its text: `chinchilla`, `power(N)`, `exponential(D)`."""
    law, _, rest = name.partition("(")
    variable = rest.rstrip(")").split(",")[0]
    variables = (("x", variable),) if law in ("power", "exponential") else (("N", "N"), ("D", "D"))
    values = {"variables": variables, "bootstrap": bootstrap, "where": where} | extra
    return FitRequest(name=name, law=law, **values)  # type: ignore[arg-type]


def study(
    axes: Sequence[PlanAxis],
    *,
    fits: Sequence[FitRequest] = (),
    optima: Sequence[OptimumRequest] = (),
    expect: Sequence[str] = (),
    along: Sequence[str] = (),
) -> StudyPlan:
    """A plan of one source, one family and one optimiser, multiplied by all axes."""
    names = tuple(a.name for a in axes)
    claims = []
    for text in expect:
        test, _, where = text.partition(" where ")
        claims.append(ClaimText(test=test, where=where or None))
    return StudyPlan(
        axes=tuple(axes),
        data=(Alternative(label="walk", call="walk(er(n=64, p=0.1))"),),
        models=(Alternative(label="transformer", call="transformer(width=width)", axes=names),),
        train=(Alternative(label="adamw", call="adamw()", axes=names, along=tuple(along)),),
        fits=tuple(fits),
        optima=tuple(optima),
        claims=tuple(claims),
    )
