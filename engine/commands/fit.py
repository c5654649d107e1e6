"""`scalingdsl fit TABLE --law LAW`: fit a law to any table of runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from scalingdsl.spec.errors import FitError, SpecError

from .shared import envelope, json_option

if TYPE_CHECKING:
    from ..fits import Fit, Interval, Optimum
    from ..fits.judgement import Split
    from ..fits.of_table import TableFit

EPILOG = "Example: scalingdsl fit runs.csv --law chinchilla --columns N=params*1e6,D=tokens,loss=val_loss"


def _columns(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    asked: dict[str, str] = {}
    for part in (piece for text in given for piece in _pieces(text)):
        name, equals, value = part.partition("=")
        if not (equals and name.strip().isidentifier() and value.strip()):
            what = "COLUMN" if param.name == "columns" else "NUMBER"
            raise click.BadParameter(f"{part!r} is not NAME={what}", ctx, param)
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
    from ..fits.of_table import fit_table
    from .progress import Counting

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
                heard=counting,
            )
    except FitError as error:
        if as_json:
            click.echo(envelope("fit", error=str(error), exit_status=1))
        click.echo(f"error: {error}", err=True)
        raise click.exceptions.Exit(1) from error
    report = None
    if out is not None:
        if overestimate != 1.0:
            raise click.UsageError("--out writes the report of a study, and studies have no --overestimate")
        from ..tablestudy import write_study

        report = write_study(found, table, out, objective=found.asked)
    if as_json:
        click.echo(envelope("fit", **payload(found), report=None if report is None else str(report)))
    else:
        click.echo("\n".join([text(found), *([] if report is None else [str(report)])]))


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
        "profile": {name: [number(x) for x in interval] for name, interval in found.profile.items()},
        "unidentified": list(fit.unidentified),
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
        "forms": [{"law": r.law, "holdout": number(r.held_out), "parameters": r.n_parameters} for r in found.forms],
        "rollout": [
            {
                "n": s.n_fitted,
                "params": numbers(s.fit.params),
                "status": s.fit.status,
                "holdout": number(s.held_out),
                "holdout_n": s.n_held_out,
            }
            for s in found.rollout
        ],
        "optima": {method: _optimum(o) for method, o in found.optima.items()},
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


def _optimum(found: Optimum | str) -> dict[str, Any]:
    """One method's answer, or why it has none."""
    if isinstance(found, str):
        return {"refused": found}
    warnings = [{"code": w.code, "message": w.message} for w in found.warnings]
    intervals = {k: [number(x) for x in interval] for k, interval in found.intervals.items()}
    flat = None if found.flat is None else [number(x) for x in found.flat]
    return {
        "params": numbers(found.params),
        "intervals": intervals,
        "unidentified": list(found.unidentified),
        "status": found.status,
        "flat": flat,
        "warnings": warnings,
    }


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
    lines += [f"  {line}" for line in _rows(fit, found.profile)]
    agreement = f"{fit.starts_agreeing} of {fit.starts} starts agree"
    lines.append(f"  rmse {fit.rmse:.4g} nats, {fit.rmse_log:.4g} of log loss; {agreement}")
    if found.largest_out is not None:
        held = found.largest_out
        lines.append(
            f"  without the {held.n_held_out} largest, they are predicted within {held.held_out:.4g} of log loss"
        )
    if found.forms:
        errors = ", ".join(f"{r.law} {r.held_out:.3g}" for r in found.forms)
        lines.append(f"forms by their error on larger points than fitted, log loss: {errors}")
    lines += _rollout(found.rollout)
    lines += _optima(found)
    for p in found.predicted:
        at = ", ".join(f"{name} = {value:.4g}" for name, value in p.at.items())
        law, run = (f"[{i.low:.5g}, {i.high:.5g}]" for i in (p.law, p.run))
        lines.append(f"predicted at {at}: {p.loss:.5g}, the law {law}, a run {run}")
    lines += [f"warning {w.code}: {w.message}" for w in fit.warnings]
    lines.append("columns: " + ", ".join(f"{name} = {column}" for name, column in found.source.items()))
    return "\n".join(lines)


def _rollout(steps: Sequence[Split]) -> list[str]:
    """One line a step: what the law was, and how far off the next size it ended."""
    lines = []
    for step in steps:
        law = ", ".join(f"{name} {value:.4g}" for name, value in step.fit.params.items())
        lines.append(f"  {step.n_fitted:>5} points: {law}; the next {step.n_held_out} within {step.held_out:.3g}")
    return ["fitted to ever larger points:", *lines] if lines else []


def _optima(found: TableFit) -> list[str]:
    """Exponents by every method, side by side, with what is doubtful about each."""
    if not found.optima:
        return []
    lines = ["compute-optimal, C = 6ND: N ~ C^a, D ~ C^b, L - E ~ C^-gamma"]
    for method, optimum in found.optima.items():
        if isinstance(optimum, str):
            lines.append(f"  {method:<14} none: {optimum}")
            continue
        shown = [_with_interval(name, optimum) for name in ("a", "b", "gamma") if name in optimum.params]
        lines.append(f"  {method:<14} {'  '.join(shown)}")
        if optimum.flat is not None and math.isfinite(optimum.flat.low):
            flops = float(optimum.curves["N"].flops[-1])
            lines.append(
                f"    at C = {flops:.3g}, N from {optimum.flat.low:.3g} to {optimum.flat.high:.3g} loses 0.1 % at most"
            )
        lines += [f"    {w.code}: {w.message}" for w in optimum.warnings if w not in found.fit.warnings]
    return lines


def _with_interval(name: str, optimum: Optimum) -> str:
    return f"{name} {optimum.params[name]:.4g} {_beside(optimum, name, 4)}".rstrip()


def _rows(fit: Fit, profile: Mapping[str, Interval]) -> list[str]:
    rows = []
    for name, value in fit.params.items():
        beside = "fixed" if name in fit.fixed else _beside(fit, name, 5)
        if name in profile:
            beside += f"  profile [{profile[name].low:.5g}, {profile[name].high:.5g}]"
        rows.append(f"{name:<6} {value:>12.6g}  {beside}".rstrip())
    return rows


def _beside(found: Fit | Optimum, name: str, digits: int) -> str:
    """A parameter's interval, or that the data do not tell it; nothing where there are no draws."""
    from ..fits.result import NOT_IDENTIFIED

    if name in found.unidentified:
        return NOT_IDENTIFIED
    low, high = found.intervals.get(name, (math.nan, math.nan))
    return f"[{low:.{digits}g}, {high:.{digits}g}]" if math.isfinite(low) else ""
