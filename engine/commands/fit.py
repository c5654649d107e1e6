"""`scalingdsl fit TABLE --law LAW`: fit a law to any table of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.errors import FitError, SpecError

from .shared import envelope, json_option

if TYPE_CHECKING:
    from ..fits.of_table import TableFit

EPILOG = "Example: scalingdsl fit runs.csv --law chinchilla --columns N=params*1e6,D=tokens,loss=val_loss"


def _columns(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    asked: dict[str, str] = {}
    for part in (piece for text in given for piece in _pieces(text)):
        name, equals, value = part.partition("=")
        if not (equals and name.strip().isidentifier() and value.strip()):
            raise click.BadParameter(f"{part!r} is not NAME=COLUMN", ctx, param)
        asked[name.strip()] = value.strip()
    return asked


def _setting(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> tuple[dict[str, float], ...]:
    """`N=1B,D=20B`, each time it is given; numbers as in studies."""
    from scalingdsl.spec.quantity import number as quantity

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
@click.option("--law", required=True, metavar="LAW", help="A law, such as chinchilla, power(D) or power(N, E=0).")
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
@click.option("--exhaustive", is_flag=True, help="Polish every start of the grid, as a cross-check.")
@click.option("--bootstrap", type=click.IntRange(0, 100_000), default=1000, show_default=True, help="Number of draws.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draws.")
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
    exhaustive: bool,
    bootstrap: int,
    seed: int,
    as_json: bool,
) -> None:
    """Fit LAW to a csv, tsv, jsonl, json or parquet TABLE of runs.

    N, D, C and the loss are taken from columns of their usual names, or as --columns says; C = 6ND supplies a missing
    one. The exit status is 0 whatever the fit's status, and 1 for a table that cannot be used.
    """
    from ..fits.of_table import fit_table

    if not table.is_file():
        raise click.UsageError(f"no table at {table}" + (": it is a folder" if table.is_dir() else ""))
    try:
        found = fit_table(
            table,
            law,
            columns=columns,
            where=condition,
            predict=predict,
            overestimate=overestimate,
            exhaustive=exhaustive,
            objective=objective,
            delta=delta,
            bootstrap=bootstrap,
            seed=seed,
        )
    except FitError as error:
        if as_json:
            click.echo(envelope("fit", error=str(error), exit_status=1))
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from error
    if as_json:
        click.echo(envelope("fit", **payload(found)))
    else:
        click.echo(text(found))


def payload(found: TableFit) -> dict[str, Any]:
    """The documented keys; numbers that are not finite are null."""
    fit, optimum = found.fit, found.optimum
    keys: dict[str, Any] = {
        "law": fit.law,
        "params": numbers(fit.params),
        "objective": fit.objective,
        "delta": fit.delta,
        "n": fit.n,
        "n_clusters": fit.n_clusters,
        "status": fit.status,
        "value": number(fit.value),
        "intervals": {name: [number(x) for x in interval] for name, interval in fit.intervals.items()},
        "fixed": list(fit.fixed),
        "rmse": number(fit.rmse),
        "rmse_log": number(fit.rmse_log),
        "mse": number(fit.mse),
        "starts": fit.starts,
        "starts_agreeing": fit.starts_agreeing,
        "bootstrap": fit.bootstrap,
        "draws": len(next(iter(fit.draws.values()), ())),
        "warnings": [{"code": w.code, "message": w.message} for w in fit.warnings],
        "columns": found.source,
        "rows": found.n_rows,
        "holdout": number(found.largest_out.held_out) if found.largest_out else None,
        "holdout_n": found.largest_out.n_held_out if found.largest_out else 0,
        "predictions": [
            {
                "at": p.at,
                "loss": number(p.loss),
                "law_interval": [number(x) for x in p.law],
                "run_interval": [number(x) for x in p.run],
                "decades_beyond": p.beyond,
            }
            for p in found.predicted
        ],
    }
    if optimum is not None:
        keys["optimum"] = numbers(optimum.params)
        keys["optimum_intervals"] = {k: [number(x) for x in interval] for k, interval in optimum.intervals.items()}
    return keys


def number(value: float) -> float | None:
    """A finite number, or None."""
    return float(value) if math.isfinite(value) else None


def numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    """Finite numbers, or None, by name."""
    return {name: number(value) for name, value in values.items()}


def text(found: TableFit) -> str:
    """The fit in a few aligned lines."""
    fit = found.fit
    threshold = f" (delta {fit.delta:.4g})" if fit.delta is not None else ""
    cells = f"{fit.n} points" + (f" in {fit.n_clusters} clusters" if fit.n_clusters != fit.n else "")
    lines = [f"{fit.law}: {fit.status}, {cells}, {fit.objective}{threshold} = {fit.value:.6g}, summed"]
    lines += [f"  {line}" for line in _rows(fit.params, fit.intervals, fit.fixed)]
    agreement = f"{fit.starts_agreeing} of {fit.starts} starts agree"
    lines.append(f"  rmse {fit.rmse:.4g} nats, {fit.rmse_log:.4g} of log loss; {agreement}")
    if found.largest_out is not None:
        held = found.largest_out
        lines.append(
            f"  without the {held.n_held_out} largest, they are predicted within {held.held_out:.4g} of log loss"
        )
    if found.optimum is not None:
        lines.append("compute-optimal, C = 6ND: N ~ C^a, D ~ C^b, L - E ~ C^-gamma")
        shown = {k: found.optimum.params[k] for k in ("a", "b", "gamma")}
        lines += [f"  {line}" for line in _rows(shown, found.optimum.intervals, ())]
    for p in found.predicted:
        at = ", ".join(f"{name} = {value:.4g}" for name, value in p.at.items())
        law, run = (f"[{i.low:.5g}, {i.high:.5g}]" for i in (p.law, p.run))
        lines.append(f"predicted at {at}: {p.loss:.5g}, the law {law}, a run {run}")
    lines += [f"warning {w.code}: {w.message}" for w in fit.warnings]
    lines.append("columns: " + ", ".join(f"{name} = {column}" for name, column in found.source.items()))
    return "\n".join(lines)


def _rows(values: Mapping[str, float], intervals: Mapping[str, Any], fixed: tuple[str, ...]) -> list[str]:
    rows = []
    for name, value in values.items():
        beside = "fixed" if name in fixed else ""
        if name in intervals and math.isfinite(intervals[name][0]):
            beside = f"[{intervals[name][0]:.5g}, {intervals[name][1]:.5g}]"
        rows.append(f"{name:<6} {value:>12.6g}  {beside}".rstrip())
    return rows
