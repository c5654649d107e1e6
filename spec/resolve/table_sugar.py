"""Tables written in short: several columns of losses as tables of their own, and principal axes as columns.

table("t.csv", loss={easy: "acc_1", hard: "acc_2"})     {easy: table("t.csv", loss="acc_1"), hard: ...}
S=pca("MMLU", "GSM8K", parts=2)                         S_1=pca("MMLU", "GSM8K", part=1), S_2=...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault, Report
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..syntax import ast
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import PCA
from ..vocabulary.parameters import rest_of

#: The argument that says what is measured.
LOSS = "loss"
Entry = tuple[str, ast.Call]


def spread_tables(entries: Sequence[Entry], listed: bool, report: Report) -> tuple[list[Entry], bool]:
    """Labelled alternatives with each table written out, and whether they are an axis."""
    found: list[Entry] = []
    for label, call in entries:
        word = REGISTRY.get(call.name)
        if word is None or word.kind != "source" or rest_of(word) is None:
            found.append((label, call))
            continue
        call = replace(call, args=tuple(one for arg in call.args for one in _axes(arg, report)))
        losses = next((a for a in call.named if a.name == LOSS and isinstance(a.value, ast.Set)), None)
        if losses is None or not isinstance(losses.value, ast.Set):
            found.append((label, call))
            continue
        if len(entries) > 1:
            helps = ("name the losses in each table as one column, so that `data` tells them apart",)
            report(Diagnostic("SCL203", "several losses are of one table alone", losses.span, helps=helps))
        for entry in losses.value.entries:
            alone = tuple(replace(a, value=entry.value) if a is losses else a for a in call.args)
            found.append((entry.label or _plain(entry.value), replace(call, args=alone)))
        listed = True
    return found, listed


def _plain(value: Any) -> str:
    return value.value if isinstance(value, ast.String) else text(value)


def _axes(arg: Any, report: Report) -> list[Any]:
    """A column that is principal axes as one column for each of them; anything else as it is."""
    if not isinstance(arg, ast.Define) or not isinstance(arg.value, ast.Call) or arg.value.name != PCA:
        return [arg]
    typed = [a for a in arg.value.args if not isinstance(a, ast.Define)]
    named = _columns(typed)
    given = {a.name: a for a in arg.value.named}
    try:
        others = [a for name, a in given.items() if name != "parts"]
        if len(others) == 1 and "parts" not in given and isinstance(others[0].value, ast.Number):
            fix = Fix((Edit(others[0].name_span, "parts"),), "maybe-incorrect")
            message, helps = f"`{PCA}` has no parameter `{others[0].name}`", ("how many axes it has is called `parts`",)
            report(Diagnostic("SCL104", message, others[0].name_span, helps=helps, fixes=(fix,)))
            given = {"parts": others[0]}
        if len(named) > max(1, len(typed)):
            written = ", ".join(map(text, named))
            fix = Fix((Edit(typed[0].span.to(typed[-1].span), written),), "maybe-incorrect")
            message, helps = f"columns of `{PCA}` stand each in its own quotes", (f"write `{written}`",)
            report(Diagnostic("SCL203", message, typed[0].span, helps=helps, fixes=(fix,)))
        if not all(isinstance(a, ast.String) for a in named) or set(given) - {"parts"}:
            fault = _in_quotes(arg, named, given)
            if fault.diagnostic.helps == (HELP,):
                raise fault
            report(fault.diagnostic)
            named = [ast.String(a.id, span=a.span) if isinstance(a, ast.Name) else a for a in named]
        parts = constant(given["parts"].value) if "parts" in given else 1
        if not isinstance(parts, int) or not 1 <= parts <= len(named) or len(named) < 2:
            message = f"`parts` is a whole number from 1 to the number of columns, of which there are {len(named)}"
            raise Fault("SCL208", message, arg.value.span, helps=(HELP,))
    except Fault as fault:
        report(fault.diagnostic)
        return []
    found = []
    for part in range(1, parts + 1):
        place = ast.Define("part", ast.Number(str(part)), span=arg.span, name_span=arg.span)
        call = replace(arg.value, args=(*named, place))
        found.append(replace(arg, name=f"{arg.name}_{part}", value=call))
    return found


def _columns(typed: Sequence[Any]) -> list[Any]:
    """Columns one by one: those of `"a, b"`, of `{"a", "b"}` and of `c("a", "b")` too."""
    found: list[Any] = []
    for one in typed:
        if isinstance(one, ast.String) and "," in one.value:
            found += [ast.String(name.strip(), span=one.span) for name in one.value.split(",")]
        elif isinstance(one, ast.Set):
            found += [entry.value for entry in one.entries]
        elif isinstance(one, ast.Group) or (isinstance(one, ast.Call) and one.name in ("c", "list", "vec")):
            found += one.items if isinstance(one, ast.Group) else one.args
        else:
            found.append(one)
    return found


def _in_quotes(arg: ast.Define, named: Sequence[Any], given: Mapping[str, ast.Define]) -> Fault:
    """The finding about columns without quotes, or with something else among them; with those that are named so."""
    columns = [f'"{a.id}"' if isinstance(a, ast.Name) else text(a) for a in named]
    whole = all(isinstance(a, ast.Name | ast.String) for a in named) and not set(given) - {"parts"}
    parts = [f"parts={text(given['parts'].value)}"] if "parts" in given else []
    written = f"{arg.name}={PCA}({', '.join((*columns, *parts))})"
    helps = (f"write `{written}`" if whole and len(columns) > 1 else HELP,)
    return Fault("SCL203", f"`{PCA}` takes columns in quotes, and `parts`", arg.value.span, helps=helps)


HELP = 'write `S=pca("MMLU", "GSM8K", parts=2)`'
