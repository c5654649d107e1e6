"""`scalingdsl work`: train packs that wait in a results folder, on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..console.folding import folded
from ..console.options import (
    Duration,
    checkpoint_option,
    device_option,
    envelope,
    folder_argument,
    json_option,
    trainer_options,
    workers_option,
)
from ..console.say import say
from ..external.trainer import Trainer
from ..formatting import counted


@click.command(
    epilog="""\b
Examples:
  scalingdsl work runs/er
  scalingdsl work /shared/runs/er --device cuda --for 3h50m

\b
Exit status: 0 done, or nothing left to take; 2 it cannot be done as asked; 130 interrupted: what was at work is at a
checkpoint."""
)
@folder_argument
@device_option
@workers_option
@click.option("--for", "for_s", type=Duration(), help="Leave off at a checkpoint after this time, as 3h50m.")
@click.option(
    "--idle",
    "idle_s",
    type=Duration(),
    default="2m",
    show_default=True,
    help="Leave when there was nothing to take for this long.",
)
@checkpoint_option
@trainer_options
@json_option
def command(
    folder: Path,
    device: str,
    workers: int | None,
    for_s: float | None,
    idle_s: float,
    checkpoint_every_s: float,
    trainer: Trainer | None,
    as_json: bool,
) -> None:
    """Train packs that `scalingdsl run` queued in FOLDER, until none is left.

    Any number of these work on one folder at a time, from any machine that shares it. Whoever ends the last run writes
    the report. Asked to stop (Ctrl-C, SIGTERM, SIGHUP, SIGUSR1), it leaves off at a checkpoint, from which any other
    goes on.
    """
    from ..console.progress_display import display
    from ..study.work_on import INTERRUPTED, work_on

    with display() as shown:
        worked = work_on(
            folder,
            device=device,
            workers=workers,
            for_s=float("inf") if for_s is None else for_s,
            idle_s=idle_s,
            progress=shown,
            checkpoint_every_s=checkpoint_every_s,
            trainer=trainer,
        )
    status = INTERRUPTED if worked.interrupted else 0
    if as_json:
        report = str(worked.reported.path) if worked.reported else None
        found = {"out": str(folder), "trained": len(worked.recorded), "packs_left": worked.packs_left}
        click.echo(envelope("work", **found, report=report, exit_status=status))
    else:
        words = f"{counted(len(worked.recorded), 'run')} trained here"
        if worked.packs_left:
            words += f"; {counted(worked.packs_left, 'pack')} left, which `scalingdsl work {folder}` goes on with"
        say(folded(f"interrupted; {words}" if worked.interrupted else words, sys.stdout))
        if worked.reported is not None:
            say(str(worked.reported.page))
            say(str(worked.reported.path))
    sys.exit(status)
