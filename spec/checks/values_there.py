"""The values that the names of a condition take, for one that keeps nothing or everything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from ..claims.selectors import LISTED
from ..diagnostics.suggest import ASK, CHOOSE, listing
from ..plan.panel_axes import value_of
from ..plan.survey import Cell
from ..syntax import ast
from ..syntax.numbers import short
from ..syntax.visit import children, free_names
from ..vocabulary.base import Scalar

#: The values that a name takes.
ValuesOf = Callable[[str], Collection[Scalar]]


def in_cells(cells: Iterable[Cell]) -> ValuesOf:
    """The values of a name in the cells of a study."""
    cells = tuple(cells)
    return lambda name: {v for cell in cells if (v := value_of(cell, name)) is not None}


def values_there(condition: Any, values_of: ValuesOf, every: bool = False) -> tuple[str, ...]:
    """A help for a condition or a selection that keeps nothing, or `every` cell: what its names are, and a bound of
    the quantity that keeps a part.
    """
    names = dict.fromkeys((*free_names(condition), *(d.name for d in children(condition) if isinstance(d, ast.Define))))
    said = []
    for name in names:
        values = sorted(values_of(name), key=lambda v: (str(type(v)), v))
        shown = [short(v) if isinstance(v, int | float) else str(v) for v in values]
        if len(shown) > LISTED:
            said.append(f"`{name}` runs from {shown[0]} to {shown[-1]}")
        elif shown:
            said.append(f"`{name}` is {listing(shown, last='or')}")
    return (f"{CHOOSE if every else ASK}{'; '.join(said)}{bound_within(condition, values_of)}",) if said else ()


def bound_within(condition: Any, values_of: ValuesOf) -> str:
    """A bound of the condition's quantity that some cells satisfy, as an example; empty for any other condition."""
    match condition:
        case ast.Chain(ast.Name(name), ((("<" | "<=" | ">" | ">=") as op, ast.Number()),)):
            numbers = {v for v in values_of(name) if isinstance(v, int | float)}
            values = sorted(numbers, reverse="<" in op)
            if len(values) > 2:
                bound, end = short(float(f"{values[1]:.2g}")), "most" if "<" in op else "least"
                return f", so `{name} {op} {bound}` leaves out the {end}"
    return ""
