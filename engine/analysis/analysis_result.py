"""The analysis of a study: frozen values that the report shows and the command line judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.plan_references import ClaimReference
from scalingdsl.spec.plan.run_grid import PlanAxis
from scalingdsl.spec.plan.study_plan import FitRequest, OptimumRequest, StudyPlan
from scalingdsl.spec.vocabulary.base import Scalar

from ..fits.core.fit_result import Fit, Interval, Optimum
from ..store.record import Curve

Panel = tuple[tuple[str, Scalar], ...]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Note:
    """A coded remark about the study's data: `RUN201` and a sentence."""

    code: str
    message: str


#: Column of a run table, where some run has it: 0 where no seed changes what a model says, else 1.
SEEDED = "seeded"


@dataclass(frozen=True)
class RunTable:
    """One row a measurement: axis columns, then key, status, seed, N, N_body, D, D_asked, C, flops, loss, excess,
    entropy_rate, standard_error, seconds. Missing numbers are NaN, missing labels the empty string."""

    columns: Columns
    #: Columns of what sources drew, such as `hill`: see `Source.facts`.
    facts: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def __repr__(self) -> str:
        return f"<RunTable: {self.n} rows of {', '.join(self.columns)}>"


@dataclass(frozen=True)
class CellTable:
    """One row a cell, after replicates are averaged and tuned axes reduced to their best value.

    Columns: the cell axes; N, N_body, D, D_asked, C, loss, excess, entropy_rate; `standard_error` (across seeds, and at
    least that of the evaluation) and its degrees of freedom `dof`, infinite for an evaluation's; `seed_deviation`, the
    standard deviation over seeds; of medians over five seeds or more `loss_16` and `loss_84`, percentiles; n_seeds;
    cluster (integer, the same for all points of one trajectory); `best_<axis>` and `edge_<axis>` (bool) for each tuned
    axis; `rises_N`, `rises_D` (bool): excess loss rises by more than two standard errors on the step from the next
    smaller N or D.
    """

    axes: tuple[str, ...]
    columns: Columns
    #: Columns that tell the cells of one panel apart where no axis does: the sizes in a table made elsewhere.
    sizes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(next(iter(self.columns.values()), ()))

    @property
    def clusters(self) -> NDArray[np.int64]:
        """The trajectory of each row, shape (row,), by which fits are drawn again; points of curves have their own,
        for among these curves one may be called `cluster`.
        """
        return self.columns["point"] if "point" in self.columns else self.columns["cluster"]

    def __repr__(self) -> str:
        return f"<CellTable: {self.n} rows of {', '.join(self.columns)}>"


@dataclass(frozen=True)
class PanelFit:
    """One fit of one panel (or slice): fitted, or the reason why not."""

    request: FitRequest
    panel: Panel
    fit: Fit | None
    reason: str
    #: Rows of the cell table that were fitted, and those its `where` held out.
    cells: NDArray[np.int64]
    held_out: NDArray[np.int64]
    #: Root mean square error of log loss on the cells held out; None where there are none.
    holdout: float | None = None
    #: The points of the sources' own curves, where these rows are of them and not of the cell table.
    curve: CellTable | None = None

    def table(self, cells: CellTable) -> CellTable:
        """What its rows are rows of: the cells, or points of curves."""
        return cells if self.curve is None else self.curve


@dataclass(frozen=True)
class PanelOptimum:
    """One optimum of one panel: found, or the reason why not."""

    request: OptimumRequest
    panel: Panel
    optimum: Optimum | None
    reason: str


Status = Literal["held", "failed", "undecided"]


@dataclass(frozen=True)
class Side:
    """One side of a relation: as it is written (nothing, of a number by itself), its value and its 95 % interval."""

    text: str
    value: float | None = None
    interval: Interval | None = None

    def __str__(self) -> str:
        if self.value is None:
            return self.text
        number = f"{self.value:.4g}"
        if self.interval is not None:
            number += f" [{self.interval.low:.4g}, {self.interval.high:.4g}]"
        return f"{self.text} = {number}" if self.text else number


@dataclass(frozen=True)
class Relation:
    """A side of a claim, and the words and the other side that it is held against: `within 1% of`, `in [0.5..2]`."""

    left: Side
    words: str
    right: Side | None = None

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.left, self.words, self.right) if part is not None)


@dataclass(frozen=True)
class PanelVerdict:
    """A claim judged in one panel or cell: the share of draws that satisfy it, and the two sides in numbers."""

    panel: Panel
    status: Status
    share: float | None
    detail: str
    #: The relations that a claim joins by `and`; none where it is otherwise made.
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A claim judged: the worst of its panels."""

    claim: str
    status: Status
    panels: tuple[PanelVerdict, ...]
    #: Panels or cells that could not be judged, each with its reason.
    skipped: tuple[str, ...] = ()
    stated_after_results: bool = False


@dataclass(frozen=True)
class Accounting:
    """Runs planned, done and missing, and the seconds spent on them."""

    planned: int
    done: int
    missing: int
    seconds: float


@dataclass(frozen=True)
class StoredFacts:
    """Facts that a results folder holds beside its records."""

    #: Time predicted for all that took time, before it was trained.
    predicted_seconds: float | None = None
    #: Statistics of every source as they are stored, with its `label` and the `point` of the axes that go with it.
    sources: tuple[Mapping[str, Any], ...] = ()
    #: Curves of every source that laws are fitted to or the report draws, with the `point` of the axes that move it:
    #: see `curve_cells`.
    source_curves: tuple[Mapping[str, Any], ...] = ()
    #: Training losses along runs by key: the trunk's first, then those of decay branches.
    curves: Mapping[str, tuple[Curve, ...]] = field(default_factory=dict)


NO_FACTS = StoredFacts()


@dataclass(frozen=True)
class Analysis:
    """Everything that is said about a study from its stored results."""

    plan: StudyPlan
    runs: RunTable
    cells: CellTable
    fits: tuple[PanelFit, ...]
    optima: tuple[PanelOptimum, ...]
    verdicts: tuple[Verdict, ...]
    notes: tuple[Note, ...]
    #: None where the numbers come from no runs.
    accounting: Accounting | None = None
    facts: StoredFacts = NO_FACTS
    #: The plan's claims with what their quantities refer to.
    claims: tuple[ClaimReference, ...] = ()
    #: Axes that tell cells apart.
    axes: tuple[PlanAxis, ...] = ()

    def __repr__(self) -> str:
        counts = (
            f"{self.runs.n} rows of runs, {self.cells.n} cells, {len(self.fits)} fits, {len(self.verdicts)} verdicts"
        )
        return f"<Analysis of plan {self.plan.digest}: {counts}>"
