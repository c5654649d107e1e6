"""Rules about the sizes that a table's rows are of, which do not tell apart what a law in two of them asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...errors import Diagnostic, SpecError
from ...files.tables.cells import Cells
from ...requests.request_types import LocatedFit, Requests
from ...resolve.columns import Column, headed
from ...resolve.components import Alternative, Component
from ...resolve.table_quantities import TableColumns
from ...syntax.numbers import short
from ...syntax.parser import parse_value
from ...syntax.visit import free_names
from ...vocabulary.quantities import tied
from ..lines_of_cells import FEWEST_POINTS, lie_on_a_line
from .cells_of_rows import cells_of_rows, column_of, texts_given


def sizes_of_rows(requests: Requests, component: Component, table: TableColumns, base: Path) -> Iterator[Diagnostic]:
    """Laws in a size that all rows have the same of, or in N and D where tokens follow from sizes."""
    both: list[LocatedFit] = []
    for fit in requests.fits.values():
        if fit.request.fixed:
            continue
        still = [q for q in fit.request.quantities if q in tied() and _constant(table.column(q))]
        if still:
            yield _does_not_vary(fit, still[0], table)
        elif fit.request.quantities == ("N", "D") and fit.where is None:
            both.append(fit)
    if both and len(component.alternatives) == 1 and component.where is None:
        why, others = _told_of_line(component.alternatives[0], table, base)
        for fit in both if why else ():
            yield _one_line(fit, why, others)


def _constant(column: Column | None) -> bool:
    """True of a column that holds one number in several rows."""
    return column is not None and column.low is not None and column.low == column.high and column.finite.bit_count() > 1


def _does_not_vary(fit: LocatedFit, quantity: str, table: TableColumns) -> Diagnostic:
    column = table.column(quantity)
    assert column is not None
    assert column.low is not None
    message = f"`{fit.request.name}` is a law in {quantity}, and every row has {quantity} = {short(column.low)}"
    others = [n for n in headed(quantity, table.file) if not _constant(table.columns[n])]
    helps = [f'name the column of {quantity}: `{quantity}="{others[0]}"`'] if others else []
    helps += [f"leave `{fit.request.name}` out, or add rows of other sizes"]
    return Diagnostic("SCL412", message, fit.span, severity="warning", helps=tuple(helps))


def _told_of_line(alternative: Alternative, table: TableColumns, base: Path) -> tuple[str, list[str]]:
    """The reason why N and D of rows lie on one line, empty where they do not, and columns that D may be meant by."""
    given = texts_given(alternative)
    size, tokens = (column_of(quantity, given, table) for quantity in ("N", "D"))
    others = [name for name in headed("D", table.file) if name not in (size, tokens)]
    if tokens not in table.file and "D" in given:
        return (f'`D="{tokens}"` follows from `N="{size}"`' if _names(tokens) == _names(size) else ""), others
    columns = cells_of_rows(given, table, base)
    line = {size, tokens} <= {*columns} and _line(columns[size], columns[tokens])
    return ("all rows lie on one line of log N and log D" if line else ""), others


def _one_line(fit: LocatedFit, why: str, others: list[str]) -> Diagnostic:
    helps: tuple[str, ...] = ("fit `power(N)` or `power(D)` along the line",)
    if others:
        helps = (f'name the column of tokens: `D="{others[0]}"`', *helps)
    message = f"`{fit.request.name}` cannot tell N and D apart: {why}"
    return Diagnostic("SCL413", message, fit.span, severity="warning", helps=helps)


def _names(expression: str) -> frozenset[str]:
    try:
        return frozenset(free_names(parse_value(expression)))
    except SpecError:
        return frozenset((expression,))


def _line(sizes: Cells, tokens: Cells) -> bool:
    """True where all rows that have both are on one line."""
    pairs = [
        (float(n), float(d))
        for n, d in zip(sizes, tokens, strict=True)
        if isinstance(n, int | float) and isinstance(d, int | float) and n > 0 and d > 0
    ]
    return len(set(pairs)) >= FEWEST_POINTS and lie_on_a_line(list(zip(*pairs, strict=True)))
