"""A law fitted to a table: read, named, filtered, fitted. What the command line and the Python API share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.constants import FLOPS_PER_PARAMETER_TOKEN
from scalingdsl.spec.errors import FitError, SpecError
from scalingdsl.spec.plan.study_plan import FitRequest
from scalingdsl.spec.requests.table_law import BEST, read_table_law
from scalingdsl.spec.vocabulary.quantities import headers, tied

from ..core.fit_result import DEFAULT_OPTIONS, Array, Fit, FitOptions, FitWarning, Interval, Optimum, Points
from ..core.progress_callback import ProgressCallback, ignore_progress
from ..core.warn import warn
from ..custom.custom_form import is_expression
from ..fit_law import fit_law
from ..intervals.profile_likelihood import profile_intervals
from ..optima.optimum_methods import seen_in_compute, side_by_side
from ..selection.extrapolation import Predicted, doubts_of, largest_out, predictions
from ..selection.validation import Ranked, Split, rank, rivals
from ..selection.validation import rollout as rolled_out
from .in_memory import columns_given
from .table_mapping import IDENTITY_C, Columns, Named, name_columns, of_text, read_told_table, where
from .table_rows import (
    best_over,
    copies_left_out,
    groups,
    looks_like_runs,
    losses_missing,
    named_or_refused,
    of_sweep,
    sizes_missing,
    swept_columns,
    without_copies,
)

#: What forms are compared and fitted by where the best is asked for.
BEST_OBJECTIVE = "huber"
#: Below this N or D is hardly a plain count of parameters or tokens.
SMALL_COUNT = 1e4
#: Factor by which compute may differ from 6 N D.
SAME_COUNT = 1.25


@dataclass(frozen=True)
class TableFit:
    """A fit, what follows from it, and how each quantity was found in the table."""

    fit: Fit
    #: Compute-optimal sizes by every method, or why it has none, where the law is in N and D: "surface" comes first.
    optima: dict[str, Optimum | str]
    predicted: tuple[Predicted, ...]
    #: The law without its largest points, asked about them.
    largest_out: Split | None
    #: Forms by held-out error, where the best of them was asked for; the first is the one fitted.
    forms: tuple[Ranked, ...]
    #: Forms that intervals of predictions reckon with, since the points hardly tell them from the one that was chosen.
    rivals: tuple[str, ...]
    #: The law fitted to ever larger points, and asked about the next size each time.
    rollout: tuple[Split, ...]
    #: The objective requested, None where it is the law's own.
    objective: str | None
    source: dict[str, str]
    n_rows: int
    #: The law that was taken because none was named; empty where one was.
    chosen: str = ""
    #: Profile-likelihood intervals, where they were asked for.
    profile: dict[str, Interval] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<TableFit of {self.n_rows} rows: {self.fit}>"

    @property
    def optimum(self) -> Optimum | None:
        """Compute-optimal sizes of the fitted law."""
        found = self.optima.get("surface")
        return found if isinstance(found, Optimum) else None


def fit_table(
    table: Any,
    law: str | None = None,
    options: FitOptions = DEFAULT_OPTIONS,
    *,
    columns: Mapping[str, str] | None = None,
    where: str | None = None,
    predict: Sequence[Mapping[str, float]] = (),
    rollout: str | None = None,
    intervals: str = "bootstrap",
    best: Sequence[str] = (),
    progress: ProgressCallback = ignore_progress,
    **changes: Any,
) -> TableFit:
    """Fit `law` to the rows of a table.

    Args:
        table: The path of a csv, tsv, jsonl, json or parquet file, the first four also gzipped; or a table in memory,
            see `in_memory`.
        law: A law, a call of one as in a study, an expression of columns and parameters; or `best`, `best(D)`: the
            form that goes on best beyond the points it is fitted to. By default the usual one for what the table has.
        options: How it is fitted; what the law's call says of draws and parameters comes first.
        columns: Quantity -> column or expression over columns; `run` names the cluster of each row.
        where: Condition on rows.
        predict: Settings at which the loss is wanted, each with a value for every variable of the law.
        rollout: N, D or C: fit to ever larger values of it, and predict the next.
        intervals: "profile" for profile-likelihood intervals beside those of the bootstrap.
        best: Columns of a sweep: of rows with equal variables, those of the setting with the least loss are fitted.
        progress: Called as the fit goes on.
        changes: Fields of `options`, by name.

    Raises:
        FitError: The table or the request cannot be used.
    """
    progress("reading the table", 0, 1)
    given, told = read_told_table(Path(table)) if isinstance(table, str | Path) else (columns_given(table), ())
    named = name_columns(given, columns or {})
    chosen = "" if law is not None else usual_law(named)
    law = law or chosen
    request = _request(law, named.columns)
    _all_used(columns or {}, law, request, where)
    chosen_rows, without_size = with_sizes(named, request, kept(named, where))
    every, without = with_losses(named, request, chosen_rows)
    rows = without_copies(given, every)
    points, fixed = points_of(named, request, rows)
    found_in_rows = [warn("FIT137", text) for text in told]
    if without_size:
        found_in_rows.append(sizes_missing(without_size))
    if len(without):
        found_in_rows.append(losses_missing(without, len(every)))
    if len(rows) < len(every):
        found_in_rows.append(copies_left_out(len(every) - len(rows)))
    if best:
        # Those without a loss were tried too: a setting of which a run diverged is no best one.
        tried = np.sort(np.concatenate([rows, without]))
        swept = {name: values[tried] for name, values in named_or_refused(best, named).items()}
        cells = groups([named.numbers(column)[tried] for _, column in request.variables])
        winners = best_over(swept, cells, named.numbers(request.loss)[tried])
        found_in_rows += of_sweep(winners, len(tried))
        rows = np.intersect1d(tried[winners.kept], rows)
        if not len(rows):
            raise FitError(f"every setting of {', '.join(swept)} has a row without a finite {request.loss}")
        points, fixed = points_of(named, request, rows)
    if [column for _, column in request.variables] == ["C"]:
        on = seen_in_compute(points.variables["C"], points.loss)
        points, fixed = points_of(named, request, rows[on])
    options = replace(options, **changes)
    options = replace(
        options,
        fixed=fixed,
        objective=options.objective or request.objective or (BEST_OBJECTIVE if request.law == BEST else None),
        delta=options.delta if options.delta is not None else request.delta,
        bootstrap=options.bootstrap if request.bootstrap is None else request.bootstrap,
    )
    forms = rank(points, None, replace(options, exhaustive=False), progress=progress) if request.law == BEST else ()
    fit = fit_law(forms[0].law if forms else request.law, points, options, progress=progress)
    found = fit.succeeded
    weights = rivals(forms) if forms else {}
    others = [fit if law == fit.law else fit_law(law, points, options) for law in weights] if predict and found else []
    with_weights = [(other, weights[other.law]) for other in others if other.succeeded]
    predicted = predictions(fit, predict, with_weights) if found else ()
    progress("compute-optimal sizes", 0, 1)
    optima = (
        side_by_side(fit, _with_compute(points, named, rows), n_draws=options.bootstrap, seed=options.seed)
        if found
        else {}
    )
    progress("the law without its largest points", 0, 1)
    held_out = largest_out(fit) if found else None
    repeats = () if "run" in named.columns else _repeats(points)
    known = _known_rows((*repeats, *fit.warnings), named, given, request, points, rows)
    warnings = (*known, *found_in_rows, *_doubts(named, given, request, rows), *doubts_of(predicted))
    used = [column for _, column in request.variables] + [request.loss, "run"]
    return TableFit(
        fit=replace(fit, warnings=warnings),
        optima=optima,
        predicted=predicted,
        largest_out=held_out,
        forms=forms,
        rivals=tuple(other.law for other, _ in with_weights),
        objective=options.objective,
        rollout=_rolled(fit, rollout) if found and rollout else (),
        chosen=chosen,
        source={name: named.source.get(name, name) for name in used if name in named.columns},
        n_rows=len(rows),
        profile=profile_intervals(fit, progress=progress) if intervals == "profile" else {},
    )


def usual_law(named: Named) -> str:
    """The law for what a table has: chinchilla of N and D, a power law of the only one of N, D and C that varies.

    Raises:
        FitError: It has none of them.
    """
    sizes = [name for name in ("N", "D", "C") if name in named.columns and named.source.get(name) != IDENTITY_C]
    varying = [name for name in sizes if len(np.unique(named.columns[name])) > 1]
    if {"N", "D"} <= set(varying):
        return "chinchilla"
    if not varying:
        named.numbers(next((name for name in ("N", "D") if name not in sizes), "N"))
        raise FitError(f"every row has the same {' and '.join(sizes)}: a law needs a size that varies")
    return f"power({varying[0]})"


def _request(law: str, columns: Columns) -> FitRequest:
    try:
        return read_table_law(law, columns)
    except SpecError as error:
        found = error.diagnostics[0]
        told = (f"`{law}`: {found.message} ({found.code})", *found.notes, *found.helps)
        raise FitError("\n  ".join(told)) from error


def _all_used(columns: Mapping[str, str], law: str, request: FitRequest, condition: str | None) -> None:
    """Refuse a column that was named for nothing.

    Raises:
        FitError: Neither the law nor the condition reads it, and it is none of the quantities that every fit knows.
    """
    read = [*(column for _, column in request.variables), request.loss, *(text for _, text in request.fixed)]
    words = set(re.findall(r"[A-Za-z_]\w*", " ".join([*read, condition or ""])))
    usual = dict(headers())
    unused = [name for name in columns if name not in {*words, *usual, "run"}]
    if unused:
        raise FitError(
            f"nothing here reads {', '.join(unused)}: {law} is a law of {', '.join(read[: len(request.variables)])}, "
            f"fitted to {request.loss}; a column can stand for {', '.join(usual)} or run, or be used in the law or in "
            "the condition on rows"
        )


def _with_compute(points: Points, named: Named, rows: NDArray[np.int64]) -> Points:
    """The points with the budgets they were asked for, where the table says."""
    if len(points.variables) < 2 or "C" not in named.columns or named.source.get("C") == IDENTITY_C:
        return points
    return replace(points, variables={**points.variables, "C": named.numbers("C")[rows]})


def _rolled(fit: Fit, by: str) -> tuple[Split, ...]:
    """The law fitted to ever larger points.

    Raises:
        FitError: The law does not know this quantity.
    """
    points = fit.details.points
    if by not in points.variables and not (by == "C" and points.has_compute):
        raise FitError(f"{fit.law} is fitted to {', '.join(points.variables)}, and there is no {by} to grow")
    return rolled_out(fit.law, points, fit.details.options, by=by if by in points.variables else None)


def _doubts(named: Named, table: Columns, request: FitRequest, rows: NDArray[np.int64]) -> Iterator[FitWarning]:
    """Doubts about the table itself."""
    if "run" not in named.columns:
        n, d = (named.columns[q][rows] if q in named.columns else None for q in ("N", "D"))
        name = looks_like_runs(table, _used(named, request), n, d, rows)
        if name is not None:
            values = len(np.unique(table[name][rows]))
            yield warn(
                "FIT126", f"{len(rows)} rows share {values} values of {name}; name the run: --columns run={name}"
            )
    yield from _counts(named, rows)
    for _, column in request.variables:
        if column in ("N", "D") and float(np.max(named.columns[column][rows])) < SMALL_COUNT:
            most, taken = float(np.max(named.columns[column][rows])), named.source.get(column, column)
            yield warn(
                "FIT133",
                f"the largest {column} is {most:,.4g}: is it a plain count, or in millions or billions? "
                f"--columns {column}={taken}*1e6 makes it a count",
            )


def _used(named: Named, request: FitRequest) -> set[str]:
    """Columns of the file that are something else than the name of a run: quantities, and what they are read from."""
    read = {column for _, column in request.variables} | {request.loss}
    return {name for name in named.own if name in (*named.source.values(), *read, *dict(headers()))}


def _repeats(points: Points) -> tuple[FitWarning, ...]:
    """A doubt about rows that repeat a setting, though they are taken for one cluster: they may be a sweep."""
    again = points.n - points.n_clusters
    if not again or points.n_clusters < 2:
        return ()
    return (
        warn("FIT125", f"{again} of {points.n} points repeat the variables of another, and are one cluster with it"),
    )


def _known_rows(
    warnings: Sequence[FitWarning],
    named: Named,
    table: Columns,
    request: FitRequest,
    points: Points,
    rows: NDArray[np.int64],
) -> Iterator[FitWarning]:
    """The doubts of the fit, where rows that share their variables are a sweep told what to do with one."""
    repeated = any(w.code == "FIT125" for w in warnings)
    variables = list(points.variables.values())
    same = len(variables[0]) == len(rows)
    swept = swept_columns(table, _used(named, request), variables, points.loss, rows) if repeated and same else ()
    for warning in warnings:
        if warning.code == "FIT125" and swept:
            cells = len(np.unique(groups(variables)))
            over = ",".join(swept)
            yield warn(
                "FIT141",
                f"{len(rows):,} rows share {cells:,} settings of {', '.join(points.variables)} and differ in "
                f"{', '.join(swept)}; fit the best of each: --best-over {over}",
            )
        else:
            yield warning


def _counts(named: Named, rows: NDArray[np.int64]) -> Iterator[FitWarning]:
    """Compute, where N, D and C are all given, that their counts do not agree on."""
    given = all(q in named.source and "6*" not in named.source[q] for q in ("N", "D", "C"))
    if not given or any(named.columns[q].dtype.kind != "f" for q in ("N", "D", "C")):
        return
    with np.errstate(all="ignore"):
        ratio = named.columns["C"][rows] / (FLOPS_PER_PARAMETER_TOKEN * named.columns["N"] * named.columns["D"])[rows]
    low, high = float(np.nanmin(ratio)), float(np.nanmax(ratio))
    if high > SAME_COUNT or low < 1 / SAME_COUNT:
        yield warn("FIT134", f"C is {low:.3g} to {high:.3g} times 6 N D")


def kept(named: Named, condition: str | None) -> NDArray[np.int64]:
    """Row numbers for which the condition holds.

    Raises:
        FitError: No row satisfies it.
    """
    if condition is None:
        return np.arange(named.n_rows, dtype=np.int64)
    rows = np.flatnonzero(where(condition, named)).astype(np.int64)
    if not len(rows):
        raise FitError(f"no row of the table satisfies `{condition}`")
    return rows


def with_sizes(
    named: Named, request: FitRequest, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.int64]]]:
    """The rows that have every variable of the law, and by its name those that lack one: missing, infinite or, of what
    is a size of every run or of a law that ships, not positive.

    Raises:
        FitError: No row has one of them.
    """
    columns = [(column, named.numbers(column)[rows]) for _, column in request.variables]
    named.numbers(request.loss)
    there, lacking = np.ones(len(rows), dtype=bool), {}
    for column, values in columns:
        positive = column in tied() or not is_expression(request.law)
        good = np.isfinite(values) & ((values > 0) | (not positive))
        if not np.any(good):
            raise FitError(f"no row has a {'positive ' if positive else 'finite '}{column}")
        if not np.all(good):
            lacking[column] = rows[~good]
        there &= good
    if not np.any(there):
        raise FitError(f"no row has every one of {', '.join(column for column, _ in columns)}")
    return rows[there], lacking


def with_losses(
    named: Named, request: FitRequest, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows that have a finite loss, and those that have none: of runs that diverged, or that are not done.

    Raises:
        FitError: No row has one.
    """
    there = np.isfinite(named.numbers(request.loss)[rows])
    if not np.any(there):
        raise FitError(f"no row has a finite {request.loss}")
    return rows[there], rows[~there]


def points_of(named: Named, request: FitRequest, rows: NDArray[np.int64]) -> tuple[Points, dict[str, float | Array]]:
    """The rows as the law takes them, and its fixed parameters."""
    # A law of one variable is told which quantity it is read in, since that names its parameters.
    one = len(request.variables) == 1
    variables = {column if one else own: named.numbers(column)[rows] for own, column in request.variables}
    loss = named.numbers(request.loss)[rows]
    cluster = _clusters(named.columns["run"][rows] if "run" in named.columns else None, variables)
    fixed: dict[str, float | Array] = {}
    for name, text in request.fixed:
        values = of_text(text, named.columns)[rows]
        fixed[name] = float(values[0]) if np.all(values == values[0]) else values
    return Points(variables, loss, cluster), fixed


def _clusters(run: NDArray[Any] | None, variables: Mapping[str, Array]) -> NDArray[np.int64] | None:
    """Numbers of the runs, else of the settings where rows repeat one, in order of first appearance.

    A results folder numbers them so too: draws go by the number.
    """
    keys = run if run is not None else np.stack(list(variables.values()), axis=1)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    if run is None and len(first) == len(keys):
        return None
    return np.asarray(np.argsort(np.argsort(first))[inverse.reshape(-1)], dtype=np.int64)
