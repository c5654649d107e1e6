"""Rules about the fits of a study without training: its columns hold what is fit of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...requests.law_call import BODY
from ...requests.request_types import LocatedFit, Requests, free_parameters
from ...resolve.columns import USUAL, headed, question
from ...resolve.table_quantities import TableColumns
from ...syntax import ast
from ...syntax.parser import parse_value
from ...syntax.visit import free_names
from ...vocabulary.quantities import tied
from ...vocabulary.words.laws import FLOOR
from .columns_meant import COUNTED


def check_tables(requests: Requests, table: TableColumns) -> Iterator[Diagnostic]:
    """Fits of a study without training: every quantity is a column of numbers, or follows from C = 6 N D."""
    if not table.known:
        return
    fits = list(requests.fits.values())
    of_losses = [fit for fit in fits if fit.request.loss == "loss"]
    if "loss" not in table.columns and of_losses:
        there = {n: column for n, column in table.columns.items() if n in table.file and n not in table.named}
        free = [n for n, column in there.items() if column.low is not None]
        free = [
            n
            for n in free
            if not any(headed(q, [n]) for q in (*COUNTED, "C"))
            and ("loss" in n.lower() or not re.search("step|seed", n))
        ]
        shown = f'loss="{free[0] if free else "final_loss"}"'
        if free and {"ppl", "perplexity"} & {*re.findall("[a-z]+", free[0].lower())}:
            shown = f'loss="log({free[0]})"'
        helps = _wide(table) or (f"{'write' if len(free) == 1 else 'name the column, such as'} `{shown}`",)
        message = "the table has no column `loss`"
        yield Diagnostic("SCL416", message, of_losses[0].span, notes=(table.note,), helps=helps)
    elif of_losses and table.columns["loss"].is_text:
        yield _text("loss", table, of_losses[0])
    elif of_losses and table.columns["loss"].empty:
        helps = ("name another column, or wait for runs that end",)
        yield Diagnostic("SCL417", "no row of the table has a finite `loss`", of_losses[0].span, helps=helps)
    for fit in fits:
        wrong = list(_quantities(fit, table))
        yield from wrong
        read = table.column(fit.request.loss)
        if not wrong and read is not None and not read.empty:
            yield from _together(fit, table)


#: Numbers without a unit that are less count seeds, machines or parts, and are no sizes.
LEAST_SIZE = 8
#: A column of one size by its name: `loss_10M`, `160M`, `width_64`.
_OF_ONE_SIZE = re.compile(r"(?P<before>[A-Za-z_= -]*)(?P<size>\d+(?:\.\d+)?[kKmMbB]?)(?P<behind>[A-Za-z_ -]*)")


def distinct_tokens(said: Diagnostic, table: TableColumns) -> Diagnostic:
    """The finding about a law of repeated data that no study of a table could sweep for: the column it is in."""
    if said.code != "SCL107" or not any("with a text" in note for note in said.notes):
        return said
    counting = [c for c in table.file if re.search(r"unique|distinct", c, re.IGNORECASE)]
    passes = [c for c in table.file if re.search(r"epoch|passes|repeat", c, re.IGNORECASE)]
    tokens = next((a for a in headed("D", table.file)), "")
    if counting:
        helps: tuple[str, ...] = (f'name the column that counts them, `unique="{counting[0]}"` in `table(...)`',)
    elif passes and tokens:
        helps = (f'name what counts them, `unique="{tokens}/{passes[0]}"` in `table(...)`',)
    else:
        law = re.findall(r"`(\w+)`", said.message)[0]
        helps = (f"leave `{law}` out: no column of this table counts distinct tokens, or passes over them",)
    return replace(said, notes=(table.note,), helps=helps)


def _wide(table: TableColumns) -> tuple[str, ...]:
    """The helps for a table with a column of losses a size; nothing for any other."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for name in table.file:
        found = _OF_ONE_SIZE.fullmatch(name)
        if found and name in table.columns and table.columns[name].low is not None:
            groups.setdefault((found["before"], found["behind"]), {})[found["size"]] = name
    most = max(groups.values(), key=len, default={})
    if len(most) < 3 or any(size.isdigit() and int(size) < LEAST_SIZE for size in most):
        return ()
    each = ", ".join(f'm{size.replace(".", "_")}: "{name}"' for size, name in most.items())
    said = f"its columns {listing(most.values(), mark='')} are of one size each"
    rows = "for a law of sizes give each run a row of its own, with a column for each of N, D and the loss"
    return (f"{said}: {rows}; laws in D alone, of each, are had with `loss={{{each}}}`",)


def _together(fit: LocatedFit, table: TableColumns) -> Iterator[Diagnostic]:
    """Too few rows that have every variable of a fit, and what it is fitted to, or none."""
    rows = -1
    for quantity in (*fit.request.quantities, fit.request.loss):
        if (column := table.column(quantity)) is not None:
            rows &= column.positive if quantity in tied() else column.finite
    free = free_parameters(fit.request)
    if rows > 0 and rows.bit_count() < len(free):
        found = f"{rows.bit_count()} row{'s' * (rows.bit_count() > 1)} of the table"
        message = f"`{fit.request.name}` has {len(free)} parameters to find in {found}"
        notes = (f"{listing(free)} need at least as many rows",)
        helps = ("measure more runs, or fix parameters at values that are known",)
        yield Diagnostic("SCL414", message, fit.span, notes=notes, helps=helps)
    if rows == 0:
        read = listing((*fit.request.quantities, fit.request.loss))
        helps = ("put what belongs to one run into one row",)
        yield Diagnostic("SCL417", f"no row of the table has all of {read}", fit.span, notes=(table.note,), helps=helps)


def _quantities(fit: LocatedFit, table: TableColumns) -> Iterator[Diagnostic]:
    """The variables of a fit, its measurement, and what its parameters are fixed to."""
    request = fit.request
    read = [(q, f"`{request.name}` is a law in {q}") for q in request.quantities]
    read += [(request.loss, f"`{request.name}` is a law of the {request.loss}")] if request.loss != "loss" else []
    read += [
        (name, f"`{request.name}` fixes {parameter} to `{written}`")
        for parameter, written in request.fixed
        for name in free_names(parse_value(written))
    ]
    for quantity, what in read:
        column = table.column(quantity)
        if column is None:
            helps = question(quantity, table.file) or (_wide(table) if quantity in ("N", "D") else ())
            helps = helps or _without_column(request.name, quantity, table)
            message = f"{what}, and no column of the table gives it"
            yield Diagnostic("SCL416", message, fit.span, notes=(table.note,), helps=helps)
        elif column.is_text:
            yield _text(quantity, table, fit)
        elif column.empty or (quantity in tied() and column.high is not None and column.high <= 0):
            message = f"no row of the table has a {'positive' if quantity in tied() else 'finite'} `{quantity}`"
            helps = (f"name another column, or leave `{request.name}` out",)
            yield Diagnostic("SCL417", message, fit.span, notes=(table.note,), helps=helps)


def _without_column(law: str, quantity: str, table: TableColumns) -> tuple[str, ...]:
    """What to type where no column gives a quantity that a law asks for: an expression over columns, or less of it."""
    call = parse_value(law)
    left = [a for a in call.args if quantity not in free_names(a)] if isinstance(call, ast.Call) else []
    left = [a for a in left if quantity != "excess" or text(a) != f"{FLOOR.name} = 0"]
    plain = f"{call.name}({', '.join(map(text, left))})".removesuffix("()") if isinstance(call, ast.Call) else ""
    named = f'name the column, such as `{quantity}="..."`'
    loss = next(iter(headed("loss", table.file)), "")
    if quantity == "excess" and loss:
        named = f'where the floor is known name it as `excess="{loss} - 1.69"`, with its number in place of 1.69'
        return (named, f"or write `{plain}`, which finds the floor") if plain else (named,)
    if quantity == "entropy_rate" and plain:
        return (f"leave it out, for the floor is found: write `{plain}`", f"or {named}")
    size = next((column for column in headed("N", table.file)), "")
    if quantity == BODY and size and plain:
        known = f'or, where embeddings are known, name it as `{BODY}="{size} - 50257*768"`'
        return (f'write `{plain}`, whose N is "{size}"', known)
    return (named,)


def _text(quantity: str, table: TableColumns, fit: LocatedFit) -> Diagnostic:
    column = table.column(quantity)
    assert column is not None
    example = next((label for label in column.labels if not _is_number(label)), "")
    numbers = [name for name in table.file if table.columns[name].low is not None]
    notes = (f"columns of numbers are {listing(numbers)}",) if numbers else ()
    # A column that gives another quantity is not this one's.
    others = {*USUAL, *fit.request.quantities, fit.request.loss} - {quantity}
    taken = [table.column(other) for other in others]
    free = [name for name in numbers if table.columns[name] not in taken]
    if any(map(_is_number, column.labels)):
        help_ = "leave cells without a number empty, or their rows out"
    elif free:
        help_ = f'name a column of numbers: `{quantity}="{free[0]}"`'
    else:
        help_ = "write a number alone into each cell, or name another column"
    message = f'`{quantity}` is a number, and its column holds text such as "{example}"'
    return Diagnostic(
        "SCL417",
        message,
        fit.span,
        notes=notes,
        helps=(help_,),
    )


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True
