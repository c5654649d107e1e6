"""Studies, runs and records for tests: plans as the checker makes them, runs as a plan lists them, records as training
leaves them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scalingdsl.engine.store.record import Measurement, RunRecord, described
from scalingdsl.spec.plan.run_grid import Alternative, PlanAxis, Role, Run
from scalingdsl.spec.plan.study_plan import ClaimText, FitRequest, StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar
from scalingdsl.spec.vocabulary.identity import digest
from scalingdsl.spec.vocabulary.words.families import Transformer
from scalingdsl.spec.vocabulary.words.graphs import ErdosRenyi
from scalingdsl.spec.vocabulary.words.sources import Walk
from scalingdsl.spec.vocabulary.words.training import AdamW, GradientOptimiser

#: The entropy rate that records say the source has, in nats a token.
ENTROPY = 2.3
#: Tokens of a step of `run_at`.
STEP = 256
#: A source on which a step takes a moment.
SOURCE = Walk(graph=ErdosRenyi(n=40, p=0.15), length=8, eval_walks=16)


# --- studies ----------------------------------------------------------------------------------------------------------


def axis(name: str, values: Sequence[Scalar], role: Role = "sweep", *, along: bool = False) -> PlanAxis:
    """One axis; labels make it named."""
    named = any(isinstance(v, str) for v in values)
    names = tuple(name.split("&"))
    points = tuple(v if isinstance(v, tuple) else (v,) for v in values)
    return PlanAxis(names=names, role=role, points=points, named=named, along=along)


def product(
    axes: Iterable[PlanAxis], keep: Callable[[dict[str, Scalar]], bool] = lambda point: True
) -> list[dict[str, Scalar]]:
    """Points of the grid, each a dict of axis names."""
    points: list[dict[str, Scalar]] = [{}]
    for one in axes:
        points = [p | dict(zip(one.names, values)) for p in points for values in one.points]
    return [p for p in points if keep(p)]


def fit_request(name: str, *, where: str | None = None, bootstrap: int = 60, **extra: object) -> FitRequest:
    """A request by its text: `chinchilla`, `power(N)`, `exponential(D)`."""
    law, _, rest = name.partition("(")
    variable = rest.rstrip(")").split(",")[0]
    variables = (("x", variable),) if law in ("power", "exponential") else (("N", "N"), ("D", "D"))
    values = {"variables": variables, "bootstrap": bootstrap, "where": where} | extra
    return FitRequest(name=name, law=law, **values)  # type: ignore[arg-type]


def study(
    axes: Sequence[PlanAxis] = (),
    *,
    data: str = "walk(er(n=64, p=0.1))",
    model: str = "transformer(width=width)",
    train: str = "adamw()",
    along: Sequence[str] = (),
    expect: Sequence[str] = (),
    **parts: Any,
) -> StudyPlan:
    """A plan of one source, one family and one optimiser, multiplied by all axes; `parts` are its other fields."""
    names = tuple(a.name for a in axes)
    claims = [text.partition(" where ") for text in expect]
    return StudyPlan(
        axes=tuple(axes),
        data=(Alternative(label="walk", call=data),),
        models=(Alternative(label="transformer", call=model, axes=names),),
        train=(Alternative(label="adamw", call=train, axes=names, along=tuple(along)),),
        claims=tuple(ClaimText(test=test, where=where or None) for test, _, where in claims),
        **{name: tuple(part) if name in ("fits", "optima") else part for name, part in parts.items()},
    )


def columns(rows: Sequence[Mapping[str, object]]) -> dict[str, np.ndarray]:
    """A table by column, of rows that all have the first one's entries."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


# --- runs -------------------------------------------------------------------------------------------------------------


def make_run(
    model: Transformer | None = None,
    *,
    source: Walk = SOURCE,
    seed: int = 0,
    steps: int = 200,
    marks: tuple[int, ...] = (),
    word: GradientOptimiser | None = None,
    **optimiser: Any,
) -> Run:
    """A run that can be trained, as `plan.runs()` would give it; by AdamW with these numbers, unless by `word`."""
    model = model or Transformer(width=16)
    opt = word or AdamW(**{"batch": 4, "lr": 0.01, **optimiser})
    n_tokens = steps * opt.batch * source.length
    fields = {
        "source": source,
        "model": model,
        "optimiser": opt,
        "seed": seed,
        "steps": steps,
        "n_tokens": n_tokens,
        "asked_tokens": n_tokens,
        "marks": marks,
        "n_total": model.n_total(source.vocab),
        "n_body": model.n_body,
        "flops": float(n_tokens * model.flops_per_token(source.vocab, source.length)),
    }
    return _run(**fields, key=digest(described(_run(**fields))))


def run_at(point: dict[str, Scalar], *, tokens: float, n: int | None = None, marks: Sequence[float] = ()) -> Run:
    """A run at a point of a grid: N from its width, D from the tokens asked for, a whole number of steps."""
    width = int(point.get("width", 64))
    n_total = n if n is not None else 100 * width + 24 * width**2
    steps = max(1, round(tokens / STEP))
    return _run(
        key="/".join(f"{k}={v}" for k, v in point.items()) or "run", point=tuple(point.items()),
        source=Walk(graph=ErdosRenyi(n=64, p=0.1)), model=Transformer(width=width), optimiser=AdamW(),
        seed=int(point.get("seed", 0)), steps=steps, n_tokens=steps * STEP, asked_tokens=round(tokens),
        marks=tuple(max(1, round(m / STEP)) for m in marks), asked_marks=tuple(round(m) for m in marks),
        n_total=n_total, n_body=24 * width**2, flops=6.5 * n_total * steps * STEP,
    )  # fmt: skip


def _run(**fields: Any) -> Run:
    return Run(**{"key": "-", "point": (), "flops_6nd": 6.0 * fields["n_total"] * fields["n_tokens"]} | fields)


# --- records ----------------------------------------------------------------------------------------------------------


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


def record_of(
    run: Run,
    loss: Callable[[Run, float], float],
    *,
    noise: float = 0.0,
    penalty: Callable[[Run], float] = lambda run: 0.0,
    entropy: float | None = ENTROPY,
    standard_error: float = 1e-3,
    **outcome: Any,
) -> RunRecord:
    """What training this run would leave, with noise that its seed and place decide; `outcome` has other fields."""
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
                standard_error=standard_error,
                excess_loss=None if entropy is None else value - entropy,
                entropy_rate=entropy,
            )
        )
    outcome = {"status": "done", "seconds": 2.0, "provenance": {"device": "cpu"}} | outcome
    done = outcome["status"] == "done"
    outcome = {"message": "" if done else "loss became infinite"} | outcome
    return RunRecord.of(run, measurements=tuple(measurements) if done else (), **outcome)
