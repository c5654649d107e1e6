"""`fit` and `optimum` read: laws in the study's own quantities, and ways to compute-optimal sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault, Report
from ..diagnostics.suggest import listing
from ..errors import Diagnostic, Edit, Fix, Label
from ..expressions.canonical_tree import text
from ..plan.coerce import word_of
from ..plan.study_plan import OptimumRequest
from ..resolve.lets import Lets
from ..syntax import ast
from ..syntax.visit import as_call
from ..vocabulary.base import REGISTRY, Word
from ..vocabulary.functions import DIFFERENTIABLE
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import run_quantities
from ..vocabulary.words.laws import Law
from ..vocabulary.words.optima import OptimumMethod
from .custom_law import is_own_law, read_own_law, sum_of_exponentials
from .law_call import read_fit, spread_call
from .lookup import fits_called
from .request_types import Located, LocatedFit, LocatedOptimum, Requests, law_of


def read_requests(
    fits: tuple[ast.Item, ...], optima: tuple[ast.Item, ...], lets: Lets, known: frozenset[str], report: Report
) -> Requests:
    """Every fit and optimum of a study. `known` are its axes, parameters and columns."""
    out = Requests()
    for item in fits:
        try:
            for fit in fits_of(item, lets, known):
                before = out.fits.setdefault(fit.request.name, fit)
                if before is not fit:
                    other = before.request != fit.request
                    helps = ("name one of them with a `let`, and fit that",) if other else ()
                    report(_twice("fit", fit, before, helps))
        except Fault as fault:
            for said in (fault.diagnostic, *fault.also):
                report(said)
    for item in optima:
        try:
            for optimum in _optima_of(item, lets, known, out):
                first = out.optima.setdefault(optimum.request.name, optimum)
                if first is not optimum:
                    report(_twice("optimum", optimum, first, ("leave one of them out",)))
        except Fault as fault:
            report(fault.diagnostic)
    return out


def _twice(what: str, again: Located[Any], before: Located[Any], helps: tuple[str, ...] = ()) -> Diagnostic:
    message = f"the {what} `{again.request.name}` is asked for twice"
    return Diagnostic("SCL410", message, again.span, labels=(Label(before.span, "first here"),), helps=helps)


def fits_of(item: ast.Item, lets: Lets, known: frozenset[str]) -> Iterator[LocatedFit]:
    """The fits that an item of `fit` asks for: a law's call, several of them, a law written out, or a let."""
    name, value, where = _let_item(item.value, item.where, lets)
    condition = None if where is None else lets.inline(where)
    shown = None if condition is None else text(condition)
    inner = as_call(value.items[0]) if isinstance(value, ast.Group) and len(value.items) == 1 else None
    if inner is not None and inner.name in REGISTRY:
        helps = (f"leave the parentheses out: `fit {text(inner)}`",)
        raise Fault("SCL203", "a law stands in no parentheses", value.span, helps=helps)
    if is_own_law(value):
        own = read_own_law(value, name or text(value), {*run_quantities(), *known})
        yield Located(own.changed(where=shown), item.value.span, condition)
        return
    if isinstance(value, ast.Call) and value.name in DIFFERENTIABLE and any(isinstance(a, _SUMS) for a in value.args):
        message = "a formula that is one function of another stands in `law`"
        options = ", ".join(text(arg).replace(" = ", "=") for arg in value.named)
        formula = text(replace(value, args=tuple(arg for arg in value.args if not isinstance(arg, ast.Define))))
        written = f"law({formula}{', ' if options else ''}{options})"
        fixes = (Fix((Edit(value.span, written),), "maybe-incorrect"),) if name is None else ()
        raise Fault("SCL203", message, value.span, helps=(f"write `{written}`",), fixes=fixes)
    if isinstance(value, ast.Call) and (summed := sum_of_exponentials(value)):
        message = "a law says the loss, and not its logarithm: the sum of exponentials is it"
        ways = (f"write `{summed}`", f"or `{IN_LOGARITHMS}`, whose `E`, `A` and `B` are the exponentials")
        raise Fault("SCL203", message, value.span, helps=ways)
    calls = list(spread_call(value))
    for call in calls:
        word = word_of(call.name, "law", call.name_span, tuple(a.id for a in call.args if isinstance(a, ast.Name)))
        assert issubclass(word, Law)
        label = name if name is not None and len(calls) == 1 else text(call)
        request = read_fit(call, word, label, known).changed(where=shown)
        yield Located(request, item.value.span, condition, call=call)


#: The law whose logarithm Hoffmann et al. fit as a sum of exponentials.
IN_LOGARITHMS = "chinchilla(objective=huber(1e-3))"
#: What is no name of a quantity.
_SUMS = (ast.Binary, ast.Negate, ast.Group)


def _let_item(
    value: Any, where: ast.Test | None, lets: Lets, named: tuple[str, ...] = ()
) -> tuple[str | None, Any, ast.Test | None]:
    """The let an item names, what it stands for, and its condition; `named` are those that have led here."""
    if isinstance(value, ast.Name) and lets.kind(value.id) is not None and value.id not in named:
        lets.used.add(value.id)
        let = lets.lets[value.id]
        if let.where is not None and where is not None:
            raise Fault("SCL112", f"`{value.id}` has a condition already", where.span, helps=("join them with `and`",))
        name, inner, condition = _let_item(let.value, let.where or where, lets, (*named, value.id))
        return value.id, inner if name else lets.value(value.id), condition
    return None, lets.inline(value), where


def _optima_of(item: ast.Item, lets: Lets, known: frozenset[str], out: Requests) -> Iterator[LocatedOptimum]:
    """The optima that an item of `optimum` asks for; a fit that one needs is added to `out`."""
    value: Any = item.value
    name, where = None, item.where
    if isinstance(value, ast.Name) and lets.kind(value.id) == "optimum":
        lets.used.add(value.id)
        name, where, value = value.id, lets.lets[value.id].where or where, lets.lets[value.id].value
    condition = None if where is None else lets.inline(where)
    shown = None if condition is None else text(condition)
    if isinstance(value, ast.Binary | ast.Negate):
        helps = ("write `surface(chinchilla)`, and ask `N(surface(chinchilla), C=1PFLOP)` in a claim",)
        raise Fault("SCL203", f"`{text(value)}` is no way to an optimum", value.span, helps=helps)
    for call in spread_call(lets.inline(value, named=True)):
        if any(word.kind == "optimiser" and call.name in fields_of(word) for word in REGISTRY.values()):
            message = f"`{call.name}` is tuned, and an optimum is of sizes at each compute"
            values = f"write `tune {call.name} in {{...}}` behind `train`, which keeps the best value of each cell"
            asked = (values, f"claims ask for it: `expect {call.name}(width=128) > ...`")
            raise Fault("SCL101", message, call.name_span, helps=asked)
        method = word_of(call.name, "optimum", call.name_span)
        assert issubclass(method, OptimumMethod)
        fit = None
        if method.needs_fit:
            if len(call.args) != 1 or isinstance(call.args[0], ast.Axis):
                helps = (f"write `{method.word}(chinchilla)`",)
                raise Fault("SCL107", f"`{method.word}` needs one fit", call.span, helps=helps)
            arg = call.args[0]
            fit = _surface_fit(arg.value if isinstance(arg, ast.Define) else arg, lets, known, out)
        elif call.args:
            others = [w for w, t in REGISTRY.items() if t.kind == "optimum" and w.startswith(f"{method.word}_")]
            ways = (f"write `{method.word}`", *(f"or `{w}`: {_first_words(REGISTRY[w])}" for w in others))
            of = call.args[0]
            law = of.name if isinstance(of, ast.Call) else of.id if isinstance(of, ast.Name) else ""
            if law in REGISTRY and REGISTRY[law].kind == "law":
                ways = (f"write `{method.word}`, which reads the runs", f"or, of the fitted law, `surface({text(of)})`")
            raise Fault("SCL106", f"`{method.word}` takes no value", of.span, helps=ways)
        request = OptimumRequest(name=name or text(call), method=method.word, fit=fit, where=shown)
        yield Located(request, item.span, condition)


def _first_words(word: type[Word]) -> str:
    said = word.description().split(".")[0]
    return f"{said[0].lower()}{said[1:]}"


def _surface_fit(node: Any, lets: Lets, known: frozenset[str], out: Requests) -> str:
    """The name of the fit an optimum reads; one that `fit` does not list is added, for it is needed all the same."""
    name = text(node)
    found = fits_called(node, (fit for fit in out.fits.values() if not fit.implied or fit.request.name == name))
    if len(found) > 1:
        calls = listing((fit.request.name for fit in found), last="or")
        raise Fault("SCL424", f"`{name}` may be any of several fits", node.span, helps=(f"write {calls}",))
    if not found:
        found = [replace(fit, implied=True) for fit in fits_of(ast.Item(node, span=node.span), lets, known)]
        if len(found) != 1:
            raise Fault("SCL107", "an optimum reads one fit", node.span, helps=("write `surface(chinchilla)`",))
        out.fits[found[0].request.name] = found[0]
    request = found[0].request
    if len(law_of(request).variables) != 2:
        read = listing(request.quantities) if len(request.variables) > 2 else "one quantity"
        message = f"`{name}` is a law in {read}, and a surface needs one in N and D"
        both = next((f for f, one in out.fits.items() if one.request.quantities == ("N", "D")), "")
        helps = (f"write `surface({both})`",) if both else ("write `surface(chinchilla)`, and add `fit chinchilla`",)
        raise Fault("SCL406", message, node.span, helps=helps)
    return request.name
