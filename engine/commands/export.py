"""`scalingdsl export`: results as plain tables for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from ..console.options import envelope, folder_argument, json_option

FORMATS = ("csv", "jsonl")


def _formats(ctx: click.Context, param: click.Parameter, text: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    for name in wanted:
        if name not in FORMATS:
            raise click.BadParameter(f"no format {name!r}; there are {', '.join(FORMATS)}", ctx, param)
    return wanted


@click.command(
    epilog="""\b
Examples:
  scalingdsl export runs/er --to csv,jsonl
  scalingdsl fit runs/er/export/runs.csv --law chinchilla --columns N=N,D=D,loss=loss

\b
Exit status: 0; 2 where there is no results folder."""
)
@folder_argument
@click.option("--to", "formats", callback=_formats, required=True, metavar="FORMAT,...", help="csv, jsonl.")
@json_option
def command(folder: Path, formats: tuple[str, ...], as_json: bool) -> None:
    """Write a table of every run (a row a measurement) and one of every cell into DIR/export."""
    from ..store.atomic import write_text
    from ..store.links import refuse_links
    from ..store.results_folder import Store
    from ..study.plain_tables import csv_text, jsonl_text
    from ..study.reporting import tables

    store = Store.existing(folder)
    refuse_links(folder)
    paths = []
    for name, columns in tables(store).items():
        for form in formats:
            path = store.exports / f"{name}.{form}"
            write_text(path, csv_text(columns) if form == "csv" else jsonl_text(columns))
            paths.append(str(path))
    click.echo(envelope("export", files=paths) if as_json else "\n".join(paths))
