"""`scalingdsl fit TABLE --law LAW`: fit a law to any table of runs."""

from __future__ import annotations

from pathlib import Path

import click
from scalingdsl.spec.errors import FitError, SpecError

from ..console.fit_view import fit_payload, fit_text
from ..console.options import envelope, fail, json_option, named

EPILOG = "Example: scalingdsl fit runs.csv --law chinchilla --columns N=params*1e6,D=tokens,loss=val_loss"


def _columns(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pieces = [piece for text in given for piece in _pieces(text)]
    return named(ctx, param, pieces, "COLUMN" if param.name == "columns" else "NUMBER")


def _setting(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[dict[str, float], ...]:
    """`N=1B,D=20B`, each time it is given; numbers as in studies."""
    from scalingdsl.spec.syntax.numbers import number as quantity

    settings = []
    for text in given:
        try:
            settings.append(
                {name: float(quantity(value).value) for name, value in _columns(ctx, param, (text,)).items()}
            )
        except SpecError as error:
            raise click.BadParameter(str(error), ctx, param) from error
    return tuple(settings)


def _pieces(text: str) -> list[str]:
    """`a=f(x, y),b=z` at its outer commas."""
    pieces, depth, quoted = [""], 0, False
    for letter in text:
        quoted ^= letter == '"'
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth and not quoted:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


@click.command("fit", epilog=EPILOG)
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "--law", required=True, metavar="LAW", help="A law, such as chinchilla or power(N, E=0); or best, best(D)."
)
@click.option(
    "--objective",
    type=click.Choice(["huber", "lad", "log-mse", "huber-raw", "mse"]),
    help="What is minimised, summed; the law's own by default.",
)
@click.option("--delta", type=float, help="Threshold of huber (on log loss) or huber-raw (on loss).")
@click.option(
    "--columns",
    multiple=True,
    callback=_columns,
    metavar="NAME=COLUMN,...",
    help="Where N, D, C, loss and run (the cluster) are, as columns or expressions: N=params*1e6.",
)
@click.option("--where", "condition", metavar="EXPR", help="Rows to fit, such as 'N < 1B and loss < 4'.")
@click.option(
    "--predict",
    multiple=True,
    callback=_setting,
    metavar="N=1B,D=20B",
    help="Sizes at which the loss is wanted; may be given again.",
)
@click.option(
    "--overestimate",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="Factor on the penalty of rows predicted above what was seen; above 1 the law is their floor.",
)
@click.option(
    "--rollout",
    type=click.Choice(["N", "D", "C"]),
    help="Fit to ever larger values of it, and predict the next each time.",
)
@click.option("--exhaustive", is_flag=True, help="Polish every start of the grid, as a cross-check.")
@click.option("--bootstrap", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Number of draws.")
@click.option(
    "--intervals",
    type=click.Choice(["bootstrap", "profile"]),
    default="bootstrap",
    show_default=True,
    help="profile: intervals from the profile likelihood too, beside those of the bootstrap.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
@click.option("--out", type=click.Path(path_type=Path), help="Write a report with figures into this folder.")
@json_option
def command(
    table: Path,
    law: str,
    objective: str | None,
    delta: float | None,
    columns: dict[str, str],
    condition: str | None,
    predict: tuple[dict[str, float], ...],
    overestimate: float,
    rollout: str | None,
    exhaustive: bool,
    bootstrap: int,
    intervals: str,
    seed: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit LAW to a csv, tsv, jsonl, json or parquet TABLE of runs.

    N, D, C and the loss are taken from columns of their usual names, or as --columns says; C = 6ND supplies a missing
    one. The exit status is 0 whatever the fit's status, and 1 for a table that cannot be used.
    """
    from ..console.progress_display import Counting
    from ..fits.tables.fit_table import fit_table

    if not table.is_file():
        raise click.UsageError(f"no table at {table}" + (": it is a folder" if table.is_dir() else ""))
    try:
        with Counting() as counting:
            found = fit_table(
                table,
                law,
                columns=columns,
                where=condition,
                predict=predict,
                overestimate=overestimate,
                exhaustive=exhaustive,
                rollout_by=rollout,
                objective=objective,
                delta=delta,
                bootstrap=bootstrap,
                seed=seed,
                profile=intervals == "profile",
                progress=counting,
            )
    except FitError as error:
        fail("fit", str(error), 1, as_json)
    report = None
    if out is not None:
        if overestimate != 1.0:
            raise click.UsageError("--out writes the report of a study, and studies have no --overestimate")
        from ..study.table_study import write_study

        report = write_study(found, table, out, objective=found.objective)
    if as_json:
        click.echo(envelope("fit", **fit_payload(found), report=None if report is None else str(report)))
    else:
        click.echo("\n".join([fit_text(found), *([] if report is None else [str(report)])]))
