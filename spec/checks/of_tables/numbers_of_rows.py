"""Rules about numbers of a table's rows that are none of what they stand for: codes of missing values, other units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log10
from pathlib import Path
from statistics import median

from ...errors import Diagnostic
from ...files.tables.cells import Cells
from ...requests.request_types import Requests
from ...resolve.components import Component
from ...resolve.table_quantities import TableColumns
from ...syntax import ast
from ...syntax.visit import free_names
from .cells_of_rows import cells_of_rows, column_of, texts_given

#: Numbers that stand for a missing one, above and below all that is measured, and how far above: a factor.
CODES_ABOVE, CODES_BELOW, ABOVE = (99.0, 999.0, 9999.0, 99999.0), (-1.0, -9.0, -99.0, -999.0, -9999.0), 10
#: Rows that tell what is measured.
FEWEST = 3
#: How far C and 6 N D of one row lie apart where both are counted alike: a factor, most for mixtures of experts.
APART = 1_000
#: FLOP of units of compute that are no power of a thousand.
PETAFLOP_DAY = 8.64e19


def numbers_of_rows(requests: Requests, component: Component, table: TableColumns, base: Path) -> Iterator[Diagnostic]:
    """Losses of 999, and C that is not of the size of 6 N D."""
    kept = [fit.where for fit in requests.fits.values()]
    judged = bool(kept) and all(where is not None and "loss" in {*free_names(where)} for where in kept)
    for alternative in component.alternatives if component.where is None else ():
        named = {a.name: a for a in alternative.call.named}
        given = texts_given(alternative)
        columns = cells_of_rows(given, table, base)
        # An expression, or a column times a number, is none of the file's own.
        read = {q: "" if {q} & {*named} - {*given} else column_of(q, given, table) for q in ("N", "D", "C", "loss")}
        if not judged and (code := _code(_numbers(columns, read["loss"]))) is not None:
            sign = "<" if code > 0 else ">"
            times = _numbers(columns, read["loss"]).count(code)
            rows = f"{times} row{'s have' if times > 1 else ' has'}"
            message = f"{rows} a loss of {code:g}, far from all others: the code of a missing one"
            helps = (f"leave them out: write `where loss {sign} {code:g}` behind the table",)
            yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)
        if "C" in named and all(read[q] in columns for q in "NDC"):
            yield from _other_units(named["C"], read, columns)


def _numbers(columns: Mapping[str, Cells], name: str) -> list[float]:
    return [float(x) for x in columns.get(name, ()) if isinstance(x, int | float) and x == x]


def _code(losses: Sequence[float]) -> float | None:
    """The number that stands for a missing loss; None where all may have been measured."""
    for code, inside in ((max(losses, default=0), CODES_ABOVE), (min(losses, default=0), CODES_BELOW)):
        others = [x for x in losses if x != code]
        told = code in inside and len(others) >= max(FEWEST, len(losses) / 2) and min(others) > 0
        if told and (code < 0 or code >= ABOVE * max(others)):
            return code
    return None


def _other_units(arg: ast.Define, read: Mapping[str, str], columns: Mapping[str, Cells]) -> Iterator[Diagnostic]:
    rows = zip(*(columns[read[q]] for q in "NDC"), strict=True)
    shares = [
        float(c) / (6 * float(n) * float(d))
        for n, d, c in rows
        if all(isinstance(x, int | float) and x > 0 for x in (n, d, c))
    ]
    if not shares or 1 / APART <= median(shares) <= APART:
        return
    share = median(shares)
    tens = round(-log10(share) / 3) * 3
    factor = f"1e{tens}" if abs(-log10(share) - tens) < 0.5 else ""
    factor = "8.64e19" if abs(log10(share * PETAFLOP_DAY)) < 0.3 else factor
    helps: tuple[str, ...] = ("leave `C` out: it is 6 N D then",)
    if share < 1 and factor:
        helps = (f'write `C="{read["C"]}"*{factor}`, in FLOP', f"or {helps[0]}")
    elif share > 1:
        helps = (f'N and D are counted one by one: if one is in millions, write `N="{read["N"]}"*1e6`',)
    message = f'"{read["C"]}" is {share:.1g} times 6 N D of the same rows, and C counts FLOP'
    yield Diagnostic("SCL445", message, arg.span, "warning", helps=helps)
