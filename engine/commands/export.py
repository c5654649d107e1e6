"""`scalingdsl export`: results as plain tables for other tools."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ..console.options import envelope, folder_argument, json_option
from ..console.say import say

FORMATS, TABLES = ("csv", "jsonl", "parquet"), ("runs", "cells", "fits", "curves", "positions")


def _listed(allowed: tuple[str, ...], what: str) -> Callable[[click.Context, click.Parameter, str], tuple[str, ...]]:
    """Reads names with commas between them, each one of those allowed."""

    def read(ctx: click.Context, param: click.Parameter, text: str) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
        for name in wanted:
            if name not in allowed:
                raise click.BadParameter(f"no {what} {name!r}; there are {', '.join(allowed)}", ctx, param)
        return wanted

    return read


@click.command(
    epilog="""\b
Examples:
  scalingdsl export runs/er --to csv,jsonl
  scalingdsl export runs/er --what fits,curves --to parquet
  scalingdsl fit runs/er/export/runs.csv --law chinchilla --columns N=N,D=D,loss=loss

\b
Exit status: 0; 2 where there is no results folder."""
)
@folder_argument
@click.option(
    "--to", "formats", callback=_listed(FORMATS, "format"), default="csv", show_default=True, metavar="FORMAT,...",
    help="csv, jsonl, parquet.",
)  # fmt: skip
@click.option(
    "--what", "names", callback=_listed(TABLES, "table"), default="runs,cells,fits", show_default=True,
    metavar="TABLE,...", help="runs, cells, fits, curves, positions.",
)  # fmt: skip
@json_option
def command(folder: Path, formats: tuple[str, ...], names: tuple[str, ...], as_json: bool) -> None:
    """Write tables into DIR/export.

    runs has a row a measurement, cells one a cell, fits one a parameter of every law in every panel, as the last report
    found them, curves one a mean of the training loss along a run, positions one a mean of the loss over neighbouring
    positions in sequences, where a study asked for it.
    """
    from ..store.atomic import write_bytes
    from ..store.links import refuse_links
    from ..store.results_folder import Store
    from ..study.exported_tables import exported
    from ..study.plain_tables import csv_text, jsonl_text, parquet_bytes

    store = Store.existing(folder)
    refuse_links(folder)
    paths = []
    for name in names:
        columns = exported(store, name)
        for form in formats:
            path = store.exports / f"{name}.{form}"
            text = csv_text(columns) if form == "csv" else jsonl_text(columns) if form == "jsonl" else ""
            write_bytes(path, parquet_bytes(columns) if form == "parquet" else text.encode())
            paths.append(str(path))
    for warning in store.warnings:
        say(f"warning: {warning}", err=True)
    click.echo(envelope("export", files=paths) if as_json else "\n".join(paths))
