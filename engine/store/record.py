"""The result of training one run: a frozen record, one JSON file. Outcomes are values: a diverged run has one too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import Field
from scalingdsl.spec.plan.run_grid import Run
from scalingdsl.spec.vocabulary import Frozen
from scalingdsl.spec.vocabulary.identity import NUMERICS_VERSION, canonical_term

FORMAT_VERSION = 1

Status = Literal["done", "diverged", "out_of_memory", "timed_out", "interrupted", "failed"]


#: A run with one of these is over: training it again would give the same.
FINAL: tuple[Status, ...] = ("done", "diverged")


class Measurement(Frozen):
    """The model evaluated at one step. Losses in nats a token."""

    step: int
    #: Tokens trained on so far, and the D the study asked for at this point.
    n_tokens: int
    asked_tokens: int
    loss: float
    #: Standard error of `loss` over the evaluation sequences.
    standard_error: float
    #: Loss above the source's entropy rate, and the rate itself, where the law of the source is known.
    excess_loss: float | None = None
    entropy_rate: float | None = None
    #: Other numbers measured at this step, by the names of their quantities, and their standard errors.
    values: dict[str, float] = Field(default_factory=dict)
    errors: dict[str, float] = Field(default_factory=dict)


class Curve(Frozen):
    """Training losses along a run, or along one of its decay branches: `losses[i]` is the mean over the steps after
    `steps[i - 1]` up to `steps[i]`, in nats a token (of a model of points, its mean squared error).

    One that diverged ends before the step at which it did.
    """

    #: Step at which it begins: 0, or where the branch left.
    begins: int = 0
    #: Tokens (or points) that a step reads.
    step_tokens: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]


class ByPosition(Frozen):
    """Losses of an evaluation by position in its sequences, where a study asks for them: means over the positions after
    `ends[i - 1]` up to `ends[i]`, a position being the number of tokens read. In nats a token, each with its standard
    error over the evaluation's sequences.
    """

    #: Step at which the model was evaluated.
    step: int
    ends: tuple[int, ...]
    loss: tuple[float, ...]
    loss_error: tuple[float, ...]
    #: Above the entropy of the law at the same contexts; none where that is not known.
    excess: tuple[float, ...] = ()
    excess_error: tuple[float, ...] = ()


class RunRecord(Frozen):
    """One finished run. `measurements` holds the final evaluation last; a path has one for each mark."""

    format_version: int = FORMAT_VERSION
    key: str
    status: Status
    #: What happened, in a sentence, for every status but `done`.
    message: str = ""
    measurements: tuple[Measurement, ...] = ()
    #: Training losses on the way, those of decay branches after the trunk's; none in records of earlier versions.
    curves: tuple[Curve, ...] = ()
    #: Losses by position of each evaluation, where they were asked for.
    by_position: tuple[ByPosition, ...] = ()
    #: Canonical source, model, optimiser and seed, for `why` and for readers without the study.
    run: dict[str, Any]
    n_total: int
    n_body: int
    flops: float
    flops_6nd: float
    #: Numbers of what the source drew, by name: see `Source.facts`.
    facts: dict[str, float] = Field(default_factory=dict)
    #: Digest of what the source drew (the graph's edges and weights); another one on resume is an error.
    source_digest: str = ""
    #: Seconds of training and evaluation charged to this run: its share of its pack's time.
    seconds: float = 0.0
    #: Seconds by the clock in which it was trained or evaluated, beside whatever companions it had.
    wall_seconds: float = 0.0
    #: Steps of the pack it ran in, members, worker.
    pack: str = ""
    #: Machine, device kind, torch version, GEMM mode, threads: whatever may move the last bits.
    provenance: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def of(cls, run: Run, **outcome: Any) -> RunRecord:
        """The record of a run, given what came of it."""
        return cls(
            key=run.key,
            run=described(run),
            n_total=run.n_total,
            n_body=run.n_body,
            flops=run.flops,
            flops_6nd=run.flops_6nd,
            **outcome,
        )

    @property
    def final(self) -> Measurement | None:
        """The last measurement, or None where there is none."""
        return self.measurements[-1] if self.measurements else None


def described(run: Run) -> dict[str, Any]:
    """Everything that decides a run's numbers, as plain data: the content of its key, and of `RunRecord.run`."""
    trained = run.model.trained
    if run.elsewhere:
        return {
            "source": canonical_term(run.source),
            "model": canonical_term(run.model),
            "optimiser": canonical_term(run.optimiser),
            "seed": run.seed,
            "steps": run.steps,
            "tokens": run.asked_tokens,
            "marks": list(run.asked_marks),
        }
    return {
        "source": canonical_term(run.source),
        "model": canonical_term(run.model),
        **({"optimiser": canonical_term(run.optimiser)} if trained else {}),
        "seed": run.seed,
        **({"steps": run.steps} if run.takes_steps else {}),
        "marks": list(run.marks),
        "numerics": NUMERICS_VERSION,
    }


def unfinished(runs: Iterable[Run], records: Mapping[str, RunRecord]) -> tuple[Run, ...]:
    """The runs that have no record, or one that is not final."""
    return tuple(run for run in runs if run.key not in records or records[run.key].status not in FINAL)
