"""The fit or optimum that a name in a study means: the one written so, else the only one that the words fit.

`chinchilla` is the fit `chinchilla`; where there is none, the only fit of that law, `chinchilla(objective=lad)` or one
named by a `let`. `power(D)` is likewise the only fit whose call says all that is said here, `power(D, group=2%)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..expressions.canonical_tree import text
from ..syntax import ast
from ..vocabulary.base import REGISTRY
from .request_types import LocatedFit, LocatedOptimum, Requests


def fits_called(node: Any, fits: Iterable[LocatedFit]) -> list[LocatedFit]:
    """The fits that a name or call may mean: the one of exactly this name alone, if there is one."""
    there = list(fits)
    exact = [a for a in there if a.request.name == text(node)]
    return exact or [a for a in there if a.call is not None and said_in(node, a.call)]


def said_in(node: Any, call: ast.Call) -> bool:
    """True for a call that says all that a shorter one (or its bare word) says."""
    if isinstance(node, ast.Name):
        return node.id == call.name
    return isinstance(node, ast.Call) and node.name == call.name and set(_arguments(node)) <= set(_arguments(call))


def _arguments(call: ast.Call) -> Iterator[str]:
    """Arguments as `name=value`, those given by place under the names of their places."""
    word = REGISTRY.get(call.name)
    places = iter(word.order if word is not None else ())
    for arg in call.args:
        yield f"{arg.name}={text(arg.value)}" if isinstance(arg, ast.Define) else f"{next(places, '')}={text(arg)}"


def optima_called(node: Any, requests: Requests) -> list[LocatedOptimum]:
    """The optima that a name or call may mean: `surface` the only one made so, `surface(network)` that of this fit."""
    there = list(requests.optima.values())
    exact = [o for o in there if o.request.name == text(node)]
    if exact:
        return exact
    if isinstance(node, ast.Name):
        return [o for o in there if o.request.method == node.id]
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return []
    inner = node.args[0].value if isinstance(node.args[0], ast.Define) else node.args[0]
    fits = {a.request.name for a in fits_called(inner, requests.fits.values())}
    return [o for o in there if o.request.method == node.name and o.request.fit in fits]
