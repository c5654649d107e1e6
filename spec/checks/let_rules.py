"""Lets: each is used, and a condition stands only behind what has points."""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics.suggest import SAID
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..resolve.lets import NAMED_KINDS, Lets
from ..syntax import ast
from ..vocabulary.base import REGISTRY


def unused_lets(lets: Lets) -> Iterator[Diagnostic]:
    """A let that nothing names changes nothing: a warning."""
    for name, let in lets.lets.items():
        if name not in lets.used:
            helps = (f"remove it, or write `{name}` where its value is meant",)
            yield Diagnostic("SCL117", f"nothing uses `{name}`", let.name_span, severity="warning", helps=helps)


def misplaced_lets(lets: Lets, parameters: frozenset[str]) -> Iterator[Diagnostic]:
    """Only a fit or an optimum has points that a condition can leave out; a word's name would hide the word."""
    for name, let in lets.lets.items():
        if let.where is not None and lets.kind(name) not in NAMED_KINDS:
            what = "a value" if not isinstance(let.value, ast.Range | ast.Set) else "a sweep"
            message = f"`{name}` is {what}, and a condition stands behind a fit or an optimum"
            yield Diagnostic("SCL120", message, let.where.span)
        if isinstance(let.value, ast.Range | ast.Set) and name in parameters:
            message = f"`{name}` is a parameter, and a let of that name hides it from formulas"
            helps = (f"call the values otherwise: `let {name}s = {text(let.value)}`, and `{name} in {name}s`",)
            yield Diagnostic("SCL119", message, let.name_span, severity="warning", helps=helps)
        if name in REGISTRY:
            message = f"the let `{name}` hides the {SAID.get(REGISTRY[name].kind, REGISTRY[name].kind)} of that name"
            yield Diagnostic("SCL119", message, let.name_span, helps=("choose another name",))
