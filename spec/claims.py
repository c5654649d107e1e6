"""Claims: every quantity of `expect` found where it comes from, and written out so that nothing is left to guess.

A quantity is a call, `beta(power(D), kappa=1)`: what, of which fit or optimum, where. A bare `beta` is that of the
only fit which has it; where several have it and one of them is the only law in N and D, it is that one's, and a
warning says so. A fit is called by what was written, by its `let`, or by fewer words that fit no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import ast
from .called import fits_called, optima_called
from .canon import text
from .errors import Diagnostic, Edit, Fix
from .faults import Fault, Report
from .functions import FUNCTIONS, REDUCTIONS
from .givers import help_for
from .names import listing, similar
from .parse import parse_value
from .plan import ClaimText, FitRequest, OptimumRequest, PlanAxis
from .quantity import short
from .requests import MEASURED, RUN_QUANTITIES, Requests, fit_quantities, law_of, method_of, optimum_quantities
from .resolve import Lets
from .selectors import Labels, Selectors
from .source import Span
from .sweeps import constant
from .units import mismatches
from .walk import names_in

#: What a fit gives besides its own numbers.
OF_A_FIT = ("L", "slope")
#: What a law predicts at sizes given by name.
PREDICTED = ("L", "loss")
#: Numbers of fits and sources that have no noise.
EXACT = ("n", "entropy_rate")

Request = FitRequest | OptimumRequest


@dataclass(frozen=True)
class Claim:
    """A claim with its quantities resolved, and where it stands."""

    text: ClaimText
    test: ast.Test
    where: ast.Test | None
    span: Span


@dataclass
class Asker:
    """Resolves the quantities of a study's claims."""

    requests: Requests
    axes: Mapping[str, PlanAxis]
    labels: Labels
    #: Parameters of the study's words, which are numbers of each cell.
    known: frozenset[str]
    report: Report
    #: Whether every fit and optimum could be read; if not, a quantity may come from one that could not.
    complete: bool = True
    #: Measurements that cells have.
    measured: tuple[str, ...] = MEASURED
    #: Numbers of what the sources drew, asked for as `hill(data)`.
    facts: frozenset[str] = frozenset()

    _file: str = ""
    _found: int = 0
    #: Whether the claim asks for anything that is found out, and whether what was read last has noise.
    _asks: bool = False
    _noisy: bool = False
    selectors: Selectors = field(init=False)

    def __post_init__(self) -> None:
        self.selectors = Selectors(self.axes, self.labels)

    def claim(self, expect: ast.Expect, lets: Lets) -> Claim | None:
        """A claim with its quantities resolved, or None after reporting why not."""
        keep = frozenset(self.labels.axes) | frozenset(self.axes)
        test = lets.put_in(expect.test, keep=keep, named=True)
        where = None if expect.where is None else lets.put_in(expect.where, keep=keep)
        self._file = expect.span.file
        before = self._found = 0
        resolved = self.test(test)
        for d in (*mismatches(resolved, {*self.axes, *self.known}), *mismatches(where, None)):
            self._found += 1
            self.report(d)
        if self._found > before:
            return None
        if not self._asks:
            notes = ("what the study itself sets, such as its sizes, is known before any run",)
            self._say("SCL420", f"`{text(test)}` asks nothing of the results", expect.test.span, notes=notes)
            return None
        written = ClaimText(test=text(resolved), where=None if where is None else text(where))
        return Claim(written, resolved, where, expect.test.span)

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
            case ast.Chain():
                return self._chain(node)
            case ast.Inside(value, where):
                self._noisy = False
                value = self.number(value)
                if self._noisy and (isinstance(where, ast.Set) or _is_point(where)):
                    self._never_equal(node, value)
                return replace(node, value=value, where=self._interval(where))
            case ast.Near(value, tolerance, target):
                self._noisy = False
                value, target = self.number(value), self.number(target)
                width = _constant(tolerance)
                if width is not None and (width < 0 or (width == 0 and self._noisy)):
                    self._say("SCL423", f"nothing lies within {text(tolerance)} of a number", tolerance.span)
                return replace(node, value=value, tolerance=self.number(tolerance), target=target)
        self._say(
            "SCL421",
            f"`{text(node)}` is a value, and a claim is something that can be true or false",
            node.span,
            helps=(f"compare it, such as `{text(node)} > 0.3`, or `{text(node)} in [0.3..0.5]`",),
        )
        return node

    def _chain(self, node: ast.Chain) -> ast.Chain:
        """Comparisons; two sides are equal only where both are known exactly."""
        equal = any(op in ("==", "!=") for op, _ in node.rest)
        found: list[tuple[Any, bool]] = []
        for side in (node.first, *(e for _, e in node.rest)):
            self._noisy = False
            found.append((self.number(side, labels=equal), self._noisy))
        for (op, _), (left, one), (right, two) in zip(node.rest, found, found[1:], strict=False):
            if op in ("==", "!=") and (one or two):
                self._never_equal(node, left if one else right)
        rest = tuple((op, side) for (op, _), (side, _) in zip(node.rest, found[1:], strict=True))
        return replace(node, first=found[0][0], rest=rest)

    def _never_equal(self, node: Any, side: Any) -> None:
        self._say(
            "SCL431",
            f"`{text(side)}` is estimated with noise, and never equals a number exactly",
            node.span,
            helps=(f"say how near it is, such as `{text(side)} within 5% of ...` or `{text(side)} in [...]`",),
        )

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
        """An expression with the quantities in it resolved; with `labels`, a side of `==`, which may be one."""
        if isinstance(node, ast.Call | ast.Binary) and not any(names_in(node)):
            try:
                constant(node)
            except Fault as fault:
                if fault.diagnostic.code == "SCL204":  # anything else has a quantity in it
                    self._found += 1
                    self.report(fault.diagnostic)
                    return node
        match node:
            case ast.Name(id):
                if labels and id not in self.axes and self.labels.may_be(id):
                    return node
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.Binary(op, left, right):
                if op == "/" and _constant(right) == 0:
                    self._say("SCL204", f"`{text(node)}` divides by zero", node.span)
                return replace(node, left=self.number(left), right=self.number(right))
            case ast.Negate(operand):
                return replace(node, operand=self.number(operand))
            case ast.Group(items) if len(items) == 1:
                return replace(node, items=(self.number(items[0]),))
            case ast.Number():
                return node
            case ast.String() if labels:
                return node
        self._say("SCL421", f"`{text(node)}` is no number", node.span)
        return node

    def _found_out(self, name: str) -> None:
        """A quantity that only the results give."""
        self._asks = True
        self._noisy |= name not in EXACT

    def _tuned(self, name: str) -> bool:
        """Whether a name is that of a tuned axis: its value in a cell is the best one, which only the results give."""
        return name in self.axes and self.axes[name].role == "tune"

    def _name(self, node: ast.Name) -> Any:
        if node.id in self.axes:
            self._asks |= self._tuned(node.id)
            return node
        if node.id in self.measured:
            self._found_out(node.id)
            return node
        found = self._owners(node.id, node.span)
        if found:
            self._found_out(node.id)
        if len(found) == 1:
            if isinstance(found[0], OptimumRequest):
                self._at_compute(node.id, found[0], [], node)
            call = ast.Call(node.id, (parse_value(found[0].name),), span=node.span, name_span=node.span)
            self._has(found[0], call)
            return call
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
        helps = (f"a quantity with a similar name exists: `{near}`",) if near else help_for(name)
        own = sorted(given - set(self.measured) - set(self.axes))
        notes = (f"its fits and optima give {listing(own)}",) if self.requests.fits else ()
        if name in MEASURED and name not in self.measured:
            notes, helps = (), (f'name the column that holds it, such as `{name}="..."` in `table(...)`',)
        self.report(Diagnostic("SCL426", f"nothing in this study gives `{name}`", span, notes=notes, helps=helps))

    def quantities(self) -> set[str]:
        """Every quantity that may be asked for by name."""
        fits = {q for a in self.requests.fits.values() for q in fit_quantities(a.request)}
        optima = {q for o in self.requests.optima.values() for q in optimum_quantities(o.request)}
        return {*fits, *optima, *self.measured, *self.axes}

    def _request(self, node: Any) -> Request | None:
        """The fit or optimum that an argument names; `Fault` where it may be any of several."""
        if not isinstance(node, ast.Name | ast.Call):
            return None
        if isinstance(node, ast.Name) and node.id in self.labels.axes and node.id not in self.requests.fits:
            return None
        asked = [a.request for a in fits_called(node, self.requests.fits.values())]
        found: list[Request] = [*asked] or [o.request for o in optima_called(node, self.requests)]
        if len(found) > 1:
            what = "fits" if isinstance(found[0], FitRequest) else "optima"
            calls = listing((r.name for r in found), last="or")
            raise Fault("SCL424", f"`{text(node)}` may be any of several {what}", node.span, helps=(f"write {calls}",))
        return found[0] if found else None

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
        if node.name == "asymmetry":
            return self._asymmetry(node, given, named)
        try:
            request = self._request(given[0]) if given else None
        except Fault as fault:
            self._found += 1
            self.report(fault.diagnostic)
            return node
        if request is not None:
            return self._of_request(request, node, given, named)
        return self._measured(node, given, named)

    def _is_label(self, node: Any) -> bool:
        return isinstance(node, ast.Name) and self.labels.may_be(node.id)

    def _of_request(self, request: Request, node: ast.Call, given: list[Any], named: list[ast.Define]) -> ast.Call:
        """A number of a fit or optimum, where the selectors say, under the name it was asked for by."""
        self._found_out(node.name)
        self._has(request, node)
        if isinstance(request, FitRequest):
            sizes = self._sizes(request, node, named)
        else:
            sizes = self._at_compute(node.name, request, named, node)
        self._selected([*given[1:], *(n for n in named if n not in sizes)], request)
        for size in sizes:
            self._judged(self.selectors.point, size)
        return replace(node, args=(parse_value(request.name), *node.args[1:]))

    def _sizes(self, request: FitRequest, node: ast.Call, named: list[ast.Define]) -> list[ast.Define]:
        """Sizes at which a law predicts a loss; all of its variables are needed."""
        if node.name not in PREDICTED:
            return []
        at = {quantity: {own, quantity} for own, quantity in request.variables}
        missing = [q for q, names in at.items() if not any(n.name in names for n in named)]
        if missing:
            call = f"{node.name}({request.name}, {', '.join(f'{q}=...' for q in at)})"
            message = f"`{request.name}` predicts a loss at sizes, and {listing(missing)} is not given"
            self._say("SCL107", message, node.span, helps=(f"write `{call}`",))
        return [n for n in named if any(n.name in names for names in at.values())]

    def _at_compute(
        self, name: str, request: OptimumRequest, named: list[ast.Define], node: ast.Name | ast.Call
    ) -> list[ast.Define]:
        """The compute that a curve of an optimum is read at."""
        method = method_of(request)
        at = [n for n in named if n.name == "C"]
        if name in method.curves and name not in method.params and not at:
            message = f"`{name}` of `{request.name}` is a curve, and its compute is not given"
            self._say("SCL107", message, node.span, helps=(f"write `{name}({request.name}, C=1PFLOP)`",))
        return at

    def _has(self, request: Request, node: ast.Call) -> None:
        """Whether a fit or optimum gives this quantity."""
        if isinstance(request, FitRequest):
            one = len(request.variables) == 1
            there = tuple(dict.fromkeys((*fit_quantities(request), *(OF_A_FIT if one else ()), *PREDICTED)))
        else:
            there = optimum_quantities(request)
        if node.name not in there:
            near = similar(node.name, there)
            helps = (f"a quantity with a similar name exists: `{near}`",) if near else help_for(node.name)
            message = f"`{request.name}` gives no `{node.name}`"
            self._say("SCL426", message, node.name_span, notes=(f"it gives {listing(there)}",), helps=helps)
        elif node.name == "holdout" and isinstance(request, FitRequest) and request.where is None:
            message = f"`{request.name}` holds no cells out: it has no condition"
            helps = (f"fit it to a part, such as `{request.name} where tokens <= 4M`, and the rest is held out",)
            self._say("SCL426", message, node.name_span, helps=helps)

    def _measured(self, node: ast.Call, given: list[Any], named: list[ast.Define]) -> Any:
        """A quantity of cells, or of the one fit that has it, at the cells selected."""
        first = given[0] if given else None
        if node.name in self.facts and len(given) == 1 and given[0] == ast.Name("data"):
            self._found_out(node.name)
            self._selected(list(named))
            return node
        if node.name in self.measured:
            self._found_out(node.name)
            self._selected([*given, *named])
            return node
        if self._tuned(node.name) or (node.name in RUN_QUANTITIES and node.name not in self.axes):
            self._asks |= self._tuned(node.name)
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
        whole = replace(node, args=(parse_value(found[0].name), *node.args))
        return self._of_request(found[0], whole, [None, *given], named)

    def _asymmetry(self, node: ast.Call, given: list[Any], named: list[ast.Define]) -> ast.Call:
        """`asymmetry(loss, N, D)`: how much exchanging two sizes changes a measurement."""
        if len(given) != 3 or not all(isinstance(g, ast.Name) for g in given):
            helps = ("write `asymmetry(loss, N, D)`",)
            self._say("SCL205", "`asymmetry` takes a measurement and two quantities", node.span, helps=helps)
            return node
        if given[0].id not in self.measured:
            self._unknown(given[0].id, given[0].span)
        for size in given[1:]:
            if size.id not in RUN_QUANTITIES and size.id not in self.axes and size.id not in self.known:
                self._say("SCL401", f"`{size.id}` is no quantity of a run", size.span)
        self._selected(list(named))
        self._found_out(node.name)
        return node

    def _named_axis(self, node: Any) -> bool:
        return isinstance(node, ast.Name) and node.id in self.axes

    def _no_such_fit(self, node: ast.Call, first: Any) -> None:
        self._found += 1
        if not self.complete:
            return
        known = [*self.requests.fits, *self.requests.optima]
        name = text(first)
        if node.name not in self.quantities() and not (known and node.name in OF_A_FIT):
            self._unknown(node.name, node.name_span)
            return
        near = similar(name, known)
        helps = (f"a fit with a similar name exists: `{near}`",) if near else (f"add `fit {name}`",)
        notes = (f"its fits and optima are {listing(known)}",) if known else ("it has no fit",)
        self.report(Diagnostic("SCL427", f"this study has no fit `{name}`", first.span, notes=notes, helps=helps))

    def _selected(self, chosen: list[Any], request: Request | None = None) -> None:
        for node in chosen:
            self._judged(self.selectors.check, node, request)

    def _judged(self, rule: Callable[..., None], *of: Any) -> None:
        """Report what a rule finds wrong."""
        try:
            rule(*of)
        except Fault as fault:
            self._found += 1
            self.report(fault.diagnostic)


def _is_point(node: Any) -> bool:
    """Whether an interval is one number."""
    low = _constant(node.start) if isinstance(node, ast.Range) else None
    return low is not None and low == _constant(node.stop)


def _constant(node: Any) -> float | None:
    try:
        value: float = constant(node)
    except Fault:
        return None
    return value
