"""Claims: every quantity of `expect` found where it comes from, and written out so that nothing is left to guess.

A quantity is a call, `beta(power(D), kappa=1)`: what, of which fit or optimum, where. A bare `beta` is that of the
only fit which has it; where several have it and one of them is the only law in N and D, it is that one's, and a
warning says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import ast
from .canon import text
from .errors import Diagnostic, Edit, Fix
from .faults import Fault, Report
from .functions import FUNCTIONS, REDUCTIONS
from .names import listing, similar
from .parse import parse_value
from .plan import ClaimText, FitRequest, OptimumRequest, PlanAxis, Scalar
from .quantity import short
from .requests import MEASURED, RUN_QUANTITIES, Requests, fit_quantities, law_of, optimum_quantities
from .resolve import Lets
from .source import Span
from .sweeps import constant

#: Names that select a size rather than an axis's value.
SIZES = ("N", "N_body", "D", "C", "tokens")
#: What a fit gives besides its own numbers.
OF_A_FIT = ("L", "slope")

Request = FitRequest | OptimumRequest


@dataclass
class Asker:
    """Resolves the quantities of a study's claims."""

    requests: Requests
    axes: Mapping[str, PlanAxis]
    #: Label -> names of the axes that list it.
    labels: Mapping[str, tuple[str, ...]]
    #: Parameters of the study's words, which are numbers of each cell.
    known: frozenset[str]
    report: Report
    #: Whether every fit and optimum could be read; if not, a quantity may come from one that could not.
    complete: bool = True
    #: Numbers of what the sources drew, asked for as `hill(data)`.
    facts: frozenset[str] = frozenset()

    def claim(self, expect: ast.Expect, lets: Lets) -> ClaimText | None:
        """A claim with its quantities resolved, or None after reporting why not."""
        keep = frozenset(self.labels) | frozenset(self.axes)
        test = lets.put_in(expect.test, keep=keep, named=True)
        where = None if expect.where is None else lets.put_in(expect.where, keep=keep)
        self._file = expect.span.file
        before = self._found = 0
        self.resolved = self.test(test)
        if self._found > before:
            return None
        if not self._asks:
            self._say("SCL420", f"`{text(test)}` asks nothing of the results", expect.test.span)
            return None
        return ClaimText(test=text(self.resolved), where=None if where is None else text(where))

    #: The last claim's condition, resolved.
    resolved: Any = None
    _file: str = ""
    _found: int = 0
    _asks: bool = False

    def _say(self, code: str, message: str, span: Span, **more: Any) -> None:
        self._found += more.get("severity", "error") == "error"
        self.report(Diagnostic(code, message, span, **more))

    # --- conditions ---------------------------------------------------------------------------------------------------

    def test(self, node: Any) -> Any:
        """A condition with the quantities in it resolved."""
        self._asks = False
        return self._test(node)

    def _test(self, node: Any) -> Any:
        match node:
            case ast.Or(left, right) | ast.And(left, right):
                return replace(node, left=self._test(left), right=self._test(right))
            case ast.Not(operand):
                return replace(node, operand=self._test(operand))
            case ast.Group(items) if len(items) == 1:
                return replace(node, items=(self._test(items[0]),))
            case ast.Chain(first, rest):
                equal = any(op in ("==", "!=") for op, _ in rest)
                return replace(
                    node,
                    first=self.number(first, labels=equal),
                    rest=tuple((op, self.number(e, labels=equal)) for op, e in rest),
                )
            case ast.Inside(value, where):
                return replace(node, value=self.number(value), where=self._interval(where))
            case ast.Near(value, tolerance, target):
                return replace(
                    node,
                    value=self.number(value),
                    tolerance=self.number(tolerance),
                    target=self.number(target),
                )
        self._say(
            "SCL421",
            f"`{text(node)}` is a value, and a claim is something that can be true or false",
            node.span,
            helps=(f"compare it, such as `{text(node)} > 0.3`, or `{text(node)} in [0.3..0.5]`",),
        )
        return node

    def _interval(self, node: Any) -> Any:
        """After `in`: a closed interval or a list."""
        if isinstance(node, ast.Range):
            if node.grid is not None:
                self._say("SCL422", "an interval has two ends and nothing more", node.span)
            start, stop = self.number(node.start), self.number(node.stop)
            low, high = _constant(node.start), _constant(node.stop)
            if low is not None and high is not None and low > high:
                self._say(
                    "SCL423",
                    f"no number lies in an interval that falls from {short(low)} to {short(high)}",
                    node.span,
                    helps=(f"write `[{text(node.stop)}..{text(node.start)}]`",),
                )
            return replace(node, start=start, stop=stop)
        if isinstance(node, ast.Set):
            return replace(node, entries=tuple(replace(e, value=self.number(e.value)) for e in node.entries))
        self._say("SCL422", f"after `in` stands an interval such as `[0.3..0.5]`, not `{text(node)}`", node.span)
        return node

    # --- quantities ---------------------------------------------------------------------------------------------------

    def number(self, node: Any, labels: bool = False) -> Any:
        """An expression with the quantities in it resolved."""
        match node:
            case ast.Name(id):
                if id in self.labels and id not in self.axes and labels:
                    return node
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.Binary(_, left, right):
                return replace(node, left=self.number(left, labels), right=self.number(right, labels))
            case ast.Negate(operand):
                return replace(node, operand=self.number(operand))
            case ast.Group(items):
                return replace(node, items=tuple(self.number(i) for i in items))
            case ast.Number() | ast.String():
                return node
        self._say("SCL421", f"`{text(node)}` is no number", node.span)
        return node

    def _name(self, node: ast.Name) -> Any:
        self._asks = True
        if node.id in self.axes or node.id in MEASURED:
            return node
        found = self._owners(node.id, node.span)
        if len(found) == 1:
            return ast.Call(node.id, (parse_value(found[0].name),), span=node.span, name_span=node.span)
        if not found and node.id not in RUN_QUANTITIES and node.id not in self.known:
            self._unknown(node.id, node.span)
        return node

    def _owners(self, name: str, span: Span) -> list[Request]:
        """The fit or optimum a bare quantity belongs to; several, after saying so, where it could be any of them.

        Where a study uses another, a claim means the fits of the file it stands in, if one of them has the quantity.
        """
        asked = [a for a in self.requests.fits.values() if name in fit_quantities(a.request)]
        fits: list[Request] = [a.request for a in asked if a.span.file == self._file] or [a.request for a in asked]
        if name in RUN_QUANTITIES and not fits:
            return []
        found = fits or [o.request for o in self.requests.optima.values() if name in optimum_quantities(o.request)]
        if len(found) < 2:
            return found
        calls = [f"{name}({r.name})" for r in found]
        surfaces: list[Request] = [r for r in found if isinstance(r, FitRequest) and len(law_of(r).variables) == 2]
        if len(surfaces) == 1:
            meant = f"{name}({surfaces[0].name})"
            self._say(
                "SCL425",
                f"`{name}` is read as `{meant}`, the law in N and D",
                span,
                severity="warning",
                notes=(f"the study also gives {listing(c for c in calls if c != meant)}",),
                helps=(f"write `{meant}`",),
                fixes=(Fix((Edit(span, meant),)),),
            )
            return surfaces
        self._say("SCL424", f"several fits have `{name}`", span, helps=(f"write {listing(calls, last='or')}",))
        return found

    def _unknown(self, name: str, span: Span) -> None:
        """A quantity that nothing in the study gives. Silent where a fit could not be read: it might have given it."""
        self._found += 1
        if not self.complete:
            return
        given = self.quantities()
        near = similar(name, given)
        helps = (f"a quantity with a similar name exists: `{near}`",) if near else ()
        notes = (f"its fits and optima give {listing(sorted(given - set(MEASURED)))}",) if self.requests.fits else ()
        self.report(Diagnostic("SCL426", f"nothing in this study gives `{name}`", span, notes=notes, helps=helps))

    def quantities(self) -> set[str]:
        """Every quantity that may be asked for by name."""
        fits = {q for a in self.requests.fits.values() for q in fit_quantities(a.request)}
        optima = {q for o in self.requests.optima.values() for q in optimum_quantities(o.request)}
        return {*fits, *optima, *MEASURED, *self.axes}

    def _request(self, node: Any) -> Request | None:
        """The fit or optimum that an argument names."""
        if not isinstance(node, ast.Name | ast.Call):
            return None
        name = text(node)
        if name in self.requests.fits:
            return self.requests.fits[name].request
        return self.requests.optima[name].request if name in self.requests.optima else None

    def _call(self, node: ast.Call) -> Any:
        given = [a for a in node.args if not isinstance(a, ast.Define | ast.Axis | ast.Path)]
        named = [a for a in node.args if isinstance(a, ast.Define)]
        if len(given) + len(named) < len(node.args):
            self._say("SCL422", f"`{node.name}` takes no sweep in a claim", node.span)
            return node
        reduces = (
            node.name in REDUCTIONS
            and given
            and (node.name not in FUNCTIONS or len(given) == 1 or all(self._is_label(g) for g in given[1:]))
        )
        if reduces:
            self._selected([*given[1:], *named])
            return replace(node, args=(self.number(given[0]), *given[1:], *named))
        if node.name in FUNCTIONS and not named:
            fewest, most = FUNCTIONS[node.name][1:]
            if not fewest <= len(given) <= most:
                self._say("SCL205", f"`{node.name}` does not take {len(given)} values", node.span)
            return replace(node, args=tuple(self.number(g) for g in given))
        self._asks = True
        request = self._request(given[0]) if given else None
        if request is not None:
            self._has(request, node)
            self._selected([*given[1:], *named])
            return node
        return self._measured(node, given, named)

    def _is_label(self, node: Any) -> bool:
        return isinstance(node, ast.Name) and node.id in self.labels

    def _has(self, request: Request, node: ast.Call) -> None:
        """Whether a fit or optimum gives this quantity."""
        if isinstance(request, FitRequest):
            there: tuple[str, ...] = (*fit_quantities(request), *OF_A_FIT, "loss")
        else:
            there = optimum_quantities(request)
        if node.name not in there:
            near = similar(node.name, there)
            helps = (f"a quantity with a similar name exists: `{near}`",) if near else ()
            message = f"`{request.name}` gives no `{node.name}`"
            self._say("SCL426", message, node.name_span, notes=(f"it gives {listing(there)}",), helps=helps)

    def _measured(self, node: ast.Call, given: list[Any], named: list[ast.Define]) -> Any:
        """A quantity of cells, or of the one fit that has it, at the cells selected."""
        first = given[0] if given else None
        if node.name in self.facts and len(given) == 1 and given[0] == ast.Name("data"):
            self._selected(list(named))
            return node
        if node.name in MEASURED or (node.name in RUN_QUANTITIES and node.name not in self.axes):
            self._selected([*given, *named])
            return node
        if isinstance(first, ast.Call | ast.Name) and not self._is_label(first) and not self._named_axis(first):
            self._no_such_fit(node, first)
            return node
        found = self._owners(node.name, node.name_span)
        if not found:
            self._unknown(node.name, node.name_span)
        if len(found) != 1:
            return node
        self._selected([*given, *named])
        return replace(node, args=(parse_value(found[0].name), *node.args))

    def _named_axis(self, node: Any) -> bool:
        return isinstance(node, ast.Name) and node.id in self.axes

    def _no_such_fit(self, node: ast.Call, first: Any) -> None:
        self._found += 1
        if not self.complete:
            return
        known = [*self.requests.fits, *self.requests.optima]
        name = text(first)
        if node.name not in self.quantities() and not any(node.name in OF_A_FIT for _ in known):
            self._unknown(node.name, node.name_span)
            return
        near = similar(name, known)
        helps = (f"a fit with a similar name exists: `{near}`",) if near else (f"add `fit {name}`",)
        notes = (f"its fits and optima are {listing(known)}",) if known else ("it has no fit",)
        self.report(Diagnostic("SCL427", f"this study has no fit `{name}`", first.span, notes=notes, helps=helps))

    # --- selectors ----------------------------------------------------------------------------------------------------

    def _selected(self, selectors: list[Any]) -> None:
        for s in selectors:
            try:
                self._select(s)
            except Fault as fault:
                self._found += 1
                self.report(fault.diagnostic)

    def _select(self, node: Any) -> None:
        if not isinstance(node, ast.Define):
            if not isinstance(node, ast.Name) or node.id not in self.labels:
                known = f"the labels are {listing(sorted(self.labels))}" if self.labels else "this study has no labels"
                near = similar(node.id, self.labels) if isinstance(node, ast.Name) else None
                helps = (f"a label with a similar name exists: `{near}`",) if near else ()
                raise Fault("SCL428", f"`{text(node)}` selects nothing", node.span, notes=(known,), helps=helps)
            if len(self.labels[node.id]) > 1:
                calls = [f"{axis}={node.id}" for axis in self.labels[node.id]]
                raise Fault(
                    "SCL428",
                    f"`{node.id}` is a label of several axes",
                    node.span,
                    helps=(f"write {listing(calls, last='or')}",),
                )
            return
        if node.name in SIZES and node.name not in self.axes:
            constant(node.value)
            return
        axis = self.axes.get(node.name)
        if axis is None:
            near = similar(node.name, [*self.axes, *SIZES])
            helps = (f"an axis with a similar name exists: `{near}`",) if near else ()
            notes = (f"the axes are {listing(sorted(self.axes))}",) if self.axes else ()
            raise Fault("SCL428", f"`{node.name}` is no axis of this study", node.name_span, notes=notes, helps=helps)
        self._member(node, axis)

    def _member(self, node: ast.Define, axis: PlanAxis) -> None:
        """An axis is selected at one of its points."""
        place = axis.names.index(node.name)
        points: list[Scalar] = list(dict.fromkeys(p[place] for p in axis.points))
        value: Any = node.value.id if isinstance(node.value, ast.Name) else None
        if isinstance(node.value, ast.String):
            value = node.value.value
        if value is None:
            value = text(node.value) if isinstance(node.value, ast.Call) else constant(node.value)
        if not points or value in points or node.name in SIZES:
            return
        shown = [str(p) if isinstance(p, str) else short(p) for p in points]
        few = listing(shown if len(shown) <= 8 else [*shown[:4], "...", shown[-1]])
        at = value if isinstance(value, str) else short(value)
        raise Fault("SCL429", f"`{node.name}` is nowhere `{at}`", node.value.span, notes=(f"it takes {few}",))


def _constant(node: Any) -> float | None:
    try:
        value: float = constant(node)
    except Fault:
        return None
    return value


def labels_of(axes: tuple[PlanAxis, ...]) -> dict[str, tuple[str, ...]]:
    """Label -> the axes that list it."""
    found: dict[str, tuple[str, ...]] = {}
    for axis in axes:
        for place, name in enumerate(axis.names):
            for point in axis.points:
                label = point[place]
                if isinstance(label, str) and name not in found.get(label, ()):
                    found[label] = (*found.get(label, ()), name)
    return found
