"""Cells whose sizes lie on one line, as of one compute: what tells their effects apart is told."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..plan.panel_axes import value_of
from ..plan.study_plan import StudyPlan
from ..plan.survey import Cell
from ..requests.request_types import LocatedFit, law_of
from ..syntax.numbers import short, short_compute
from ..syntax.parser import parse_value
from ..syntax.visit import free_names
from ..vocabulary.quantities import (
    amounts,
    canonical,
)
from .told_apart import renamed

#: Logarithms of N and D closer than this to a line cannot be told apart by a fit.
FLAT = 1e-6
#: And closer than this hardly: a tenth of what they vary by.
NEARLY_FLAT = 1e-3
#: Points that are on a line by more than chance.
FEWEST_POINTS = 3


def on_a_line(cells: tuple[Cell, ...], quantities: Sequence[str]) -> bool:
    """True where log N and log D lie on one line, so that no fit can tell their effects apart."""
    return lie_on_a_line([[float(value_of(c, q)) for c in cells] for q in quantities])


def nearly_on_a_line(cells: tuple[Cell, ...], quantities: Sequence[str]) -> bool:
    """True where D is within a few per cent of a power of N, as at 20 and 21 tokens a parameter."""
    columns = [[float(value_of(c, q)) for c in cells] for q in quantities]
    return len(cells) >= FEWEST_POINTS and lie_on_a_line(columns, NEARLY_FLAT)


def lie_on_a_line(columns: Sequence[Sequence[float]], flat: float = FLAT) -> bool:
    """True where the logarithms of two columns of equal length do, but for a share `flat` of their variance.

    What is 0 somewhere, as an exponent of edges' weights may be, has no logarithm and is taken as it is.
    """
    logs = [[math.log(x) for x in column] if min(column) > 0 else column for column in columns]
    points, n = list(zip(*logs, strict=True)), len(columns[0])
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    xx = sum((x - mx) ** 2 for x, _ in points)
    yy = sum((y - my) ** 2 for _, y in points)
    xy = sum((x - mx) * (y - my) for x, y in points)
    return bool(xx * yy - xy * xy <= flat * xx * yy)


def told_of_lines(fit: LocatedFit, plan: StudyPlan, cells: Sequence[Cell], *, nearly: bool = False) -> Diagnostic:
    """The finding that cells lie on one line; a warning where they do nearly."""
    one, two = fit.request.quantities
    line = f"every cell lies {'nearly ' if nearly else ''}on one line of log {one} and log {two}"
    message = f"`{fit.request.name}` {'hardly tells' if nearly else 'cannot tell'} {one} and {two} apart: {line}"
    notes = (f"`{law_of(fit.request).word}` is a law in two quantities that vary on their own",)
    along = "fit `power(C)` along the line, or sweep the tokens beside the width"
    helps = more_amounts(plan, cells)
    if at_one_compute(cells) and fit.where is not None and not helps:
        helps = ("leave its condition out, which keeps one compute",)
    elif not at_one_compute(cells):
        helps = (*helps, along)
    if re.search(r"\bC\s*\*|\*\s*C\b(?!\s*\^)", fit.request.law):
        law = parse_value(fit.request.law)
        free = next((letter for letter in "GHKPQRS" if letter not in {*free_names(law)}), "k")
        helps = (f"`C` is the compute of every run: for a parameter write `{text(renamed(law, 'C', free))}`", *helps)
    return Diagnostic("SCL413", message, fit.span, "warning" if nearly else "error", notes=notes, helps=helps)


#: How far computes of one budget lie apart, that of whole steps.
ONE_BUDGET = 1.1


def at_one_compute(cells: Sequence[Cell]) -> bool:
    """True where all runs take about the same compute, so that tokens fall as sizes grow."""
    values = [float(v) for c in cells if isinstance(v := value_of(c, "compute"), int | float) and v > 0]
    return len(values) > 1 and max(values) < ONE_BUDGET * min(values)


def more_amounts(plan: StudyPlan, cells: Sequence[Cell]) -> tuple[str, ...]:
    """The help for a study whose tokens follow from its sizes: several amounts at each; () for any other."""
    if any(canonical(a.name) == "C" and len(a.points) > 1 for a in plan.axes):
        return ()
    given = dict(plan.definitions)
    for axis in plan.axes:
        values = [p[0] for p in axis.points if isinstance(p[0], int | float)]
        if any(re.fullmatch(rf"{re.escape(axis.names[0])} ?\* ?N", tree) for tree in given.values()) and values:
            k = float(f"{min(values):.2g}")
            return (f"let it span more: write `{axis.names[0]} in {{{short(k / 4)}, {short(k)}, {short(4 * k)}}}`",)
    name = next((n for n in given if n in amounts()), "")
    if (factor := re.fullmatch(r"(?:([\d.]+)\*)?N", given.get(name, "").replace(" ", ""))) and canonical(name) == "D":
        k = float(factor[1] or 1)
        typed = f"{name} = ratio*N  ratio in {{{short(k / 4)}, {short(k)}, {short(4 * k)}}}"
    elif at_one_compute(cells):
        middle = float(value_of(cells[0], "compute"))
        least = next(x for digits in (2, 1) if (x := float(f"{middle / 4:.{digits}g}")) * 16 == float(f"{x * 16:.3g}"))
        low, high = (short_compute(x).replace(" ", "") for x in (least, 16 * least))
        typed = f"compute in [{low}..{high} times 4]"
    else:
        return ()
    instead = f", in place of `{name} = {given[name]}`" if name else ""
    return (f"several amounts at each size tell them apart: write `{typed}`{instead}",)
