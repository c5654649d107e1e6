"""The templates of a plan as trees: what `Grid` computes with, beside the canonical text that a plan holds.

From a study they come with their places, so that equal mistakes in two alternatives are two findings; of a plan that
was read back they are parsed from its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..diagnostics.collect import Fault
from ..syntax import ast
from ..syntax.visit import as_call
from ..vocabulary.base import PARTS, Part
from .run_grid import RunGrid

#: Axis -> label -> what the label stands for.
Stands = Mapping[str, Mapping[str, ast.Value | ast.Test]]


@dataclass(frozen=True)
class Template:
    """One alternative."""

    call: ast.Call
    #: What the labels of axes stand for here: alternatives may sweep one parameter, each with values of its own.
    stands: Stands = field(default_factory=dict)


@dataclass(frozen=True)
class Templates:
    """Every alternative, definition and condition of a plan, in its order."""

    alternatives: Mapping[Part, tuple[Template, ...]]
    definitions: Mapping[str, ast.Test | ast.Value]
    where: tuple[ast.Test, ...]
    #: What labels stand for wherever an alternative has nothing nearer.
    stands: Stands


def parse_templates(plan: RunGrid) -> Templates:
    """The texts of a plan, parsed."""
    from ..syntax.parser import parse_test, parse_value

    def call(text: str) -> ast.Call:
        value = parse_value(text)
        found = as_call(value)
        if found is None:
            raise Fault("SCL106", f"{text!r} is no call", value.span)
        return found

    return Templates(
        {part: tuple(Template(call(a.call)) for a in getattr(plan, part)) for part in PARTS},
        {name: parse_value(text) for name, text in plan.definitions},
        tuple(parse_test(text) for text in plan.where),
        {name: {k: parse_value(text) for k, text in axis.values} for axis in plan.axes for name in axis.names},
    )
