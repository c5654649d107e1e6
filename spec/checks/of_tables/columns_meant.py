"""Rules about columns of a table that are called as another quantity, or in another unit, than they are taken for."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...expressions.sweeps import constant
from ...requests.request_types import Requests
from ...resolve.columns import Column, flop_of, headed, in_other_units, unit_of
from ...resolve.components import Component
from ...resolve.table_quantities import TableColumns, scaled
from ...syntax import ast
from ...syntax.parser import parse_value
from ...syntax.visit import children, free_names
from ...vocabulary.base import REGISTRY
from ..told_apart import falling
from .cells_of_rows import cells_of_rows, column_of, texts_given

#: Sizes that are counted one by one, and the factor from which a number over which a column is divided is a unit.
COUNTED, UNIT = ("N", "D"), 1e3
#: Factors that turn a unit into single ones.
FACTORS = {1e3, 1e6, 1e9, 1e12}


def other_units(component: Component, table: TableColumns) -> Iterator[Diagnostic]:
    """`N="params/1e6"`, `N="params_m"` or `D="tokens_b*1e6"`: sizes in other units than by the names of their columns,
    where claims, C = 6 N D and optima count them.
    """
    for alternative in component.alternatives:
        for arg in alternative.call.named:
            if arg.name not in COUNTED:
                continue
            written = arg.value.value if isinstance(arg.value, ast.String) else ""
            node = scaled(written) if written and written not in table.file else arg.value
            match node:
                case ast.Binary("/", ast.String(column), ast.Number() as by) if float(constant(by)) >= UNIT:
                    yield _in_units(arg, f"divided by {text(by)}", f'`{arg.name}="{column}"`')
                case ast.Binary("*", ast.String(column), ast.Number() as by) if own := unit_of(column):
                    if float(constant(by)) in FACTORS - {float(own[0])}:
                        how = f"in {own[1]} by its name, and multiplied by {text(by)}"
                        yield _in_units(arg, how, f'`{arg.name}="{column}*{own[0]}"`')
                case _ if written in table.file and (unit := in_other_units(arg.name, [written], given=True)):
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
STEPS = ("step", "steps", "iteration", "iterations", "iter", "iters", "updates", "globalstep", "trainstep")
#: Parts of names of numbers of whatever the rest says.
_COUNTED = frozenset({"num", "n", "number", "no", "count", "idx", "total", "max", "global", "train", "training", "opt"})
#: Names of the tokens of a step, of the sequences of one, and of their length.
_A_STEP = ("tokensperstep", "tokensstep", "tokensperbatch", "tokensperupdate", "tokensperiter", "batchtokens")
_SEQUENCES = ("batch", "batchsize", "globalbatch", "globalbatchsize", "trainbatchsize")
_LENGTHS = ("seqlen", "seqlength", "sequencelength", "contextlength", "blocksize", "maxseqlen", "ctxlen", "length")
#: The tokens of a step where no column tells them.
PLACEHOLDER = "4096"
#: The greatest score, rows that are compared and pairs of them at least, and the share from which they rise.
MOST_SCORE, MOST_PAIRED, FEWEST_PAIRS, RISING = 100, 60, 10, 0.95
#: What sizes count, parts of the names of columns that do, and of those that count something else, with what that is.
_COUNTS = {"N": "parameters", "D": "tokens", "C": "FLOP"}
_OWN = frozenset({"param", "params", "parameters", "token", "tokens", "flop", "flops", "compute", "size"})
_TIMES = ("hours", "gpuhours", "hour", "seconds", "sec", "minutes", "runtime", "time", "walltime", "days", "cost")
_SECONDS = {"hour": 3600, "day": 86_400, "minute": 60, "second": 1, "sec": 1}
#: FLOP a second of a device, for an example.
SPEED = 3e14
_WIDTHS = ("width", "dmodel", "nembd", "dim", "hidden", "embd", "depth", "layers", "nlayers", "nlayer", "heads")
_OF_OTHERS = {
    "N": (frozenset(_WIDTHS), "is a size of layers"),
    "D": (frozenset({"epoch", "epochs", "passes", "batch", "batches"}), "counts no tokens"),
    "C": (frozenset(_TIMES), "is a time or a price"),
}


#: How high logarithms to the base ten of sizes reach, and the base that parts of a name tell.
_LOGARITHMS = {"N": 13.0, "D": 15.0, "C": 28.0}
_BASES = {"log10": "10^{}", "lg": "10^{}", "log2": "2^{}", "ln": "exp({})", "log": ""}
#: Names of tokens over parameters, and columns in whose names these are written out.
_RATIOS = ("tpp", "ratio", "dnratio", "doverovern", "tokenratio", "multiplier", "dovern")
_A_PARAMETER = re.compile(r"(?:tok\w*|data|d)[_ ]?(?:per|over|to)[_ ]?(?:n|param\w*|weight\w*)|tokens?param\w*ratio")


def _in_logarithms(quantity: str, name: str, parts: Collection[str], column: Column) -> str:
    """What gives a size back whose column is its logarithm, by its name and its numbers; empty where it is none."""
    base = next((b for part in parts for b in _BASES if re.fullmatch(rf"{b}(?:[ndc]|params?|tokens?)?", part)), None)
    if base is None or column.low is None or column.high is None or column.high > 100 or not name.isidentifier():
        return ""
    tens = "10^{}" if column.high <= _LOGARITHMS[quantity] else "exp({})"
    return (_BASES[base] or tens).format(name)


def _in_powers(quantity: str, requests: Requests) -> bool:
    """True for a size that some law raises to a power which is found, or takes the logarithm of."""
    read = [fit.request.law for fit in requests.fits.values() if quantity in fit.request.quantities]
    return quantity in _LOGARITHMS and any(
        law not in ("exponential", "sigmoid") if law in REGISTRY else _raised(parse_value(law), quantity)
        for law in read
    )


def _raised(node: Any, quantity: str) -> bool:
    """True for a formula with a size in the base of a power that is no number, or in a logarithm or a root."""
    match node:
        case ast.Binary("^", base, exponent) if {*free_names(exponent)}:
            inside = quantity in {*free_names(base)}
        case ast.Call("log" | "sqrt"):
            inside = quantity in {*free_names(node)}
        case _:
            inside = False
    return inside or any(_raised(part, quantity) for part in children(node))


def _ratio(name: str, parts: Collection[str]) -> bool:
    """True for a column of tokens a parameter, by its name."""
    return "".join(parts) in _RATIOS or _A_PARAMETER.fullmatch(name.lower()) is not None


def measured_otherwise(
    component: Component, table: TableColumns, requests: Requests, base: Path
) -> Iterator[Diagnostic]:
    """`loss="val_ppl"`, `loss="accuracy"`, `D="steps"`: a column called as another quantity than it is taken for."""
    falls = not requests.fits or falling(requests)
    loss = table.columns.get("loss")
    if falls and requests.fits and loss is not None and loss.high is not None and loss.high < 0:
        given = [a.value for b in component.alternatives for a in b.call.named if a.name == "loss"]
        column = given[0].value if given and isinstance(given[0], ast.String) else "loss"
        message = "every `loss` of the table is below 0, and laws are of what falls to a floor above 0"
        helps = (f'write `loss="-{column}"`, if it is the logarithm of a likelihood',)
        yield Diagnostic("SCL455", message, component.alternatives[0].span, "warning", helps=helps)
    found: tuple[str, str] | None
    given_sizes = [a for b in component.alternatives for a in b.call.named if a.name == "N"]
    for arg in (a for b in component.alternatives for a in b.call.named):
        column = arg.value.value if isinstance(arg.value, ast.String) else ""
        if (logged := logged_column(arg, column)) and arg not in table.missing:
            yield logged
        raised = re.fullmatch(r"(?:np\.)?exp\(\s*([A-Za-z_]\w*)\s*\)", column) if arg.name == "loss" and falls else None
        if raised and "log" not in raised[1].lower() and headed("loss", [raised[1]]) and arg not in table.missing:
            put = f'loss="{raised[1]}"'
            fix = Fix((Edit(arg.span, put),), "maybe-incorrect")
            message = "`loss` is the exponential of a loss here, whose laws are others"
            yield Diagnostic("SCL455", message, arg.span, "warning", helps=(f"write `{put}`",), fixes=(fix,))
        if column not in table.file:
            continue
        parts = re.findall(r"[a-z]+\d*", re.sub(r"([a-z])([A-Z])", r"\1_\2", column).lower())
        size = next((a.value.value for a in given_sizes if isinstance(a.value, ast.String)), "")
        if _in_powers(arg.name, requests) and (put := _in_logarithms(arg.name, column, parts, table.columns[column])):
            put = next(iter(headed(arg.name, [c for c in table.file if c != column])), put)
            found = (f"is a logarithm by its name, and {arg.name} counts {_COUNTS[arg.name]}", f'{arg.name}="{put}"')
        elif arg.name == "D" and size in table.file and _ratio(column, parts):
            found = ("is of tokens a parameter by its name, and D counts tokens", f'D="{{}}*{size}"')
        elif arg.name == "loss" and {"train", "training"} & {*parts}:
            if _BEYOND & {*parts}:
                continue
            there = next((c for c in table.file if c != column and headed("loss", [c])), "")
            found = ("is of the training data by its name", f'loss="{there}"') if there else None
        elif arg.name == "loss":
            if _FALLS & {*parts} or not falls:
                continue
            found = next(((said, put) for names, said, put in _MEASURED if {*names} & {*parts}), None)
            found = found or _score(column, table, component, base)
        elif arg.name == "D" and "".join(p for p in parts if p not in _COUNTED) in STEPS:
            there = next((c for c in headed("D", [c for c in table.file if c != column])), "")
            each = tokens_of_a_step([c for c in table.file if c != column])
            put = there or f"{{}} * {each or PLACEHOLDER}"
            found = ("counts steps by its name, and D tokens", f'D="{put}"')
        elif arg.name == "C" and (unit := flop_of(column)):
            most = table.columns[column].high
            tiny = most is not None and most < float(unit)
            found = (f"is in units of {unit} FLOP by its name, and C counts FLOP", f'C="{{}}"*{unit}') if tiny else None
        elif other := _OF_OTHERS.get(arg.name):
            names, said = other
            there = next(iter(headed(arg.name, [c for c in table.file if c != column])), "")
            if names & {*parts, "".join(parts)} and not _OWN & {*parts} and not headed(arg.name, [column]):
                way = f'write `{arg.name}="{there}"`' if there else f"name the column that counts {_COUNTS[arg.name]}"
                others = [a.name for b in component.alternatives for a in b.call.named]
                sized = all(q in others or headed(q, [c for c in table.file if c != column]) for q in ("N", "D"))
                seconds = next((s for part, s in _SECONDS.items() if re.search(rf"{part}s?(?:_|$)", column.lower())), 0)
                if arg.name == "C" and seconds and not there and not sized:
                    of_one = f"{seconds * SPEED:g}".replace("e+", "e")
                    way = f'write `C="{column}"*{of_one}`, for a device of 3e14 FLOP a second'
                way = "leave `C` out: it is 6 N D" if arg.name == "C" and sized else way
                message = f'"{column}" {said} by its name, and {arg.name} counts {_COUNTS[arg.name]}'
                yield Diagnostic("SCL455", message, arg.span, "warning", helps=(way,))
            continue
        else:
            continue
        if found is not None:
            said, put = found[0], found[1].format(column)
            more = f", with the tokens of a step in place of {PLACEHOLDER}" if f" * {PLACEHOLDER}" in put else ""
            fixes = () if more else (Fix((Edit(arg.span, put),), "maybe-incorrect"),)
            message = f'"{column}" {said}'
            yield Diagnostic("SCL455", message, arg.span, "warning", helps=(f"write `{put}`{more}",), fixes=fixes)


def _score(column: str, table: TableColumns, component: Component, base: Path) -> tuple[str, str] | None:
    """What is said of a column of numbers that grow from row to row with the sizes, and how it is made a loss; None of
    one that does not, or that lies in no known bounds.
    """
    there, given = table.columns[column], texts_given(component.alternatives[0])
    bounded = there.low is not None and there.high is not None and there.low >= 0 and there.high <= MOST_SCORE
    if not bounded or len(component.alternatives) > 1 or component.where is not None:
        return None
    columns = cells_of_rows(given, table, base)
    read = [name for quantity in ("N", "D") if (name := column_of(quantity, given, table)) in columns]
    if not read or column not in columns:
        return None
    cells = zip(*(columns[name] for name in (*read, column)), strict=True)
    rows = [tuple(x for x in row if isinstance(x, int | float) and math.isfinite(x)) for row in cells]
    rows = [row for row in rows if len(row) > len(read)]
    pairs = itertools.permutations(rows[:: len(rows) // MOST_PAIRED + 1], 2)
    apart = (pair for pair in pairs if pair[0][:-1] != pair[1][:-1] and pair[0][-1] != pair[1][-1])
    risen = [a[-1] < b[-1] for a, b in apart if all(x <= y for x, y in zip(a[:-1], b[:-1], strict=True))]
    if len(risen) < FEWEST_PAIRS or sum(risen) < RISING * len(risen):
        return None
    most = "1" if max(row[-1] for row in rows) <= 1 else "100"
    return "grows with the sizes from row to row, and laws are of what falls to a floor", f'loss="{most} - {{}}"'


def tokens_of_a_step(columns: Collection[str]) -> str:
    """The column that holds the tokens of a step, or the two whose product they are; empty where there are none."""

    def called(names: Collection[str]) -> str:
        return next((c for c in columns if re.sub(r"[_\W]", "", c).lower() in names), "")

    sequences, length = called(_SEQUENCES), called(_LENGTHS)
    return called(_A_STEP) or (f"{sequences} * {length}" if sequences and length else "")


def logged_column(arg: ast.Define, column: str) -> Diagnostic | None:
    """The finding about a size or a loss that is given in the logarithm."""
    logged = _LOGGED.fullmatch(column)
    if logged is None or not (arg.name in COUNTED or headed(arg.name, [logged[1]])):
        return None
    put = f'{arg.name}="{logged[1]}"'
    message = f"`{arg.name}` is a logarithm here, and laws are in sizes and of losses as they are"
    fix = Fix((Edit(arg.span, put),), "maybe-incorrect")
    return Diagnostic("SCL455", message, arg.span, "warning", helps=(f"write `{put}`",), fixes=(fix,))
