"""Rules about labels of values: those that another axis or an alternative has too, and those that are exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...resolve.components import Sweep
from ...syntax import ast
from ..component_rules import Components

#: The axis of which the best value is kept.
RATE = "lr"
#: Labels that say how large a value is, and not of what other thing it is.
_OF_SIZES = {
    "small",
    "medium",
    "large",
    "tiny",
    "big",
    "base",
    "xl",
    "low",
    "mid",
    "high",
    "short",
    "long",
    "few",
    "many",
}


def labels_of_alternatives(components: Components) -> Iterator[Diagnostic]:
    """`lr = {adamw: .01, lion: .001}` beside `{adamw, lion}`: every value is tried with every alternative."""
    for part, component in components.items():
        words = {b.call.name for b in component.alternatives}
        labels = {b.label for b in component.alternatives} if component.listed else set()
        for sweep in component.sweeps:
            given = {entry.label: text(entry.value) for entry in _entries(sweep) if entry.label is not None}
            if len(given) < 2 or not {*given} <= labels or not labels & words or len(sweep.names) > 1:
                continue
            each = ", ".join(f"{name}: {name}({sweep.name}={value})" for name, value in given.items() if name in words)
            message = f"each value of `{sweep.name}` is tried with every one of {listing(sorted(labels))}"
            helps = (f"for a value of each its own, write it in its parentheses: `{part} {{{each}}}`",)
            yield Diagnostic("SCL218", message, sweep.span, severity="warning", helps=helps)


def labels_of_axes(components: Components) -> Iterator[Diagnostic]:
    """`lr={SP: .005, muP: .02}` beside `param={SP, muP}`, or beside `data {er: ..., ba: ...}` with their labels: every
    value is tried with every one of them.
    """
    named: dict[str, set[str]] = {
        p: {b.label for b in c.alternatives if b.label} for p, c in components.items() if c.listed
    }
    sweeps = [
        (p, s) for p, c in components.items() for s in (*c.sweeps, *(s for b in c.alternatives for s in b.sweeps))
    ]
    names: dict[str, set[str]] = {
        s.name: {text(e.value) for e in _entries(s) if isinstance(e.value, ast.Name)} for _, s in sweeps
    }
    for part, sweep in sweeps:
        given = {e.label: text(e.value) for e in _entries(sweep) if e.label is not None}
        others = {n: v for n, v in (named | names).items() if n not in (part, sweep.name)}
        of = next((n for n, values in others.items() if {*given} <= values), None)
        if of is None or len(given) < 2 or len(sweep.names) > 1 or {*given} <= _OF_SIZES:
            continue
        each = " or ".join(f"({of} == {label} and {sweep.name} == {value})" for label, value in given.items())
        role = "tune " if sweep.name == RATE else f"{sweep.role} " if sweep.role in ("tune", "panel") else ""
        message = f"each value of `{sweep.name}` is tried with every `{of}`, whose labels they have"
        helps = (
            f"for a value of each its own write `{role}{sweep.name} in {{{', '.join(given.values())}}}`, and "
            f"`where {each}` at the end of the statement",
        )
        yield Diagnostic("SCL218", message, sweep.span, severity="warning", helps=helps)


def _entries(sweep: Sweep) -> tuple[ast.Entry, ...]:
    return sweep.values.entries if isinstance(sweep.values, ast.Set) else ()


def swapped_labels(components: Components) -> Iterator[Diagnostic]:
    """`{muP: transformer(param=SP), SP: transformer(param=muP)}`: each label is the value that the other is given."""
    for component in components.values():
        given = {b.label: {a.name: text(a.value) for a in b.call.named} for b in component.alternatives if b.label}
        for one, other in combinations(component.alternatives, 2):
            swapped = [
                name
                for name, value in given.get(one.label or "", {}).items()
                if value.lower() == (other.label or "").lower()
                and given.get(other.label or "", {}).get(name, "").lower() == (one.label or "").lower()
            ]
            if swapped:
                message = (
                    f"`{one.label}` has `{swapped[0]}={given[one.label or ''][swapped[0]]}`, and `{other.label}` "
                    f"`{swapped[0]}={given[other.label or ''][swapped[0]]}`"
                )
                helps = (f"exchange the two labels, or the values of `{swapped[0]}`",)
                yield Diagnostic("SCL218", message, one.span, severity="warning", helps=helps)
