"""Data, models and training: each is there, is called one thing, and suits the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..diagnostics.suggest import SAID, listing
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..resolve.components import DEFAULTS, Component
from ..resolve.scope import shape_of
from ..source import Span
from ..syntax import ast
from ..syntax.visit import calls_in
from ..vocabulary.base import KINDS, REGISTRY, DataShape, Part
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.quantities import QUANTITIES, canonical
from ..vocabulary.words.families import Family
from ..vocabulary.words.sources import Source
from ..vocabulary.words.text import public

Components = Mapping[Part, Component]
#: Shape of a source -> what it gives, in words.
SHAPES = {
    "sequences": "sequences",
    "points": "points with a number each",
    "linear": "points with a number linear in known latents",
    "pairs": "items with an answer each",
    "table": "a table",
    "elsewhere": "data that a trainer of your own reads",
}


#: How much of data of a shape a model that has no size knows.
_SIZES_OF: Mapping[DataShape, str] = {"pairs": "samples in [100..25600 times 4]"}


def has_unknown_words(components: Components) -> bool:
    """True where some component is a word not known: what it would have answered to cannot be judged."""
    return any(b.call.name not in REGISTRY for o in components.values() for b in o.alternatives)


def same_alternatives(components: Components) -> Iterator[Diagnostic]:
    """Two alternatives that say the same under two labels, over the same values."""
    for o in components.values():
        seen: dict[tuple[object, ...], str] = {}
        for b in o.alternatives if o.listed else ():
            over = ((s.names, text(s.values) if s.points.named else s.points.points) for s in b.sweeps)
            first = seen.setdefault((text(b.call), *over), b.label)
            if first != b.label:
                message = f"`{first}` and `{b.label}` are the same: nothing tells them apart"
                words = [REGISTRY[call.name] for call in calls_in(b.call) if call.name in REGISTRY]
                drawn = [word.word for word in words if "seed" in fields_of(word)]
                given = [a.name for call in calls_in(b.call) for a in call.named if isinstance(a.value, ast.Number)]
                names = [name for name in dict.fromkeys(given) if name != "seed"]
                other = f"another {listing(names, last='or')}" if names else "another parameter"
                again = f", `seed=1` of `{drawn[-1]}` (the seed of `train` draws no other)" if drawn else ""
                helps = (f"give one of them {other}{again}, or leave `{b.label}` out",)
                yield Diagnostic("SCL308", message, b.span, severity="warning", helps=helps)


def hidden_words(components: Components) -> Iterator[Diagnostic]:
    """A label that is also a source, model or optimiser of this version would be read as it elsewhere."""
    for part, o in components.items():
        for b in o.alternatives if o.listed else ():
            word = REGISTRY.get(b.label)
            if word is not None and word.kind == KINDS[part] and b.call.name != b.label:
                message = f"the label `{b.label}` hides the {SAID.get(word.kind, word.kind)} of that name"
                helps = (f"choose another label, `my_{b.label}: ...` for instance, here and in what is said of it",)
                yield Diagnostic("SCL119", message, b.span, helps=helps)


def _learnable(
    family: type[Family], call: ast.Call, source: ast.Call, shape: DataShape, fitting: list[str], others: bool
) -> tuple[str, ...]:
    """What can learn from a source, with as much of what was given to another; and what that one can learn from.

    `others` tells that it is one of several, some of which can.
    """
    kept = [f"{a.name}={text(a.value)}" for w in fitting[:1] for a in call.named if a.name in typed(REGISTRY[w])]
    kept = [k for k in kept if k.split("=")[0] != k.split("=")[1]]
    if len(fitting) > 1:
        return (f"what can learn from it: {listing(sorted(fitting))}",)
    written = tuple(
        f"write `{w}({', '.join(kept)})` in place of `{family.word}`".replace("()", "") for w in fitting[:1]
    )
    if fitting and "width" not in typed(REGISTRY[fitting[0]]) and not kept and (sizes := _SIZES_OF.get(shape)):
        written = (f"write `models {fitting[0]}({sizes})`, which has no width and takes no steps",)
    if fitting and REGISTRY[fitting[0]].learns_from == "elsewhere":  # type: ignore[attr-defined]
        made = ", ".join(("N=...", *kept))
        written = (f"a trainer of yours reads it: `models {fitting[0]}({made})`, and `train` names no optimiser",)
    elsewhere = family.learns_from == "elsewhere" and not others
    if elsewhere:
        name = next((a.value.value for a in source.named if isinstance(a.value, ast.String)), source.name)
        own = "".join(f", {a.name}={text(a.value)}" for a in source.named if isinstance(a.value, ast.Number))
        written = (f'write `data dataset("{name}"{own})`, data by a name that your trainer knows', f"or {written[0]}")
    if others:
        apart = (
            a for a in call.args if not (isinstance(a, ast.Define) and text(a.value) == a.name)
        )  # no axis behind it
        written = (f"leave `{text(replace(call, args=tuple(apart)))}` out".replace("()", ""),)
    elif shape == "elsewhere" and call.args and family.learns("sequences"):
        name = next((a.value.value for a in source.named if isinstance(a.value, ast.String)), "book")
        own = "".join(f", {a.name}={text(a.value)}" for a in source.named if a.name in ("length", "unique"))
        read, way = public(name, given=own)
        written = (f"write `data {read}`, {way}", f"or {written[0]}" if written else "")
    sources = [w for w, t in REGISTRY.items() if issubclass(t, Source) and not t.shaped_by and family.learns(t.shape)]
    sources = [] if elsewhere else sources
    return (*written, f"what `{family.word}` learns from: {listing(sorted(sources))}") if sources else written


def _one_learns(models: Component, shape: DataShape) -> bool:
    words = (REGISTRY.get(b.call.name) for b in models.alternatives)
    return any(word is not None and issubclass(word, Family) and word.learns(shape) for word in words)


def unlearnable(components: Components) -> Iterator[Diagnostic]:
    """A family that cannot learn from what a source gives: sequences of tokens, or points with a number each."""
    for one in components["data"].alternatives if {"data", "models"} <= set(components) else ():
        shape = shape_of(one.call)
        for other in components["models"].alternatives:
            family = REGISTRY.get(other.call.name)
            if shape is None or family is None or not issubclass(family, Family):
                continue
            if not family.learns(shape):
                wanted = " or ".join(SHAPES[shape] for shape in family.shapes or (family.learns_from,))
                fitting = [w for w, t in REGISTRY.items() if issubclass(t, Family) and t.learns(shape)]
                # Of several the one that stands where none is named.
                fitting = [w for w in fitting if w == DEFAULTS["models"]] or fitting
                given = {a.name for a in other.call.named}
                alike = [w for w in fitting if given and given <= {*typed(REGISTRY[w])}]
                others = _one_learns(components["models"], shape)
                helps = _learnable(family, other.call, one.call, shape, fitting, others)
                edits = (Edit(other.call.name_span, alike[0]),) if len(alike) == 1 and not others else ()
                if edits:
                    first = _learnable(family, other.call, one.call, shape, alike, others)[:1]
                    helps = tuple(dict.fromkeys((*first, *helps)))
                yield Diagnostic(
                    "SCL316",
                    f"`{family.word}` learns from {wanted}, and `{one.call.name}` gives {SHAPES[shape]}",
                    other.span,
                    helps=helps,
                    fixes=(Fix(edits, "maybe-incorrect"),) if edits else (),
                )


def not_said(part: Part, missing: bool, span: Span) -> Iterator[Diagnostic]:
    """A study says what its data are and which models it trains; how they are trained has a default."""
    message = f"this study has no {part}" if missing else f"`{part}` names no source"
    example = {"data": "data walk(er(n=512, p=.02))", "models": "models width in [32..256]"}[part]
    yield Diagnostic("SCL121", message, span, helps=(f"write `{example}`",))


def table_trains(part: Part, span: Span, body: ast.Body) -> Iterator[Diagnostic]:
    """A table holds what was measured already."""
    message = f"a table is measured already, so `{part}` has nothing to do"
    ends = [
        f"{text(b.values.start)} <= {canonical(b.names[0])} <= {text(b.values.stop)}"
        for b in body.bindings
        if isinstance(b, ast.Axis) and isinstance(b.values, ast.Range) and b.names[0] in QUANTITIES
    ]
    helps: tuple[str, ...] = (f"leave `{part}` out",)
    if ends:
        helps = (f"leave `{part}` out; which rows are fitted is said behind the law: `fit chinchilla where {ends[0]}`",)
    if part == "models":
        own = "`text(...)`, `edges(...)`, or, by a trainer of yours, `dataset(...)`"
        helps = (*helps, f"its rows are what other runs have measured: data of yours to learn from are {own}")
    yield Diagnostic("SCL122", message, span, helps=helps)
