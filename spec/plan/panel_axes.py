"""Axes by what they move: a law sees those that move its variables, and every other axis is a panel."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, Protocol

from ..vocabulary.base import Scalar
from ..vocabulary.quantities import QUANTITIES, amounts, canonical
from .run_grid import REDUCED, PlanAxis, RunGrid


class Located(Protocol):
    """A run as it is read here: a `Run`, or a run that is only surveyed."""

    @property
    def point(self) -> tuple[tuple[str, Scalar], ...]: ...
    @property
    def source(self) -> Any: ...
    @property
    def model(self) -> Any: ...
    @property
    def optimiser(self) -> Any: ...


def value_of(run: Located, quantity: str) -> Any:
    """A quantity of a run: an axis, a closed form, or a parameter of its model, optimiser or source; else None."""
    for name, value in run.point:
        if name == quantity:
            return value
    known = QUANTITIES.get(quantity)
    if known is not None and known.reads is not None:
        return known.reads(run)
    for term in (run.model, run.optimiser, run.source):
        if quantity in type(term).model_fields:
            return getattr(term, quantity)
        if quantity in (others := term.other_values()):
            return others[quantity]
    return None


def moved_by(runs: Sequence[Located], plan: RunGrid, quantity: str) -> frozenset[str]:
    """Names of the axes that move a quantity: along which alone it changes somewhere.

    Axes of names or labels and those of role panel move nothing that a law sees; the tuned and the averaged are reduced
    before. Members of a joint axis move together. An axis that is the quantity is all that moves it.
    """
    axes = [a for a in plan.axes if a.role == "sweep" and not a.named]
    own = [axis for axis in axes if quantity in axis.names]
    if own:
        return frozenset(own[0].names)
    if canonical(quantity) == "C":
        budgets = [axis for axis in axes if "compute" in axis.names]
        if budgets:
            return frozenset(budgets[0].names)
    found = moving([(dict(run.point), value_of(run, quantity)) for run in runs], axes)
    if quantity in QUANTITIES and QUANTITIES[quantity].grows:
        given = set(amounts())
        along = {name for alternative in plan.train for name in alternative.along}
        found |= {name for axis in axes if axis.name in along and set(axis.names) & given for name in axis.names}
    return frozenset(found)


def moving(rows: Sequence[tuple[Mapping[str, Scalar], Any]], axes: Iterable[PlanAxis]) -> frozenset[str]:
    """Axes along which alone the value changes somewhere.

    Where conditions leave no two rows that differ in one axis alone, an axis that fixes the value counts.
    """
    moved: set[str] = set()
    for axis in axes:
        seen: dict[Any, Any] = {}
        compared = changed = False
        for point, value in rows:
            if axis.names[0] not in point:
                continue
            rest = tuple((k, v) for k, v in point.items() if k not in axis.names)
            if rest not in seen:
                seen[rest] = value
                continue
            compared = True
            if seen[rest] != value:
                changed = True
                break
        if changed or (not compared and _fixes(rows, axis)):
            moved.update(axis.names)
    return frozenset(moved)


def _fixes(rows: Sequence[tuple[Mapping[str, Scalar], Any]], axis: PlanAxis) -> bool:
    """True where the value follows from this axis and differs between its points: all that a diagonal can show."""
    by_point: dict[Any, set[Any]] = {}
    for point, value in rows:
        if axis.names[0] in point:
            by_point.setdefault(tuple(point[n] for n in axis.names), set()).add(value)
    values = [next(iter(v)) for v in by_point.values() if len(v) == 1]
    return len(values) == len(by_point) > 1 and len(set(values)) > 1


def seen_axes(
    variables: Sequence[str], axis_names: Container[str], moved: Callable[[str], frozenset[str]]
) -> frozenset[str]:
    """Names of the axes that a law in these run quantities sees, by what moves each of them.

    Compute is spent on both sizes, so that a law in it sees what moves either. A law in D alone is one of a model
    configuration: what moves N too is held, unless nothing else moves D, as with `tokens = 20*N`.
    """
    quantities = ("N", "D") if "C" in map(canonical, variables) else variables
    found = frozenset[str]().union(*(moved(q) for q in quantities))
    if len(variables) == 1 and canonical(variables[0]) == "D" and variables[0] not in axis_names:
        return (found - moved("N")) or found
    return found


def source_axes(runs: Sequence[Located], plan: RunGrid) -> tuple[str, ...]:
    """Names of the cell axes that move the source, by which its curves are apart, in the plan's order."""
    places = {source: i for i, source in enumerate(dict.fromkeys(run.source for run in runs))}
    found = moving([(dict(run.point), places[run.source]) for run in runs], plan.axes)
    return tuple(name for name in cell_axis_names(plan) if name in found)


def cell_axis_names(plan: RunGrid) -> tuple[str, ...]:
    """Names of the axes that make cells: all but those that are tuned or averaged."""
    return tuple(name for axis in plan.axes if axis.role not in REDUCED for name in axis.names)


def panel_axes(runs: Sequence[Located], plan: RunGrid, variables: Sequence[str]) -> tuple[str, ...]:
    """Names of the axes that split a law in these run quantities into panels, in the plan's order."""
    names = {name for axis in plan.axes for name in axis.names}
    seen = seen_axes(variables, names, lambda quantity: moved_by(runs, plan, quantity))
    return tuple(name for name in cell_axis_names(plan) if name not in seen)
