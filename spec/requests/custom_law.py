"""A law written out in a study: `let mine = E + A*N^-alpha + B*D^-beta`, `fit mine`; with the options of a law, and
parameters that are held, as `fit law(E + A*N^-alpha, objective=lad, E=1.7)`.

Names of run quantities, axes and columns are its variables; every other name is a parameter. The request holds the
expression as canonical text where a shipped law has its word; the engine differentiates it, and never evaluates it as
Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from functools import lru_cache
from typing import Any, cast

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing, nearest
from ..expressions.canonical_tree import text
from ..plan.study_plan import FitRequest
from ..source import Span
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.scanner import RESERVED
from ..syntax.statement_examples import with_factors
from ..syntax.visit import calls_in, free_names, map_children
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import DIFFERENTIABLE, FUNCTIONS_ELSEWHERE
from ..vocabulary.quantities import QUANTITIES, curves, positions
from ..vocabulary.words.laws import Law, Parameter
from .options_of_laws import OPTIONS, TABLE_OPTIONS, principal_axis, read_option

#: Numbers of cells that a law may hold.
KNOWN = ("entropy_rate",)
#: The call that gives a law written out the options that laws have.
CALLED = "law"


def is_own_law(node: Any) -> bool:
    """True for a value of `fit` that is an expression, or one with options, rather than the call of a law."""
    if isinstance(node, ast.Call):
        return node.name == CALLED
    return isinstance(node, ast.Binary | ast.Negate) or (isinstance(node, ast.Group) and len(node.items) == 1)


def expression_of(node: Any) -> Any:
    """The expression of a law written out, its options apart; `Fault` where a call has none, or several."""
    if not isinstance(node, ast.Call):
        return node
    written: list[Any] = [arg for arg in node.args if not isinstance(arg, ast.Define)]
    bounds = [arg for arg in written if isinstance(arg, ast.Axis)]
    if bounds and len(written) - len(bounds) == 1:
        why = "what a parameter may be is read off the formula"
        helps = (f"leave `{text(bounds[0])}` out: {why}; it is held as `{bounds[0].names[0]}=0.5`",)
        raise Fault("SCL107", "a parameter of a law has no bounds", bounds[0].span, helps=helps)
    if len(written) != 1:
        helps = (f"write `{CALLED}(E + A*N^-alpha, objective=lad)`",)
        place = written[1].span if written else node.span
        raise Fault("SCL107", f"`{CALLED}` takes one expression, and then options by name", place, helps=helps)
    return written[0]


def sum_of_exponentials(call: ast.Call) -> str:
    """What `exp(logsumexp(a, b))`, or its logarithm, is the sum of; empty for any other call."""
    inner = call.args[0] if call.name == "exp" and len(call.args) == 1 else call
    if not (isinstance(inner, ast.Call) and inner.name.replace("_", "").lower() in ("logsumexp", "lse", "logaddexp")):
        return ""
    terms = inner.args[0].items if len(inner.args) == 1 and isinstance(inner.args[0], ast.Group) else inner.args
    return " + ".join(f"exp({text(term)})" for term in terms if not isinstance(term, ast.Define))


def _laws_in(node: Any) -> list[str]:
    """The laws that an expression adds up, subtracts or divides; empty where it is made of anything else."""
    if isinstance(node, ast.Binary):
        one, two = _laws_in(node.left), _laws_in(node.right)
        return [*one, *two] if one and two else []
    if isinstance(node, ast.Negate):  # `- chinchilla - power(N)`, as lists are written elsewhere
        return _laws_in(node.operand)
    name = node.name if isinstance(node, ast.Call) else node.id if isinstance(node, ast.Name) else ""
    return [text(node)] if name in REGISTRY and REGISTRY[name].kind == "law" else []


def _no_other_names(node: Any, parameters: tuple[str, ...]) -> None:
    """`Fault` where a parameter has a name that sizes have elsewhere: `A*params^-alpha` was meant in N."""
    for name in parameters:
        low = name.lower().replace("_", "")
        size = next((q.name for q in QUANTITIES.values() if q.size and low in q.headers and len(low) > 2), "")
        if size:
            meant = text(_renamed(node, name, size))
            message = f"`{name}` is no quantity of a run, and would be a parameter to fit"
            helps = (f"write `{size}`: `fit {meant}`", "or call the parameter otherwise")
            raise Fault("SCL401", message, node.span, helps=helps)


def read_own_law(node: Any, name: str, quantities: Set[str], *, of_table: bool = False) -> FitRequest:
    """The request for a law written out; `Fault` where it is none.

    Args:
        node: The expression, or a call of it with options.
        name: By which claims call the fit.
        quantities: Names that are variables.
        of_table: Whether it is fitted to a table outside a study, whose loss may be any expression over columns.
    """
    given = [arg for arg in node.args if isinstance(arg, ast.Define)] if isinstance(node, ast.Call) else []
    asked = next((arg.value for arg in given if arg.name == "loss" and not of_table), None)
    if isinstance(asked, ast.Name) and asked.id in curves():
        quantities = {QUANTITIES[asked.id].along}
    node = expression_of(node)
    if len(laws := _laws_in(node)) > 1:
        helps: tuple[str, ...] = (f"laws are listed: write `fit {', '.join(dict.fromkeys(laws))}`",)
        if {"power(N)", "power(D)"} == {*laws} and "+" in text(node):
            written = f"let {name} = chinchilla" if name.isidentifier() else "fit chinchilla"
            sum_of_both = f"the law that is a term in N and a term in D is one: write `{written}`"
            helps = (sum_of_both, f"or, for a law in each, `fit {', '.join(laws)}`")
        raise Fault("SCL203", f"`{text(node)}` is no law: laws are not added to each other", node.span, helps=helps)
    _functions_elsewhere(node)
    names = _names(node)
    for called in names:
        if axis := principal_axis(called, quantities):
            message = f"`{called}` is no column, and no parameter by its name"
            raise Fault("SCL203", message, node.span, helps=(f"write `{text(_renamed(node, called, axis))}`",))
    within = [n for n in names if n in positions() and n not in quantities]
    if within and not of_table:
        if others := [n for n in names if n in quantities]:
            message = f"a law of `{within[0]}` is one of each cell, and this one is read in `{others[0]}` too"
            raise Fault("SCL401", message, node.span, helps=(f"leave `{others[0]}` to the cells",))
        quantities = {*within}
    variables = tuple(n for n in names if n in quantities and n not in KNOWN)
    # The entropy rate is known, cell by cell: it is held, as in `chinchilla(E=entropy_rate)`.
    held = tuple((n, n) for n in names if n in KNOWN)
    parameters = tuple(n for n in names if n not in quantities and n not in KNOWN)
    _no_other_names(node, parameters)
    if not variables:
        notes = ("its variables are run quantities such as N, D or C, axes, and columns of a table",)
        helps = ("name what the law is in, such as `E + A*N^-alpha`",)
        laws = [n for n in names if n in REGISTRY and REGISTRY[n].kind == "law"]
        if laws and len(laws) == len(names):
            helps = (f"laws are listed: write `fit {', '.join(laws)}`",)
        for base in sorted((n for n in names if n.lower() in UNKNOWNS), key=lambda n: UNKNOWNS.index(n.lower()))[:1]:
            ways = [text(_renamed(node, base, quantity)) for quantity in ("N", "D")]
            helps = (f"`{base}` is no quantity of a run: write `{ways[0]}`, or `{ways[1]}`",)
        raise Fault("SCL203", f"`{text(node)}` is no law: it has no variable", node.span, notes=notes, helps=helps)
    if not parameters:
        from .known_law import with_numbers

        notes = (f"{listing(variables)} are quantities of the runs; any other name is a parameter",)
        found = with_factors(text(node)) or with_factors(" + ".join(variables))
        helps = (f"name what is to be found, such as `{found}`",)
        if drawn := with_numbers(node, variables):
            helps = (f"a law whose parameters are all held is drawn, and not fitted: write `fit {drawn}`",)
        message = f"`{text(node)}` is no law: it has no parameter to fit"
        raise Fault("SCL203", message, node.span, notes=notes, helps=helps)
    fixed, options = _options(given, parameters, quantities, of_table)
    read = tuple((v, v) for v in variables)
    return FitRequest(name=name, law=text(node), variables=read, fixed=tuple(sorted((*held, *fixed))), **options)


def _options(
    given: Sequence[ast.Define], parameters: tuple[str, ...], quantities: Set[str], of_table: bool
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Parameters that are held, and options as fields of the request."""
    fixed: dict[str, str] = {}
    options: dict[str, Any] = {}
    words = TABLE_OPTIONS if of_table else OPTIONS
    for arg in given:
        if arg.name in parameters:
            unknown = [n for n in free_names(arg.value) if not of_table and n not in quantities and n not in KNOWN]
            if unknown:
                message = f"`{unknown[0]}` is no quantity that `{arg.name}` can be fixed to"
                raise Fault("SCL401", message, arg.value.span, helps=nearest("a quantity", unknown[0], quantities))
            if arg.name in fixed:
                raise Fault("SCL113", "a parameter is fixed twice", arg.span, helps=("leave one of the two out",))
            fixed[arg.name] = text(arg.value)
        elif arg.name == "loss" and of_table:
            options["loss"] = text(arg.value)
        elif arg.name in words:
            options |= read_option(arg, parameters, () if of_table else quantities)
        else:
            notes = (f"its parameters are {listing(parameters)}", f"its options are {listing(words)}")
            helps = nearest("an argument", arg.name, [*parameters, *words])
            message = f"this law has no argument `{arg.name}`"
            raise Fault("SCL402", message, arg.name_span, notes=notes, helps=helps)
    if both := [p for p in options.get("shared", ()) if p in fixed]:
        raise Fault(
            "SCL403",
            f"`{both[0]}` is both fixed and shared",
            given[0].span,
            helps=(f"leave it out of `share`: a fixed `{both[0]}` is the same everywhere",),
        )
    if len(fixed) == len(parameters):
        raise Fault("SCL203", "every parameter of this law is fixed", given[0].span, helps=("leave one to be found",))
    return list(fixed.items()), options


#: Functions that add up what they are given, or multiply it.
ADDED = ("sum", "total", "prod", "product", "sigma", "dot")
#: What others call a law's variable, in small letters.
UNKNOWNS = ("x", "n", "d", "c", "t", "params", "size", "flops", "data", "samples", "m")


def _renamed(node: Any, old: str, new: str) -> Any:
    """The expression with one name for another."""
    if isinstance(node, ast.Name):
        return ast.Name(new) if node.id == old else node
    return map_children(node, lambda part: _renamed(part, old, new))


def _functions_elsewhere(node: Any) -> None:
    """`Fault` where a law calls several functions as other languages do, with the law as it is written here."""
    found = {text(c): c for c in calls_in(node) if c.name.lower() in FUNCTIONS_ELSEWHERE and c.name not in REGISTRY}
    if len(found) < 2:
        return
    written = text(node)
    for typed, call in sorted(found.items(), key=lambda pair: -len(pair[0])):
        args = [text(a) for a in call.args]
        meant = FUNCTIONS_ELSEWHERE[call.name.lower()].format(", ".join(args), *args, *"xy")
        written = written.replace(typed, meant)
    message = f"{listing(found)} have no place in a law"
    notes = (f"a law is made of numbers, names, + - * / ^ and {listing(DIFFERENTIABLE)}",)
    raise Fault("SCL203", message, node.span, notes=notes, helps=(f"write `{written}`",))


def _names(node: Any) -> tuple[str, ...]:
    """Names in an expression in order; `Fault` at what a law cannot hold."""
    match node:
        case ast.Name(name) if name in RESERVED:
            raise Fault("SCL017", f"`{name}` is a word of the language, not a name", node.span)  # has been told
        case ast.Name(name):
            return (name,)
        case ast.Number():
            return ()
        case ast.Binary(_, left, right):
            return tuple(dict.fromkeys((*_names(left), *_names(right))))
        case ast.Negate(operand):
            return _names(operand)
        case ast.Group(items) if len(items) == 1:
            return _names(items[0])
        case ast.Call(name, args) if name in DIFFERENTIABLE and len(args) == 1 and not isinstance(args[0], ast.Define):
            return _names(args[0])
    notes = (f"a law is made of numbers, names, + - * / ^ and {listing(DIFFERENTIABLE)}",)
    helps: tuple[str, ...] = ()
    if isinstance(node, ast.Call) and node.name in REGISTRY:
        helps = (f"laws are listed, separated by commas: `fit {text(node)}, chinchilla`",)
    elif isinstance(node, ast.Call):
        given = ", ".join(text(a) for a in node.args)
        meant = FUNCTIONS_ELSEWHERE.get(node.name.lower())
        helps = (f"write `{meant.format(given, *map(text, node.args), *'xy')}`",) if meant is not None else ()
        if node.name.lower() in ADDED:
            helps = ("write its terms out, such as `A*N^-u + B*N^-v`",)
    raise Fault("SCL203", f"`{text(node)}` has no place in a law", node.span, notes=notes, helps=helps)


def lets_of_own_laws(items: Iterable[ast.Item], lets: Mapping[str, ast.Let]) -> frozenset[str]:
    """Lets that stand for a law written out, because a `fit` or an `optimum` names them, directly or by other lets."""
    found: set[str] = set()
    for item in items:
        args = item.value.args if isinstance(item.value, ast.Call) else (item.value,)
        for arg in args:
            way: list[str] = []
            node: Any = arg
            while isinstance(node, ast.Name) and node.id in lets and node.id not in way:
                way.append(node.id)
                node = lets[node.id].value
            if is_own_law(node):
                found.update(way)
    return frozenset(found)


def where_written(place: Span, items: Iterable[ast.Item], lets: Mapping[str, ast.Let]) -> Span:
    """Where a law stands that is named at a place: in the let of that name, or else there."""
    for item in items:
        for arg in item.value.args if isinstance(item.value, ast.Call) else (item.value,):
            node: Any = arg
            for _ in lets if arg.span == place else ():
                node = lets[node.id].value if isinstance(node, ast.Name) and node.id in lets else node
            if node is not arg and is_own_law(node):
                return cast(Span, node.span)
    return place


@lru_cache(maxsize=256)
def own_law(expression: str, read: tuple[str, ...]) -> type[Law]:
    """The declaration that an expression stands for; it is not registered, since it has no word."""
    names = _names(parse_value(expression))

    class Own(Law):
        """A law written out in the study, whose parameters may lie anywhere."""

        params = tuple(Parameter(n, "shape", "", low=-math.inf) for n in names if n not in read)
        variables = read

    Own.word = expression
    return Own
