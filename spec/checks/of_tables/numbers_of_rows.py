"""Rules about numbers of a table's rows that are none of what they stand for: codes of missing values, other units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log10
from pathlib import Path
from statistics import median

from ...errors import Diagnostic
from ...files.tables.cells import Cells
from ...requests.request_types import Requests
from ...resolve.components import Alternative, Component
from ...resolve.table_quantities import TableColumns
from ...syntax import ast
from ...syntax.numbers import short, text_of
from ...syntax.visit import free_names
from ..told_apart import falling
from .cells_of_rows import cells_of_rows, column_of, texts_given

#: Numbers that stand for a missing one, above and below all that is measured, and how far above: a factor.
CODES_ABOVE, CODES_BELOW, ABOVE = (99.0, 999.0, 9999.0, 99999.0), (-1.0, -9.0, -99.0, -999.0, -9999.0), 10
#: How many times the loss of a smaller model on less data is that of a run that diverged; the share of rows that have
#: such a loss at most; and the rows at most that are compared with each other.
FAR, MOST_FAR, MOST_COMPARED = 2.0, 0.2, 1_000
#: Rows that tell what is measured.
FEWEST = 3
#: How far C and 6 N D of one row lie apart where both are counted alike: a factor, most for mixtures of experts.
APART = 1_000
#: How far C over 6 N D of single rows lies from that of most where they differ by a unit: a factor.
ONE_FACTOR = 3
#: FLOP of units of compute that are no power of a thousand.
PETAFLOP_DAY = 8.64e19


def numbers_of_rows(requests: Requests, component: Component, table: TableColumns, base: Path) -> Iterator[Diagnostic]:
    """Losses of 999, and C that is not of the size of 6 N D."""
    kept = [{*free_names(fit.where)} if fit.where is not None else set() for fit in requests.fits.values()]
    for alternative in component.alternatives if component.where is None else ():
        named = {a.name: a for a in alternative.call.named}
        given = texts_given(alternative)
        columns = cells_of_rows(given, table, base)
        # An expression, or a column times a number, is none of the file's own.
        read = {q: "" if {q} & {*named} - {*given} else column_of(q, given, table) for q in ("N", "D", "C", "loss")}
        judged = bool(kept) and all({"loss", read["loss"]} & names for names in kept)
        code = None if judged else _code(_numbers(columns, read["loss"]), not kept or falling(requests))
        if code is not None:
            sign = "<" if code > 0 else ">"
            times = _numbers(columns, read["loss"]).count(code)
            rows = f"{times} row{'s have' if times > 1 else ' has'}"
            message = f"{rows} a loss of {code:g}, far from all others: the code of a missing one"
            helps = (f"leave them out: write `where loss {sign} {code:g}` behind the table",)
            yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)
        elif not judged and not component.sweeps:
            yield from _far_losses(alternative, read, columns)
        for quantity in ("N", "D"):
            sizes = [x for x in _numbers(columns, read[quantity]) if x > 0]
            if len(sizes) >= FEWEST and max(sizes) < 1 and quantity in given:
                counted = "parameters" if quantity == "N" else "tokens"
                message = f'"{read[quantity]}" is below 1 in every row, and {quantity} counts {counted}'
                helps = (f'name the column that counts {counted}, or say its unit: `{quantity}="..."*1e9`',)
                yield Diagnostic("SCL445", message, named[quantity].span, "warning", helps=helps)
        if "C" in named and all(read[q] in columns for q in "NDC"):
            yield from _other_units(named["C"], read, columns)


def _far_losses(
    alternative: Alternative, read: Mapping[str, str], columns: Mapping[str, Cells]
) -> Iterator[Diagnostic]:
    """Losses far above that of a smaller model on less data, as of runs that diverged."""
    if not all(read[q] in columns for q in ("N", "D", "loss")):
        return
    rows = [
        (float(n), float(d), float(loss))
        for n, d, loss in zip(*(columns[read[q]] for q in ("N", "D", "loss")), strict=True)
        if all(isinstance(x, int | float) and x > 0 for x in (n, d, loss))
    ]
    if not FEWEST < len(rows) <= MOST_COMPARED:
        return
    far = [r for r in rows if any(s[0] <= r[0] and s[1] <= r[1] and r[2] > FAR * s[2] for s in rows)]
    others = [row for row in rows if row not in far]
    if not far or len(far) > MOST_FAR * len(rows) or min(r[2] for r in far) <= max(r[2] for r in others):
        return
    least, most = min(r[2] for r in far), max(r[2] for r in others)
    n, d, loss = far[0]
    some = "1 row has a loss" if len(far) == 1 else f"{len(far)} rows have losses"
    message = f"{some} more than twice that of a smaller model on less data: {loss:g} at N = {short(n)}, D = {short(d)}"
    helps = (f"if it diverged, write `where loss < {text_of(float(f'{(least * most) ** 0.5:.2g}'))}` behind the table",)
    yield Diagnostic("SCL455", message, alternative.span, "warning", helps=helps)


def _numbers(columns: Mapping[str, Cells], name: str) -> list[float]:
    return [float(x) for x in columns.get(name, ()) if isinstance(x, int | float) and x == x]


def _code(losses: Sequence[float], falls: bool) -> float | None:
    """The number that stands for a missing loss; None where all may have been measured, as rewards of -1 that no law
    takes for losses which fall.
    """
    for code, inside in ((max(losses, default=0), CODES_ABOVE), (min(losses, default=0), CODES_BELOW)):
        others = [x for x in losses if x != code]
        told = code in inside and len(others) >= max(FEWEST, len(losses) / 2) and min(others) > 0
        if told and ((code < 0 and falls) or abs(code) >= ABOVE * max(others)):
            return code
    return None


def _other_units(arg: ast.Define, read: Mapping[str, str], columns: Mapping[str, Cells]) -> Iterator[Diagnostic]:
    rows = zip(*(columns[read[q]] for q in "NDC"), strict=True)
    shares = [
        float(c) / (6 * float(n) * float(d))
        for n, d, c in rows
        if all(isinstance(x, int | float) and x > 0 for x in (n, d, c))
    ]
    if not shares or 1 / APART <= (share := median(shares)) <= APART:
        return
    if max(share / min(shares), max(shares) / share) > ONE_FACTOR:
        return  # no unit makes that of it: what was spent before counts too, as where models are tuned further
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
