"""What a fit is: frozen values, with the draws that carry its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Stands where an interval would, for a parameter that the points do not tell.
NOT_IDENTIFIED = "not identified"

Status = Literal["converged", "at bound", "starts disagree", "unidentified", "too few points", "failed"]


class Interval(NamedTuple):
    """A closed interval; 95 % unless said."""

    low: float
    high: float


@dataclass(frozen=True)
class FitWarning:
    """A coded doubt: `FIT101` and a sentence that says what was seen and what would settle it."""

    code: str
    message: str


@dataclass(frozen=True)
class Points:
    """What a law is fitted to: one entry a cell.

    `variables` maps the law's variable names to arrays of shape (cell,); `loss` is in nats a token; `cluster` numbers
    the groups that are resampled together (None: every cell its own); `group` names the panel of each cell where a
    law shares parameters between panels.
    """

    variables: dict[str, Array]
    loss: Array
    cluster: NDArray[np.int64] | None = None
    weight: Array | None = None
    group: tuple[str, ...] | None = None

    @property
    def n(self) -> int:
        """Number of cells."""
        return len(self.loss)


@dataclass(frozen=True)
class Fit:
    """One fitted law."""

    law: str
    #: Law's variable names in order, e.g. ("N", "D") or ("D",).
    variables: tuple[str, ...]
    #: Every parameter by name, fixed ones included.
    params: dict[str, float]
    fixed: tuple[str, ...]
    objective: str
    delta: float | None
    #: Summed objective at the optimum.
    value: float
    status: Status
    n: int
    n_clusters: int
    starts: int
    starts_agreeing: int
    #: 95 % intervals of the free parameters; those that are not identified have none.
    intervals: dict[str, Interval]
    #: Bootstrap draws of every parameter, shape (draw,) each; the point estimate stays `params`.
    draws: dict[str, Array]
    #: Root mean square residual of the loss, of log loss, and mean squared residual of the loss.
    rmse: float
    rmse_log: float
    mse: float
    residuals: Array
    warnings: tuple[FitWarning, ...] = ()
    #: Which bootstrap made the draws: "cases", "clusters", "wild".
    bootstrap: str = ""
    #: Parameters that the points do not tell: `params` has one of many equally good answers.
    unidentified: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


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
