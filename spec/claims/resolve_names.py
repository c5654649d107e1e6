"""The owner of a quantity that a claim names: a fit, an optimum, or the study's cells.

A bare `beta` is that of the only fit which has it; where several have it and one of them is the only law in N and D,
it is that one's, and a warning says so. A fit is called by what was written, by its `let`, or by fewer words that fit
no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing, nearest, similar
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.run_grid import PlanAxis
from ..plan.study_plan import FitRequest
from ..requests.lookup import fits_called, optima_called
from ..requests.provides import Request, counterpart, help_for, of_fit, of_optimum, of_request
from ..requests.request_types import Requests, law_of, parameters
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import short
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import CURVES, REDUCTIONS
from ..vocabulary.quantities import canonical, measured, run_quantities
from .selectors import Labels

#: Quantities by the names that others have for them, in small letters, as they are asked for here.
ELSEWHERE_MEASURED = {
    **dict.fromkeys(
        ("val_loss", "test_loss", "eval_loss", "final_loss", "train_loss", "ce", "cross_entropy", "nll"), "loss"
    ),
    **dict.fromkeys(("perplexity", "ppl"), "exp(loss)"),
    **dict.fromkeys(("bits", "bpc", "loss_bits"), "loss/log(2)"),
    **dict.fromkeys(("entropy", "h", "entropyrate", "floor_exact"), "entropy_rate"),
    **dict.fromkeys(("irreducible", "irreducible_loss", "offset", "e_inf", "l_inf"), "E"),
    **dict.fromkeys(("excess_entropy", "reducible", "reducible_loss", "gap"), "excess"),
    **dict.fromkeys(("alpha_n", "slope_n"), "alpha"),
    **dict.fromkeys(("alpha_d", "slope_d", "data_exponent"), "beta"),
    **dict.fromkeys(("r2", "rsquared", "r_squared", "r"), "r2"),
    **dict.fromkeys(("chi2", "mae", "residual"), "rmse_log"),
    **dict.fromkeys(("aic", "bic", "cv", "test_error"), "validation"),
    **dict.fromkeys(("n_opt", "nopt", "optimal_n"), "N(surface(chinchilla), C=1PFLOP)"),
    **dict.fromkeys(("d_opt", "dopt", "optimal_d"), "D(surface(chinchilla), C=1PFLOP)"),
}
#: Words for how sure a number is, which no claim asks for; for an exponent of any law; for how two things go together.
JUDGED = (
    *("ci", "interval", "confidence", "p", "prob", "probability", "pr", "p_value", "pvalue", "pval", "significance"),
    *("significant", "se", "stderr", "sem", "error", "uncertainty", "posterior", "credible", "zscore", "tstat"),
)
EXPONENTS = ("exponent", "slope", "power", "rate", "scaling_exponent", "exp", "gradient")
PREDICTING = ("predict", "prediction", "predicted", "extrapolate", "forecast", "eval", "evaluate", "value", "f")
RELATED = ("correlation", "corr", "spearman", "pearson", "kendall", "cor", "linearity", "goodness", "adjusted_r2")
#: Reductions by the names that others have for them, or for the nearest thing to them.
ELSEWHERE_REDUCED = {
    **dict.fromkeys(("avg", "average", "nanmean"), "mean"),
    **dict.fromkeys(("std", "stdev", "stddev", "sd", "var", "variance", "range", "ptp"), "spread"),
    **dict.fromkeys(("maximum", "amax", "largest"), "max"),
    **dict.fromkeys(("minimum", "amin", "smallest"), "min"),
}


@dataclass(frozen=True)
class Owners:
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

    def tuned(self, name: str) -> bool:
        """True for the name of a tuned axis: its value in a cell is the best one, which only the results give."""
        return name in self.axes and self.axes[name].role == "tune"

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

    def named(self, node: Any) -> Request | None:
        """The fit or optimum that an argument names; `Fault` where it may be any of several."""
        if not isinstance(node, ast.Name | ast.Call):
            return None
        if isinstance(node, ast.Name) and node.id in self.labels.axes and node.id not in self.requests.fits:
            return None
        fits = fits_called(node, self.requests.fits.values())
        found: list[Request] = [one.request for one in (fits or optima_called(node, self.requests))]
        if len(found) > 1:
            what = "fits" if isinstance(found[0], FitRequest) else "optima"
            calls = listing((r.name for r in found), last="or")
            raise Fault("SCL424", f"`{text(node)}` may be any of several {what}", node.span, helps=(f"write {calls}",))
        return found[0] if found else None

    def of_bare(self, name: str, span: Span, file: str) -> tuple[list[Request], Diagnostic | None]:
        """The fit or optimum a bare quantity belongs to, and what is to be said of it; several where it could be any.

        Where a study uses another, a claim means the fits of the `file` it stands in, if one of them has the quantity.
        """
        there = [a for a in self.requests.fits.values() if name in of_fit(a.request)]
        fits: list[Request] = [a.request for a in there if a.span.file == file] or [a.request for a in there]
        if name in run_quantities() and not fits:
            return [], None
        found = fits or [o.request for o in self.requests.optima.values() if name in of_optimum(o.request)]
        if len(found) < 2:
            return found, None
        calls = [f"{name}({r.name})" for r in found]
        surfaces: list[Request] = [r for r in found if isinstance(r, FitRequest) and len(law_of(r).variables) == 2]
        if len(surfaces) == 1:
            meant = f"{name}({surfaces[0].name})"
            message, helps = f"`{name}` is read as `{meant}`, the law in N and D", (f"write `{meant}`",)
            notes = (f"the study also gives {listing(c for c in calls if c != meant)}",)
            fixes = (Fix((Edit(span, meant),)),)
            return surfaces, Diagnostic("SCL425", message, span, "warning", notes=notes, helps=helps, fixes=fixes)
        helps = (f"write {listing(calls, last='or')}",)
        return found, Diagnostic("SCL424", f"several fits have `{name}`", span, helps=helps)

    def lacks(self, request: Request, node: ast.Call) -> Diagnostic | None:
        """The finding about a fit or optimum that does not give a quantity."""
        there = of_request(request)
        if node.name not in there:
            near, same = similar(node.name, there), counterpart(node.name, request)
            called = ELSEWHERE_MEASURED.get(node.name.lower())
            helps = (f"a quantity with a similar name exists: `{near}`",) if near else help_for(node.name)
            if called in there:
                helps = (f"write `{called}({request.name})`",)
            if same is not None:
                helps = (f"it calls that `{same}`: write `{same}({request.name})`",)
            if node.name.lower() in PREDICTING and "L" in there:
                rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
                helps = (f"write `L({request.name}{rest or ', N=1M, D=20M'})`",)
            if node.name in self.measured:
                helps = (f"it is measured, and of no fit: write `{node.name}`",)
            if (
                isinstance(request, FitRequest)
                and node.name.lower() in EXPONENTS
                and (own := [q for q in parameters(request) if q in ("alpha", "beta")])
            ):
                helps = (f"write {listing((f'{q}({request.name})' for q in own), last='or')}",)
            message = f"`{request.name}` gives no `{node.name}`"
            return Diagnostic("SCL426", message, node.name_span, notes=(f"it gives {listing(there)}",), helps=helps)
        if node.name == "holdout" and isinstance(request, FitRequest) and request.where is None:
            message = f"`{request.name}` holds no cells out: it has no condition"
            part = next((f"{a} <= {self._within(a)}" for a in self.axes if self._within(a)), "N <= 1M")
            helps = (f"fit it to a part, such as `fit {request.name} where {part}`, and the rest is held out",)
            return Diagnostic("SCL426", message, node.name_span, helps=helps)
        return None

    def _within(self, axis: str) -> str:
        """The value of a swept size below which most of its points lie; empty where it is none."""
        points = self.axes[axis]
        values = sorted(float(p[0]) for p in points.points if not isinstance(p[0], str))
        sized = points.role == "sweep" and len(points.names) == 1 and axis not in ("seed", "lr")
        return short(values[-2]) if sized and len(values) > 2 else ""

    def unknown(self, name: str, span: Span, chosen: Sequence[Any] = ()) -> Diagnostic | None:
        """A quantity that nothing in the study gives, at what is `chosen` of its cells.

        None where a fit could not be read: it might have given it.
        """
        if not self.complete:
            return None
        given = self.quantities()
        helps = self._called(name, chosen) or nearest("a quantity", name, given) or help_for(name)
        if not helps:
            said = next((q for q in ("alpha", "beta", "E") if q in given), "")
            one = f"`{said} in [0.3..0.5]`" if said else "`loss < 2.5`"
            helps = (f"claim what there is, such as {one}, or `loss(width=64) < loss(width=16)`",)
            if "width" not in self.axes:
                helps = (f"claim what there is, such as {one}",)
        own = sorted(given - set(self.measured) - set(self.axes))
        tuned = sorted(axis for axis in self.axes if self.tuned(axis))
        notes: tuple[str, ...] = (f"measured are {listing(self.measured)}",)
        if self.requests.fits:
            notes = (f"its fits and optima give {listing(own)}", *notes)
        if tuned:
            notes = (*notes, f"of tuned axes, the best value: {listing(tuned)}")
        if name in measured() and name not in self.measured:
            notes, helps = (), (f'name the column that holds it, such as `{name}="..."` in `table(...)`',)
        return Diagnostic("SCL426", f"nothing in this study gives `{name}`", span, notes=notes, helps=helps)

    def _called(self, name: str, chosen: Sequence[Any]) -> tuple[str, ...]:
        """The help for a quantity that others call so; of a tuned axis, its best value."""
        low = name.lower()
        tuned = [axis for axis in self.axes if self.tuned(axis) and axis in low.split("_")]
        if tuned:
            return (f"the best value of a tuned axis is asked for by its name: `{tuned[0]}`",)
        best = [axis for axis in self.axes if self.tuned(axis)]
        if low in ("argmin", "argmax", "best", "optimal", "optimum", "tuned") and best:
            return (f"the best value of a tuned axis is asked for by its name: `{best[0]}`",)
        fits = [fit for fit in self.requests.fits if fit == name or fit.startswith(f"{name}(")]
        if fits:
            asked = ", ".join(f"{c.name}={text(c.value)}" for c in chosen if isinstance(c, ast.Define))
            if asked and len(fits) == 1:
                return (f"write `L({fits[0]}, {asked})`, which it predicts",)
            one = next(iter(of_fit(self.requests.fits[fits[0]].request)), "r2")
            return (f"ask a number of it, such as `{one}({fits[0]})`, or its prediction, `L({fits[0]}, N=1M, D=20M)`",)
        if low in JUDGED:
            return (
                "every claim is judged with its 95% interval: claim the number alone, such as `alpha in [0.3..0.5]`",
            )
        own = [q for fit in self.requests.fits.values() for q in of_fit(fit.request) if q in ("alpha", "beta")]
        if low in EXPONENTS and own:
            return (f"write {listing(dict.fromkeys(own), last='or')}",)
        if low in RELATED and self.requests.fits:
            return (f"how well a law describes the losses is `r2({next(iter(self.requests.fits))})`",)
        if low in ELSEWHERE_REDUCED:
            meant = ELSEWHERE_REDUCED[low]
            return (f"write `{meant}(...)`, the {REDUCTIONS[meant]}",)
        if low in ELSEWHERE_MEASURED:
            at = f"({', '.join(text(c).replace(' = ', '=') for c in chosen)})" if chosen else ""
            meant = re.sub(r"\bloss\b", f"loss{at}", ELSEWHERE_MEASURED[low])
            return (f"write `{meant}`",)
        if low == "l":
            at = f"({', '.join(text(c) for c in chosen)})" if chosen else ""
            return (f"write `loss{at}`, where it was measured", *help_for(name))
        return ()

    def no_such_fit(self, node: ast.Call, first: Any) -> Diagnostic | None:
        """A quantity of a fit that is not there. None where a fit could not be read."""
        if not self.complete:
            return None
        known = [*self.requests.fits, *self.requests.optima]
        name = text(first)
        if (turned := self._turned(node, name)) is not None:
            return turned
        if node.name not in self.quantities() and not (known and node.name in CURVES):
            return self.unknown(node.name, node.name_span)
        both: list[Request] = [fit.request for fit in self.requests.fits.values()]
        both += [optimum.request for optimum in self.requests.optima.values()]
        word = REGISTRY.get(first.name if isinstance(first, ast.Call) else name)
        kind = word.kind if word is not None else "law"
        helps = nearest("a fit", name, known)
        if not helps and kind in ("law", "optimum"):
            statement = "fit" if kind == "law" else "optimum"
            giving = [request.name for request in both if node.name in of_request(request)]
            asked = tuple(f"ask `{node.name}({n})`" for n in giving[:1])
            helps = (*asked, f"or add `{statement} {name}`" if asked else f"add `{statement} {name}`")
        if not helps and node.name in measured():
            helps = (f"write `{node.name}`, which is measured of cells, or `{node.name}(width=64)` at some of them",)
        notes = (f"its fits and optima are {listing(known)}",) if known else ("it has no fit",)
        return Diagnostic("SCL427", f"this study has no fit `{name}`", first.span, notes=notes, helps=helps)

    def _turned(self, node: ast.Call, name: str) -> Diagnostic | None:
        """The finding about a fit or optimum asked of its own number: `chinchilla(alpha)` for `alpha(chinchilla)`."""
        every: list[Request] = [fit.request for fit in self.requests.fits.values()]
        every += [optimum.request for optimum in self.requests.optima.values()]
        mine = [r for r in every if r.name == node.name or r.name.startswith(f"{node.name}(")]
        giving = [r for r in mine if name in of_request(r)]
        if not giving or node.name in self.quantities():
            return None
        rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
        ways = [f"{name}({r.name}{rest})" for r in giving]
        fixes = (Fix((Edit(node.span, ways[0]),)),) if len(mine) == 1 and not rest else ()
        message = f"`{node.name}` gives `{name}`, and is named in its parentheses"
        helps = (f"write {listing(ways, last='or')}",)
        return Diagnostic("SCL426", message, node.span, helps=helps, fixes=fixes)
