"""A law called outside a study, on a table: `fit --law "power(D, E=0)"`.

What it is read in, its loss and what its parameters are fixed to are columns, or expressions over columns, which are
looked up where the table is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..diagnostics.collect import Fault
from ..errors import SpecError
from ..expressions.canonical_tree import text
from ..plan.coerce import word_of
from ..plan.study_plan import FitRequest
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import free_names
from ..vocabulary.quantities import run_quantities, tied
from ..vocabulary.words.laws import Law
from .custom_law import expression_of, is_own_law, read_own_law
from .law_call import read_fit, spread_call

#: Stands for the form that goes on best beyond the points it is fitted to; `best(D)` for one in D alone.
BEST = "best"


def read_table_law(written: str, columns: Collection[str]) -> FitRequest:
    """The request that a law's text is, given the names of the table's columns.

    Args:
        written: A law's word or `best`, a call of it, or an expression whose names that are no columns are its
            parameters.
        columns: Names there are; a law of one variable written without it takes N, D or C if only one is there.

    Raises:
        SpecError: Not a law, or an argument it does not have.
    """
    node = parse_value(written)
    try:
        if is_own_law(node):
            known = {*columns} if {*columns} & {*free_names(expression_of(node))} else {*run_quantities()}
            return read_own_law(node, written, known, of_table=True)
        call, *more = spread_call(node)
        if more:
            raise Fault("SCL203", "one law is fitted at a time", node.span, helps=(f"write `{text(call)}`",))
        return _read(call, columns)
    except Fault as fault:
        raise SpecError([fault.diagnostic]) from None


def _read(call: ast.Call, columns: Collection[str]) -> FitRequest:
    by_place: list[ast.Value] = [a for a in call.args if not isinstance(a, ast.Binding)]
    if call.name == BEST:
        law = _best(("x",) if len(by_place) == 1 else ("N", "D"))
    else:
        law = word_of(call.name, "law", call.name_span)  # type: ignore[assignment]
    named = call.named
    there = [q for q in tied() if q in columns]
    if law.variables == ("x",) and not by_place and not any(a.name == "x" for a in named) and len(there) == 1:
        by_place = [ast.Name(there[0], span=call.span)]
    if len(by_place) > len(law.variables):
        count = len(law.variables)
        helps = (f"leave `{text(by_place[count])}` out",)
        raise Fault(
            "SCL106", f"`{law.word}` has {count} variable{'s' * (count > 1)}", by_place[count].span, helps=helps
        )
    usual = {
        v: q for v, q in law.usual.items() if v not in columns and q in columns and not any(a.name == v for a in named)
    }
    named = (*named, *(ast.Define(v, ast.Name(q, span=call.span), span=call.span) for v, q in usual.items()))
    placed = [ast.Define(v, a, span=a.span, name_span=a.span) for v, a in zip(law.variables, by_place)]
    return read_fit(replace(call, args=(*placed, *named)), law, text(call), None)


def _best(variables: tuple[str, ...]) -> type[Law]:
    """The form that is still to be chosen, in these variables; it is not registered, as no study can name it."""

    class Best(Law):
        """A form chosen by how well it goes on."""

    Best.word = BEST
    Best.variables = variables
    return Best
