"""Which axes move which quantity: a law sees those that move its variables, and every other axis is a panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .outline import as_call
from .plan import PlanAxis, Run, Scalar, StudyPlan
from .vocabulary.base import REGISTRY

#: Data axes that say how much data there is; every other data axis says which data, and is a panel.
DATA_AMOUNTS = frozenset({"unique", "problems", "samples", "tokens", "epochs"})

#: How a quantity is read off a run. D is the amount asked for, so that rounding to whole steps moves nothing.
READ: dict[str, Callable[[Run], float]] = {
    "N": lambda run: run.n_total,
    "N_body": lambda run: run.n_body,
    "D": lambda run: run.asked_tokens,
    "tokens": lambda run: run.asked_tokens,
    "steps": lambda run: run.steps,
    "flops": lambda run: run.flops,
}


def moved_by(runs: Sequence[Run], plan: StudyPlan, quantity: str) -> frozenset[str]:
    """Names of the axes that move a quantity of a run, numerically where two runs differ in that axis alone.

    An axis of names or labels moves nothing, nor does an axis that says which data a run sees, unless it is the quantity
    itself. Members of a joint axis move together.
    """
    axes = movable(plan, quantity)
    if quantity in {name for axis in axes for name in axis.names}:
        return frozenset(name for axis in axes if quantity in axis.names for name in axis.names)
    if quantity == "compute" or (quantity == "C" and any("compute" in axis.names for axis in plan.axes)):
        return _named(axes, {"compute"})
    if quantity == "C":
        return moved_by(runs, plan, "N") | moved_by(runs, plan, "D")
    along = _named([a for a in axes if any(a.name in t.along for t in plan.train)], set(AMOUNT_NAMES))
    rows = [(dict(run.point), _read(run, quantity)) for run in runs]
    moved = moving(rows, axes)
    return moved | along if quantity in ("D", "tokens", "steps", "epochs", "flops") else moved


AMOUNT_NAMES = ("tokens", "steps", "compute", "epochs", "unique")


def _named(axes: Iterable[PlanAxis], wanted: set[str]) -> frozenset[str]:
    return frozenset(name for axis in axes if wanted & set(axis.names) for name in axis.names)


def _read(run: Run, quantity: str) -> Any:
    if quantity in READ:
        return READ[quantity](run)
    for term in (run.model, run.optimiser, run.source):
        if quantity in type(term).model_fields:
            return getattr(term, quantity)
    return None


def movable(plan: StudyPlan, quantity: str) -> list[PlanAxis]:
    """Axes that can move a quantity at all."""
    data = data_axes(plan)
    return [
        axis
        for axis in plan.axes
        if quantity in axis.names or not (axis.named or axis.name in data or axis.role in ("panel", "tune", "replicate"))
    ]


def data_axes(plan: StudyPlan) -> frozenset[str]:
    """Axes that only say which data a run sees: parameters of a source that no amount of training answers to."""
    found: set[str] = set()
    for alternative in plan.data:
        call = _call(alternative.call)
        word = REGISTRY.get(call.name) if call is not None else None
        for axis in plan.axes:
            if axis.name in alternative.axes and not DATA_AMOUNTS & set(axis.names) and word is not None:
                found.add(axis.name)
    return frozenset(found)


def _call(text: str) -> Any:
    from .parse import parse_value

    return as_call(parse_value(text))


def moving(rows: Sequence[tuple[Mapping[str, Scalar], Any]], axes: Iterable[PlanAxis]) -> frozenset[str]:
    """Axes along which alone the value changes somewhere; where no two rows differ in one axis alone, any that varies with it."""
    moved: set[str] = set()
    for axis in axes:
        seen: dict[Any, Any] = {}
        compared = changed = False
        for point, value in rows:
            if axis.names[0] not in point:
                continue
            rest = tuple(sorted((k, v) for k, v in point.items() if k not in axis.names))
            if rest in seen:
                compared = True
                if seen[rest] != value:
                    changed = True
                    break
            else:
                seen[rest] = value
        if changed or (not compared and _covaries(rows, axis)):
            moved.update(axis.names)
    return frozenset(moved)


def _covaries(rows: Sequence[tuple[Mapping[str, Scalar], Any]], axis: PlanAxis) -> bool:
    """Whether the value is fixed by this axis and differs between its points: all that a diagonal can show."""
    by_point: dict[Any, set[Any]] = {}
    for point, value in rows:
        if axis.names[0] in point:
            by_point.setdefault(tuple(point[n] for n in axis.names), set()).add(value)
    values = [next(iter(v)) for v in by_point.values() if len(v) == 1]
    return len(values) == len(by_point) > 1 and len(set(values)) > 1


def panel_axes(runs: Sequence[Run], plan: StudyPlan, variables: Iterable[str]) -> tuple[str, ...]:
    """Names of the axes that split a law in these variables into panels, in the plan's order."""
    seen = frozenset().union(*(moved_by(runs, plan, v) for v in variables))
    return tuple(
        name
        for axis in plan.axes
        if axis.role not in ("tune", "replicate")
        for name in axis.names
        if name not in seen
    )


def cell_axes(plan: StudyPlan) -> tuple[str, ...]:
    """Names of the axes that make cells: all but those that are tuned or replicated."""
    return tuple(name for axis in plan.axes if axis.role not in ("tune", "replicate") for name in axis.names)
