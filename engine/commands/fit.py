"""`scalingdsl fit TABLE --law LAW`: fit a law to any table of runs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from scalingdsl.spec.errors import FitError, SpecError

from ..console.fit_view import fit_payload, fit_text
from ..console.folding import folded
from ..console.options import envelope, fail, json_option, named
from ..console.say import say
from ..console.study_paths import STDIN

#: Exit status where no law could be fitted.
NOTHING_FITTED = 3

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
    "--law",
    metavar="LAW",
    help="A law, such as chinchilla or power(N, E=0); or best, best(D).  [default: chinchilla, or the power law of "
    "the one size that varies]",
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
@click.option(
    "--best-over",
    "best",
    metavar="COLUMN,...",
    help="The table holds a sweep over these, such as lr,batch: the best setting of each N and D is fitted.",
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
@click.option("--plot", is_flag=True, help="Draw the law and the points in the terminal.")
@click.option("--out", type=click.Path(path_type=Path), help="Write a report with figures into this folder.")
@json_option
def command(
    table: Path,
    law: str | None,
    objective: str | None,
    delta: float | None,
    columns: dict[str, str],
    condition: str | None,
    predict: tuple[dict[str, float], ...],
    overestimate: float,
    rollout: str | None,
    best: str | None,
    exhaustive: bool,
    bootstrap: int,
    intervals: str,
    seed: int,
    plot: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    """Fit LAW to a csv, tsv, jsonl, json or parquet TABLE of runs (`-` is standard input).

    N, D, C and the loss are taken from columns of their usual names, or as --columns says; C = 6ND supplies a missing
    one. The exit status is 0 whatever the fit's status, 3 where no law could be fitted, 1 for an unusable table.
    """
    from scalingdsl.spec.files.tables.table_file import is_run_folder

    from ..console.progress_display import Counting
    from ..console.terminal_plot import terminal_plot
    from ..fits.tables.fit_table import fit_table

    piped = str(table) == "-"
    if not piped and not table.is_file() and not is_run_folder(table):
        what = ": it is a folder, and holds no runs of MLflow or TensorBoard" if table.is_dir() else ""
        raise click.UsageError(f"no table at {table}{what}")
    if out is not None:
        from ..study.table_study import check_reportable

        check_reportable(overestimate)
    swept = [name.strip() for name in (best or "").split(",") if name.strip()]
    try:
        with piped_table() if piped else nullcontext(table) as read, Counting() as counting:
            found = fit_table(
                read,
                law,
                columns=columns,
                where=condition,
                predict=predict,
                overestimate=overestimate,
                exhaustive=exhaustive,
                rollout=rollout,
                best=swept,
                objective=objective,
                delta=delta,
                bootstrap=bootstrap,
                seed=seed,
                intervals=intervals,
                progress=counting,
            )
    except FitError as error:
        fail("fit", str(error), 1, as_json)
    report = None
    if out is not None:
        from ..study.table_study import write_study

        name = Path(STDIN) if piped else table
        report = write_study(found, name, out, objective=found.objective, best_over=swept)
    if as_json:
        click.echo(envelope("fit", **fit_payload(found), report=None if report is None else str(report)))
    else:
        drawn = [terminal_plot(found.fit, width=_width())] if plot and found.fit.succeeded else []
        say("\n".join([*drawn, folded(fit_text(found), sys.stdout), *([] if report is None else [str(report)])]))
    sys.exit(0 if found.fit.succeeded else NOTHING_FITTED)


@contextmanager
def piped_table() -> Iterator[Path]:
    """Standard input as a file whose ending says what it holds; errors name standard input and not that file.

    Raises:
        FitError: It is no table.
    """
    content = sys.stdin.buffer.read()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    first, _, others = start.partition(b"\n")
    lines = first.startswith(b"{") and first.rstrip().endswith(b"}") and others.strip() != b""
    ending = (
        "parquet" if start.startswith(b"PAR1") else "jsonl" if lines else "json" if start[:1] in (b"[", b"{") else "csv"
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"table.{ending}"
        path.write_bytes(content)
        try:
            yield path
        except FitError as error:
            raise FitError(str(error).replace(str(path), STDIN)) from error


def _width() -> int:
    return min(100, shutil.get_terminal_size().columns)
