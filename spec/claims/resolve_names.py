"""The owner of a quantity that a claim names: a fit, an optimum, or the study's cells.

A bare `beta` is that of the only fit which has it; where several have it and one of them is the only law in N and D,
it is that one's, and a warning says so. A fit is called by what was written, by its `let`, or by fewer words that fit
no other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.concepts import missing
from ..diagnostics.suggest import listing, nearest, similar, sure
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..plan.coerce import called
from ..plan.study_plan import FitRequest, OptimumRequest
from ..requests.lookup import fits_called, optima_called
from ..requests.provides import Request, counterpart, given_by, help_for, of_fit, of_optimum, of_request, worth_shared
from ..requests.request_types import law_of, parameters
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import short
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import CURVES, REDUCTIONS, SHARE
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import canonical, measured, run_quantities, statistics
from ..vocabulary.words.sources import Source
from .askable import Askable
from .names_elsewhere import (
    CRITERIA,
    ELSEWHERE_MEASURED,
    ELSEWHERE_REDUCED,
    EXPONENTS,
    GROWTH,
    INTERVALS,
    JUDGED,
    NOT,
    OPTIMAL,
    PREDICTING,
    TRENDS,
)
from .selectors import chosen_inside, some_compute


@dataclass(frozen=True)
class Owners(Askable):
    """Finds what the quantities of a study's claims are of, and says what is wrong where nothing gives one."""

    def named(self, node: Any) -> Request | None:
        """The fit or optimum that an argument names; `Fault` where it may be any of several.

        A law written out is named by its expression, `rmse(E + A*N^-alpha)`.
        """
        if isinstance(node, ast.Binary | ast.Negate | ast.Group):
            own = self.requests.fits.get(text(node))
            return own.request if own is not None else None
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

    def _at_compute(self, args: Sequence[Any], curve: bool) -> str:
        """What stands behind the name of an optimum: with a `curve` a compute, and all that was given but sizes."""
        sized = {canonical(a.name): text(a.value) for a in args if isinstance(a, ast.Define)}
        given = [f"C={sized.get('C') or some_compute(self.axes)}"] if curve else []
        kept = (a for a in args if not (isinstance(a, ast.Define) and canonical(a.name) in ("N", "D", "C")))
        return "".join(f", {one}" for one in (*given, *(text(a).replace(" = ", "=") for a in kept)))

    def lacks(self, request: Request, node: ast.Call) -> Diagnostic | None:
        """The finding about a fit or optimum that does not give a quantity."""
        there = of_request(request)
        if node.name not in there:
            near, same = similar(node.name, there) if len(node.name) > 1 else None, counterpart(node.name, request)
            pieces = [p for p in node.name.lower().split("_") if len(p) > 1 and p in statistics()]
            called = ELSEWHERE_MEASURED.get(node.name.lower()) or next(iter(pieces), None)
            helps = (f"a quantity with a similar name exists: `{near}`",) if near else help_for(node.name)
            way = next((h.split("optimum ")[1].strip("`") for h in help_for(node.name) if "optimum " in h), "")
            if isinstance(request, FitRequest) and way and not (near and sure(node.name, near, there)):
                asked = f"{node.name}({way.replace('chinchilla', request.name)})"
                helps = (f"it is of an optimum: write `{asked}`", f"and `optimum {asked[len(node.name) + 1 : -1]}`")
                law = law_of(request)
                from ..requests.known_law import laws_with  # of what is wrong alone

                if law.variables != ("x",) and (others := laws_with(node.name, law)):
                    fitted = [fit.request.law for fit in self.requests.fits.values()]
                    meant = next((other for other in others if other not in fitted), others[0])
                    helps = (f"write `{node.name}({meant})` and `fit {meant}`; {listing(others)} have it",)
            if called in there:
                helps = (f"write `{called}({request.name})`",)
                if (why := NOT.get(node.name.lower())) is not None:
                    helps = (*helps, why)
                if called == "holdout" and isinstance(request, FitRequest) and request.where is None:
                    part = next((f"{a} <= {self._within(a)}" for a in self.axes if self._within(a)), "")
                    kept = f", and hold cells out: `fit {request.name} where {part}`" if part else ""
                    helps = (f"write `holdout({request.name})`{kept}",)
            having = [f.request for f in self.requests.fits.values() if node.name in of_fit(f.request)]
            alike = len(request.variables) if isinstance(request, FitRequest) else 0
            giving = [r.name for r in sorted(having, key=lambda r: len(r.variables) != alike)]
            if giving and isinstance(request, OptimumRequest):
                helps = (f"it is of a fit: write `{node.name}({giving[0]})`",)
            elif giving and any(f"fit {fit.law}" in h for fit in having for h in helps):  # which is there
                rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
                helps = (f"write `{node.name}({giving[0]}{rest})`",)
            optima = [one.request.name for one in self.requests.optima.values() if node.name in of_optimum(one.request)]
            own_optima = [one for one in optima if one.endswith(f"({request.name})")]
            if optima and giving and isinstance(request, FitRequest) and not own_optima:
                helps = (f"another fit has it: write `{node.name}({giving[0]})`",)
            elif optima and isinstance(request, FitRequest):
                rest = self._at_compute(node.args[1:], node.name in OPTIMAL.values())
                helps = (f"it is of an optimum: write `{node.name}({optima[0]}{rest})`",)
            if node.name.lower() in OPTIMAL and isinstance(request, OptimumRequest):
                rest = self._at_compute(node.args[1:], True)
                asked = "/".join(f"{q}({request.name}{rest})" for q in OPTIMAL[node.name.lower()].split("/"))
                helps = (f"write `{asked}`",)
            if node.name.lower() in OPTIMAL and isinstance(request, FitRequest) and len(request.variables) == 2:
                method = own_optima[0] if own_optima else f"surface({request.name})"
                rest = self._at_compute(node.args[1:], True)
                asked = "/".join(f"{q}({method}{rest})" for q in OPTIMAL[node.name.lower()].split("/"))
                helps = (f"it is of an optimum: write `{asked}`", *(() if own_optima else (f"and `optimum {method}`",)))
            if same is not None:
                rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
                helps = (f"it calls that `{same}`: write `{same}({request.name}{rest})`",)
            if node.name.lower() in PREDICTING and "L" in there:
                rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
                helps = (f"write `L({request.name}{rest or ', N=1M, D=20M'})`",)
            if isinstance(request, OptimumRequest) and (power := GROWTH.get(node.name.lower())) in there:
                said = f"how the best {'N' if power == 'a' else 'D'} grows with compute is `{power}`"
                helps = (f"write `{power}({request.name})`", said)
            if node.name in self.measured:
                helps = (f"it is measured, and of no fit: write `{node.name}`",)
            if (
                isinstance(request, FitRequest)
                and node.name.lower() in EXPONENTS
                and (own := [q for q in parameters(request) if q in ("alpha", "beta")])
            ):
                helps = (f"write {listing((f'{q}({request.name})' for q in own), last='or')}",)
            if called is None:
                from .not_worked_out import instead

                fits = {request.name: request} if isinstance(request, FitRequest) else {}
                helps = instead(node.name, node.args[1:], self.axes, fits) or helps
            apart = {*self.axes, *(axis for known in self.labels.axes.values() for axis in known)} - {"seed"}
            if isinstance(request, FitRequest) and (shares := worth_shared(node.name, request, apart)):
                call = self.requests.fits[request.name].call
                rest = ", ".join(text(a).replace(" = ", "=") for a in call.args) if call is not None else ""
                meant = f"{request.law}({rest}{', ' if rest else ''}share=({', '.join(shares)}))"
                asked = f"{node.name}({', '.join((meant, *(text(a).replace(' = ', '=') for a in node.args[1:])))})"
                way = f"write `fit {meant}`, and claim `{asked}`"
                if call is not None and call.span.file == node.span.file and request.name.isidentifier():
                    named = request.name not in REGISTRY
                    way = f"write `let {request.name} = {meant}`" if named else way
                helps = ("what sizes are worth in another panel is told where panels share exponents", way)
            if node.name.lower() in CRITERIA:
                helps = (self._criterion(request),)
            if not helps and node.name.lower() in JUDGED:
                helps = (self._judged(request),)
            if not helps:
                helps = ((why,) if (why := missing(node.name)) else ()) or (
                    f"ask one of its numbers, such as `{self._one(request)}`",
                )
            message = f"`{request.name}` gives no `{node.name}`"
            return Diagnostic("SCL426", message, node.name_span, notes=(f"it gives {listing(there)}",), helps=helps)
        if node.name == "holdout" and isinstance(request, FitRequest) and request.where is None:
            message = f"`{request.name}` holds no cells out: it has no condition"
            part = next((f"{a} <= {self._within(a)}" for a in self.axes if self._within(a)), "N <= 1M")
            helps = (f"fit it to a part, such as `fit {request.name} where {part}`, and the rest is held out",)
            if untrained := self._kept_untrained():
                message = f"{message}, and the one behind `train` keeps the other runs from being trained"
                helps = (f"move it from there behind the law, as in `fit {request.name} where {untrained}`",)
            return Diagnostic("SCL426", message, node.name_span, helps=helps)
        return None

    def unknown(self, name: str, span: Span, chosen: Sequence[Any] = ()) -> Diagnostic | None:
        """A quantity that nothing in the study gives, at what is `chosen` of its cells.

        None where a fit could not be read: it might have given it.
        """
        if not self.complete:
            return None
        given = self.quantities()
        if name in self.called and not chosen:
            here = self.called[name]
            fixes = (Fix((Edit(span, here),), "maybe-incorrect"),)
            ways = (f"that is called `{here}` here",)
            return Diagnostic("SCL426", f"nothing in this study gives `{name}`", span, helps=ways, fixes=fixes)
        if name in self.axes and not self.tuned(name) and self.axes[name].role == "sweep":
            message = f"`{name}` is swept and not tuned, so none of its values is the best"
            values = ", ".join(p[0] if isinstance(p[0], str) else short(p[0]) for p in self.axes[name].points)
            return Diagnostic(
                "SCL426", message, span, helps=(f"tune it, as in `tune {name} in {{{values}}}` behind `train`",)
            )
        if name in self.known and any(name in typed(w) for w in REGISTRY.values() if w.kind == "optimiser"):
            few = "{0.01, 0.02, 0.04}" if name == "lr" else "{...}"
            message = f"every run has one `{name}`, and none of several is the best"
            way = f"to have the best of several, write `tune {name} in {few}` in `train` in its place"
            return Diagnostic("SCL426", message, span, helps=(way,))
        from .not_worked_out import instead  # of what is wrong alone

        fits = {n: fit.request for n, fit in self.requests.fits.items()}
        helps = instead(name, chosen, self.axes, fits)
        cased = [one for one in given - {*statistics()} if one.lower() == name.lower() and len(name) > 1]
        helps = helps or ((f"write `{cased[0]}`",) if len(cased) == 1 else ())
        helps = (
            helps
            or self._called(name, chosen)
            or nearest("a quantity", name, given)
            or (*help_for(name), *self._of_one(name))
        )
        if not helps and (why := missing(name)):
            helps = (why,)
        if not helps:
            helps = (self._there(chosen),)
        own = sorted(given - set(self.measured) - set(self.axes))
        tuned = sorted(name for name in {*self.axes, *self.kept} if self.tuned(name))
        notes: tuple[str, ...] = (f"measured are {listing(self.measured)}",) if self.measured else ()
        if self.requests.fits:
            notes = (f"its fits and optima give {listing(own)}", *notes)
        if tuned:
            notes = (*notes, f"of tuned axes, the best value: {listing(tuned)}")
        if name in measured() and name not in self.measured:
            notes, helps = (), (f'name the column that holds it, such as `{name}="..."` in `table(...)`',)
            if name == "entropy_rate":
                helps = ("write the number that is expected in its place, such as `1.7`", f"or {helps[0]}")
        return Diagnostic("SCL426", f"nothing in this study gives `{name}`", span, notes=notes, helps=helps)

    def _of_one(self, name: str) -> tuple[str, ...]:
        """The help for a number of a law that the only fit which has it calls otherwise."""
        found = {r.name: own for f in self.requests.fits.values() if (own := counterpart(name, r := f.request))}
        return tuple(
            f"`{fit}` calls its own `{own}`: write `{own}({fit})`" for fit, own in found.items() if len(found) == 1
        )

    def _called(self, name: str, chosen: Sequence[Any]) -> tuple[str, ...]:
        """The help for a quantity that others call so; of a tuned axis, its best value."""
        low = name.lower()
        at = f"({', '.join(text(c).replace(' = ', '=') for c in chosen)})" if chosen else ""
        facts = [f for f in sorted(self.facts) if not f.startswith(SHARE)]
        drawn = [w for w, t in REGISTRY.items() if issubclass(t, Source) and name in t.facts]
        if drawn and name not in facts:
            return (f"leave the claim out: `{name}(data)` is a number of what {listing(drawn, last='or')} draws",)
        if facts and any(isinstance(c, ast.Name) and c.id == "data" for c in chosen):
            return (f"of the data there is {listing((f'{f}(data)' for f in facts), last='or')}",)
        shares = {f.removeprefix(f"{SHARE}_") for f in self.facts if f.startswith(SHARE)}
        part = next((text(c) for c in chosen if text(c) in shares), "")
        if part and {*low.split("_")} & {"explained", "variance", "ratio", "share", "evr", "eigenvalue"}:
            return (f"what an axis explains is its share: write `{SHARE}({part})`",)
        law = next((f for f, one in self.requests.fits.items() if {"N", "D"} >= {*one.request.quantities}), "")
        if name == "L" and law and (sizes := _sizes_of(self.requests.fits[law].request.quantities, chosen)):
            return (f"a law predicts it: write `L({law}, {sizes})`",)
        if low in OPTIMAL:
            curves = [n for n, o in self.requests.optima.items() if not o.implied]
            fits = [n for n, f in self.requests.fits.items() if f.request.quantities[:2] == ("N", "D")]
            method = curves[0] if curves else f"surface({fits[0] if fits else 'chinchilla'})"
            given = next((a for a in chosen if isinstance(a, ast.Number)), None)
            amount = next((c.value for c in chosen if isinstance(c, ast.Define) and canonical(c.name) == "C"), given)
            compute = amount.text if isinstance(amount, ast.Number) else some_compute(self.axes)
            asked = "/".join(f"{letter}({method}, C={compute})" for letter in OPTIMAL[low].split("/"))
            return (f"write `{asked}`", *(() if curves else (f"and `optimum {method}`",)))
        named = [axis for axis in self.axes if axis in low.split("_") and not self.tuned(axis)]
        if named and {*low.split("_")} & {"best", "optimal", "opt", "argmin", "star", "optimum"} and named[0] != "seed":
            panel = self.axes[named[0]].role == "panel"
            how = "with `tune` in place of `panel`" if panel else f"`tune {named[0]} in {{...}}`"
            return (f"write `{named[0]}{at}`, which is the best value where the axis is tuned, {how}",)
        if low in TRENDS and (sized := self._moved(chosen)):
            axis, values = sized
            one, two = (f"loss({axis}={short(v)})" for v in (values[-1], values[0]))
            return (f"compare two of its values: `{one} {TRENDS[low]} {two}`",)
        if low in statistics() and self.requests.fits:
            return (f"ask it of a fit: `{low}({next(iter(self.requests.fits))})`",)
        if low in statistics():
            return (f"ask it of a fit by its name, such as `{low}(chinchilla)`",)
        tuned = [axis for axis in self.axes if self.tuned(axis) and axis in low.split("_")]
        if tuned:
            return (f"the best value of a tuned axis is asked for by its name: `{tuned[0]}`",)
        best = [axis for axis in self.axes if self.tuned(axis)]
        of = [c.id for c in chosen if isinstance(c, ast.Name) and c.id in self.axes and c.id != "seed"]
        if low in ("argmin", "argmax", "best", "optimal") and of:
            how = "" if self.tuned(of[-1]) else f", where the axis is tuned: `tune {of[-1]} in {{...}}`"
            return (f"the best value of an axis is asked for by its name, `{of[-1]}`{how}",)
        if low in ("argmin", "argmax", "best", "optimal", "optimum", "tuned") and best:
            return (f"the best value of a tuned axis is asked for by its name: `{best[0]}`",)
        fits = [fit for fit in self.requests.fits if fit == name or fit.startswith(f"{name}(")]
        if fits:
            asked = ", ".join(f"{c.name}={text(c.value)}" for c in chosen if isinstance(c, ast.Define))
            if asked and len(fits) == 1:
                return (f"write `L({fits[0]}, {asked})`, which it predicts",)
            one = next(iter(of_fit(self.requests.fits[fits[0]].request)), "r2")
            return (f"ask a number of it, such as `{one}({fits[0]})`, or its prediction, `L({fits[0]}, N=1M, D=20M)`",)
        if low in JUDGED or {*low.split("_")} & INTERVALS:
            return (self._judged(),)
        own = [q for fit in self.requests.fits.values() for q in of_fit(fit.request) if q in ("alpha", "beta")]
        if low in EXPONENTS and own:
            return (f"write {listing(dict.fromkeys(own), last='or')}",)
        if low in ELSEWHERE_REDUCED:
            meant = ELSEWHERE_REDUCED[low]
            return (f"write `{meant}(...)`, the {REDUCTIONS[meant]}",)
        if low in CRITERIA:
            return (self._criterion(),)
        if low in ELSEWHERE_MEASURED:
            at = at if all(self.is_label(c) for c in chosen if isinstance(c, ast.Name)) else ""
            inner = chosen[0] if len(chosen) == 1 else None
            whole = isinstance(inner, ast.Call) or (isinstance(inner, ast.Name) and inner.id in self.measured)
            loss = text(inner).replace(" = ", "=") if whole else f"loss{at}"
            meant = re.sub(r"\bloss\b", loss, ELSEWHERE_MEASURED[low])
            meant = f"{meant}{at}" if meant in self.measured and meant != "loss" else meant
            why = (NOT[low],) if low in NOT else ()
            if meant in ("validation", "holdout", "r2", "rmse_log") and self.requests.fits:
                meant = f"{meant}({next(iter(self.requests.fits))})"
            return (f"write `{meant}`", *why)
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
        if (otherwise := self._called_otherwise(node, first)) is not None:
            return otherwise
        called_so = REGISTRY.get(first.name if isinstance(first, ast.Call) else name)
        given = node.name in self.quantities() or (called_so is not None and given_by(called_so, node.name))
        if not given and not (known and node.name in CURVES):
            return self.unknown(node.name, node.name_span, node.args)
        both: list[Request] = [fit.request for fit in self.requests.fits.values()]
        both += [optimum.request for optimum in self.requests.optima.values()]
        head = first.name if isinstance(first, ast.Call) else name
        word = REGISTRY.get(head)
        kind = word.kind if word is not None else "law"
        helps = nearest("a fit", name, known)
        apart = chosen_inside(first, self.axes, self.labels.axes) if isinstance(first, ast.Call) else ""
        if any(apart.startswith(f"{one}, ") for one in known):
            rest = "".join(f", {text(a)}".replace(" = ", "=") for a in node.args[1:])
            helps = (f"write `{node.name}({apart}{rest})`",)
        if head.lower() in JUDGED:
            wide = "how wide the intervals will be is said by `scalingdsl plan STUDY --design 1%`"
            helps = (self._judged(), wide)
        if not helps and kind in ("law", "optimum"):
            statement = "fit" if kind == "law" else "optimum"
            giving = [request.name for request in both if node.name in of_request(request)]
            asked = tuple(f"ask `{node.name}({n})`" for n in giving[:1])
            added = (f"or add `{statement} {name}`" if asked else f"add `{statement} {name}`",)
            helps = (*asked, *(added if word is not None or not asked else ()))
        giving = [request.name for request in both if node.name in of_request(request)]
        if not helps and node.name in measured():
            helps = (f"write `{node.name}`, which is measured of cells, or `{node.name}(width=64)` at some of them",)
        if not helps and giving:
            label = self.labels.may_be(name) and not self.labels.open
            helps = (f"write `{node.name}({giving[0]}{f', {name}' if label else ''})`",)
            if not label and kind in ("family", "source", "graph", "optimiser", "schedule"):
                helps = (f"{helps[0]}: a fit is asked by the name of its law, at a label of its panels",)
        if not helps:
            helps = (self._there(),)
        notes = (f"its fits and optima are {listing(known)}",) if known else ("it has no fit",)
        what = "optimum" if kind == "optimum" else "fit"
        message = f"this study has no {what} `{text(first)}`"
        return Diagnostic("SCL427", message, first.span, notes=notes, helps=helps)

    def _called_otherwise(self, node: ast.Call, first: Any) -> Diagnostic | None:
        """The finding about a fit or optimum by a name that others have for it, `a(approach2)`."""
        head = first.name if isinstance(first, ast.Call) else text(first)
        rest = [text(a).replace(" = ", "=") for a in node.args[1:]]
        method = "" if head in REGISTRY else called(head, "optimum").split("(")[0]
        ways = [o.request for o in self.requests.optima.values() if o.request.method == method]
        if len(ways) == 1 and node.name in of_request(ways[0]):
            put = (Fix((Edit(first.span, ways[0].name),), "maybe-incorrect"),)
            way = (f"write `{node.name}({', '.join((ways[0].name, *rest))})`",)
            return Diagnostic("SCL427", f"this study has no fit `{head}`", first.span, helps=way, fixes=put)
        law = "" if head in REGISTRY else called(head, "law").split("(")[0]
        name = f"{law}{text(first).removeprefix(head)}"
        if not law or name not in self.requests.fits:
            return None
        request = self.requests.fits[name].request
        own = node.name if node.name in of_request(request) else counterpart(node.name, request)
        edits = [Edit(first.span, name), *([Edit(node.name_span, own)] if own and own != node.name else [])]
        asked = ", ".join((name, *rest))
        helps = (f"write `{own}({asked})`" if own else f"it is called `{name}`",)
        fixes = (Fix(tuple(edits), "maybe-incorrect"),)
        return Diagnostic("SCL427", f"this study has no fit `{text(first)}`", first.span, helps=helps, fixes=fixes)

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


def _sizes_of(quantities: Sequence[str], chosen: Sequence[Any]) -> str:
    """Sizes that a law is asked at, given in order or by name; empty where something else is chosen."""
    given = {c.name: text(c.value) for c in chosen if isinstance(c, ast.Define)}
    bare = [text(c) for c in chosen if isinstance(c, ast.Number)]
    left = [q for q in quantities if q not in given]
    if len(given) + len(bare) < len(chosen) or not given.keys() <= {*quantities} or len(bare) > len(left):
        return ""
    given |= dict(zip(left, bare))
    return ", ".join(f"{q}={given.get(q, '1M')}" for q in quantities)
