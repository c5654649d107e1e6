"""Fits from an item of `fit`: a law's call, several of them, a law written out, or a let that names one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..diagnostics.collect import Fault
from ..expressions.canonical_tree import text
from ..plan.coerce import word_of
from ..resolve.lets import Lets
from ..syntax import ast
from ..vocabulary.quantities import run_quantities
from ..vocabulary.words.laws import Law
from .custom_law import is_own_law, read_own_law
from .law_call import read_fit, spread_call
from .request_types import Asked


def fits_of(item: ast.Item, lets: Lets, known: frozenset[str]) -> Iterator[Asked]:
    """The fits that an item of `fit` asks for."""
    name, value, where = _let_item(item.value, item.where, lets)
    condition = None if where is None else lets.inline(where)
    if is_own_law(value):
        own = read_own_law(value, name or text(value), {*run_quantities(), *known})
        yield Asked(own if condition is None else own.changed(where=text(condition)), item.value.span, condition)
        return
    calls = list(spread_call(value))
    for call in calls:
        word = word_of(call.name, "law", call.name_span)
        assert issubclass(word, Law)
        label = name if name is not None and len(calls) == 1 else text(call)
        request = read_fit(call, word, label, known)
        if condition is not None:
            request = request.changed(where=text(condition))
        yield Asked(request, item.value.span, condition, call=call)


def _let_item(value: Any, where: ast.Test | None, lets: Lets) -> tuple[str | None, Any, ast.Test | None]:
    """The let an item names, what it stands for, and its condition."""
    if isinstance(value, ast.Name) and lets.kind(value.id) is not None:
        lets.used.add(value.id)
        let = lets.lets[value.id]
        if let.where is not None and where is not None:
            raise Fault("SCL112", f"`{value.id}` has a condition already", where.span, helps=("join them with `and`",))
        name, inner, condition = _let_item(let.value, let.where or where, lets)
        return value.id, inner if name else lets.value(value.id), condition
    return None, lets.inline(value), where
