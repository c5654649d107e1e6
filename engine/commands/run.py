"""`scalingdsl run`: train what is missing, fit, judge, report."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..console.folding import folded
from ..console.options import (
    checkpoint_option,
    device_option,
    diagnostics_json,
    envelope,
    fail,
    json_option,
    load_study,
    max_runs_option,
    out_option,
    roots_option,
    set_option,
    trainer_options,
    workers_option,
)
from ..console.say import say
from ..formatting import counted, duration

if TYPE_CHECKING:
    from ..external.trainer import Trainer
    from ..store.results_folder import Origin
    from ..study.run_study import StudyOutcome


@click.command(
    epilog="""\b
Examples:
  scalingdsl run studies/er.scl
  scalingdsl run studies/er.scl --set graph="er(n=1024, p=.01)" --out runs/er-1k
  scalingdsl run mine.scl --trainer 'python train.py --width {width} --lr {lr} --out {out}'

\b
Exit status: 0 done; 1 the study is not valid or over its budget; 2 it cannot be run as asked;
3 some runs failed, every one diverged, or no law could be fitted; 4 a claim failed; 130 interrupted."""
)
@click.argument("study", metavar="FILE")
@set_option
@out_option
@device_option
@click.option("--executor", default="local", show_default=True, help="Where: local, inline, slurm, ray.")
@click.option("--sbatch", default="", metavar="OPTIONS", help="Options of Slurm's tasks, as `sbatch` takes them.")
@workers_option
@click.option("--fail-fast", is_flag=True, help="Stop at the first run that fails.")
@checkpoint_option
@max_runs_option
@roots_option
@trainer_options
@json_option
def command(
    study: str,
    settings: dict[str, str],
    out: Path | None,
    device: str,
    executor: str,
    sbatch: str,
    workers: int | None,
    fail_fast: bool,
    checkpoint_every_s: float,
    max_runs: int,
    roots: tuple[Path, ...],
    trainer: Trainer | None,
    as_json: bool,
) -> None:
    """Train what is missing of a study, fit its laws, judge its claims, write its report.

    Runs that are done are not trained again; an interrupted one goes on where it was. The last lines are the paths of
    the report as a page and as Markdown.
    """
    checked = load_study(study, command="run", settings=settings, max_runs=max_runs, as_json=as_json, roots=roots)
    from ..console.progress_display import display
    from ..study.run_study import INTERRUPTED, OverBudgetError, run_study
    from ..study.study_folder import default_folder, origin_of

    assert checked.plan is not None
    if sbatch and executor != "slurm":
        raise click.UsageError("--sbatch is for --executor slurm")
    origin = origin_of(study, checked.plan)
    folder = out or default_folder(study, checked.plan)
    try:
        with display() as shown:
            outcome = run_study(
                checked.plan,
                base=checked.base,
                out=folder,
                origin=origin,
                sources={name: source.text for name, source in checked.sources.items()},
                device=device,
                executor=executor,
                options=sbatch,
                workers=workers,
                progress=shown,
                fail_fast=fail_fast,
                checkpoint_every_s=checkpoint_every_s,
                trainer=trainer,
            )
    except OverBudgetError as error:
        fail("run", str(error), 1, as_json)
    except KeyboardInterrupt:
        click.echo(f"interrupted; the same command goes on from here, results so far in {folder}", err=True)
        sys.exit(INTERRUPTED)
    for warning in outcome.warnings:
        say(folded(f"warning: {warning}", sys.stderr), err=True)
    if as_json:
        click.echo(envelope("run", **payload(outcome, origin), diagnostics=diagnostics_json(checked)))
    else:
        say(folded(answer(outcome), sys.stdout))
    sys.exit(outcome.exit_status)


def payload(outcome: StudyOutcome, origin: Origin) -> dict[str, Any]:
    """The documented keys of the envelope."""
    from ..findings.store_findings import as_json

    return {
        "study": origin.name,
        "title": origin.title,
        "plan": outcome.plan.digest,
        "out": str(outcome.folder),
        "runs": outcome.n_runs,
        "trained": outcome.n_trained,
        "copied": outcome.n_copied,
        "statuses": _statuses(outcome),
        **(as_json(outcome.analysis) if outcome.analysis else {"claims": []}),
        "seconds": outcome.seconds,
        "predicted_seconds": outcome.predicted_seconds,
        "warnings": list(outcome.warnings),
        "report": str(outcome.report) if outcome.report else None,
        "page": str(outcome.page) if outcome.page else None,
        "exit_status": outcome.exit_status,
    }


def _statuses(outcome: StudyOutcome) -> dict[str, int]:
    """The number of runs by what became of them."""
    return dict(sorted(Counter(record.status for record in outcome.records.values()).items()))


def answer(outcome: StudyOutcome) -> str:
    """The outcome for people, the paths of the report last."""
    from ..study.failure_causes import failure_causes

    missing = outcome.n_runs - len(outcome.records)
    counts = [f"{n} {status}" for status, n in _statuses(outcome).items()] + ([f"{missing} missing"] if missing else [])
    trained = f"{counted(outcome.n_runs, 'run')}: {', '.join(counts)}; {outcome.n_trained} trained now"
    lines = [trained] if outcome.n_runs else []
    if outcome.seconds is not None and outcome.predicted_seconds is not None:
        lines[0] += f" in {duration(outcome.seconds)}, predicted {duration(outcome.predicted_seconds)}"
    lines += [f"  {cause.runs} {cause.status}: {cause.message}" for cause in failure_causes(outcome.records.values())]
    if outcome.analysis is None or outcome.report is None or outcome.page is None:
        return "\n".join(
            [*lines, f"interrupted; the same command goes on from here, results so far in {outcome.folder}"]
        )
    from ..findings.in_words import told

    return "\n".join([*lines, *told(outcome.analysis), str(outcome.page), str(outcome.report)])
