"""Lets: each is used, and a condition stands only behind what has points."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..diagnostics.suggest import SAID
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..resolve.components import Component
from ..resolve.lets import NAMED_KINDS, Lets, kind_of
from ..source import Span
from ..syntax import ast
from ..syntax.printer import to_text
from ..syntax.visit import children, names_in, transform
from ..vocabulary.base import KINDS, REGISTRY, Kind, Part
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.quantities import run_quantities


def unused_lets(lets: Lets, parameters: frozenset[str], file: str, given: Mapping[str, str]) -> Iterator[Diagnostic]:
    """A let that nothing names changes nothing: a warning.

    Those of another study that `use` takes are left out: what named them there may be replaced here.

    Args:
        lets: Those of the study.
        parameters: Names that words give their parameters.
        file: The study's own.
        given: Names of axes and of parameters that the study gives a value, and how.
    """
    for name, let in lets.lets.items():
        if let.span.file != file:
            continue
        if name in parameters and name not in lets.used and name not in REGISTRY:
            part = next((p for p, kind in KINDS.items() if _takes(kind, name)), "train")
            sign = "in" if isinstance(let.value, ast.Range | ast.Set) else "="
            message = f"a `let` names a value and sets nothing, so `{name}` has no effect"
            helps: tuple[str, ...] = (
                f"in its place write `{name} {sign} {text(let.value)}` after `{part}` and its head",
            )
            if name in given:
                helps = (
                    f"leave it out, for `{given[name]}` says it, or write `{name} {sign} {text(let.value)}` there",
                )
            yield Diagnostic("SCL117", message, let.name_span, severity="warning", helps=helps)
        elif name not in lets.used:
            helps = (f"remove it, or write `{name}` where its value is meant",)
            if name in run_quantities():
                helps = (
                    f"a `let` sets nothing: `{name}` is a size of every run, which follows from its model and training",
                )
            yield Diagnostic("SCL117", f"nothing uses `{name}`", let.name_span, severity="warning", helps=helps)


def _takes(kind: Kind, name: str) -> bool:
    return any(word.kind == kind and name in typed(word) for word in REGISTRY.values())


def misplaced_lets(lets: Lets, parameters: frozenset[str], statements: Iterable[Any] = ()) -> Iterator[Diagnostic]:
    """Only a fit or an optimum has points that a condition can leave out; a word's name would hide the word.

    Args:
        lets: Those of the study.
        parameters: Names that words give their parameters.
        statements: What may name them.
    """
    statements = tuple(statements)
    for name, let in lets.lets.items():
        if let.where is not None and lets.kind(name) not in NAMED_KINDS:
            what = "a value" if not isinstance(let.value, ast.Range | ast.Set) else "a sweep"
            message = f"`{name}` is {what}, and a condition stands behind a fit or an optimum"
            helps = ("leave it out here, and write it behind the law, the claim, or the axes that it is about",)
            yield Diagnostic("SCL120", message, let.where.span, helps=helps)
        if isinstance(let.value, ast.Range | ast.Set) and name in parameters and name in lets.used:
            message = f"`{name}` is a parameter, and a let of that name hides it from formulas"
            swept = [axis for one in statements for axis in _axes_of(one) if axis.values == ast.Name(name)]
            ways = tuple(
                f"write `{text(replace(axis, values=let.value))}` in place of `{text(axis)}`, or name the let otherwise"
                for axis in swept
            )
            axis = f"{name} in {text(let.value)}"
            ways = ways or (
                f"a `let` sets nothing: write `{axis}` behind `models` or `train`, or name the values otherwise",
            )
            yield Diagnostic("SCL119", message, let.name_span, severity="warning", helps=ways)
        if name in REGISTRY:
            message = f"the let `{name}` hides the {SAID.get(REGISTRY[name].kind, REGISTRY[name].kind)} of that name"
            yield Diagnostic("SCL119", message, let.name_span, helps=tuple(_renamed(let, lets.lets, statements)))


def as_axes(
    found: Iterable[Diagnostic], lets: Lets, bodies: Mapping[Part, ast.Body], components: Mapping[Part, Component]
) -> Iterator[Diagnostic]:
    """The findings; of a let with several values that a formula reads, with the axis that it was meant for.

    Args:
        found: About values of runs.
        lets: Those of the study.
        bodies: Its components as they are written.
        components: The same, lets put in.
    """
    several = {let.value.span: let for let in lets.lets.values() if isinstance(let.value, ast.Range | ast.Set)}
    for said in found:
        let = several.get(said.span) if said.code == "SCL203" else None
        part = next((p for p, b in bodies.items() if let and any(n.id == let.name for n in names_in(b))), None)
        if let is None or part is None or part not in components:
            yield said
            continue
        axis = f"{let.name} in {text(let.value)}"
        bindings = bodies[part].bindings
        at = bindings[0].span.start if bindings else components[part].span.end
        put = Edit(Span(at, at, let.span.file), f"{axis}  " if bindings else f"  {axis}")
        message = f"`{let.name}` has several values, and a formula is of one: several are an axis"
        helps = (f"write `{axis}` behind `{part}`, where formulas read it, and leave the `let` out",)
        fixes = (Fix((Edit(let.span, ""), put), "maybe-incorrect"),)
        yield replace(said, message=message, helps=helps, fixes=fixes)


def _axes_of(node: Any) -> Iterator[ast.Axis]:
    """Every axis in a node."""
    if isinstance(node, ast.Axis):
        yield node
    for child in children(node):
        yield from _axes_of(child)


def _renamed(let: ast.Let, lets: Mapping[str, ast.Let], statements: Iterable[Any]) -> Iterator[str]:
    """The helps that give a let another name, and all that names it: of those of one line, as they are written then.

    Where the word that it hides may stand, that word is meant, unless the let is one of its kind.
    """
    kind = REGISTRY[let.name].kind
    words = kind_of(let.value, lets) != kind
    free = (f"my_{let.name}{i}" for i in ("", *range(2, len(lets) + 3)))
    other = next(name for name in free if name not in lets and name not in REGISTRY)
    yield f"write `{to_text(replace(let, name=other))}`"
    for statement in (*(one for one in lets.values() if one.name != let.name), *statements):
        kept = {*_places_of(statement, kind)} if words else set()
        places = {n.span for n in names_in(statement) if n.id == let.name} - kept
        if places:
            changed = to_text(transform(statement, partial(_with_name, places, other)))
            yield f"and `{other}` in place of `{let.name}` in its uses" if "\n" in changed else f"and `{changed}`"


def _with_name(places: Container[Span], other: str, node: Any) -> Any:
    return replace(node, id=other) if isinstance(node, ast.Name) and node.span in places else node


def _places_of(node: Any, kind: Kind) -> Iterator[Span]:
    """Where words of a kind stand by themselves: at the head of a statement, in `fit`, as the value of a parameter;
    laws and optima where claims ask of them, too.
    """
    values: tuple[Any, ...] = ()
    if isinstance(node, ast.Body):
        values = (node.head,)
    elif isinstance(node, ast.Listing):
        values = tuple(item.value for item in node.items)
    elif isinstance(node, ast.Call) and kind in NAMED_KINDS:
        values = tuple(arg for arg in node.args if isinstance(arg, ast.Name))
    elif isinstance(node, ast.Define) and node.name in _parameters_of(kind):
        values = (node.value,)
    elif isinstance(node, ast.Axis) and _parameters_of(kind) & {*node.names}:
        values = (node.values,)
    for value in values:
        entries = value.entries if isinstance(value, ast.Set) else ()
        yield from (one.span for one in (*(e.value for e in entries), value) if one is not None)
    for child in children(node):
        yield from _places_of(child, kind)


def _parameters_of(kind: Kind) -> frozenset[str]:
    """Parameters whose values are words of a kind."""
    every = (field for word in REGISTRY.values() for field in fields_of(word).values())
    return frozenset(field.name for field in every if field.term is not None and field.term.kind == kind)
