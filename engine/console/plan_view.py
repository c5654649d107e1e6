"""A study's plan and what training it will cost: the keys that programs read, and the lines that people do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scalingdsl.spec.plan.run_grid import PlanAxis, Run
from scalingdsl.spec.plan.study_plan import FitRequest, StudyPlan

from ..formatting import axis_value, counted, duration, magnitude, size, span
from ..planning.machines import Estimate
from .machine_estimate import estimate_payload, estimate_text

if TYPE_CHECKING:
    from ..planning.costs import Cost
    from ..store.results_folder import Store

#: Values of an axis that are shown one by one.
_SHOWN = 12


def cells(plan: StudyPlan, runs: Sequence[Run]) -> int:
    """Points of the grid once replicates are averaged and tuned axes are settled; a path counts each of its points."""
    gone = {name for axis in plan.axes if axis.role in ("tune", "replicate") for name in axis.names}
    kept: Counter[tuple[Any, ...]] = Counter()
    for run in runs:
        cell = tuple(item for item in run.point if item[0] not in gone)
        kept[cell] = max(kept[cell], len(run.marks) or 1)
    return kept.total()


def plan_payload(
    plan: StudyPlan, runs: Sequence[Run], missing: Sequence[Run], cost: Cost | Estimate, store: Store
) -> dict[str, Any]:
    """The documented keys of the envelope."""
    return {
        "title": plan.title,
        "plan": plan.digest,
        "axes": [
            {"name": axis.name, "role": axis.role, "along": axis.along, "points": [list(p) for p in axis.points]}
            for axis in plan.axes
        ],
        "runs": len(runs),
        "cells": cells(plan, runs),
        "done": len(runs) - len(missing),
        # A solved model has one size; of the other there is no end, which no range can hold.
        "N": _range([run.n_total for run in runs if run.n_total]),
        "N_body": _range([run.n_body for run in runs if run.n_body]),
        "D": _range([run.n_tokens for run in runs if run.n_tokens]),
        "C": _range([run.flops_6nd for run in runs if run.flops_6nd]),
        "flops": sum(run.flops for run in runs),
        **cost_payload(cost),
        "grid": [{"run": run.key, **dict(run.point)} for run in runs],
        "fits": [request.name for request in plan.fits],
        "claims": [claim.test for claim in plan.claims],
        "packages": plan.packages,
        "out": str(store.folder),
    }


def _range(values: Sequence[float]) -> list[float] | None:
    return [min(values), max(values)] if values else None


def plan_text(
    plan: StudyPlan, runs: Sequence[Run], missing: Sequence[Run], cost: Cost | Estimate, store: Store
) -> list[str]:
    """The same for people."""
    lines = [*([plan.title] if plan.title else []), f"plan {plan.digest}", ""]
    for kind in ("data", "models", "train"):
        for one in getattr(plan, kind):
            lines.append(f"{kind:<7}{one.label + ': ' if len(getattr(plan, kind)) > 1 else ''}{one.call}")
    lines += ["", *_axes(plan.axes)] if plan.axes else []
    lines += [f"{'':<2}{name} = {expression}" for name, expression in plan.definitions]
    lines += [f"{'':<2}where {condition}" for condition in plan.where]
    if runs:
        lines += ["", f"runs    {len(runs)} in {cells(plan, runs)} cells"]
        lines += _sizes([run for run in runs if not run.on_points])
        lines += _own_sizes([run for run in runs if run.on_points])
    lines += ["", *[f"fit     {_asked(request)}" for request in plan.fits]]
    lines += [f"optimum {request.name}{' where ' + request.where if request.where else ''}" for request in plan.optima]
    lines += [f"expect  {c.test}{' where ' + c.where if c.where else ''}" for c in plan.claims]
    if runs:
        lines += ["", f"done    {len(runs) - len(missing)} of {counted(len(runs), 'run')}, in {store.folder}"]
    lines += cost_text(cost) if missing else []
    return lines


def _asked(request: FitRequest) -> str:
    """A fit by its name, the law where a let gave the name, and the cells it is fitted to."""
    law = f" = {request.law}" if not request.name.startswith(request.law) else ""
    return f"{request.name}{law}{' where ' + request.where if request.where else ''}"


def _sizes(runs: Sequence[Run]) -> list[str]:
    """N, D and C of what is trained."""
    if not runs:
        return []
    tokens, flops = sum(run.n_tokens for run in runs), sum(run.flops for run in runs)
    return [
        f"N       {span([run.n_total for run in runs])} parameters, {span([run.n_body for run in runs])} in bodies",
        f"D       {span([run.n_tokens for run in runs])} tokens, {magnitude(tokens)} in all",
        f"C       {span([run.flops_6nd for run in runs])} FLOPs (6ND), {magnitude(flops)} exact in all",
    ]


def _own_sizes(runs: Sequence[Run]) -> list[str]:
    """N and D of what learns from points: a run has both, or one of them and no end of the other."""
    n, d = [run.n_total for run in runs if run.n_total], [run.n_tokens for run in runs if run.n_tokens]
    both = any(run.n_total and run.n_tokens for run in runs)
    lines = [f"N       {span(n)} degrees of freedom{'' if both else ', without end of data'}"] if n else []
    return lines + ([f"D       {span(d)} points{'' if both else ', without bounds on the model'}"] if d else [])


def _axes(axes: Sequence[PlanAxis]) -> list[str]:
    """One line an axis: name, role, number of points, points."""
    if not axes:
        return []
    width = max(len(axis.name) for axis in axes)
    lines = []
    for axis in axes:
        points = [" & ".join(axis_value(v) for v in point) for point in axis.points]
        if len(points) > _SHOWN:
            points = [*points[: _SHOWN - 2], "...", points[-1]]
        role = axis.role + (", along one run" if axis.along else "")
        lines.append(f"axis    {axis.name:<{width}}  {role:<9}  {len(axis.points):>4}  {', '.join(points)}")
    return lines


def cost_payload(cost: Cost | Estimate) -> dict[str, Any]:
    """Of this machine with its packs, or of another with what is assumed of it."""
    known = {"memory_bytes": cost.memory_bytes, "predicted_seconds": round(cost.wall_seconds, 3)}
    if isinstance(cost, Estimate):
        return {**known, "machine": estimate_payload(cost)}
    packs = [
        {"pack": p.key, "runs": len(p.runs), "slots": p.slots, "predicted_seconds": round(s, 3)}
        for p, s in zip(cost.packs, cost.pack_seconds)
    ]
    taught = [round(seconds, 3) for seconds in cost.teacher_seconds]
    return {"packs": packs, "workers": cost.workers, "teacher_seconds": taught, **known}


def cost_text(cost: Cost | Estimate) -> list[str]:
    """The same for people."""
    if isinstance(cost, Estimate):
        return estimate_text(cost)
    side = max(pack.slots for pack in cost.packs)
    return [
        f"packs   {len(cost.packs)}, at most {side} runs side by side, {cost.workers} at a time",
        f"memory  {size(cost.memory_bytes)}",
        *([f"teach   {_taught(cost.teacher_seconds)}"] if cost.teacher_seconds else []),
        f"time    {duration(cost.wall_seconds)} predicted",
    ]


def _taught(seconds: Sequence[float]) -> str:
    return f"{counted(len(seconds), 'teacher')} before their students, {duration(sum(seconds))} on one worker"
