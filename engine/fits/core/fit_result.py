"""Points, options and results of a fit: frozen values, with the draws that carry its uncertainty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN

Array = NDArray[np.float64]

#: Stands where an interval would, for a parameter that the points do not tell.
NOT_IDENTIFIED = "not identified"

Status = Literal["converged", "one-sided", "at bound", "starts disagree", "unidentified", "too few points", "failed"]
#: Space of an objective's residuals: those of log loss are relative errors.
Space = Literal["log", "raw"]


class Interval(NamedTuple):
    """A closed interval; 95 % unless said."""

    low: float
    high: float


@dataclass(frozen=True)
class Told:
    """What the points tell of a parameter: both ends of its interval, one alone, or nothing.

    `bound` is the one end of a parameter that is told from one side: it lies `above` or `below` it.
    """

    status: Literal["identified", "above", "below", "unidentified", "fixed", "no interval"]
    bound: float = np.nan

    @property
    def words(self) -> str:
        """`above 2.6`, `below 0.31`, else the status as it stands."""
        return f"{self.status} {self.bound:.3g}" if self.status in ("above", "below") else self.status


@dataclass(frozen=True)
class Misfit:
    """The residuals of a law against the scatter of replicates, in the space of its objective.

    Attributes:
        ratio: Residuals in units of what the replicates' scatter alone would leave; about 1 for a law that fits.
        p: Probability of residuals as large where the law is right.
        freedom: Degrees of freedom of the residuals and of the scatter.
        residual: Root mean square of the residuals of means over replicates.
        noise: What it would be by the scatter alone.
        settings: Settings with replicates.
    """

    ratio: float
    p: float
    freedom: tuple[float, float]
    residual: float
    noise: float
    settings: int


@dataclass(frozen=True)
class FitWarning:
    """A coded doubt: `FIT101` and a sentence that says what was seen and what would settle it."""

    code: str
    message: str


@dataclass(frozen=True)
class Points:
    """The cells that a law is fitted to.

    `variables` maps the law's variable names to arrays of shape (cell,); `loss` is in nats a token; `cluster` numbers
    the groups that are resampled together (None: every cell its own); `group` names the panel of each cell where a
    law shares parameters between panels.
    """

    variables: dict[str, Array]
    loss: Array
    cluster: NDArray[np.int64] | None = None
    weight: Array | None = None
    group: tuple[str, ...] | None = None
    #: Standard deviation of each cell's replicates and how many there are, shape (cell,) each; NaN and 1 where there is
    #: one. None where no cell has several.
    scatter: Array | None = None
    replicates: NDArray[np.int64] | None = None

    def __repr__(self) -> str:
        return f"<Points: {self.n} of {', '.join(self.variables)}>"

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.loss)

    @property
    def clusters(self) -> NDArray[np.int64]:
        """Number of each cell's cluster: its own where none are named, shape (cell,)."""
        own = np.arange(self.n) if self.cluster is None else self.cluster
        return np.asarray(own, dtype=np.int64)

    @property
    def n_clusters(self) -> int:
        """Number of clusters."""
        return len(np.unique(self.clusters))

    @property
    def weights(self) -> Array:
        """Weight of each cell, shape (cell,)."""
        return np.ones(self.n) if self.weight is None else np.asarray(self.weight, dtype=np.float64)

    @property
    def has_compute(self) -> bool:
        """True where N and D, and so 6 N D, are known."""
        return {"N", "D"} <= set(self.variables)

    @property
    def flops(self) -> Array:
        """Compute 6 N D of each cell, shape (cell,)."""
        return FLOPS_PER_PARAMETER_TOKEN * self.variables["N"] * self.variables["D"]

    def take(self, rows: NDArray[np.intp]) -> Points:
        """Some of the points."""
        return Points(
            {name: x[rows] for name, x in self.variables.items()},
            self.loss[rows],
            None if self.cluster is None else self.cluster[rows],
            None if self.weight is None else self.weight[rows],
            None if self.group is None else tuple(self.group[i] for i in rows),
            None if self.scatter is None else self.scatter[rows],
            None if self.replicates is None else self.replicates[rows],
        )


@dataclass(frozen=True)
class FitOptions:
    """Options of a fit, whatever its points.

    Attributes:
        names: The law's generic parameter names -> those of this fit (A -> B, alpha -> beta for D); by default from the
            variable's name.
        fixed: Parameters held at a number, or at one number a cell.
        objective: Name of the objective; the law's own by default.
        delta: Delta of `huber` or `huber-raw`.
        overestimate: Factor on the penalty of points predicted above what was seen.
        shared: Parameters that all panels (`Points.group`) share; the others get one value each, named `A[panel]`.
        exhaustive: Polish every start of the grid and not only the promising ones.
        bootstrap: Number of draws.
        seed: Of the draws.
        kind: Bootstrap, or "auto".
    """

    names: Mapping[str, str] | None = None
    fixed: Mapping[str, float | Array] = field(default_factory=dict)
    objective: str | None = None
    delta: float | None = None
    overestimate: float = 1.0
    shared: tuple[str, ...] = ()
    exhaustive: bool = False
    bootstrap: int = 1000
    seed: int = 0
    kind: str = "auto"

    def at(self, rows: NDArray[np.intp]) -> FitOptions:
        """The same options for some of the points, and no draws."""
        fixed = {name: v[rows] if isinstance(v, np.ndarray) and v.ndim else v for name, v in self.fixed.items()}
        return replace(self, fixed=fixed, bootstrap=0)


#: A fit as laws and the vocabulary have it.
DEFAULT_OPTIONS = FitOptions()


class Surface(Protocol):
    """A law that predicts by itself, without parameters."""

    def predict(self, variables: Mapping[str, Array]) -> Array:
        """Loss at the variables, shape (point,)."""

    def draws(self, variables: Mapping[str, Array]) -> Array:
        """Loss at the variables in every draw, shape (draw, point)."""


@dataclass(frozen=True)
class FitDetails:
    """Details of a fit beside its parameters: what predictions, forecasts and refits need."""

    points: Points
    #: Options that fit other points alike, without draws and sharing.
    options: FitOptions = DEFAULT_OPTIONS
    #: The law's generic parameter names -> those of this fit.
    names: Mapping[str, str] = field(default_factory=dict)
    space: Space = "log"
    #: Residuals in that space, shape (cell,), and the number of parameters (or as many points' worth) fitted to them.
    noise: Array = field(default_factory=lambda: np.empty(0))
    n_free: int = 0
    #: Every parameter without each cluster, shape (cluster,) each; they bend the intervals of what follows from it.
    jackknife: Mapping[str, Array] = field(default_factory=dict)
    #: Draws of every parameter where levels that may be 0 are 0, shape (draw,) each; predictions take every second one.
    without_level: Mapping[str, Array] = field(default_factory=dict)
    #: Predictions of a law without parameters.
    surface: Surface | None = None
    #: Cells of the joint fit that this one is a panel of.
    n_joint: int | None = None


@dataclass(frozen=True)
class Fit:
    """One fitted law."""

    law: str
    #: Law's variable names in order, e.g. ("N", "D") or ("D",).
    variables: tuple[str, ...]
    objective: str
    delta: float | None
    status: Status
    n: int
    n_clusters: int
    details: FitDetails
    #: Every parameter by name, fixed ones included.
    params: dict[str, float] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    #: Summed objective at the optimum.
    value: float = np.nan
    starts: int = 0
    starts_agreeing: int = 0
    #: 95 % intervals of the free parameters; those that are not identified, or told from one side, have none.
    intervals: dict[str, Interval] = field(default_factory=dict)
    #: Bootstrap draws of every parameter, shape (draw,) each; the point estimate stays `params`.
    draws: dict[str, Array] = field(default_factory=dict)
    #: Root mean square residual of the loss, of log loss, and mean squared residual of the loss.
    rmse: float = np.nan
    rmse_log: float = np.nan
    mse: float = np.nan
    residuals: Array = field(default_factory=lambda: np.empty(0))
    warnings: tuple[FitWarning, ...] = ()
    #: Which bootstrap made the draws: "cases", "clusters", "wild".
    bootstrap: str = ""
    #: Parameters that the points do not tell: `params` has one of many answers that are as good, or nearly so.
    unidentified: tuple[str, ...] = ()
    #: What the points tell of every parameter.
    told: dict[str, Told] = field(default_factory=dict)
    #: Residuals against the scatter of replicates; None where there are none.
    misfit: Misfit | None = None

    def __repr__(self) -> str:
        """Short, for the eye: the draws alone are a thousand numbers a parameter."""
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.params.items())
        return f"<Fit {self.law}: {self.status}, {self.n} points; {numbers}>"

    @property
    def succeeded(self) -> bool:
        """True where there is a fit: neither failed nor short of points."""
        return self.status not in ("failed", "too few points")

    def with_predictions(self, predicted: Array) -> Fit:
        """The fit with what follows from the law's loss at each of its points: residuals, errors, noise."""
        loss = self.details.points.loss
        with np.errstate(all="ignore"):
            residuals, of_log = loss - predicted, np.log(loss) - np.log(predicted)
        details = replace(self.details, noise=of_log if self.details.space == "log" else residuals)
        return replace(self, details=details).with_residuals(residuals, of_log)

    def with_residuals(self, residuals: Array, log_residuals: Array) -> Fit:
        """The fit with these residuals of loss and of log loss, and their errors."""
        with np.errstate(all="ignore"):
            mse, log_mse = (float(np.mean(r**2)) if len(r) else np.nan for r in (residuals, log_residuals))
        return replace(self, residuals=residuals, mse=mse, rmse=float(np.sqrt(mse)), rmse_log=float(np.sqrt(log_mse)))


@dataclass(frozen=True)
class Curve:
    """A quantity against compute, with its 95 % band. All of shape (compute,)."""

    flops: Array
    value: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Optimum:
    """Compute-optimal sizes: N_opt ~ C^a, D_opt ~ C^b, L_opt - E ~ C^-gamma."""

    method: str
    #: "a", "b", "gamma" (and "E", coefficients "N_1", "D_1" where the method gives them) -> estimate, interval, draws.
    params: dict[str, float]
    intervals: dict[str, Interval]
    draws: dict[str, Array]
    #: "L", "N", "D" -> curve over the compute range of the data.
    curves: dict[str, Curve]
    status: Status
    warnings: tuple[FitWarning, ...] = ()
    #: N within which the loss at the largest compute stays within 0.1 % of its best, where the law gives it.
    flat: Interval | None = None
    #: Parameters without an interval, because the surface's are not identified.
    unidentified: tuple[str, ...] = ()

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.params.items())
        return f"<Optimum {self.method}: {self.status}; {numbers}>"
