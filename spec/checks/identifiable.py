"""Identifiability of what a claim asks of a fit: more cells than parameters, sizes that vary, enough draws."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..claims.references import QuantityRef
from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..plan.panel_axes import moved_by, panel_axes, value_of
from ..plan.study_plan import FitRequest, StudyPlan
from ..plan.survey import Cell
from ..requests.request_types import LocatedFit, free_parameters, law_of
from ..syntax.numbers import short

#: Draws below which one of them outweighs the share at which a claim is held.
FEWEST_DRAWS = 40
_FIX_E = ", or fix a parameter, such as `E=entropy_rate`"


def identifiable(
    ref: QuantityRef, fit: LocatedFit, plan: StudyPlan, cells: Sequence[Cell], of: Sequence[Cell], apart: Sequence[str]
) -> Iterator[Diagnostic]:
    """Findings against a claim on a fit: its `cells`, those `of` the study, the axes that its panels are `apart` by."""
    request = fit.request
    about_parameters = ref.name in free_parameters(request)
    if request.bootstrap is not None and request.bootstrap < FEWEST_DRAWS and about_parameters:
        message = f"`{request.name}` is drawn {request.bootstrap} times, too few to judge a claim at 97.5 %"
        helps = (f"draw it {FEWEST_DRAWS} times at least; the default is 1000",)
        yield Diagnostic("SCL433", message, ref.span, severity="warning", helps=helps)
    if request.group is not None or request.shared:
        return

    def panel(cell: Cell) -> tuple[Any, ...]:
        return tuple(v for k, v in cell.point if k in apart)

    inside = Counter(panel(cell) for cell in cells)
    if ref.name == "holdout" and len(cells) < len(of) and not _holds_some_out(request, plan, cells, of):
        message = f"`{request.name}` holds no cells out: its condition leaves out whole fits, none in part"
        amounts = sorted({v for cell in cells if isinstance(v := value_of(cell, "D"), int | float)})
        most = short(amounts[-2]) if len(amounts) > 1 else "1M"
        helps = (f"leave out a part of each fit, such as its longest runs: `where D <= {most}`",)
        yield Diagnostic("SCL426", message, ref.span, helps=helps)
    elif ref.name == "holdout":
        yield from _holds_small_out(request, ref, cells, of)
    if not about_parameters:
        return
    panels = defaultdict(list)
    for cell in cells:
        panels[panel(cell)].append(cell)
    lacking = [_lacking(request, members) for members in panels.values()]
    free = free_parameters(request)
    more = f"sweep more sizes{_FIX_E if 'E' in free else ''}"
    if lacking and all(lacking):
        yield _too_few_sizes(request, ref, plan, cells, min(lacking, key=lambda short: sum(short.values())))
    elif max(inside.values(), default=0) == len(free):
        message = f"`{request.name}` has {len(free)} parameters for {len(free)} cells, so this claim stays undecided"
        notes = ("a law through every point leaves no residual, and so no interval",)
        yield Diagnostic("SCL419", message, ref.span, severity="warning", notes=notes, helps=(more,))


def _holds_small_out(
    request: FitRequest, ref: QuantityRef, cells: Sequence[Cell], of: Sequence[Cell]
) -> Iterator[Diagnostic]:
    """A hold-out that lies below all that is fitted says how a law goes down, and not how far it reaches."""
    kept = {id(cell) for cell in cells}
    for size in ("N", "D"):
        fitted, out = (
            [v for c in of if (id(c) in kept) is inside and isinstance(v := value_of(c, size), int | float)]
            for inside in (True, False)
        )
        if fitted and out and max(out) < min(fitted):
            message = f"`{request.name}` is fitted to large {size} and tried on small: all that is held out is smaller"
            notes = (f"{size} is {short(min(fitted))} at least where it is fitted, and {short(max(out))} at most else",)
            asked = re.match(r"[A-Za-z_]\w*(?= >=? )", request.where or "")
            sizes = {name: _values(name, of) for name in (asked[0] if asked else size, size)}
            name, values = next((name, values) for name, values in sizes.items() if len(values) > 1)
            turned = f"{name} <= {short(values[-2])}"
            helps = (f"turn the condition round to see how far it reaches: `where {turned}`",)
            yield Diagnostic("SCL450", message, ref.span, severity="warning", notes=notes, helps=helps)
            return
    pairs = {inside: [_sizes_of(c) for c in of if (id(c) in kept) is inside] for inside in (True, False)}
    if not all(len(pair) == 2 for some in pairs.values() for pair in some) or not all(pairs.values()):
        return
    least = tuple(map(min, zip(*pairs[True], strict=True)))
    if all(n < least[0] or d < least[1] for n, d in pairs[False]):
        message = f"`{request.name}` is fitted to large N and D and tried on small: all that is held out is smaller"
        notes = (f"where it is fitted N is {short(least[0])} at least, and D {short(least[1])}",)
        given = {name: _values(name, of) for name in re.findall(r"([A-Za-z_]\w*) >=? ", request.where or "")}
        turned = " and ".join(f"{name} <= {short(values[-2])}" for name, values in given.items() if len(values) > 1)
        ways = (f"turn the conditions round to see how far it reaches: `where {turned}`",) if turned else ()
        yield Diagnostic("SCL450", message, ref.span, severity="warning", notes=notes, helps=ways)


def _sizes_of(cell: Cell) -> list[int | float]:
    """N and D of a cell, each where it has one."""
    return [v for size in ("N", "D") if isinstance(v := value_of(cell, size), int | float)]


def _values(name: str, cells: Sequence[Cell]) -> list[int | float]:
    """The numbers that a name has in these cells, each once, ascending."""
    return sorted({v for c in cells if isinstance(v := value_of(c, name), int | float)})


def _holds_some_out(request: FitRequest, plan: StudyPlan, cells: Sequence[Cell], of: Sequence[Cell]) -> bool:
    """True where cells that a law could see are left out of it.

    Panels are those of all cells: an axis of which the condition keeps one value may move the law's sizes all the same.
    """
    apart = panel_axes(of, plan, request.quantities)
    kept, there = (Counter(tuple(v for k, v in c.point if k in apart) for c in some) for some in (cells, of))
    return any(there[panel] > n for panel, n in kept.items())


def _lacking(request: FitRequest, cells: Sequence[Cell]) -> dict[str, int]:
    """The values of each variable that a panel lacks; empty where its parameters can be told.

    What n values of N show of E + A N^-alpha + B D^-beta are n - 1 differences, and once, for all its variables, a
    level, which E takes up where it is free.
    """
    free = set(free_parameters(request))
    summands = law_of(request).summands() if len(request.variables) > 1 else {}
    # An exponent that several variables share counts for none of them: it may be told from any.
    shared = {p for p, n in Counter(power for _, power in summands.values()).items() if n > 1}
    short: dict[str, int] = {}
    for variable, quantity in request.variables:
        needed = 1 + len(free & set(set(summands.get(variable, ())) - shared))
        found = len({value_of(cell, quantity) for cell in cells})
        if found < needed:
            short[quantity] = needed - found
    return short if sum(short.values()) > ("E" not in free) else {}


def two_levels(
    fit: LocatedFit, plan: StudyPlan, cells: Sequence[Cell], panels: Sequence[Sequence[Cell]]
) -> Iterator[Diagnostic]:
    """A law in sizes of which one hardly varies: enough cells, and parameters that cannot be told from them."""
    lacking = [_lacking(fit.request, members) for members in panels]
    if not lacking or not all(lacking):
        return
    short = min(lacking, key=lambda some: sum(some.values()))
    said, helps = _said(fit.request, plan, cells, short)
    message = f"`{fit.request.name}` sees {said}, from which its parameters cannot be told"
    notes = ("a coefficient, an exponent and a level need three values; with fewer, many answers fit alike",)
    yield Diagnostic("SCL437", message, fit.span, severity="warning", notes=notes, helps=helps)


def _said(
    request: FitRequest, plan: StudyPlan, cells: Sequence[Cell], short: Mapping[str, int]
) -> tuple[str, tuple[str, ...]]:
    """How many values of each size there are, and the help that gives more."""
    counts = {quantity: len({value_of(cell, quantity) for cell in cells}) for quantity in short}
    said = " and ".join(f"{n} value{'s' * (n != 1)} of {quantity}" for quantity, n in counts.items())
    more = [
        f"give {listing(sorted(axes))} {counts[quantity] + n} values at least"
        for quantity, n in short.items()
        if (axes := moved_by(cells, plan, quantity))
    ]
    fixing = _FIX_E if "E" in free_parameters(request) else ""
    return said, ((f"{' and '.join(more)}{fixing}",) if more else ())


def _too_few_sizes(
    request: FitRequest, ref: QuantityRef, plan: StudyPlan, cells: Sequence[Cell], short: Mapping[str, int]
) -> Diagnostic:
    said, helps = _said(request, plan, cells, short)
    message = f"`{request.name}` sees {said}, which its parameters cannot be told from, so this claim stays undecided"
    notes = ("a coefficient, an exponent and a level need three values; with fewer, many answers fit alike",)
    return Diagnostic("SCL434", message, ref.span, severity="warning", notes=notes, helps=helps)
