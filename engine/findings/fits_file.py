"""`fits.json` as a value: every fit, optimum, prediction and verdict of a study, with its numbers.

What is missing or not finite is null. Draws, residuals and the cells lie in `fits.npz` beside it (numpy's format,
without pickles): under `cells.NAME` a column of the cells; under `fit.I.cells`, `fit.I.held_out`, `fit.I.residuals` and
`fit.I.draws`, shape (draw, parameter), those of the fit in place I, and under `fit.I.without_level` draws without a
level that may be 0, of which predictions take every second one; under `optimum.I.draws` those of an optimum. A fit to
a curve of sources has its rows among the points of curves, under `curves.NAME` a column of them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.vocabulary.base import Frozen, Scalar

from ..fits.core.fit_result import Status

#: Of `fits.json` and the arrays beside it.
FORMAT_VERSION = 1

Verdict = Literal["held", "failed", "undecided"]
#: An interval of 95 %; an end that is not finite is null.
Ends = tuple[float | None, float | None]


class Warned(Frozen):
    """A coded warning."""

    code: str
    title: str
    message: str


class FoundParameter(Frozen):
    """A parameter of a law or an optimum."""

    name: str
    value: float | None
    interval: Ends | None
    #: `above` and `below` are of a parameter that is told from one side: `bound` is that side.
    status: Literal["identified", "above", "below", "unidentified", "fixed", "no interval"]
    bound: float | None = None
    #: Exponent, level, coefficient, ...; empty for what follows from several.
    kind: str = ""
    meaning: str = ""


class FoundMisfit(Frozen):
    """Residuals against the scatter of replicates."""

    #: Residuals in units of noise; about 1 for a law that fits.
    ratio: float
    p: float
    freedom: tuple[float, float]
    #: Root mean squares, of log loss where the objective is, else of the loss.
    residual: float
    noise: float
    settings: int


class FoundFit(Frozen):
    """A law in one panel: fitted, or the reason why not."""

    name: str
    law: str
    #: The law's own variables -> the quantities that they are read in.
    variables: dict[str, str]
    #: What it was fitted to: `loss`, or another measurement.
    loss: str
    panel: dict[str, Scalar]
    #: Place of the request among the plan's fits.
    request: int
    status: Status
    reason: str = ""
    n_cells: int
    n_clusters: int = 0
    n_held_out: int = 0
    objective: str = ""
    delta: float | None = None
    value: float | None = None
    parameters: tuple[FoundParameter, ...] = ()
    #: Of the draws of `covariance_of`, in this order; null where a draw is not finite.
    covariance_of: tuple[str, ...] = ()
    covariance: tuple[tuple[float | None, ...], ...] | None = None
    rmse: float | None = None
    rmse_log: float | None = None
    mse: float | None = None
    #: Root mean square error of log loss on the cells held out.
    holdout: float | None = None
    misfit: FoundMisfit | None = None
    #: Of the source, where it is known and the same for all cells.
    entropy_rate: float | None = None
    formula: str = ""
    python: str = ""
    starts: int = 0
    starts_agreeing: int = 0
    bootstrap: str = ""
    n_draws: int = 0
    #: Names of the columns of its draws.
    drawn: tuple[str, ...] = ()
    n_free: int = 0
    n_joint: int | None = None
    warnings: tuple[Warned, ...] = ()


class FoundOptimum(Frozen):
    """Compute-optimal sizes in one panel: N_opt ~ C^a, D_opt ~ C^b; or the reason why there are none."""

    name: str
    method: str
    panel: dict[str, Scalar]
    #: Place of the request among the plan's optima.
    request: int
    status: Status
    reason: str = ""
    parameters: tuple[FoundParameter, ...] = ()
    #: N within which the loss at the largest compute stays within 0.1 % of its best.
    flat: Ends | None = None
    drawn: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()


class FoundSide(Frozen):
    """One side of a relation: as it is written, its value and its interval."""

    text: str
    value: float | None = None
    interval: Ends | None = None


class FoundRelation(Frozen):
    """`E(chinchilla)`, `within 2% of`, `entropy_rate`."""

    left: FoundSide
    words: str
    right: FoundSide | None = None


class FoundPanelVerdict(Frozen):
    """A claim in one panel or cell."""

    panel: dict[str, Scalar]
    verdict: Verdict
    #: Share of the draws that satisfy it.
    share: float | None
    #: The sides in numbers, in words and, where it is made of relations alone, as numbers.
    detail: str
    relations: tuple[FoundRelation, ...] = ()


class FoundClaim(Frozen):
    """A claim and its verdict, the worst of its panels."""

    claim: str
    #: The same as `verdict`, for those who read `run --json`.
    status: Verdict
    verdict: Verdict
    panels: tuple[FoundPanelVerdict, ...] = ()
    #: Panels or cells that could not be judged, each with its reason.
    skipped: tuple[str, ...] = ()
    stated_after_results: bool = False


class FoundPrediction(Frozen):
    """A law's loss at sizes that a claim names."""

    fit: str
    panel: dict[str, Scalar]
    at: dict[str, float]
    loss: float | None
    #: In which the law lies, and in which a run would.
    law_interval: Ends | None = None
    run_interval: Ends | None = None


class FoundForm(Frozen):
    """Two laws of the same cells in one slice."""

    panel: dict[str, Scalar]
    n_cells: int
    #: Mean squared residuals of the first law and of the second.
    mse: tuple[float | None, float | None]
    #: Natural logarithm of the odds for the first.
    log_odds: float | None


class FoundComparison(Frozen):
    """Two laws of the same cells, slice by slice and together."""

    first: str
    second: str
    loss: str
    slices: tuple[FoundForm, ...]
    log_odds: float | None
    prefers: Literal["first", "second", "neither"]
    sentence: str


class CurveArrays(Frozen):
    """Points of the sources' own curves among the arrays: names of their columns, as below."""

    columns: tuple[str, ...]
    axes: tuple[str, ...]
    sizes: tuple[str, ...]


class Arrays(Frozen):
    """The file of arrays beside this one."""

    file: str
    sha256: str
    #: Names of the columns of the cells, those that are axes and those that tell cells of one panel apart.
    columns: tuple[str, ...]
    axes: tuple[str, ...]
    sizes: tuple[str, ...]
    #: Rows of fits to curves of sources are of these; None where there are no such fits.
    curves: CurveArrays | None = None


class FitsFile(Frozen):
    """Everything that a study found."""

    format_version: int = FORMAT_VERSION
    #: SHA-256 of all the rest, as JSON with sorted keys and without blanks; none in files of earlier versions.
    checksum: str = ""
    written_by: str
    title: str
    #: Digest of the plan, and the plan itself, as `scalingdsl schema plan` describes it.
    plan_digest: str
    plan: dict[str, Any] = Field(repr=False)
    #: Axes that tell cells apart.
    axes: tuple[PlanAxis, ...] = Field(repr=False)
    fits: tuple[FoundFit, ...]
    optima: tuple[FoundOptimum, ...]
    comparisons: tuple[FoundComparison, ...]
    predictions: tuple[FoundPrediction, ...]
    claims: tuple[FoundClaim, ...]
    #: Coded remarks about the study's data.
    notes: tuple[Warned, ...]
    arrays: Arrays
