"""All that the quantities of a study's claims may be of, and examples of what claims can ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics.suggest import listing
from ..expressions.canonical_tree import text
from ..plan.run_grid import PlanAxis
from ..plan.study_plan import FitRequest
from ..requests.provides import Request, of_fit, of_optimum, of_request
from ..requests.request_types import Requests
from ..syntax import ast
from ..syntax.numbers import number, short
from ..vocabulary.functions import SHARE
from ..vocabulary.quantities import canonical, measured
from .names_elsewhere import CRITERION
from .selectors import Labels


@dataclass(frozen=True)
class Askable:
    """All that the quantities of a study's claims may be of."""

    requests: Requests
    axes: Mapping[str, PlanAxis]
    labels: Labels
    #: Parameters of the study's words, which are numbers of each cell.
    known: frozenset[str]
    #: Whether every fit and optimum could be read; if not, a quantity may come from one that could not.
    complete: bool = True
    #: Measurements that cells have.
    measured: tuple[str, ...] = field(default_factory=measured)
    #: Numbers of what the sources drew, asked for as `hill(data)`.
    facts: frozenset[str] = frozenset()
    #: Columns of a table of which the best is kept.
    kept: tuple[str, ...] = ()
    #: Columns of numbers that a table's study names.
    columns: tuple[str, ...] = ()
    #: What others call the parameters of the words of its data: their names here.
    called: Mapping[str, str] = field(default_factory=dict)
    #: The condition behind `train`: what it leaves out is not run.
    trained: ast.Test | None = None

    def tuned(self, name: str) -> bool:
        """True for a tuned axis, or a table's tuned column: its value in a cell is the best one, which only the
        results give."""
        return name in self.kept or (name in self.axes and self.axes[name].role == "tune")

    def measures(self, name: str) -> bool:
        """True for a measurement that cells have, by this name or by another."""
        return name in self.measured or canonical(name) in self.measured

    def is_label(self, node: Any) -> bool:
        """True for an argument that may be a label."""
        return isinstance(node, ast.Name) and node.id not in self.axes and self.labels.may_be(node.id)

    def quantities(self) -> set[str]:
        """Every quantity that may be asked for by name."""
        fits = {q for a in self.requests.fits.values() for q in of_fit(a.request)}
        optima = {q for o in self.requests.optima.values() for q in of_optimum(o.request)}
        return {*fits, *optima, *self.measured, *self.axes}

    def _within(self, axis: str) -> str:
        """The value of a swept size below which most of its points lie; empty where it is none."""
        points = self.axes[axis]
        values = sorted(float(p[0]) for p in points.points if not isinstance(p[0], str))
        sized = points.role == "sweep" and len(points.names) == 1 and axis not in ("seed", "lr")
        return short(values[-2]) if sized and len(values) > 2 else ""

    def _kept_untrained(self) -> str:
        """The condition behind `train` that leaves the largest runs out by one swept size; empty where it is none."""
        where = self.trained
        if not isinstance(where, ast.Chain) or not isinstance(where.first, ast.Name) or len(where.rest) > 1:
            return ""
        (sign, end), name = where.rest[0], where.first.id
        if (
            sign not in ("<", "<=")
            or not isinstance(end, ast.Number)
            or name not in self.axes
            or not self._within(name)
        ):
            return ""
        largest = max(float(p[0]) for p in self.axes[name].points)
        return text(where) if number(end.text).value < largest else ""

    def _one(self, request: Request) -> str:
        """One number of a fit or optimum, as a claim asks for it."""
        there = of_request(request)
        name = next((q for q in ("alpha", "beta", "gamma", "a", "E") if q in there), there[0] if there else "n")
        return f"{name}({request.name})"

    def examples(self) -> tuple[str, ...]:
        """Claims that this study can make: on an exponent, two losses, two laws."""
        fits = [f.request for f in self.requests.fits.values() if not f.implied]
        ways = [f"{one} in [0.3..0.5]" for r in fits if (one := self._one(r)).split("(")[0] in ("alpha", "beta")][:1]
        if (moved := self._moved(())) is not None and self.measures("loss"):
            axis, values = moved
            ways.append(f"loss({axis}={short(values[-1])}) < loss({axis}={short(values[0])})")
        alike = [r for r in fits if r.quantities == fits[0].quantities and r.loss == fits[0].loss]
        if len(alike) > 1 and alike[0].where == alike[1].where:
            ways.append(f"validation({alike[0].name}) < validation({alike[1].name})")
        return tuple(ways)

    def _criterion(self, request: Request | None = None) -> str:
        """The help for what laws are compared by elsewhere, whose numbers are of no error."""
        fits = [f.request.name for f in self.requests.fits.values() if not f.implied]
        one = request.name if request is not None else next(iter(fits), "chinchilla")
        other = next((name for name in fits if name != one), "")
        asked = f"validation({one}) < validation({other})" if other else f"rmse_log({one}) < 2%"
        return f"{CRITERION}, such as `expect {asked}`"

    def _judged(self, request: Request | None = None) -> str:
        """The help for how sure a number is, which no claim asks for."""
        first: Request | None = request or next((f.request for f in self.requests.fits.values()), None)
        one = self._one(first) if first is not None else "loss"
        return f"every claim is judged with its 95% interval: claim the number itself, such as `{one} > 0.3`"

    def _there(self, chosen: Sequence[Any] = ()) -> str:
        """The help that names what claims of this study can ask for, one of a kind."""
        at = ", ".join(text(c).replace(" = ", "=") for c in chosen if isinstance(c, ast.Define) or self.is_label(c))
        sized = next((a for a in self.axes if self._values(a) and a != "seed" and not self.tuned(a)), "")
        at = at or (f"{sized}={short(self._values(sized)[-1])}" if sized else "")
        ways = [f"of cells `loss({at})`" if at else "of cells `loss`"]
        asked: list[Request] = [f.request for f in (*self.requests.fits.values(),)[:1]]
        asked += [o.request for o in (*self.requests.optima.values(),)[:1]]
        ways += [f"{'of a fit' if isinstance(r, FitRequest) else 'of an optimum'} `{self._one(r)}`" for r in asked]
        facts = [f"{f}(data)" for f in sorted(self.facts) if not f.startswith(SHARE)]
        ways += [f"of the data {listing(facts, last='or')}"] if facts else []
        ways += [f"of a tuned axis `{a}`" for a in self.axes if self.tuned(a)][:1]
        return f"a claim may ask for a number {', '.join(ways)}"

    def _moved(self, chosen: Sequence[Any]) -> tuple[str, list[float]] | None:
        """The axis of numbers that a trend is along: the one named, or that of the size which is named."""
        named = [c.id for c in chosen if isinstance(c, ast.Name)]
        along = [a for a in self.axes if len(self._values(a)) > 1 and a != "seed" and not self.tuned(a)]
        wanted = [a for a in along if a in named or (canonical(a) in named) or (a == "width" and "N" in named)]
        return (wanted[0], self._values(wanted[0])) if wanted else (along[0], self._values(along[0])) if along else None

    def _values(self, axis: str) -> list[float]:
        """The numbers on an axis, in order; none for one of labels or of several names."""
        points = self.axes[axis]
        place = points.names.index(axis)
        return sorted(float(p[place]) for p in points.points if not isinstance(p[place], str))
