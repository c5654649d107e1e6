"""`scalingdsl report`: fit, judge and report again from what is stored."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from scalingdsl.spec.errors import UsageError

from ..console.folding import folded
from ..console.options import envelope, folder_argument, json_option
from ..console.say import say


@click.command(
    epilog="""\b
Examples:
  scalingdsl report runs/er --open
  scalingdsl report /archive/er --to /tmp/er

\b
Exit status: 0 done; 2 there is nothing to report on, or it cannot be written; 3 every run diverged, or no law could
be fitted; 4 a claim failed."""
)
@folder_argument
@click.option(
    "--to",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write there, and leave the results folder as it is; it may be read-only, or at work.",
)
@click.option("--open", "shown", is_flag=True, help="Open the report's page in the browser.")
@json_option
def command(folder: Path, to: Path | None, shown: bool, as_json: bool) -> None:
    """Fit the laws and write the report again from stored results, without training.

    The same results give the same bytes. The last lines are the paths of the report as a page and as Markdown.
    """
    from ..findings.in_words import told
    from ..findings.store_findings import as_json as as_json_of
    from ..store.results_folder import Store
    from ..study.reporting import report_store

    store = Store.existing(folder)
    if to is not None:
        if Store(to).exists:
            raise UsageError(f"{to} is a results folder of its own; give another folder with --to")
        reported = report_store(store, to=to)
    else:
        with store.lock():
            reported = report_store(store)
    if shown:
        click.launch(reported.page.resolve().as_uri())
    # A report on what is there so far is done, though runs are missing.
    status = reported.exit_status if reported.complete else 4 if reported.claim_failed else 0
    if as_json:
        paths = {"report": str(reported.path), "page": str(reported.page)}
        found = {"complete": reported.complete, "exit_status": status, **as_json_of(reported.analysis)}
        click.echo(envelope("report", **paths, **found, warnings=store.warnings))
        sys.exit(status)
    for warning in store.warnings:
        say(f"warning: {warning}", err=True)
    if not reported.complete:
        say("warning: some runs of the plan have no result; the report says which", err=True)
    for line in told(reported.analysis):
        say(folded(line, sys.stdout))
    say(str(reported.page))
    say(str(reported.path))
    sys.exit(status)
