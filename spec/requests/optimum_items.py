"""Optima from an item of `optimum`: a way to compute-optimal sizes, and the fit it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..expressions.canonical_tree import text
from ..plan.coerce import word_of
from ..plan.study_plan import OptimumRequest
from ..resolve.lets import Lets
from ..syntax import ast
from ..vocabulary.words.optima import OptimumMethod
from .fit_items import fits_of
from .law_call import spread_call
from .lookup import fits_called
from .request_types import Asked, AskedOptimum, Requests, law_of


def optima_of(item: ast.Item, lets: Lets, known: frozenset[str], out: Requests) -> Iterator[AskedOptimum]:
    """The optima that an item of `optimum` asks for; a fit that one needs is added to `out`."""
    value: Any = item.value
    name, where = None, item.where
    if isinstance(value, ast.Name) and lets.kind(value.id) == "optimum":
        lets.used.add(value.id)
        name, where, value = value.id, lets.lets[value.id].where or where, lets.lets[value.id].value
    condition = None if where is None else lets.inline(where)
    written = None if condition is None else text(condition)
    for call in spread_call(lets.inline(value, named=True)):
        method = word_of(call.name, "optimum", call.name_span)
        assert issubclass(method, OptimumMethod)
        fit = _fit_of(method, call, lets, known, out)
        request = OptimumRequest(name=name or text(call), method=method.word, fit=fit, where=written)
        yield AskedOptimum(request, item.span, condition)


def _fit_of(
    method: type[OptimumMethod], call: ast.Call, lets: Lets, known: frozenset[str], out: Requests
) -> str | None:
    """The name of the fit that a method reads, where it reads one."""
    if not method.needs_fit:
        if call.args:
            raise Fault("SCL106", f"`{method.word}` takes no value", call.args[0].span)
        return None
    if len(call.args) != 1 or isinstance(call.args[0], ast.Axis | ast.Path):
        helps = (f"write `{method.word}(chinchilla)`",)
        raise Fault("SCL107", f"`{method.word}` needs one fit", call.span, helps=helps)
    arg = call.args[0]
    return _surface_fit(arg.value if isinstance(arg, ast.Define) else arg, lets, known, out).request.name


def _surface_fit(node: Any, lets: Lets, known: frozenset[str], out: Requests) -> Asked:
    """The fit an optimum reads; one that `fit` does not list is added, for it is needed all the same."""
    name = text(node)
    listed = fits_called(node, (a for a in out.fits.values() if not a.implied or a.request.name == name))
    if len(listed) > 1:
        calls = listing((a.request.name for a in listed), last="or")
        raise Fault("SCL424", f"`{name}` may be any of several fits", node.span, helps=(f"write {calls}",))
    asked = listed[0] if listed else None
    if asked is None:
        found = list(fits_of(ast.Item(node, span=node.span), lets, known))
        if len(found) != 1:
            raise Fault("SCL107", "an optimum reads one fit", node.span)
        asked = replace(found[0], implied=True)
        out.fits[asked.request.name] = asked
    if len(law_of(asked.request).variables) != 2:
        raise Fault(
            "SCL406",
            f"`{name}` is a law in one quantity, and a surface needs one in N and D",
            node.span,
            helps=("write `surface(chinchilla)`",),
        )
    return asked
