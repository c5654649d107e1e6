"""The statements of a study by what they are, one file's put over those of the files it uses.

A patch: heads, bindings, conditions and lets replace those of the same name; fits, optima and claims add up, unless
`none` stands for what was used: `expect none`, `budget none`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..diagnostics.collect import Fault, Report
from ..diagnostics.suggest import letter, listing
from ..errors import Diagnostic, Label
from ..expressions.sweeps import constant
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import short, text_of
from ..syntax.visit import free_names, map_children
from ..vocabulary.base import REGISTRY, Part
from ..vocabulary.quantities import amounts


@dataclass
class Merged:
    """The statements of a study by what they are, `use` already applied."""

    title: ast.Title | None = None
    lets: dict[str, ast.Let] = field(default_factory=dict)
    parts: dict[Part, ast.Body] = field(default_factory=dict)
    #: Where each part begins, for messages.
    spans: dict[Part, Span] = field(default_factory=dict)
    fits: tuple[ast.Item, ...] = ()
    optima: tuple[ast.Item, ...] = ()
    claims: tuple[ast.Expect, ...] = ()
    budget: tuple[ast.Item, ...] = ()
    report: tuple[ast.Item, ...] = ()
    #: Fields that are not taken from the studies used.
    dropped: frozenset[str] = frozenset()

    @property
    def statements(self) -> Iterator[ast.Component | ast.Listing | ast.Expect]:
        """Those that name lets, all of a kind in one where they are lists."""
        yield from (ast.Component(part, body) for part, body in self.parts.items())
        if self.fits:
            yield ast.Listing("fit", self.fits)
        if self.optima:
            yield ast.Listing("optimum", self.optima)
        yield from self.claims


#: What `fit`, `optimum`, `expect`, `budget` and `report` take of a used study where it is named.
NONE = "none"
#: What is done about two of one name.
KEEP = ("keep one of the two",)
#: What is done about two of one optimiser that follow each other.
STAGES = (
    "a run has one stage, whose rate follows its schedule: to hold the rate and let it fall at the end, write "
    "`schedule=wsd(decay=20%)` in one of the two, and leave the other out",
)


# --- one file ---------------------------------------------------------------------------------------------------------


def own_statements(study: ast.Study, report: Report) -> Merged:
    """This file's own statements; two of one name are an error."""
    out = Merged()
    for s in study.statements:
        match s:
            case ast.Title():
                if out.title is not None:
                    _report_twice(report, "SCL110", "the study has two titles", s.span, out.title.span)
                out.title = s
            case ast.Let(name):
                if name in out.lets:
                    helps = _new_value(s, out.lets[name])
                    _report_twice(
                        report, "SCL111", f"`{name}` is defined twice", s.name_span, out.lets[name].name_span, helps
                    )
                else:
                    out.lets[name] = s
            case ast.Component(kind, body):
                out.spans.setdefault(kind, s.span)
                out.parts[kind] = _join(out.parts.get(kind), body, kind, report)
            case ast.Listing(kind, items):
                name = {"fit": "fits", "optimum": "optima"}.get(kind, kind)
                kept = tuple(item for item in items if not _is_none(item.value, item.where))
                if len(kept) < len(items):
                    out.dropped |= {name}
                setattr(out, name, (*getattr(out, name), *kept))
            case ast.Expect(test, where) if _is_none(test, where):
                out.dropped |= {"claims"}
            case ast.Expect():
                out.claims = (*out.claims, s)
    return out


def _is_none(value: Any, where: Any) -> bool:
    return isinstance(value, ast.Name) and value.id == NONE and where is None


def _join(first: ast.Body | None, more: ast.Body, kind: str, report: Report) -> ast.Body:
    """Two statements of one kind in one file: what the second adds, never what it repeats."""
    if first is None:
        first = ast.Body(None, span=more.span)
    if first.head is not None and more.head is not None:
        both = {name: b for b in (*more.bindings, *first.bindings) for name in bound_names(b)}
        helps = _alternatives(kind, (first.head, more.head), tuple(dict.fromkeys(both.values())))
        helps = helps or _one_axis(kind, first, more) or KEEP
        helps = STAGES if _stages(first, more) else helps
        _report_twice(report, "SCL112", f"`{kind}` is given twice", more.head.span, first.head.span, helps)
    seen = {name: b for b in first.bindings for name in bound_names(b)}
    kept = list(first.bindings)
    for b in more.bindings:
        again = [name for name in bound_names(b) if name in seen]
        if again and first.head is not None and more.head is not None and (b == seen[again[0]] or _stages(first, more)):
            continue  # one mistake, which has been told
        if again:
            _report_twice(report, "SCL113", f"`{again[0]}` is given twice", b.span, seen[again[0]].span, KEEP)
            continue
        seen.update(dict.fromkeys(bound_names(b), b))
        kept.append(b)
    if first.where is not None and more.where is not None:
        joined = ("join the two by `and` in one `where`",)
        _report_twice(report, "SCL112", f"`{kind}` has two conditions", more.where.span, first.where.span, joined)
    return ast.Body(first.head or more.head, tuple(kept), first.where or more.where, span=first.span)


def bound_names(binding: ast.Binding | ast.Kept) -> tuple[str, ...]:
    """The names a binding gives."""
    return (binding.name,) if isinstance(binding, ast.Define) else binding.names


def _stages(first: ast.Body, more: ast.Body) -> bool:
    """True for two of one optimiser that train so much each, one after the other."""
    one, other = ([b for b in body.bindings if {*amounts()} & {*bound_names(b)}] for body in (first, more))
    words = {getattr(body.head, "name", getattr(body.head, "id", "")) for body in (first, more)}
    return bool(one) and bool(other) and one != other and len(words) == 1 and words <= {*REGISTRY}


def _alternatives(kind: str, heads: tuple[Any, ...], bindings: tuple[Any, ...]) -> tuple[str, ...]:
    """The help that makes one statement of two: their sources, models or optimisers as alternatives of a set."""
    from ..syntax.printer import to_text

    listed = [e for head in heads for e in (head.entries if isinstance(head, ast.Set) else [head])]
    calls = [getattr(e, "value", e) if isinstance(e, ast.Entry) else e for e in listed]
    given = [e.label if isinstance(e, ast.Entry) else None for e in listed]
    if len(set(map(to_text, calls))) < len(calls):
        return ()
    inner = [next((a for a in getattr(c, "args", ()) if isinstance(a, ast.Call)), c) for c in calls]
    for words in (calls, inner):
        names = [one or getattr(w, "name", getattr(w, "id", "")) for one, w in zip(given, words, strict=True)]
        if all(names) and len(set(names)) == len(names):
            break
    else:
        names = [one or letter(i) for i, one in enumerate(given)]
    each = ", ".join(f"{name}: {to_text(call)}" for name, call in zip(names, calls, strict=True))
    axes = "".join(f"  {to_text(b)}" for b in bindings)
    return (f"alternatives stand in one set: write `{kind} {{{each}}}{axes}`", "or keep one of the two")


def _one_axis(kind: str, first: ast.Body, more: ast.Body) -> tuple[str, ...]:
    """The help that makes one statement of two with the same head: each axis has the values of both."""
    from ..expressions.sweeps import read
    from ..syntax.printer import to_text

    if first.head is None or more.head is None or to_text(first.head) != to_text(more.head):
        return ()
    there = {bound_names(b): b for b in first.bindings}
    joined: dict[tuple[str, ...], str] = {}
    for b in more.bindings:
        before = there.get(bound_names(b))
        if before is None or before == b:
            continue
        if isinstance(b, ast.Kept) or isinstance(before, ast.Kept) or len(bound_names(b)) > 1:
            return ()
        pair = [x.values if isinstance(x, ast.Axis) else ast.Set((ast.Entry(None, x.value),)) for x in (before, b)]
        points = [one for values in pair if (one := read(bound_names(b), values, lambda d: None)) is not None]
        numbers = sorted(p[0] for one in points for p in one.points if not isinstance(p[0], str))
        if len(points) < 2 or len(numbers) < sum(len(one.points) for one in points):
            return ()
        sign = "along" if getattr(before, "along", False) else "in"
        role = f"{before.role} " if isinstance(before, ast.Axis) and before.role else ""
        listed = ", ".join(dict.fromkeys(map(text_of, numbers)))
        joined[bound_names(b)] = f"{role}{bound_names(b)[0]} {sign} {{{listed}}}"
    if len(joined) != 1:
        return ()
    rest = [*first.bindings, *(b for b in more.bindings if bound_names(b) not in there)]
    axes = "".join(f"  {joined.get(bound_names(b), to_text(b))}" for b in rest)
    return (
        f"one statement has the values of both: write `{kind} {to_text(first.head)}{axes}`",
        "or keep one of the two",
    )


def _new_value(let: ast.Let, before: ast.Let) -> tuple[str, ...]:
    """The help for a let that changes one: `let n = 256`, and then `let n = 2*n`."""
    if isinstance(before.value, ast.Number) and let.name in free_names(let.value):
        try:
            whole = short(constant(_put(let.value, let.name, before.value)))
            return (f"a name is given once: write `let {let.name} = {whole}` alone",)
        except Fault:
            return KEEP
    return (*KEEP, f"or give the second a name of its own, such as `{let.name}2`")


def _put(node: Any, name: str, value: Any) -> Any:
    if isinstance(node, ast.Name):
        return value if node.id == name else node
    return map_children(node, lambda inner: _put(inner, name, value))


def _report_twice(
    report: Report, code: str, message: str, here: Span, before: Span, helps: tuple[str, ...] = ("keep one of the two",)
) -> None:
    report(Diagnostic(code, message, here, labels=(Label(before, "first given here"),), helps=helps))


# --- a patch over what is used ----------------------------------------------------------------------------------------


def patch(base: Merged, own: Merged) -> Merged:
    """`own` over `base`: same names replaced, fits and claims added up, what is dropped left out."""
    nothing: dict[str, Any] = dict.fromkeys(own.dropped, ())
    base = replace(base, **nothing)
    parts = dict(base.parts)
    for kind, body in own.parts.items():
        parts[kind] = _patch_body(parts[kind], body) if kind in parts else body
    return Merged(
        title=own.title or base.title,
        lets={**base.lets, **own.lets},
        parts=parts,
        spans={**base.spans, **own.spans},
        fits=_append_new(base.fits, own.fits),
        optima=_append_new(base.optima, own.optima),
        claims=_append_new(base.claims, own.claims),
        budget=own.budget or base.budget,
        report=own.report or base.report,
    )


def replaced_heads(base: Merged, own: Merged) -> Iterator[Diagnostic]:
    """A head of the same word as that of the study in use, which replaces it whole: what is not said again is gone."""
    from ..syntax.printer import to_text

    for kind, body in own.parts.items():
        before, head = base.parts[kind].head if kind in base.parts else None, body.head
        if not isinstance(before, ast.Call) or not isinstance(head, ast.Call | ast.Name):
            continue
        args = head.args if isinstance(head, ast.Call) else ()
        if before.name != (head.name if isinstance(head, ast.Call) else head.id):
            continue
        given = {name for b in (*args, *body.bindings) if isinstance(b, ast.Node) for name in _names_of(b)}
        gone = [a for a in before.args if isinstance(a, ast.Define | ast.Axis) and not given & {*_names_of(a)}]
        placed, own_placed = (
            sum(not isinstance(a, ast.Define | ast.Axis) for a in given_) for given_ in (before.args, args)
        )
        gone = [a for a in gone if not (isinstance(a, ast.Define) and _as_default(before.name, a))]
        if not gone or placed != own_placed:
            continue
        said = [to_text(a).replace(" = ", "=") for a in gone]
        message = f'`{to_text(head)}` stands for the whole of `{before.name}` in "{before.span.file}"'
        kept = f"{before.name}({', '.join([*(to_text(a).replace(' = ', '=') for a in args), *said])})"
        alone = all(isinstance(a, ast.Define | ast.Axis) for a in args)
        change = "  ".join(to_text(a) for a in args)
        ways: tuple[str, ...] = (f"to change that alone write `{kind} {change}`",) if alone and args else ()
        ways += (f"{'or, ' if ways else ''}to keep {listing(said)} write `{kept}`",)
        yield Diagnostic("SCL218", message, head.span, severity="warning", helps=ways)


def _names_of(part: Any) -> tuple[str, ...]:
    return bound_names(part) if isinstance(part, ast.Define | ast.Axis | ast.Kept) else ()


def _as_default(word: str, given: ast.Define) -> bool:
    """True for an argument that says what is so without it."""
    from ..vocabulary.parameters import fields_of

    field_ = fields_of(REGISTRY[word]).get(given.name) if word in REGISTRY else None
    try:
        return field_ is not None and constant(given.value) == field_.default
    except Fault:
        usual = getattr(field_.default, "word", field_.default) if field_ is not None else None
        return isinstance(given.value, ast.Name) and given.value.id == str(usual)


def _append_new(base: tuple[Any, ...], own: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*base, *(o for o in own if o not in base))


def _patch_body(base: ast.Body, own: ast.Body) -> ast.Body:
    given = {name: b for b in own.bindings for name in bound_names(b)}
    names = set(given)
    bindings: list[ast.Binding | ast.Kept] = []
    for b in base.bindings:
        again = [given[name] for name in bound_names(b) if name in given]
        bindings += [n for n in again or [b] if n not in bindings]
    bindings += [b for b in own.bindings if b not in bindings]
    head = own.head or _drop_arguments(base.head, names)
    return ast.Body(head, tuple(bindings), own.where or base.where, span=own.span)


def _drop_arguments(head: Any, names: set[str]) -> Any:
    """The used head less the arguments that the patch gives anew."""
    if isinstance(head, ast.Call):
        kept = (a for a in head.args if not (isinstance(a, ast.Binding) and names & set(bound_names(a))))
        return replace(head, args=tuple(kept))
    if isinstance(head, ast.Set):
        return replace(head, entries=tuple(replace(e, value=_drop_arguments(e.value, names)) for e in head.entries))
    return head
