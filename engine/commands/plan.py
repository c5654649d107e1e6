"""`scalingdsl plan`: what a study is and what it will cost, before anything is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.plan import FitRequest, PlanAxis, Run, StudyPlan

from ..machines import Estimate, Machine, estimate
from ..packing import is_solved
from .hours import estimate_payload, estimate_text, machine_option
from .shared import diagnostics_json, envelope, json_option, load_study, max_runs_option, roots_option, set_option
from .words import count, duration, plural, size, span, value

if TYPE_CHECKING:
    from ..costs import Cost
    from ..designing import Foretold
    from ..store import Store

#: Values of an axis that are shown one by one.
_SHOWN = 12


def _assumed(ctx: click.Context, param: click.Parameter, given: str) -> dict[str, float]:
    """`alpha=.35,beta=.37` as numbers."""
    law = {}
    for part in filter(None, given.split(",")):
        name, _, number = part.partition("=")
        try:
            law[name.strip()] = float(number)
        except ValueError as error:
            raise click.BadParameter(f"{part!r} is not NAME=NUMBER", ctx, param) from error
        if name.strip() not in ("E", "A", "alpha", "B", "beta") or not law[name.strip()] > 0:
            raise click.BadParameter(f"{part!r}: the law has positive E, A, alpha, B and beta", ctx, param)
    return law


@click.command(
    epilog="""\b
Example:
  scalingdsl plan studies/er.scl
  scalingdsl plan studies/er.scl --set graph="er(n=1024, p=.01)" --json
  scalingdsl plan studies/origin/er-8k.scl --machine h100

\b
Exit status: 0 fine; 1 the study is not valid or over its budget; 2 it cannot be planned as asked."""
)
@click.argument("study", metavar="FILE")
@set_option
@click.option("--out", type=click.Path(path_type=Path), help="Results folder.  [default: runs/<name of the study>]")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--workers", type=click.IntRange(1), help="Packs trained at a time.  [default: one a core, or a GPU]")
@max_runs_option
@roots_option
@click.option(
    "--design",
    "noise",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="NOISE",
    help="How wide the intervals of a law in N and D will be, if log loss scatters by NOISE from run to run.",
)
@click.option(
    "--assume",
    callback=_assumed,
    default="",
    metavar="alpha=.35,beta=.37",
    help="The law that --design assumes; any of E, A, alpha, B, beta.",
)
@machine_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    study: str,
    settings: dict[str, str],
    out: Path | None,
    device: str,
    workers: int | None,
    max_runs: int,
    roots: tuple[Path, ...],
    noise: float | None,
    assume: dict[str, float],
    machine: Machine | None,
    as_json: bool,
) -> None:
    """Show a study's axes and roles, its runs with N, D and C, packs, memory, predicted time, and what is done."""
    checked = load_study(study, command="plan", settings=settings, max_runs=max_runs, as_json=as_json, roots=roots)
    from ..costs import predict
    from ..devices import default_workers, device_named
    from ..record import unfinished
    from ..store import Store
    from ..teaching import lessons
    from .folders import default_folder
    from .notes import at_hand, source_notes

    plan = checked.plan
    assert plan is not None
    runs = tuple(plan.runs())
    store = Store(out or default_folder(study, plan))
    records = store.records(run.key for run in runs)
    missing = unfinished(runs, records)
    warnings = source_notes(runs, checked.base)
    if machine is not None and missing and all(is_solved(run) for run in missing):
        words = f"what learns from points runs on processors, so {machine.name} has nothing to do"
        warnings = [*warnings, f"{words}: costed on this machine"]
        machine = None
    if machine is not None:
        cost: Cost | Estimate = estimate(missing, machine)
    else:
        where = device_named(device)
        team = workers or default_workers(where)
        taught = lessons([run for run in missing if at_hand(run.source)], checked.base)
        cost = predict(missing, device=where, workers=team, measuring=_measuring, lessons=taught)
    design = None
    if noise is not None:
        from ..designing import foretell

        design = foretell(plan, runs, noise, assume)
    limit = plan.budget.seconds
    over = limit is not None and cost.wall_seconds > limit
    if as_json:
        found = payload(plan, runs, missing, cost, store)
        found |= {"warnings": warnings, "diagnostics": diagnostics_json(checked), "over_budget": over}
        click.echo(envelope("plan", **found, **({"design": design_payload(design)} if design else {})))
    else:
        lines = text(plan, runs, missing, cost, store)
        click.echo("\n".join([*lines, *(design_text(design) if design else ())]))
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
        if over and limit is not None:
            click.echo(f"error: over the study's budget of {duration(limit)}; `run` will refuse it", err=True)
    ctx.exit(1 if over else 0)


def design_payload(design: Foretold) -> dict[str, Any]:
    """What the grid will be able to say."""
    better = design.better
    found = None
    if better is not None:
        found = {"N": list(better.n), "D": list(better.d), "flops": better.flops, "widths": design.better_widths}
    return {
        "noise": design.noise,
        "repeats": design.repeats,
        "assumed": design.assumed,
        "widths": design.grid.widths,
        "better": found,
    }


def design_text(design: Foretold) -> list[str]:
    """The same for people."""
    law = ", ".join(f"{name} {value:.3g}" for name, value in design.assumed.items())
    averaged = f", {design.repeats} runs a cell" if design.repeats > 1 else ""
    lines = [
        "",
        f"design  95 % intervals with {100 * design.noise:g} % noise{averaged}, assuming {law}",
        f"        {_widths(design.grid.widths)}",
    ]
    if design.better is not None:
        n, d = design.better.n, design.better.d
        grid = f"{len(n)} sizes of N {span(n)} by {len(d)} of D {span(d)}"
        lines.append(f"        {grid} cost no more: {_widths(design.better_widths)}")
    return lines


def _widths(widths: Mapping[str, float]) -> str:
    return ", ".join(f"{name} +-{widths[name] / 2:.2g}" for name in ("alpha", "beta", "E"))


def _measuring() -> None:
    from .progress import MEASURING

    click.echo(MEASURING, err=True)


def cells(plan: StudyPlan, runs: Sequence[Run]) -> int:
    """Points of the grid once replicates are averaged and tuned axes are settled; a path counts each of its points."""
    gone = {name for axis in plan.axes if axis.role in ("tune", "replicate") for name in axis.names}
    kept: Counter[tuple[Any, ...]] = Counter()
    for run in runs:
        cell = tuple(item for item in run.point if item[0] not in gone)
        kept[cell] = max(kept[cell], len(run.marks) or 1)
    return kept.total()


def payload(
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
        "out": str(store.folder),
    }


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
    return f"{plural(len(seconds), 'teacher')} before their students, {duration(sum(seconds))} on one worker"


def _range(values: Sequence[float]) -> list[float] | None:
    return [min(values), max(values)] if values else None


def text(
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
        lines += _sizes([run for run in runs if not is_solved(run)])
        lines += _own_sizes([run for run in runs if is_solved(run)])
    lines += ["", *[f"fit     {_asked(request)}" for request in plan.fits]]
    lines += [f"optimum {request.name}{' where ' + request.where if request.where else ''}" for request in plan.optima]
    lines += [f"expect  {c.test}{' where ' + c.where if c.where else ''}" for c in plan.claims]
    if runs:
        lines += ["", f"done    {len(runs) - len(missing)} of {plural(len(runs), 'run')}, in {store.folder}"]
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
        f"D       {span([run.n_tokens for run in runs])} tokens, {count(tokens)} in all",
        f"C       {span([run.flops_6nd for run in runs])} FLOPs (6ND), {count(flops)} exact in all",
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
        points = [" & ".join(value(v) for v in point) for point in axis.points]
        if len(points) > _SHOWN:
            points = [*points[: _SHOWN - 2], "...", points[-1]]
        role = axis.role + (", along one run" if axis.along else "")
        lines.append(f"axis    {axis.name:<{width}}  {role:<9}  {len(axis.points):>4}  {', '.join(points)}")
    return lines
