"""A law written out in a study: `let mine = E + A*N^-alpha + B*D^-beta`, `fit mine`.

Names of run quantities, axes and columns are its variables; every other name is a parameter. The request holds the
expression as canonical text where a shipped law has its word; the engine differentiates it, and never evaluates it as
Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import listing
from ..expressions.canonical_tree import text
from ..plan.study_plan import FitRequest
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import map_children
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import DIFFERENTIABLE, FUNCTIONS_ELSEWHERE
from ..vocabulary.words.laws import Law, Parameter

#: Numbers of cells that a law may hold.
KNOWN = ("entropy_rate",)


def is_own_law(node: Any) -> bool:
    """True for a value of `fit` that is an expression rather than the call of a law."""
    return isinstance(node, ast.Binary | ast.Negate) or (isinstance(node, ast.Group) and len(node.items) == 1)


def read_own_law(node: Any, name: str, quantities: Set[str]) -> FitRequest:
    """The request for a law written out; `Fault` where it is none."""
    names = _names(node)
    variables = tuple(n for n in names if n in quantities and n not in KNOWN)
    # The entropy rate is known, cell by cell: it is held, as in `chinchilla(E=entropy_rate)`.
    held = tuple((n, n) for n in names if n in KNOWN)
    parameters = tuple(n for n in names if n not in quantities and n not in KNOWN)
    if not variables:
        notes = ("its variables are run quantities such as N, D or C, axes, and columns of a table",)
        helps = ("name what the law is in, such as `E + A*N^-alpha`",)
        laws = [n for n in names if n in REGISTRY and REGISTRY[n].kind == "law"]
        if laws and len(laws) == len(names):
            helps = (f"laws are listed: write `fit {', '.join(laws)}`",)
        for base in (n for n in names if n.lower() in UNKNOWNS):
            ways = [text(_renamed(node, base, quantity)) for quantity in ("N", "D")]
            helps = (f"`{base}` is no quantity of a run: write `{ways[0]}`, or `{ways[1]}`",)
        raise Fault("SCL203", f"`{text(node)}` is no law: it has no variable", node.span, notes=notes, helps=helps)
    if not parameters:
        notes = (f"{listing(variables)} are quantities of the runs; any other name is a parameter",)
        helps = (f"name what is to be found, such as `a + {' + '.join(f'b_{v}*{v}' for v in variables)}`",)
        message = f"`{text(node)}` is no law: it has no parameter to fit"
        raise Fault("SCL203", message, node.span, notes=notes, helps=helps)
    return FitRequest(name=name, law=text(node), variables=tuple((v, v) for v in variables), fixed=held)


#: What others call a law's variable, in small letters.
UNKNOWNS = ("x", "n", "d", "c", "t", "params", "size", "flops", "data", "samples", "m")


def _renamed(node: Any, old: str, new: str) -> Any:
    """The expression with one name for another."""
    if isinstance(node, ast.Name):
        return ast.Name(new) if node.id == old else node
    return map_children(node, lambda part: _renamed(part, old, new))


def _names(node: Any) -> tuple[str, ...]:
    """Names in an expression in order; `Fault` at what a law cannot hold."""
    match node:
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
        helps = (f"laws are listed, separated by commas: `fit {text(node)}, ...`",)
    elif isinstance(node, ast.Call):
        given = ", ".join(text(a) for a in node.args)
        meant = FUNCTIONS_ELSEWHERE.get(node.name.lower())
        helps = (f"write `{meant.format(given, *map(text, node.args), *'xy')}`",) if meant is not None else ()
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
