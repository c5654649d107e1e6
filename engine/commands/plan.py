"""`scalingdsl plan`: what a study is and what it will cost, before anything is trained."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..console.folding import folded
from ..console.options import (
    device_option,
    diagnostics_json,
    envelope,
    json_option,
    load_study,
    machine_option,
    max_runs_option,
    out_option,
    roots_option,
    set_option,
    trainer_options,
    workers_option,
)
from ..console.plan_view import design_payload, design_text, plan_payload, plan_text
from ..console.say import say
from ..external.trainer import Trainer
from ..formatting import duration
from ..planning.machines import Machine

#: Exit status of `--detailed-exitcode` where something is to be trained; apart from those of all other commands.
TO_TRAIN = 10


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
Exit status: 0 fine; 1 the study is not valid or over its budget; 2 it cannot be planned as asked;
with --detailed-exitcode 10 where something is to be trained, so that 0 says that nothing is."""
)
@click.argument("study", metavar="FILE")
@set_option
@out_option
@device_option
@workers_option
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
@click.option("--recalibrate", is_flag=True, help="Measure again how fast this machine trains, and keep that.")
@click.option("--detailed-exitcode", "detailed", is_flag=True, help="Exit with 10 where something is to be trained.")
@trainer_options
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
    recalibrate: bool,
    detailed: bool,
    trainer: Trainer | None,
    as_json: bool,
) -> None:
    """Show a study's axes and roles, its runs with N, D and C, packs, memory, predicted time, and what is done.

    Times come from how fast this machine trains, which is measured once in a few seconds and kept in the user's cache.
    """
    if recalibrate and machine is not None:
        raise click.UsageError("--recalibrate measures this machine, --machine asks for another")
    checked = load_study(study, command="plan", settings=settings, max_runs=max_runs, as_json=as_json, roots=roots)
    from ..study.planned_study import plan_study
    from ..study.study_folder import default_folder

    assert checked.plan is not None
    found = plan_study(
        checked.plan,
        base=checked.base,
        out=out or default_folder(study, checked.plan),
        device=device,
        workers=workers,
        noise=noise,
        assume=assume,
        machine=machine,
        recalibrate=recalibrate,
        trainer=trainer,
        measuring=_measuring,
    )
    plan, design, over = found.plan, found.design, found.over_budget
    if as_json:
        payload = plan_payload(plan, found.runs, found.missing, found.cost, found.store)
        payload |= {"warnings": list(found.warnings), "diagnostics": diagnostics_json(checked), "over_budget": over}
        click.echo(envelope("plan", **payload, **({"design": design_payload(design)} if design else {})))
    else:
        lines = plan_text(plan, found.runs, found.missing, found.cost, found.store)
        say(folded("\n".join([*lines, *(design_text(design) if design else ())]), sys.stdout))
        for warning in found.warnings:
            say(folded(f"warning: {warning}", sys.stderr), err=True)
        if over:
            limit = duration(plan.budget.seconds)
            say(f"error: over the study's budget of {limit}; `run` will refuse it", err=True)
    ctx.exit(1 if over else TO_TRAIN if detailed and found.missing else 0)


def _measuring(load: float | None) -> None:
    from ..console.progress_display import measuring

    say(measuring(load), err=True)
