"""Canonical trees: one form for each meaning, whatever spelling was typed. Text made of them is what a plan holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..syntax import ast
from ..syntax.numbers import number, text_of
from ..syntax.visit import map_children
from ..vocabulary.base import REGISTRY, Word

#: Units that a number keeps in canonical text, because a parameter or limit asks for them.
KEPT = ("steps", "tokens", "FLOP", "s")


#: Trees that brackets around them may matter to.
OPERATORS = (ast.Binary, ast.Negate, ast.Or, ast.And, ast.Not, ast.Chain, ast.Inside, ast.Near)


def canonical(node: Any) -> Any:
    """The canonical form of a value, condition or binding."""
    match node:
        case ast.Number(text):
            value, unit = number(text)  # `.02` and `2%` become `0.02`, `8k` becomes `8000`, `30min` becomes `1800s`
            short = text_of(value).replace("B", "G") if unit == "FLOP" else text_of(value)
            short = str(value) if unit == "s" else short  # which takes no magnitude
            return replace(node, text=short + (unit if unit in KEPT else ""))
        case ast.Call():
            call = _call(node)
            return call if call.args else ast.Name(call.name, span=call.span)
        case ast.Group(items):
            inner = tuple(canonical(i) for i in items)
            atom = len(inner) == 1 and not isinstance(inner[0], OPERATORS)
            return inner[0] if atom else replace(node, items=inner)
        case ast.Near(value, tolerance, target):
            return replace(node, value=canonical(value), tolerance=_tolerance(tolerance), target=canonical(target))
    return map_children(node, canonical)


def _tolerance(node: ast.Expr) -> ast.Expr:
    """A tolerance keeps its percent sign: there it says what the tolerance is relative to."""
    if isinstance(node, ast.Number) and number(node.text).unit == "%":
        return replace(node, text=f"{text_of(100 * number(node.text).value)}%")
    return canonical(node)  # type: ignore[no-any-return]


def _call(node: ast.Call) -> ast.Call:
    """Arguments of a declared word by name, in order of declaration; of anything else as they were.

    A word that laws have a parameter of the name of, `mix`, may be asked for of a fit: where it is a source, what it is
    made of has its arguments by name already.
    """
    word = REGISTRY.get(node.name)
    args = tuple(canonical(a) for a in node.args)
    if word is None or word.kind in ("law", "optimum") or _of_laws(node.name):
        named = [a for a in args if isinstance(a, ast.Define)]
        return replace(
            node, args=(*(a for a in args if not isinstance(a, ast.Define)), *sorted(named, key=lambda a: a.name))
        )
    return replace(node, args=in_order(word, args))


def _of_laws(name: str) -> bool:
    """True for the name of a law's parameter."""
    laws: Any = (word for word in REGISTRY.values() if word.kind == "law")
    return any(name == parameter.name for law in laws for parameter in law.params)


def in_order(word: type[Word], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Positional arguments named, and all of them in order of declaration; what has no place comes last by name."""
    places = {name: i for i, name in enumerate(word.declared())}
    named: list[Any] = []
    spare = list(word.order)
    for arg in args:
        if not isinstance(arg, ast.Binding) and spare:
            named.append(ast.Define(spare.pop(0), arg, span=arg.span, name_span=arg.span))
        else:
            named.append(arg)

    def place(arg: Any) -> tuple[int, str]:
        name = arg.name if isinstance(arg, ast.Define) else arg.names[0] if hasattr(arg, "names") else ""
        return places.get(name, len(places)), name

    return tuple(sorted(named, key=place))


def named(node: Any) -> Any:
    """A call with every argument by name, here and in the values inside it; numbers as they were typed."""
    if not isinstance(node, ast.Call) or node.name not in REGISTRY:
        return node
    ordered = in_order(REGISTRY[node.name], node.args)
    args = tuple(replace(a, value=named(a.value)) if isinstance(a, ast.Define) else a for a in ordered)
    return replace(node, args=args)


def text(node: Any) -> str:
    """Canonical text of a value or condition."""
    from ..syntax.printer import to_text

    return to_text(canonical(node))
