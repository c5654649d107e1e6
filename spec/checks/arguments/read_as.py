"""A number that its parameter does not take, read as what it is a number of: the other of two parameters, a share of so
many, an exponent with the sign of its law, nothing at all; and what does not go together whatever it is given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ...diagnostics.collect import Fault
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...expressions.sweeps import constant
from ...plan.coerce import within
from ...syntax import ast
from ...syntax.numbers import canonical_number, number, short
from ...vocabulary.base import Kind, Word
from ...vocabulary.parameters import Field, fields_of
from ..parameter_values import accepts, nowhere
from .unknown_parameters import left_out

#: Per cent of a whole.
MOST_PERCENT = 100
#: Findings about a number of the wrong unit, and one out of its bounds.
OF_UNITS, OF_BOUNDS = "SCL202", "SCL208"
#: The finding about parameters that do not go together.
OF_ALL = "SCL209"


def read_as(said: Diagnostic, word: type[Word], arg: ast.Define, call: ast.Call) -> Diagnostic:
    """The finding about the value of an argument, with what is written for what it is a number of."""
    field = fields_of(word).get(arg.name)
    shared = field is not None and "held out" in field.description
    if field is not None and shared and isinstance(arg.value, ast.String) and not said.fixes:
        usual = f"`{arg.name}={100 * field.default:g}%` by itself"
        helps = (f"leave `{arg.name}={text(arg.value)}` out: it is the share that is held out, {usual}",)
        return replace(said, helps=helps, fixes=left_out(arg, call))
    numeric = field is not None and field.shape in ("int", "float")
    if field is None or not numeric or said.fixes or said.code not in (OF_UNITS, OF_BOUNDS):
        return said
    if said.code == OF_UNITS:
        return _how_many(said, field, arg)
    try:
        value = float(constant(arg.value))
    except Fault:
        return said
    shown = arg.value.text if isinstance(arg.value, ast.Number) else text(arg.value)
    if value > MOST_PERCENT and (other := _other_of_two(word, arg, call)) is not None:
        return _written(said, arg, f"{other}={shown}", f": `{other}` is the {_meaning(word, other)}")
    if field.shape == "float" and re.search(r"share of (?!the steps)", field.description) and value >= 1:
        return _share(said, word, field, value, arg, call)
    less = replace(call, args=tuple(a for a in call.args if a is not arg))
    optional = field.shape == "int" and not field.required and field.name != "seed"
    if value in (-1, 0) and optional and flaw(less, word.kind) is None:
        helps = (f"leave `{arg.name}={shown}` out: what is not given has its default",)
        return replace(said, helps=helps, fixes=left_out(arg, call))
    if value < 0 and field.holds(-value) and "exponent" in field.description and "^-" in word.description():
        return _written(said, arg, f"{arg.name}={short(-value)}", ": its minus stands in the law")
    return said


def _written(said: Diagnostic, arg: ast.Define, written: str, why: str) -> Diagnostic:
    fixes = (Fix((Edit(arg.span, written),), "maybe-incorrect"),)
    return replace(said, helps=(f"write `{written}`{why}",), fixes=fixes)


def _meaning(word: type[Word], name: str) -> str:
    return fields_of(word)[name].description.partition(";")[0]


def _other_of_two(word: type[Word], arg: ast.Define, call: ast.Call) -> str | None:
    """The parameter given in place of this one, `edges` for `p`, where it takes the value."""
    given = {a.name for a in call.named}
    others = (n for group in word.one_of if arg.name in group for n in group if n not in given)
    return next((n for n in others if accepts(word, n, arg.value, {})), None)


def _share(
    said: Diagnostic, word: type[Word], field: Field, value: float, arg: ast.Define, call: ast.Call
) -> Diagnostic:
    """A number of what a share is wanted of: the share that it is, where there are known to be so many."""
    fields = fields_of(word)
    whole = next((n for n in re.findall(r"share of the (\w+)", field.description) if n in fields), "")
    if whole and value == int(value) > MOST_PERCENT:
        total = next((text(a.value) for a in call.named if a.name == whole), str(fields[whole].default))
        every = number(total).value if re.fullmatch(r"[\d.]+[kMG]?", total) else math.nan
        if field.holds(value / every):
            share = f"{100 * value / every:.3g}%"
            return _written(said, arg, f"{arg.name}={share}", f": it is a share, and this one of {short(every)}")
    percent = MOST_PERCENT - value if "held out" in field.description and value > MOST_PERCENT / 2 else value
    if value < MOST_PERCENT and field.holds(percent / 100):
        return _written(said, arg, f"{arg.name}={short(percent)}%", ", if per cent are meant")
    usual = f"{arg.name}={100 * field.default:g}%"
    return replace(said, helps=(f"it is the {_meaning(word, arg.name)}: write `{usual}`",), fixes=())


def _how_many(said: Diagnostic, field: Field, arg: ast.Define) -> Diagnostic:
    """A percentage where so many are wanted, and nothing says of how many."""
    if said.helps or field.shape != "int" or not (isinstance(arg.value, ast.Number) and arg.value.text.endswith("%")):
        return said
    usual = str(field.default) if field.default else within(field, -math.inf)
    return replace(said, helps=(f"write how many, such as `{arg.name}={usual}`",)) if usual else said


def conflicts(
    call: ast.Call, kind: Kind, word: type[Word], found: list[Diagnostic], constant_: Callable[[ast.Call], bool]
) -> Iterator[Diagnostic]:
    """What does not go together in a call some of whose values are wrong, whatever stands in their place."""
    places = [(d.span.start, d.span.end) for d in found]
    wrong = [a for a in call.named if (a.value.span.start, a.value.span.end) in places]
    fields = fields_of(word)
    if len(wrong) < len(found) or any(a.name not in fields for a in wrong):
        return
    told: list[Diagnostic | None] = []
    for stand_in in (_least, _most, _usual):
        values = {a.name: stand_in(fields[a.name]) for a in wrong}
        if None in values.values():
            continue
        args = (replace(a, value=values.get(a.name, a.value)) if isinstance(a, ast.Define) else a for a in call.args)
        tried = replace(call, args=tuple(args))
        if not constant_(tried):
            return
        told.append(flaw(tried, kind))
    first = told[0] if len(told) > 1 else None
    if first is not None and all(d is not None and d.message == first.message for d in told):
        yield first


def flaw(call: ast.Call, kind: Kind) -> Diagnostic | None:
    """The finding about parameters of a call that do not go together."""
    try:
        nowhere().whole(call, kind).at({})
    except Fault as fault:
        return fault.diagnostic if fault.diagnostic.code == OF_ALL else None
    return None


def _least(field: Field) -> Any:
    if field.shape == "choice":
        return ast.Name(field.choices[0])
    return _number(within(field, -1e30)) if field.shape in ("int", "float") else None


def _most(field: Field) -> Any:
    if field.shape == "choice":
        return ast.Name(field.choices[-1])
    return _number(within(field, 1e30)) if field.shape in ("int", "float") else None


def _usual(field: Field) -> Any:
    if field.shape == "choice" and isinstance(field.default, str):
        return ast.Name(field.default)
    plain = isinstance(field.default, int | float) and not isinstance(field.default, bool)
    return _number(str(canonical_number(field.default))) if field.shape in ("int", "float") and plain else None


def _number(shown: str) -> ast.Number | None:
    return ast.Number(shown) if shown else None
