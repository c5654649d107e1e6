"""Conditions of fits to a table, looked at in its rows: what leaves none of them, or all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...constants import FLOPS_PER_PARAMETER_TOKEN
from ...errors import Diagnostic, SpecError
from ...expressions.evaluate import Algebra
from ...requests.request_types import Requests
from ...resolve.components import Alternative, Component
from ...resolve.table_quantities import TableColumns
from ...syntax import ast
from ...syntax.parser import parse_value
from ...syntax.visit import free_names
from ..values_there import ValuesOf, values_there
from .cells_of_rows import cells_of_rows, column_of, texts_given

#: Rows of a table whose conditions are looked at.
MOST_ROWS = 2_000

Row = Mapping[str, Any]


def conditions_of_rows(
    requests: Requests, component: Component, table: TableColumns, base: Path
) -> Iterator[Diagnostic]:
    """A fit whose condition no row satisfies, which has nothing to be fitted to, or every row."""
    asked = {fit.request.name: fit for fit in requests.fits.values() if fit.where is not None and not fit.implied}
    if not asked or len(component.alternatives) != 1 or component.sweeps:
        return
    rows = rows_of(component.alternatives[0], table, base)
    kept = _kept(component.where, rows) if component.where is not None else rows
    for name, fit in asked.items() if kept else ():
        there = _kept(fit.where, kept or [])
        if there is None or fit.where is None:
            continue
        if not there:
            helps = values_there(fit.where, _in_rows(kept or []))
            yield Diagnostic("SCL411", f"no row satisfies the condition of `{name}`", fit.where.span, helps=helps)
        elif len(there) == len(kept or []) > 1 and "loss" not in free_names(fit.where):
            helps = values_there(fit.where, _in_rows(kept or []), every=True)
            message = f"every row satisfies the condition of `{name}`, so it leaves nothing out"
            yield Diagnostic("SCL440", message, fit.where.span, severity="warning", helps=helps)


def rows_of(alternative: Alternative, table: TableColumns, base: Path) -> Sequence[Row]:
    """The rows by the names that a condition may have; none of a long table, or where an argument is no plain text."""
    given = texts_given(alternative)
    if any(not isinstance(a.value, ast.String) for a in alternative.call.named if a.name in ("N", "D", "C", "loss")):
        return []
    columns = cells_of_rows(given, table, base)
    n = len(next(iter(columns.values()), ()))
    if not 0 < n <= MOST_ROWS:
        return []
    file = [{name: column[i] for name, column in columns.items()} for i in range(n)]
    rows: list[dict[str, Any]] = [dict(row) for row in file]
    for quantity in dict.fromkeys((*given, "N", "D", "loss", "C")):
        asked = column_of(quantity, given, table)
        try:
            tree = parse_value(asked) if asked and asked not in columns else None
        except SpecError:
            continue  # a path, or another argument that is no column
        for row, own in zip(rows, file, strict=True) if asked else ():
            row[quantity] = own[asked] if tree is None else _value(tree, own)
    for row in rows:
        sizes = [row.get("N"), row.get("D")]
        if row.get("C") is None and all(isinstance(x, int | float) for x in sizes):
            row["C"] = FLOPS_PER_PARAMETER_TOKEN * sizes[0] * sizes[1]  # type: ignore[operator]
    return rows


class _OfRow(Algebra[Any]):
    """Values in one row, where a name that is no column is a label."""

    def label(self, node: ast.Name) -> Any:
        try:
            return self.name(node)
        except KeyError:
            return node.id


def _value(tree: Any, row: Row) -> Any:
    """The value of an expression or a condition in a row; None where it has none there."""

    def name(node: ast.Name) -> Any:
        if row[node.id] is None:
            raise TypeError("a missing number")
        return row[node.id]

    try:
        return _OfRow(name, lambda call: TypeError(call.name)).value(tree)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None


def _kept(where: Any, rows: Sequence[Row]) -> Sequence[Row] | None:
    """The rows that satisfy a condition; None where it cannot be told of some row."""
    truths = [_value(where, row) for row in rows]
    if any(not isinstance(truth, bool) for truth in truths):
        return None
    return [row for row, truth in zip(rows, truths, strict=True) if truth]


def _in_rows(rows: Sequence[Row]) -> ValuesOf:
    """The numbers of a name in rows of a table."""
    return lambda name: {row[name] for row in rows if isinstance(row.get(name), int | float)}
