"""Rules about the columns that a study of a table names: they are there, each is one quantity, and nothing is swept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from ...diagnostics.concepts import missing
from ...diagnostics.suggest import listing, nearest, similar
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...files.tables.cells import MISSING
from ...resolve.columns import AXES, USUAL, headed, quantity_meant, rewritten
from ...resolve.components import KEPT, Component, Sweep
from ...resolve.table_quantities import UNJOINED, TableColumns, elsewhere, in_table
from ...syntax import ast
from ...syntax.numbers import short
from ...syntax.visit import conjuncts
from ...vocabulary.base import REGISTRY
from ...vocabulary.parameters import typed
from ...vocabulary.quantities import QUANTITIES
from .columns_meant import logged_column

#: What the column is called elsewhere by which rows of two files belong together.
_JOINED_BY = ("on", "key", "keys", "join", "join_on", "merge_on", "left_on", "right_on", "match", "index", "using")
#: Sizes of which two give the third, and how.
RELATED = {"N": "C/(6 D)", "D": "C/(6 N)", "C": "6 N D"}


def refused_tables(table: TableColumns, component: Component) -> Iterator[Diagnostic]:
    """A file that is no table, or whose columns leave open which of them is N, D, C or the loss; what was guessed."""
    named = [a for b in component.alternatives for a in b.call.named]
    meant = [a for a in named if a.name in _JOINED_BY and isinstance(a.value, ast.String)]
    for path, reason in table.refused:
        if UNJOINED in reason and len({text(a.value) for a in meant}) > 1:
            yield _joined_by_two(component, meant)
            continue
        if UNJOINED in reason and meant:
            message = f"rows of both files are joined `by` a column, and not `{meant[0].name}` one"
            fix = Fix((Edit(meant[0].name_span, "by"),), "maybe-incorrect")
            also = "".join(f", in place of {listing(map(_typed, meant))}" for _ in meant[1:2])
            helps = (f"write `by={text(meant[0].value)}`{also}",)
            yield Diagnostic("SCL504", message, meant[0].span, helps=helps, fixes=(fix,) if not also else ())
            continue
        helps = ('name its columns, such as `N="params"`, or mend the file: a row of names, then a row a run',)
        if UNJOINED in reason or "to join by" in reason:
            one_name = "give the column that tells which rows belong together one name in both files, "
            helps = (f'{one_name}and write that behind `by=`, such as `by="model"`',)
            helps = (f'write `by="{table.by}"`, a column of both files',) if table.by else helps
        yield Diagnostic("SCL504", f'"{path.value}"{reason}', path.span, helps=helps)
    for path, (first, *more) in table.told:
        yield Diagnostic("SCL506", f'"{path.value}": {first}', path.span, "warning", notes=tuple(more))


def _typed(arg: ast.Define) -> str:
    return text(arg).replace(" = ", "=")


def _joined_by_two(component: Component, meant: Sequence[ast.Define]) -> Diagnostic:
    """`left_on="model", right_on="name"`: the column by which two files belong together has one name in both."""
    given = {a.name: a.value for b in component.alternatives for a in b.call.named}
    first, second = (a.value.value for a in meant[:2] if isinstance(a.value, ast.String))
    other = text(given["beside"]) if "beside" in given else "the other file"
    message = "the column by which rows of both files belong together has one name in both"
    way = f'call `{second}` in {other} `{first}` too, and write `by="{first}"`'
    helps = (f"{way} in place of {listing(map(_typed, meant), mark='`')}",)
    return Diagnostic("SCL504", message, meant[0].span.to(meant[1].span), helps=helps)


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
        if left is not None and not (isinstance(left, ast.String) and left.value not in table.file):
            continue  # neither a column nor one times a number, which is told already
        name = written or (left.value if isinstance(left, ast.String) else arg.name)
        read = {a.value for a in table.given if isinstance(a, ast.String)}
        free = [c for c in table.file if c not in read]
        others = [c for c in free for q in USUAL if q != arg.name and headed(q, [c]) and not headed(arg.name, [c])]
        free = [c for c in free if c not in others]
        helps = nearest("a column", name, free, '"')
        if helps and isinstance(arg.value, ast.String):
            fixes = (Fix((Edit(arg.value.span, f'"{similar(name, free)}"'),), "maybe-incorrect"),)
        plain = elsewhere(name)
        if logged := logged_column(arg, name):
            yield replace(logged, code="SCL416", severity="error", notes=(table.note,))
            continue
        plain = averaged(name, table.file) or plain
        if re.search(r"\b[NDC]\b", plain) and not in_table(plain, table.file):
            plain = re.sub(r"\b[NDC]\b", lambda m: next(iter(headed(m[0], table.file)), m[0]), plain)
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
        near = similar(name, free) if left is not None else None
        if near is not None and isinstance(arg.value, ast.Binary):
            meant = text(replace(arg.value, left=ast.String(near)))
            helps, fixes = (f"write `{arg.name}={meant}`",), (Fix((Edit(arg.value.span, meant),), "maybe-incorrect"),)
        elif arg.name in RELATED and {*RELATED} <= {arg.name, *table.columns} and not headed(arg.name, table.file):
            helps = (f"leave `{arg.name}` out: it is {RELATED[arg.name]} then",)
            fixes = ()
        helps = helps or ("name one of its columns" + f", or leave `{arg.name}` out" * (arg.name not in QUANTITIES),)
        message = f'the table has no column "{name}"'
        yield Diagnostic("SCL416", message, arg.value.span, notes=(table.note,), helps=helps, fixes=fixes)


_AVERAGED = re.compile(r"(?:\w+\.)*(?:mean|avg|average|nanmean|row_?means?)\((?P<inside>.*)\)", re.IGNORECASE)


def averaged(written: str, file: Sequence[str]) -> str:
    """`mean(seed1, seed2)`, `rowMeans(seed1:seed3)` as the sum of these columns over their number; empty for others."""
    found = _AVERAGED.fullmatch(written.strip())
    if found is None:
        return ""
    names = re.findall(r"[\w.]+", re.sub(r"\b(?:c|list|cbind|axis|na\.rm)\b(?:\s*=\s*\w+)?", " ", found["inside"]))
    if ":" in found["inside"] and len(names) == 2 and {*names} <= {*file}:
        names = [*file[file.index(names[0]) : file.index(names[1]) + 1]]
    shown = [name if name.isidentifier() else f'"{name}"' for name in names]
    return f"({' + '.join(shown)})/{len(names)}" if len(names) > 1 and {*names} <= {*file} else ""


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


#: Texts of a column that a message shows at most.
MOST_TEXTS = 6


def unnamed_columns(found: Iterable[Diagnostic], table: TableColumns) -> Iterator[Diagnostic]:
    """The findings about conditions, those about a name without value with the columns that it may be."""
    for said in found:
        least = re.fullmatch(r"`(max|min)\((\w+)\)` .*", said.message) if said.code == "SCL205" else None
        column = table.column(least[2]) if least else None
        if least and column is not None and (end := column.high if least[1] == "max" else column.low) is not None:
            yield replace(said, helps=(f"write the number in its place: `{short(end)}`",))
            continue
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


def texts_of_no_row(conditions: Iterable[ast.Test], table: TableColumns) -> Iterator[Diagnostic]:
    """`optimizer == "Muon"` where its rows say `muon`: a text in quotes that none of them has, so that none is kept."""
    for test in (part for condition in conditions for part in conjuncts(condition)):
        match test:
            case ast.Chain(ast.Name(name), (("==", ast.String() as asked),)):
                texts = [asked]
            case ast.Inside(ast.Name(name), ast.Set(entries)):
                texts = [e.value for e in entries if isinstance(e.value, ast.String)]
                texts = texts if len(texts) == len(entries) else []
            case _:
                continue
        labels = table.columns[name].labels if name in table.columns else ()
        if not labels or not texts or any(t.value in labels or t.value.lower() in MISSING for t in texts):
            continue
        near = similar(texts[0].value, labels)
        fixes = (Fix((Edit(texts[0].span, f'"{near}"'),), "maybe-incorrect"),) if near else ()
        shown = listing(labels[:MOST_TEXTS], mark='"')
        notes = (f"its texts are {shown}" + ", and more" * (len(labels) > MOST_TEXTS),)
        helps = (f'write `"{near}"`' if near else "write one of its texts",)
        message = f'no row has "{texts[0].value}" in `{name}`'
        yield Diagnostic("SCL103", message, texts[0].span, notes=notes, helps=helps, fixes=fixes)


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
                    if similar(name, table.file):
                        names = (piece.strip() for piece in arg.value.value.split(","))
                        meant = (n if n in table.columns else similar(n, table.file) or n for n in names)
                        helps = (f"write `tune {', '.join(meant)}`",)
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
    notes = (table.note,) if table.known and table.file else ()
    return Diagnostic("SCL122", message, sweep.span, notes=notes, helps=helps)


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
