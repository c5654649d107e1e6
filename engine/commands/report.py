"""`scalingdsl report`: fit, judge and report again from what is stored."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..console.options import envelope, folder_argument, json_option


@click.command(
    epilog="""\b
Example:
  scalingdsl report runs/er

\b
Exit status: 0 done; 2 there is nothing to report on; 4 a claim failed."""
)
@folder_argument
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Fit the laws and write the report again from stored results, without training.

    The same results give the same bytes. The last line is the path of the report.
    """
    from ..store.results_folder import Store
    from ..study.reporting import report_store

    store = Store.existing(folder)
    with store.lock():
        reported = report_store(store)
    status = 4 if reported.claim_failed else 0
    if as_json:
        claims = [{"claim": v.claim, "status": v.status} for v in reported.analysis.verdicts]
        found = {"report": str(reported.path), "complete": reported.complete, "claims": claims, "exit_status": status}
        click.echo(envelope("report", **found, warnings=store.warnings))
        sys.exit(status)
    for warning in store.warnings:
        click.echo(f"warning: {warning}", err=True)
    if not reported.complete:
        click.echo("warning: some runs of the plan have no result; the report says which", err=True)
    for verdict in reported.analysis.verdicts:
        click.echo(f"{verdict.status:>9}  {verdict.claim}")
    click.echo(str(reported.path))
    sys.exit(status)
