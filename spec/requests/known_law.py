"""Laws of the vocabulary: the one that an expression is, with numbers for parameters; those that have a parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import map_children
from ..vocabulary.base import REGISTRY
from ..vocabulary.words.laws import Law


def with_numbers(node: Any, quantities: Sequence[str]) -> str:
    """A law's call with each parameter held at the number that an expression has for it; empty where it is none.

    `1.69 + 406/N^0.34` is `power(N, E=1.69, A=406, alpha=0.34)`.
    """
    for word in REGISTRY.values():
        if not (issubclass(word, Law) and word.expression) or len(word.variables) != len(quantities):
            continue
        alone = word.variables == ("x",)
        if not alone and {*quantities} != {*word.variables}:
            continue
        read = tuple(quantities) if alone else word.variables
        held: dict[str, str] = {}
        variables = dict(zip(word.variables, read, strict=True))
        if _fits(_multiplied(parse_value(word.expression)), _multiplied(node), variables, held):
            names = zip((p.name for p in word.params), word.parameters(read), strict=True)
            inside = [f"{own}={held[name]}" for name, own in names if name in held]
            return f"{word.word}({', '.join((*(read if alone else ()), *inside))})"
    return ""


def laws_with(name: str, law: type[Law]) -> list[str]:
    """Other laws in the variables of this one that have a parameter of that name, the usual one first."""
    alike = (w for w in REGISTRY.values() if issubclass(w, Law) and w is not law and w.variables == law.variables)
    return sorted((w.word for w in alike if any(p.name == name for p in w.params)), key=lambda w: w != "chinchilla")


def _multiplied(node: Any) -> Any:
    """The expression without brackets, and with negative powers in place of divisions by powers."""
    match node:
        case ast.Group((inner,)):
            return _multiplied(inner)
        case ast.Binary("/", one, ast.Binary("^", base, power)):
            return ast.Binary("*", _multiplied(one), ast.Binary("^", _multiplied(base), ast.Negate(_multiplied(power))))
    return map_children(node, _multiplied)


def _fits(pattern: Any, node: Any, variables: Mapping[str, str], held: dict[str, str]) -> bool:
    """True where an expression is a law's with numbers for its parameters, which are put into `held`."""
    match pattern, node:
        case ast.Name(name), ast.Name(own):
            return variables.get(name) == own
        case ast.Name(name), ast.Number(number):
            return name not in variables and held.setdefault(name, number) == number
        case ast.Binary(sign, a, b), ast.Binary(other, c, d):
            return sign == other and _fits(a, c, variables, held) and _fits(b, d, variables, held)
        case ast.Negate(a), ast.Negate(c):
            return _fits(a, c, variables, held)
    return False
