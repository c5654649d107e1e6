"""`budget` and `report`: limits a study sets itself, and the forms its report takes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from typing import Any

from ..diagnostics.collect import Fault, Report
from ..errors import Diagnostic, Label
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.coerce import literals, word_of
from ..plan.study_plan import Budget
from ..resolve.lets import Lets
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import number, short_compute
from ..syntax.visit import as_call
from ..vocabulary.base import REGISTRY
from ..vocabulary.words.report_blocks import Block

#: What makes an axis of a role.
MADE = {"tune": "tune lr in {.003, .01, .03}"}
#: A number that no time is, in minutes, and that compute may be.
LONG = 1e6


def read_budget(items: tuple[ast.Item, ...], lets: Lets, report: Report) -> Budget:
    """A time, an amount of compute, or both."""
    found: dict[str, tuple[float, Span]] = {}
    for item in items:
        try:
            name, value = _limit(lets.inline(item.value))
        except Fault as fault:
            report(fault.diagnostic)
            continue
        if name in found:
            message = "the budget names two times" if name == "seconds" else "the budget names two amounts of compute"
            labels, helps = (Label(found[name][1], "first here"),), ("keep one of the two",)
            report(Diagnostic("SCL112", message, item.span, labels=labels, helps=helps))
        found[name] = (value, item.span)
    return Budget(**{name: value for name, (value, _) in found.items()})


def _limit(node: Any) -> tuple[str, float]:
    units = {number(n.text).unit for n in literals(node)} - {""}
    value = float(constant(node))
    if units == {"s"} or units == {"FLOP"}:
        if value <= 0:
            raise Fault("SCL208", "a budget is above 0", node.span, helps=("write a limit, such as `30min`",))
        return ("seconds", value) if units == {"s"} else ("flops", value)
    helps: tuple[str, ...] = ()
    if not units and isinstance(node, ast.Number):
        minutes, compute = (f"`{text(node)}min`", f"`{short_compute(value).replace(' ', '')}`")
        helps = (f"write {compute}",) if value >= LONG else (f"write {minutes} or `{text(node)}PFLOP`",)
    message = f"a budget is a time such as `30min` or compute such as `5PFLOP`, not `{text(node)}`"
    raise Fault("SCL202", message, node.span, helps=helps)


def _form(node: Any) -> tuple[str, ...]:
    """The help for a file or a word in quotes: a study says the form, the command line the folder."""
    typed = node.value if isinstance(node, ast.String) else ""
    ending = typed.rsplit(".", 1)[-1].lower()
    form = next((n for n, w in REGISTRY.items() if w.kind == "block" and ending in (n, *w.called)), None)
    if form is None:
        return ()
    folder = ("the folder is given on the command line: `scalingdsl run --out FOLDER`",) if "." in typed else ()
    return (f"write `{form}`", *folder)


def read_blocks(items: tuple[ast.Item, ...], lets: Lets, report: Report) -> tuple[str, ...]:
    """The words of `report`; Markdown where it says nothing."""
    blocks: list[str] = []
    offered: set[str] = set()
    for item in items:
        node = lets.inline(item.value)
        call = as_call(node)
        try:
            if call is None:
                raise Fault("SCL203", f"`{text(node)}` is no form of a report", node.span, helps=_form(node))
            word = word_of(call.name, "block", call.name_span)
            if call.args:
                raise Fault(
                    "SCL106", f"`{call.name}` takes no value", call.args[0].span, helps=(f"write `{call.name}`",)
                )
        except Fault as fault:
            said = fault.diagnostic
            if (meant := re.match(r"write `(\w+)`", said.helps[0] if said.helps else "")) and call is not None:
                if meant[1] in {*blocks, *offered}:
                    again = f"leave `{call.name}` out: `{meant[1]}` stands for it already"
                    said = replace(said, helps=(again,), fixes=())
                offered.add(meant[1])
            report(said)
            continue
        if word.word in blocks:
            report(Diagnostic("SCL112", f"`{word.word}` is named twice", item.span, helps=("leave the second out",)))
        else:
            blocks.append(word.word)
    return tuple(blocks) or ("markdown",)


def blocks_of_nothing(
    items: tuple[ast.Item, ...], lets: Lets, roles: Container[str], measured: bool = False
) -> Iterator[Diagnostic]:
    """Parts of the report that show what the study has none of: best values where nothing is tuned.

    Args:
        items: What is asked for.
        lets: Those of the study.
        roles: Those of its axes, and `tune` where a table's columns are tuned.
        measured: Whether it is of a table.
    """
    for item in items:
        call = as_call(lets.inline(item.value))
        word = REGISTRY.get(call.name) if call is not None else None
        if word is not None and issubclass(word, Block) and word.of_role and word.of_role not in roles:
            shows = word.description().split(".")[0]
            message = f"`{word.word}` shows {shows[0].lower()}{shows[1:]}, and the study has none"
            helps = (f"leave `{word.word}` out, or have an axis of that kind: `{MADE[word.of_role]}` behind `train`",)
            if measured:
                helps = (f"leave `{word.word}` out, or name the columns that were swept: `tune lr` behind the table",)
            yield Diagnostic("SCL452", message, item.span, severity="warning", helps=helps)
