"""A law fitted to a table: read, named, filtered, fitted. What the command line and the Python API share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.errors import FitError

from .fitting import fit_law
from .mapping import Named, name_columns, of_text, where
from .optima import lower_envelope, optimum
from .request import LawRequest, parse_law
from .result import Array, Fit, Optimum, Points
from .table import read_table


@dataclass(frozen=True)
class TableFit:
    """A fit, its closed-form optimum where the law has one, and how each quantity was found in the table."""

    fit: Fit
    optimum: Optimum | None
    source: dict[str, str]
    n_rows: int


def fit_table(
    path: Path,
    law: str,
    *,
    columns: Mapping[str, str] | None = None,
    where: str | None = None,
    objective: str | None = None,
    delta: float | None = None,
    bootstrap: int = 1000,
    seed: int = 0,
) -> TableFit:
    """Fit `law` to the rows of a table.

    Args:
        path: csv, tsv, jsonl, json or parquet, the first four also gzipped.
        law: A law or a call of one, as in a study.
        columns: Quantity -> column or expression over columns; `run` names the cluster of each row.
        where: Condition on rows.
        objective: Instead of the law's own.
        delta: Of a Huber objective.
        bootstrap: Number of draws.
        seed: Of the draws.

    Raises:
        FitError: The table or the request cannot be used.
    """
    named = name_columns(read_table(path), columns or {})
    request = parse_law(law, named.source)
    rows = kept(named, where)
    points, fixed = points_of(named, request, rows)
    if [column for _, column in request.variables] == ["C"]:
        on = lower_envelope(points.variables["C"], points.loss)
        points, fixed = points_of(named, request, rows[on])
    fit = fit_law(
        request.law,
        points,
        fixed=fixed,
        objective=objective or request.objective,
        delta=delta if delta is not None else request.delta,
        bootstrap=bootstrap if request.bootstrap is None else request.bootstrap,
        seed=seed,
    )
    usable = fit.law == "chinchilla" and fit.status not in ("failed", "too few points")
    used = [column for _, column in request.variables] + [request.loss, "run"]
    source = {name: named.source.get(name, name) for name in used if name in named.columns}
    return TableFit(fit, optimum("surface", fit=fit, points=points) if usable else None, source, len(rows))


def kept(named: Named, condition: str | None) -> NDArray[np.int64]:
    """Row numbers for which the condition holds."""
    if condition is None:
        return np.arange(named.n_rows, dtype=np.int64)
    rows = np.flatnonzero(where(condition, named)).astype(np.int64)
    if not len(rows):
        raise FitError(f"no row of the table satisfies `{condition}`")
    return rows


def points_of(named: Named, request: LawRequest, rows: NDArray[np.int64]) -> tuple[Points, dict[str, float | Array]]:
    """The rows as the law takes them, and its fixed parameters.

    Raises:
        FitError: A number is missing, not finite or not positive: the message names row and column.
    """
    # A law of one variable is told which quantity it is read in, since that names its parameters.
    one = len(request.variables) == 1
    variables = {column if one else own: numbers(named, column)[rows] for own, column in request.variables}
    loss = numbers(named, request.loss)[rows]
    for name, values, positive in [(n, v, True) for n, v in variables.items()] + [(request.loss, loss, False)]:
        bad = ~np.isfinite(values) | ((values <= 0) & positive)
        if np.any(bad):
            row = int(rows[np.argmax(bad)]) + 1
            word = "missing or not finite" if not np.isfinite(values[np.argmax(bad)]) else "not positive"
            more = f" (and {int(np.sum(bad)) - 1} more)" if np.sum(bad) > 1 else ""
            raise FitError(f"{name} is {word} in row {row} of the data{more}; leave such rows out with --where")
    cluster = None
    if "run" in named.columns:
        cluster = np.unique(named.columns["run"][rows], return_inverse=True)[1].astype(np.int64)
    fixed: dict[str, float | Array] = {}
    for name, text in request.fixed:
        values = of_text(text, named.columns)[rows]
        fixed[name] = float(values[0]) if np.all(values == values[0]) else values
    return Points(variables, loss, cluster), fixed


def numbers(named: Named, column: str) -> Array:
    """A column of numbers by its name, or an expression over columns."""
    return named.numbers(column) if column in named.columns or column.isidentifier() else of_text(column, named.columns)
