"""Rules about studies of a table: its columns are there, hold what is fit of them, and nothing is swept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from ..diagnostics.concepts import missing
from ..diagnostics.suggest import listing, nearest
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..requests.request_types import LocatedFit, Requests, free_parameters
from ..resolve.columns import AXES, USUAL, headed, in_other_units, quantity_meant, question, rewritten
from ..resolve.components import KEPT, Component, Sweep
from ..resolve.table_quantities import TableColumns, elsewhere, in_table, scaled
from ..syntax import ast
from ..syntax.numbers import short
from ..syntax.parser import parse_value
from ..syntax.visit import free_names
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import QUANTITIES, tied
from .told_apart import falling


def refused_tables(table: TableColumns) -> Iterator[Diagnostic]:
    """A file that is no table, or whose columns leave open which of them is N, D, C or the loss; what was guessed."""
    for path, reason in table.refused:
        helps = ('name its columns, such as `N="params"`, or mend the file: a row of names, then a row a run',)
        yield Diagnostic("SCL504", f'"{path.value}"{reason}', path.span, helps=helps)
    for path, (first, *more) in table.told:
        yield Diagnostic("SCL506", f'"{path.value}": {first}', path.span, "warning", notes=tuple(more))


def missing_columns(table: TableColumns) -> Iterator[Diagnostic]:
    """A column that the study names and no table has."""
    for arg in table.missing:
        if isinstance(arg.value, ast.Call):
            yield from _missing_of_axes(arg.value, table)
            continue
        if not isinstance(arg.value, ast.String | ast.Binary):
            continue  # a column without its quotes is told already
        fixes: tuple[Fix, ...] = ()
        written = arg.value.value if isinstance(arg.value, ast.String) else ""
        left = arg.value.left if isinstance(arg.value, ast.Binary) else None
        if left is not None and not isinstance(left, ast.String):
            continue  # neither a column nor one times a number, which is told already
        name = written or (left.value if isinstance(left, ast.String) else arg.name)
        read = {a.value for a in table.given if isinstance(a, ast.String)}
        helps = nearest("a column", name, table.file, '"')
        plain = elsewhere(name)
        if logged := _logged(arg, name):
            yield replace(logged, code="SCL416", severity="error", notes=(table.note,))
            continue
        if plain != name and in_table(plain, table.file):
            fix = Fix((Edit(arg.value.span, f'"{plain}"'),), "maybe-incorrect")
            message = f'"{name}" is no expression over columns'
            helps = (f'write `{arg.name}="{plain}"`',)
            yield Diagnostic("SCL416", message, arg.value.span, notes=(table.note,), helps=helps, fixes=(fix,))
            continue
        if arg.name in USUAL and (there := [c for c in headed(arg.name, table.file) if c not in read]):
            helps = (f'write `{arg.name}="{there[0]}"`',)
        if arg.name in table.file and name in QUANTITIES and arg.name not in read:
            helps = (f'the quantity stands before the `=`: write `{name}="{arg.name}"`',)
        if not helps and (why := missing(arg.name)):
            helps = (f"leave `{arg.name}` out: {why}",)
        if meant := rewritten(written or name, table.file):
            fixes = (Fix((Edit(arg.value.span, f'"{meant}"'),), "maybe-incorrect"),) if written else ()
            helps = (f'write `{arg.name}="{meant}"`',) if written else helps
        if arg.name == "C" and {"N", "D"} <= set(table.columns) and not headed("C", table.file):
            helps = ("leave `C` out: it is 6 N D then",)
        helps = helps or ("name one of its columns" + f", or leave `{arg.name}` out" * (arg.name not in QUANTITIES),)
        message = f'the table has no column "{name}"'
        yield Diagnostic("SCL416", message, arg.value.span, notes=(table.note,), helps=helps, fixes=fixes)


#: Names of the column by which cells are averaged.
SEEDS = ("seeds", "random_seed", "rng_seed", "manual_seed", "random_state")


def named_otherwise(component: Component, table: TableColumns, read: Collection[str]) -> Iterator[Diagnostic]:
    """`table("runs.csv", params="n", tokens="d")`: a usual name of a quantity where nothing else gives it.

    `read` are the names that laws of the study read: columns of such a name are meant.
    """
    for alternative in component.alternatives:
        given = {a.name for a in alternative.call.named}
        for arg in alternative.call.named:
            if arg.name in {*QUANTITIES, *typed(REGISTRY[alternative.call.name]), *read}:
                continue
            swept = REGISTRY[alternative.call.name].also.get(arg.name, "").removesuffix("={}")
            if swept == KEPT:
                fixes = (Fix((Edit(arg.name_span, KEPT),), "maybe-incorrect"),)
                message = f"`{arg.name}` would be a column of its own name"
                helps = (f"write `{KEPT}={text(arg.value)}`, to keep the best of what was swept",)
                yield Diagnostic("SCL416", message, arg.name_span, helps=helps, fixes=fixes)
                continue
            if arg.name in SEEDS and "seed" not in given:
                fix = Fix((Edit(arg.name_span, "seed"),), "maybe-incorrect")
                message = f"`{arg.name}` is a column of its own name, and cells are averaged over `seed`"
                helps = (f"write `seed={text(arg.value)}`",)
                yield Diagnostic("SCL416", message, arg.name_span, helps=helps, fixes=(fix,))
                continue
            meant = quantity_meant(arg.name, arg.value.value if isinstance(arg.value, ast.String) else "")
            if meant and meant not in given and (meant not in table.columns or not headed(meant, [arg.name])):
                fixes = (Fix((Edit(arg.name_span, meant),), "maybe-incorrect"),)
                message = f"`{arg.name}` is a column of its own name, and no law reads it as `{meant}`"
                helps = (f"write `{meant}={text(arg.value)}`",)
                said = Diagnostic("SCL416", message, arg.name_span, helps=helps, fixes=fixes)
                yield replace(said, severity="warning") if arg.name in AXES else said  # laws may be in one's own `x`


def unnamed_columns(found: Iterable[Diagnostic], table: TableColumns) -> Iterator[Diagnostic]:
    """The findings about conditions, those about a name without value with the columns that it may be."""
    for said in found:
        name = said.message.split("`")[1] if said.code == "SCL103" and "no value here" in said.message else ""
        if not name or not any(h.startswith("give it a value") for h in said.helps):
            yield said
        elif name in table.file:
            helps: tuple[str, ...] = (f'name the column, `table(..., {name}="{name}")`',)
            yield replace(said, message=f"no column is named `{name}` yet", notes=(table.note,), helps=helps)
        else:
            near = nearest("a column", name, table.file, '"')
            helps = near or ("name one of its columns, or leave the condition out",)
            yield replace(said, message=f"the table has no column `{name}`", notes=(table.note,), helps=helps)


def asked_columns(said: Diagnostic, table: TableColumns) -> Diagnostic:
    """The finding about a selection in a claim, where it is by a column that the study does not name."""
    name = said.message.split("`")[1] if said.code == "SCL428" and "`" in said.message else ""
    holding = [c for c in table.file if name == c or (name in table.columns[c].labels and c not in table.named)]
    if (
        len(holding) != 1
        or holding[0] in QUANTITIES
        or not ("is no axis" in said.message or "selects nothing" in said.message)
    ):
        return said
    column = holding[0]
    own = re.sub(r"\W+", "_", column)
    if table.columns[column].is_text:
        helps = (f'name the column, and each of its labels has laws of its own: `table(..., {own}="{column}")`',)
    else:
        helps = (f"for laws at each of its values write `panel {own} in {{...}}` behind the table",)
    return replace(said, notes=(table.note,), helps=helps)


def same_columns(component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """Two quantities that read one column are one quantity."""
    for alternative in component.alternatives:
        seen: dict[str, str] = {}
        for arg in sorted(alternative.call.named, key=lambda a: a.span):
            if arg.name not in QUANTITIES or not isinstance(arg.value, ast.String):
                continue
            first = seen.setdefault(arg.value.value, arg.name)
            if first == arg.name:
                continue
            read = {a.value.value for a in alternative.call.named if isinstance(a.value, ast.String)}
            free = [name for name in headed(arg.name, table.file) if name not in read]
            free = free or [n for n in table.file if n not in read and table.columns[n].low is not None]
            message = f'`{first}` and `{arg.name}` read one column, "{arg.value.value}"'
            helps = (f'write `{arg.name}="{free[0]}"`' if free else f"name the column that holds `{arg.name}`",)
            yield Diagnostic("SCL416", message, arg.value.span, helps=helps)


#: Sizes that are counted one by one, and the factor from which a number over which a column is divided is a unit.
COUNTED, UNIT = ("N", "D"), 1e3


def other_units(component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """`N="params/1e6"`, or `N="params_m"`: sizes in millions, where claims, C = 6 N D and optima count them."""
    for alternative in component.alternatives:
        for arg in alternative.call.named:
            if arg.name not in COUNTED:
                continue
            written = arg.value.value if isinstance(arg.value, ast.String) else ""
            node = scaled(written) if written and written not in table.file else arg.value
            if isinstance(node, ast.Binary) and node.op == "/" and isinstance(node.left, ast.String):
                if float(constant(node.right)) >= UNIT:
                    yield _in_units(arg, f"divided by {text(node.right)}", f'`{arg.name}="{node.left.value}"`')
            elif written in table.file and (unit := in_other_units(arg.name, [written])):
                column, factor, said = unit
                yield _in_units(arg, f"in {said} by its name", f'`{arg.name}="{column}"*{factor}`')


def _in_units(arg: ast.Define, how: str, meant: str) -> Diagnostic:
    message = f"`{arg.name}` is counted one by one, and its column is {how}"
    notes = ("sizes in claims, C = 6 N D and what optima find would be off by that factor",)
    return Diagnostic("SCL445", message, arg.span, "warning", notes=notes, helps=(f"write {meant}",))


#: What is measured otherwise than as a loss: parts of its names, what is said of it, and how it is made one.
_MEASURED = (
    (("ppl", "perplexity"), "is the exponential of a loss by its name, whose laws are others", 'loss="log({})"'),
    (
        ("acc", "accuracy", "top1", "f1", "bleu", "score"),
        "grows with the sizes by its name, and laws are of what falls to a floor",
        'loss="1 - {}"',
    ),
)
#: Parts of names of what falls after all, or is in the logarithm.
_FALLS = frozenset({"error", "err", "loss", "nll", "log", "brier"})
#: Parts of names of losses that are not of the training data alone.
_BEYOND = frozenset({"val", "valid", "validation", "eval", "test", "post"})
#: A column in the logarithm.
_LOGGED = re.compile(r"(?:log|log10|log2|ln)\(\s*([A-Za-z_]\w*)\s*\)(?:\s*/\s*log\(\d+\))?")
#: Names of what counts steps.
_STEPS = ("step", "steps", "iteration", "iterations", "iter", "iters", "updates", "globalstep", "trainstep")


def measured_otherwise(component: Component, table: TableColumns, requests: Requests) -> Iterator[Diagnostic]:
    """`loss="val_ppl"`, `loss="accuracy"`, `D="steps"`: a column called as another quantity than it is taken for."""
    falls = not requests.fits or falling(requests)
    for arg in (a for b in component.alternatives for a in b.call.named):
        column = arg.value.value if isinstance(arg.value, ast.String) else ""
        if (logged := _logged(arg, column)) and arg not in table.missing:
            yield logged
        if column not in table.file:
            continue
        parts = re.findall(r"[a-z]+\d*", re.sub(r"([a-z])([A-Z])", r"\1_\2", column).lower())
        if arg.name == "loss" and {"train", "training"} & {*parts}:
            if _BEYOND & {*parts}:
                continue
            there = next((c for c in table.file if c != column and headed("loss", [c])), "")
            found = ("is of the training data by its name", f'loss="{there}"') if there else None
        elif arg.name == "loss":
            if _FALLS & {*parts} or not falls:
                continue
            found = next(((said, put) for names, said, put in _MEASURED if {*names} & {*parts}), None)
        elif arg.name == "D" and "".join(parts) in _STEPS:
            there = next((c for c in headed("D", [c for c in table.file if c != column])), "")
            found = ("counts steps by its name, and D tokens", f'D="{there}"' if there else 'D="{} * 4096"')
        else:
            continue
        if found is not None:
            said, put = found[0], found[1].format(column)
            more = ", with the tokens of a step" if " * " in put else ""
            fixes = () if more else (Fix((Edit(arg.span, put),), "maybe-incorrect"),)
            message = f'"{column}" {said}'
            yield Diagnostic("SCL455", message, arg.span, "warning", helps=(f"write `{put}`{more}",), fixes=fixes)


def _logged(arg: ast.Define, column: str) -> Diagnostic | None:
    """The finding about a size or a loss that is given in the logarithm."""
    logged = _LOGGED.fullmatch(column)
    if logged is None or not (arg.name in COUNTED or headed(arg.name, [logged[1]])):
        return None
    put = f'{arg.name}="{logged[1]}"'
    message = f"`{arg.name}` is a logarithm here, and laws are in sizes and of losses as they are"
    fix = Fix((Edit(arg.span, put),), "maybe-incorrect")
    return Diagnostic("SCL455", message, arg.span, "warning", helps=(f"write `{put}`",), fixes=(fix,))


#: Names of the column that tells runs apart, and points of a run from which their rows are a curve.
_RUNS, MANY_POINTS = ("run", "runid", "runname", "id", "trial"), 4


def points_along_runs(component: Component, table: TableColumns, asked: Collection[str]) -> Iterator[Diagnostic]:
    """Rows of a few runs, each of one model at many steps, that no law or condition has `asked` of: points along a run
    are no ends of shorter runs.
    """
    given = [a for b in component.alternatives for a in b.call.named if isinstance(a.value, ast.String)]
    named = {a.value.value: a.name for a in given if isinstance(a.value, ast.String)}
    labels = [n for n in table.file if n not in named and n in table.columns and table.columns[n].is_text]
    step = next((n for n in table.file if "".join(re.findall("[a-z]+", n.lower())) in _STEPS), "")
    run = next((n for n in labels if re.sub("[^a-z]", "", n.lower()) in _RUNS), "")
    column, size = table.columns.get(step), table.columns.get("N")
    if (
        not run
        or named.get(step) in asked
        or column is None
        or column.high is None
        or component.where is not None
        or column.finite < 0
    ):
        return
    runs, rows = len(table.columns[run].labels), column.finite.bit_count()
    begun = table.columns[run].changes
    if rows < MANY_POINTS * runs or size is None or begun < 0 or begun.bit_count() != runs - 1:
        return
    if size.changes < 0 or size.changes & ~begun:
        return  # rows of several models
    message = f'the {rows:,} rows are points along {runs:,} runs, by their columns "{run}" and "{step}"'
    notes = ("a point on the way of a run, whose rate has not fallen yet, is not the end of a shorter one",)
    end = f"at_step == {short(column.high)}"
    helps = (
        f'keep their last rows; where all end alike, name the column, `at_step="{step}"`, and write `where {end}`',
    )
    span = component.alternatives[0].span
    yield Diagnostic("SCL455", message, span, "warning", notes=notes, helps=helps)


def _missing_of_axes(call: ast.Call, table: TableColumns) -> Iterator[Diagnostic]:
    """Columns of principal axes that are not there, or hold no numbers."""
    if any(isinstance(a, ast.Define) and a.name == "part" and text(a.value) != "1" for a in call.args):
        return  # said of the first axis
    for column in call.args:
        if isinstance(column, ast.String) and column.value not in table.file:
            helps = nearest("a column", column.value, table.file, '"')
            message = f'the table has no column "{column.value}"'
            yield Diagnostic("SCL416", message, column.span, notes=(table.note,), helps=helps)
        elif isinstance(column, ast.String) and table.columns[column.value].is_text:
            message = f'"{column.value}" holds text, and principal axes are of numbers'
            yield Diagnostic("SCL417", message, column.span, helps=("leave it out, or name a column of numbers",))


def columns_swept(component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """Columns that `tune` or `best_over` names and the table has not."""
    for alternative in component.alternatives:
        for arg in alternative.call.named:
            if arg.name != KEPT or not isinstance(arg.value, ast.String) or not table.known:
                continue
            for name in filter(None, (piece.strip() for piece in arg.value.value.split(","))):
                if name not in table.columns:
                    helps = nearest("a column", name, table.file, '"')
                    message = f'the table has no column "{name}"'
                    yield Diagnostic("SCL416", message, arg.value.span, notes=(table.note,), helps=helps)


def swept_tables(component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """A table's rows are what was measured: an axis can only say which column of it makes panels."""
    also = {name for b in component.alternatives if b.call.name in REGISTRY for name in REGISTRY[b.call.name].also}
    for sweep in (*component.sweeps, *(s for b in component.alternatives for s in b.sweeps)):
        if also & set(sweep.names):
            continue  # no parameter, which has been said
        if sweep.role != "panel" or sweep.along or len(sweep.names) > 1:
            yield _swept(sweep, table)
        elif table.known and sweep.name not in table.columns:
            helps = nearest("a column", sweep.name, table.columns)
            message = f"the table has no column `{sweep.name}`"
            yield Diagnostic("SCL416", message, sweep.span, notes=(table.note,), helps=helps)
    for define in component.defines:
        column = text(define.value) if text(define.value).startswith('"') else '"column"'
        helps = (f"name a column inside the parentheses, such as `table(..., {define.name}={column})`",)
        message = f"a table is measured already, so `{define.name}` sets nothing"
        yield Diagnostic("SCL122", message, define.span, helps=helps)


def _swept(sweep: Sweep, table: TableColumns) -> Diagnostic:
    name = sweep.names[0]
    helps: tuple[str, ...] = (f"write `panel {name} in ...` for a fit at each value, or `where {name} == ...`",)
    if sweep.role == "tune":
        helps = (f"write `tune {', '.join(sweep.names)}` alone to keep the best of what was swept",)
    if name == "seed":
        helps = ("rows that differ in a column `seed` alone are averaged: leave this out",)
    elif table.known and name not in table.columns:
        helps = (f"leave it out: what was tried stands in a column, and there is none for `{name}`",)
    message = f"a table is measured already, so nothing is swept over `{'` and `'.join(sweep.names)}`"
    return Diagnostic("SCL122", message, sweep.span, notes=(table.note,), helps=helps)


def check_tables(requests: Requests, table: TableColumns) -> Iterator[Diagnostic]:
    """Fits of a study without training: every quantity is a column of numbers, or follows from C = 6 N D."""
    if not table.known:
        return
    fits = list(requests.fits.values())
    if "loss" not in table.columns and fits:
        there = {n: column for n, column in table.columns.items() if n in table.file and n not in table.named}
        free = [n for n, column in there.items() if column.low is not None]
        free = [n for n in free if not any(headed(q, [n]) for q in (*COUNTED, "C")) and not re.search("step|seed", n)]
        shown = f'loss="{free[0] if free else "final_loss"}"'
        if free and {"ppl", "perplexity"} & {*re.findall("[a-z]+", free[0].lower())}:
            shown = f'loss="log({free[0]})"'
        helps = (f"{'write' if len(free) == 1 else 'name the column, such as'} `{shown}`",)
        message = "the table has no column `loss`"
        yield Diagnostic("SCL416", message, fits[0].span, notes=(table.note,), helps=helps)
    elif fits and table.columns["loss"].is_text:
        yield _text("loss", table, fits[0])
    elif fits and table.columns["loss"].empty:
        helps = ("name another column, or wait for runs that end",)
        yield Diagnostic("SCL417", "no row of the table has a finite `loss`", fits[0].span, helps=helps)
    for fit in fits:
        wrong = list(_quantities(fit, table))
        yield from wrong
        if not wrong and "loss" in table.columns and not table.columns["loss"].empty:
            yield from _together(fit, table)


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
            helps = question(quantity, table.file) or (f'name the column, such as `{quantity}="..."`',)
            message = f"{what}, and no column of the table gives it"
            yield Diagnostic("SCL416", message, fit.span, notes=(table.note,), helps=helps)
        elif column.is_text:
            yield _text(quantity, table, fit)
        elif column.empty or (quantity in tied() and column.high is not None and column.high <= 0):
            message = f"no row of the table has a {'positive' if quantity in tied() else 'finite'} `{quantity}`"
            helps = (f"name another column, or leave `{request.name}` out",)
            yield Diagnostic("SCL417", message, fit.span, notes=(table.note,), helps=helps)


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


def exchanged_columns(component: Component) -> Iterator[Diagnostic]:
    """`table(..., N="tokens", D="params")`: two quantities whose columns are called as the other's are."""
    for alternative in component.alternatives:
        named = [a for a in alternative.call.named if a.name in USUAL]
        for one, two in combinations(named, 2):
            if not (isinstance(one.value, ast.String) and isinstance(two.value, ast.String)):
                continue
            first, second = one.value.value, two.value.value
            if all(headed(q, [c]) for q, c in ((one.name, second), (two.name, first))) and not any(
                headed(q, [c]) for q, c in ((one.name, first), (two.name, second))
            ):
                message = f'"{first}" and "{second}" are called as columns of `{two.name}` and of `{one.name}` are'
                helps = (f'write `{one.name}="{second}", {two.name}="{first}"`, if they are exchanged',)
                edits = (Edit(one.value.span, f'"{second}"'), Edit(two.value.span, f'"{first}"'))
                fixes = (Fix(edits, "maybe-incorrect"),)
                yield Diagnostic("SCL416", message, one.value.span, severity="warning", helps=helps, fixes=fixes)
