"""A study's plan and what training it will cost: the keys that programs read, and the lines that people do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from scalingdsl.spec.plan.run_grid import REDUCED, PlanAxis, Run
from scalingdsl.spec.plan.study_plan import FitRequest, StudyPlan

from ..formatting import axis_value, counted, duration, magnitude, size, span
from ..hardware.machine_load import busy_words
from ..planning.machines import Estimate

if TYPE_CHECKING:
    from ..planning.costs import Cost
    from ..planning.grid_design import Foretold
    from ..store.results_folder import Store

#: Values of an axis that are shown one by one.
_SHOWN = 12


def cells(plan: StudyPlan, runs: Sequence[Run]) -> int:
    """Points of the grid once replicates are averaged and tuned axes are settled; a path counts each of its points."""
    gone = {name for axis in plan.axes if axis.role in REDUCED for name in axis.names}
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
        lines += _sizes([run for run in runs if not (run.by_solver or run.elsewhere)])
        lines += _declared_sizes([run for run in runs if run.elsewhere])
        lines += _own_sizes([run for run in runs if run.by_solver])
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


def _declared_sizes(runs: Sequence[Run]) -> list[str]:
    """N, D and C of what is trained elsewhere, as far as the study declares them."""
    n, d = [run.n_total for run in runs if run.n_total], [run.n_tokens for run in runs if run.n_tokens]
    c = [run.flops for run in runs if run.flops]
    lines = [f"N       {span(n)} parameters, as declared"] if n else []
    lines += [f"D       {span(d)} tokens, {magnitude(sum(d))} in all"] if d else []
    return lines + ([f"C       {span(c)} FLOPs, {magnitude(sum(c))} in all, as declared"] if c else [])


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
    known: dict[str, Any] = {"memory_bytes": cost.memory_bytes, "predicted_seconds": _rounded(cost.wall_seconds)}
    if isinstance(cost, Estimate):
        return {**known, "machine": estimate_payload(cost)}
    packs = [
        {"pack": p.key, "runs": len(p.runs), "slots": p.slots, "predicted_seconds": _rounded(s)}
        for p, s in zip(cost.packs, cost.pack_seconds)
    ]
    taught = [round(seconds, 3) for seconds in cost.teacher_seconds]
    known["measured_under_load"] = cost.measured_under_load
    return {"packs": packs, "workers": cost.workers, "teacher_seconds": taught, **known}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def cost_text(cost: Cost | Estimate) -> list[str]:
    """The same for people."""
    if isinstance(cost, Estimate):
        return estimate_text(cost)
    if cost.packs[0].runs[0].elsewhere:
        known = cost.wall_seconds is not None
        return [
            f"runs    {sum(len(pack.runs) for pack in cost.packs)} for your trainer, {cost.workers} at a time",
            f"time    {duration(cost.wall_seconds)} predicted" if known else "time    unknown until some run is done",
        ]
    side = max(pack.slots for pack in cost.packs)
    return [
        f"packs   {len(cost.packs)}, at most {side} runs side by side, {cost.workers} at a time",
        f"memory  {size(cost.memory_bytes)}",
        *([f"teach   {_taught(cost.teacher_seconds)}"] if cost.teacher_seconds else []),
        f"time    {duration(cost.wall_seconds)} predicted",
        *([f"        {_doubt(cost.measured_under_load)}"] if cost.measured_under_load is not None else []),
    ]


def _doubt(load: float) -> str:
    return f"by a speed that was measured at {busy_words(load)}: `plan --recalibrate` measures it again"


def _taught(seconds: Sequence[float]) -> str:
    return f"{counted(len(seconds), 'teacher')} before their students, {duration(sum(seconds))} on one worker"


# --- on a machine that is not at hand ---------------------------------------------------------------------------------


def estimate_payload(found: Estimate) -> dict[str, Any]:
    """The estimate for programs: seconds of one machine, in all and by width, and every assumption."""
    machine = found.machine
    return {
        "name": machine.name,
        "about": machine.about,
        "source": machine.source,
        "peak_flops": {name: machine.peak[name] for name in found.precisions},
        "bandwidth": machine.bandwidth,
        "utilisation": {str(width): float(f"{share:.3g}") for width, share in found.shares.items()},
        "memory_bytes": found.memory_bytes,
        "machine_memory_bytes": machine.memory_bytes,
        "side_by_side": found.side,
        "seconds_by_width": {str(width): round(s, 1) for width, s in found.by_width.items()},
        "teacher_seconds": round(found.teachers, 1),
        "predicted_seconds": round(found.wall_seconds, 1),
        "hours": round(found.wall_seconds / 3600, 2),
    }


def estimate_text(found: Estimate) -> list[str]:
    """The same for people."""
    machine = found.machine
    peaks = ", ".join(f"{machine.peak[name] / 1e12:.0f} TFLOP/s in {name}" for name in found.precisions)
    shares = ", ".join(f"{100 * share:.2g}% at width {width}" for width, share in found.shares.items())
    teachers = f", {duration(found.teachers)} of them for teachers" if found.teachers else ""
    fits = "" if found.fits else ": it does not fit"
    return [
        f"machine {machine.name}: {machine.about}, peak {peaks}, "
        f"memory at {machine.bandwidth / 1e12:.3g} TB/s ({machine.source})",
        f"        predicted, not measured, to reach {shares} of the peak",
        f"memory  {size(found.memory_bytes)} of {size(machine.memory_bytes)}, "
        f"at most {found.side} runs side by side{fits}",
        f"time    {duration(found.wall_seconds)} of one {machine.name} predicted{teachers}",
    ]


# --- the design of the grid -------------------------------------------------------------------------------------------


def design_payload(design: Foretold) -> dict[str, Any]:
    """The intervals that a law fitted to the grid will have, for programs."""
    found = design.better and {"N": list(design.better.n), "D": list(design.better.d), "flops": design.better.flops}
    return {
        "noise": design.noise,
        "repeats": design.repeats,
        "assumed": design.assumed,
        "widths": design.widths,
        "better": found and found | {"widths": design.better_widths},
    }


def design_text(design: Foretold) -> list[str]:
    """The same for people."""
    law = ", ".join(f"{name} {value:.3g}" for name, value in design.assumed.items())
    averaged = f", {design.repeats} runs a cell" if design.repeats > 1 else ""
    lines = [
        "",
        f"design  95 % intervals with {100 * design.noise:g} % noise{averaged}, assuming {law}",
        f"        {_widths(design.widths)}",
    ]
    if design.better is not None:
        n, d = design.better.n, design.better.d
        grid = f"{len(n)} sizes of N {span(n)} by {len(d)} of D {span(d)}"
        lines.append(f"        {grid} cost no more: {_widths(design.better_widths)}")
    return lines


def _widths(widths: Mapping[str, float]) -> str:
    return ", ".join(f"{name} +-{widths[name] / 2:.2g}" for name in ("alpha", "beta", "E"))
