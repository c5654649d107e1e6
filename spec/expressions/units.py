"""Units in conditions: a number with a unit stands beside a quantity of that unit, never beside another."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..syntax import ast
from ..syntax.numbers import EXAMPLES, number
from ..syntax.visit import children
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.quantities import QUANTITIES

#: Functions whose value has the unit of their arguments.
KEEPING = ("max", "min", "round", "floor", "ceil", "abs", *REDUCTIONS)
NAMED = {
    "": "a plain number",
    "%": "a percentage",
    "s": "a time",
    "steps": "a number of steps",
    "tokens": "a number of tokens",
    "FLOP": "an amount of compute",
}


@dataclass
class _Sides:
    """The units that the sides of one relation are made of."""

    literals: list[ast.Number] = field(default_factory=list)
    #: Quantities with their units; None for one whose unit is not known here.
    units: dict[str, str | None] = field(default_factory=dict)


def mismatches(test: Any, open_names: Container[str] | None) -> Iterator[Diagnostic]:
    """Numbers of a condition in a unit that no quantity beside them has.

    `open_names` may be in any unit, such as axes and parameters; with None every name is that has no unit of its own.
    """
    if isinstance(test, ast.Or | ast.And | ast.Not) or (isinstance(test, ast.Group) and len(test.items) == 1):
        for part in children(test):
            yield from mismatches(part, open_names)
        return
    sides = _Sides()
    for side in _sides(test):
        _read(side, sides, open_names)
    if not sides.units or None in sides.units.values():
        return
    for literal in sides.literals:
        unit = number(literal.text).unit
        if unit not in ("", "%", *sides.units.values()):
            wanted = EXAMPLES[next(iter(sides.units.values())) or ""]
            message = f"`{literal.text}` is {NAMED[unit]}, and stands beside {listing(sides.units)}"
            yield Diagnostic("SCL202", message, literal.span, helps=(f"write {wanted}",))


def _sides(test: Any) -> list[Any]:
    match test:
        case ast.Chain(first, rest):
            return [first, *(node for _, node in rest)]
        case ast.Inside(value, ast.Range(start, stop)):
            return [value, start, stop]
        case ast.Inside(value, ast.Set(entries)):
            return [value, *(entry.value for entry in entries)]
        case ast.Near(value, tolerance, target):
            return [value, tolerance, target]
    return []


def _read(node: Any, sides: _Sides, open_names: Container[str] | None) -> None:
    """Collect what a side adds up; a product or a power has a unit of its own, which is not worked out."""
    match node:
        case ast.Number():
            sides.literals.append(node)
        case ast.Name(name):
            sides.units[name] = unit_of(name, open_names)
        case ast.Call(name, args) if name in KEEPING:
            for arg in args[:1] if name in REDUCTIONS and name not in ("max", "min") else args:
                if not isinstance(arg, ast.Define):
                    _read(arg, sides, open_names)
        case ast.Call(name):
            sides.units[name] = None if name in ("sqrt", "log", "exp", "rank") else unit_of(name, open_names)
        case ast.Negate(operand):
            _read(operand, sides, open_names)
        case ast.Binary("+" | "-", left, right):
            _read(left, sides, open_names)
            _read(right, sides, open_names)
        case ast.Group(items):
            for item in items:
                _read(item, sides, open_names)
        case _:
            sides.units["..."] = None


def unit_of(name: str, open_names: Container[str] | None = ()) -> str | None:
    """The unit of a quantity: none for a plain number, None where it may be any."""
    if name in QUANTITIES and QUANTITIES[name].unit:
        return QUANTITIES[name].unit
    return None if open_names is None or name in open_names else ""
