"""Axes and definitions: each is used, has one meaning, and says one thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..diagnostics.suggest import SAID, called_elsewhere, listing, similar
from ..errors import Diagnostic, Edit, Fix, Label
from ..resolve.components import Component, Sweep
from ..resolve.lower import Lowered, all_sweeps, names_read
from ..source import Span
from ..syntax import ast
from ..vocabulary.base import KINDS, PARTS, REGISTRY, Part
from ..vocabulary.parameters import typed
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import Source

Components = Mapping[Part, Component]

#: Shape of a source -> what it gives, in words.
SHAPES = {"sequences": "sequences", "points": "points with a number each", "table": "a table"}


def unused_axes(components: Components, lowered: Lowered) -> Iterator[Diagnostic]:
    """An axis that no parameter, setting or expression answers to: a misspelt name, or one in the wrong place."""
    for sweep in lowered.unused if not has_unknown_words(components) else ():
        for name in sweep.names:
            message = f"nothing uses the axis `{name}`"
            yield unanswered(name, sweep.span, sweep.part, components, message, len(sweep.names) == 1)


def unused_definitions(components: Components) -> Iterator[Diagnostic]:
    """A definition that nothing reads and no parameter answers to."""
    definitions = {d.name: d.value for o in components.values() for d in o.defines}
    read: set[str] = set()
    for o in components.values():
        for b in o.alternatives:
            read |= names_read(b.call, definitions)
        if o.where is not None:
            read |= names_read(o.where, definitions)
    for name in definitions:
        if name in SETTINGS:
            read |= names_read(definitions[name], definitions)
    for part, o in components.items():
        for d in o.defines:
            if d.name not in read and d.name not in SETTINGS and not has_unknown_words(components):
                yield unanswered(d.name, d.name_span, part, components, f"nothing uses `{d.name}`", True)


def unanswered(name: str, span: Span, part: Part, components: Components, message: str, alone: bool) -> Diagnostic:
    """The finding about a name that nothing answers to, with the name that may have been meant."""
    words = {b.call.name for b in components[part].alternatives if b.call.name in REGISTRY}
    known = [p for w in sorted(words) for p in typed(REGISTRY[w])]
    for other in PARTS:
        for b in components[other].alternatives if other in components and other != part else ():
            word = REGISTRY.get(b.call.name)
            if word is not None and name in typed(word):
                helps = (f"`{name}` is a parameter of `{b.call.name}`: write it after `{other}`",)
                return Diagnostic("SCL109", message, span, helps=helps)
    settings = [*SETTINGS] if part == "train" else []
    near = similar(name, [*known, *settings])
    if near is None:
        notes = (f"{listing(sorted(words))} has the parameters {listing(known)}",) if words and known else ()
        return Diagnostic("SCL109", message, span, notes=notes)
    fixes = (Fix((Edit(span, near),)),) if alone and span.end - span.start == len(name) else ()
    said = "that is called" if called_elsewhere(name, [near]) else "a parameter with a similar name exists:"
    return Diagnostic("SCL109", message, span, helps=(f"{said} `{near}`",), fixes=fixes)


def has_unknown_words(components: Components) -> bool:
    """True where some component is a word not known: what it would have answered to cannot be judged."""
    return any(b.call.name not in REGISTRY for o in components.values() for b in o.alternatives)


def two_roles(components: Components) -> Iterator[Diagnostic]:
    """Axes of one name are one axis, so they have one role."""
    first: dict[str, Sweep] = {}
    for sweep in all_sweeps(components):
        before = first.setdefault(sweep.name, sweep)
        if before.role != sweep.role:
            roles = {"tune": "tuned", "panel": "a panel", "replicate": "averaged", "sweep": "swept"}
            one, two = roles[before.role], roles[sweep.role]
            message = f"the axis `{sweep.name}` is {one} in one place and {two} in another"
            yield Diagnostic("SCL315", message, sweep.span, labels=(Label(before.span, "first here"),))


def shared_names(components: Components) -> Iterator[Diagnostic]:
    """A name means one thing: no definition beside an axis, none in two joint axes, no two sweeps of two parts."""
    axes: dict[str, Sweep] = {}
    for sweep in all_sweeps(components):
        for name in sweep.names:
            before = axes.setdefault(name, sweep)
            if before.names != sweep.names:
                message = f"`{name}` moves alone in one axis and together with others in another"
                yield Diagnostic("SCL113", message, sweep.span, labels=(Label(before.span, "first here"),))
            elif before.part != sweep.part and before.points.points != sweep.points.points:
                message = f"two axes are called `{name}`, one in `{before.part}` and one in `{sweep.part}`"
                helps = (f"name one of them, such as `{name}2 in ...`, and give `{name}={name}2` where it belongs",)
                yield Diagnostic("SCL113", message, sweep.span, labels=(Label(before.span, "first here"),), helps=helps)
    defined: dict[str, ast.Define] = {}
    for o in components.values():
        for d in o.defines:
            if d.name in axes:
                message = f"`{d.name}` is both swept and defined"
                yield Diagnostic("SCL113", message, d.name_span, labels=(Label(axes[d.name].span, "swept here"),))
            elif d.name in defined:
                labels = (Label(defined[d.name].name_span, "first given here"),)
                yield Diagnostic("SCL113", f"`{d.name}` is given twice", d.name_span, labels=labels)
            else:
                defined[d.name] = d


def hidden_words(components: Components) -> Iterator[Diagnostic]:
    """A label that is also a source, model or optimiser of this version would be read as it elsewhere."""
    for part, o in components.items():
        for b in o.alternatives if o.listed else ():
            word = REGISTRY.get(b.label)
            if word is not None and word.kind == KINDS[part] and b.call.name != b.label:
                message = f"the label `{b.label}` hides the {SAID.get(word.kind, word.kind)} of that name"
                yield Diagnostic("SCL119", message, b.span, helps=("choose another label",))


def unlearnable(components: Components) -> Iterator[Diagnostic]:
    """A family that cannot learn from what a source gives: sequences of tokens, or points with a number each."""
    for one in components["data"].alternatives if {"data", "models"} <= set(components) else ():
        source = REGISTRY.get(one.call.name)
        for other in components["models"].alternatives:
            family = REGISTRY.get(other.call.name)
            if source is None or family is None or not issubclass(source, Source) or not issubclass(family, Family):
                continue
            if source.shape != family.learns_from:
                fitting = [w for w, t in REGISTRY.items() if issubclass(t, Family) and source.shape == t.learns_from]
                yield Diagnostic(
                    "SCL316",
                    f"`{family.word}` learns from {SHAPES[family.learns_from]}, and "
                    f"`{source.word}` gives {SHAPES[source.shape]}",
                    other.span,
                    helps=(f"what can learn from it: {listing(sorted(fitting))}",) if fitting else (),
                )


def not_said(part: Part, missing: bool, span: Span) -> Iterator[Diagnostic]:
    """A study says what its data are and which models it trains; how they are trained has a default."""
    message = f"this study has no {part}" if missing else f"`{part}` names no source"
    example = {"data": "data walk(er(n=512, p=.02))", "models": "models width in [32..256]"}[part]
    yield Diagnostic("SCL121", message, span, helps=(f"write `{example}`",))


def table_trains(part: Part, span: Span) -> Iterator[Diagnostic]:
    """A table holds what was measured already."""
    message = f"a table is measured already, so `{part}` has nothing to do"
    yield Diagnostic("SCL122", message, span, helps=(f"remove `{part}`",))
