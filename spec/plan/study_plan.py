"""The plan: what a study means once checked. Frozen, digest-stable, a JSON round trip; runs are made when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from ..constants import MOST_RUNS, RUNS_LIMIT
from ..diagnostics.collect import Fault
from ..errors import SpecError
from ..files.raw_file import allowed
from ..vocabulary.base import Frozen
from ..vocabulary.plugins import foreign
from ..vocabulary.quantities import curves, positions
from .plan_digest import plan_digest
from .run_grid import Run, RunGrid


class FitRequest(Frozen):
    """A law to fit, once for every panel."""

    #: As written, less its `where`; or its `let`'s name.
    name: str
    law: str
    #: The law's own variable -> the run quantity it is read from: (("N", "N_body"), ("D", "D")), (("x", "tokens"),).
    variables: tuple[tuple[str, str], ...]
    loss: str = "loss"
    #: Parameter -> the expression that fixes it: (("E", "entropy_rate"),).
    fixed: tuple[tuple[str, str], ...] = ()
    #: Parameters that all panels share.
    shared: tuple[str, ...] = ()
    objective: str | None = None
    delta: float | None = None
    bootstrap: int | None = None
    #: Relative tolerance for taking cells as one slice (`power(D, group=2%)`).
    group: float | None = None
    #: Condition in canonical text; cells left out are the fit's hold-out.
    where: str | None = None

    @property
    def quantities(self) -> tuple[str, ...]:
        """The run quantities that the law is read in, in its order."""
        return tuple(quantity for _, quantity in self.variables)


class OptimumRequest(Frozen):
    """A way to compute-optimal sizes: `surface(FIT)`, `isoflop`, `envelope`."""

    name: str
    method: str
    #: The fit (by `FitRequest.name`) whose surface is used; None for methods on the cells themselves.
    fit: str | None = None
    where: str | None = None


class ClaimText(Frozen):
    """A claim made in advance, in canonical text."""

    test: str
    where: str | None = None


class Budget(Frozen):
    """Limits a study sets itself."""

    seconds: float | None = None
    flops: float | None = None


class StudyPlan(RunGrid):
    """A validated study."""

    fits: tuple[FitRequest, ...] = ()
    optima: tuple[OptimumRequest, ...] = ()
    claims: tuple[ClaimText, ...] = ()
    budget: Budget = Field(default_factory=Budget)
    report: tuple[str, ...] = ("markdown",)

    @property
    def packages(self) -> dict[str, str]:
        """Its words of other packages, with the packages and their versions; no part of its identity."""
        calls = [one.call for part in (self.data, self.models, self.train) for one in part]
        values = [value for axis in self.axes for _, value in axis.values]
        requested = [
            *(f"{fit.law} {fit.loss}" for fit in self.fits),
            *(one.method for one in self.optima),
            *self.report,
        ]
        return foreign([*calls, *values, *requested, *(claim.test for claim in self.claims)])

    def __repr__(self) -> str:
        """Short, for the eye; `model_dump_json` has everything."""
        parts = f"{len(self.axes)} axes, {len(self.fits)} fits, {len(self.claims)} claims"
        return f"<StudyPlan {self.digest}{f' {self.title!r}' if self.title else ''}: {parts}>"

    __str__ = __repr__

    @property
    def digest(self) -> str:
        """Identity of the study: the same for another order of statements, other comments, other spellings."""
        return plan_digest(self)

    def by_position(self, request: FitRequest) -> bool:
        """True where a law is fitted to losses by position in the sequences that models are evaluated on."""
        axes = {name for axis in self.axes for name in axis.names}
        return bool(self.models) and bool(({*positions()} - axes) & {*request.quantities})

    def of_curve(self, request: FitRequest) -> bool:
        """True where a law is fitted to points of curves, of sources or within sequences, and not to cells."""
        return request.loss in curves() or self.by_position(request)

    def runs(self) -> Iterator[Run]:
        """Every run once, in order of the axes; copies of one key are folded.

        Raises:
            SpecError: No checker made this plan: another version did, or a hand.
        """
        from .expand import expand, product

        points, _ = product(self)
        if points > (most := allowed(MOST_RUNS, RUNS_LIMIT)):
            raise SpecError((), f"the plan has {points:,} points, more than {most:,}; set {RUNS_LIMIT} to allow more")
        try:
            yield from expand(self)
        except (Fault, ValueError, ArithmeticError) as error:
            found = (error.diagnostic,) if isinstance(error, Fault) else ()
            raise SpecError(found, f"the plan cannot be carried out by this version: {error}") from error
