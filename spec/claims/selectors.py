"""Selectors of a quantity: which cells or panels it is asked of, `kappa=1`, `bigram`, `N=1M`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..diagnostics.collect import Fault
from ..diagnostics.suggest import letter, listing, nearest
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..expressions.units import NAMED, unit_of
from ..plan.run_grid import REDUCED, PlanAxis
from ..plan.study_plan import FitRequest, OptimumRequest
from ..requests.provides import PREDICTED, Request
from ..requests.request_types import method_of
from ..syntax import ast
from ..syntax.numbers import EXAMPLES, number, short, short_compute
from ..vocabulary.base import KINDS, REGISTRY, Scalar
from ..vocabulary.functions import FUNCTIONS
from ..vocabulary.parameters import fields_of, typed
from ..vocabulary.quantities import canonical, sizes
from ..vocabulary.settings import SETTINGS
from .references import Selector

#: Tokens for each parameter that Hoffmann et al. find best, for a size that is asked for without data.
TOKENS_A_PARAMETER = 20
#: Values listed in a message before the rest is left out.
LISTED = 8


@dataclass(frozen=True)
class Labels:
    """The labels of cells."""

    #: Label -> names of the axes that list it.
    axes: Mapping[str, tuple[str, ...]]
    #: Whether there may be others: those of a table that cannot be read here.
    open: bool
    #: What alternatives are made by, as it is written, to their labels.
    made: Mapping[str, str] = field(default_factory=dict)

    def of_word(self, word: str) -> str:
        """The label of the one alternative in which a word stands; empty where none or several have it."""
        found = {label for made, label in self.made.items() if re.search(rf"\b{word}\b", made)}
        label = next(iter(found), "")
        return label if len(found) == 1 and label in self.axes and label.isidentifier() else ""

    def may_be(self, name: str) -> bool:
        """True for a name that may be a label."""
        return self.open or name in self.axes


def labels_of(axes: tuple[PlanAxis, ...], more: bool = False, made: Mapping[str, str] | None = None) -> Labels:
    """The labels that axes list; `more` tells that there may be others, and `made` by what alternatives are."""
    found: dict[str, tuple[str, ...]] = {}
    for axis in axes:
        for place, name in enumerate(axis.names):
            for point in axis.points:
                label = point[place]
                if isinstance(label, str) and name not in found.get(label, ()):
                    found[label] = (*found.get(label, ()), name)
    return Labels(found, more, {**{v: k for axis in axes for k, v in axis.values}, **(made or {})})


@dataclass(frozen=True)
class Selectors:
    """Judges selectors by the axes and labels of a study."""

    axes: Mapping[str, PlanAxis]
    labels: Labels
    #: Columns of numbers that a table's study names, each of which tells its rows apart as sizes do.
    columns: Collection[str] = ()

    def wrong(self, chosen: list[Any], request: Request | None = None) -> Iterator[Diagnostic]:
        """Findings about the selectors of a quantity of cells, or of a fit's or optimum's panels."""
        for node in chosen:
            try:
                self.check(node, request)
            except Fault as fault:
                yield fault.diagnostic

    def panels(
        self, request: Request, node: ast.Call, labels: list[Any], named: tuple[ast.Define, ...]
    ) -> Iterator[Diagnostic]:
        """Findings about the place that a number of a fit or optimum is asked for at: panels, sizes, compute."""
        sizes = [n for n in named if n.name in read_at(request, node.name)]
        if isinstance(request, FitRequest):
            given = {n.name for n in sizes}
            missing = [q for own, q in request.variables if node.name in PREDICTED and not given & {own, q}]
            if missing:
                verb = "is" if len(missing) == 1 else "are"
                message = f"`{request.name}` predicts a loss at sizes, and {listing(missing)} {verb} not given"
                if (
                    asked := self._by_axes(request, node.name, [n for n in named if n not in sizes], missing)
                ) is not None:
                    yield Diagnostic("SCL107", message, node.span, helps=(asked,))
                    return
                bare = [text(label) for label in labels if isinstance(label, ast.Number)]
                sizes_at = [f"{n.name}={text(n.value)}" for n in sizes]
                rest = bare if len(bare) == len(missing) else ["1M"] * len(missing)
                if missing == ["D"] and len(sizes) == 1 and isinstance(sizes[0].value, ast.Number):
                    rest = [short(TOKENS_A_PARAMETER * constant(sizes[0].value))]
                at = ", ".join((*sizes_at, *(f"{q}={v}" for q, v in zip(missing, rest, strict=True))))
                helps: tuple[str, ...] = (f"write `{node.name}({request.name}, {at})`",)
                others = [n for n in named if n not in sizes and canonical(n.name) in ("N", "D", "C")]
                if len(others) == 1 and not sizes and len(request.variables) == 1 and request.law in REGISTRY:
                    other = f"{request.law}({canonical(others[0].name)})"
                    message = f"{message}: it says nothing about `{others[0].name}`"
                    asked = f"{node.name}({other}, {canonical(others[0].name)}={text(others[0].value)})"
                    helps = (*helps, f"or `{asked}`, of a `fit {other}`")
                yield Diagnostic("SCL107", message, node.span, helps=helps)
                if rest is bare:
                    return
        elif not sizes and node.name in method_of(request).curves and node.name not in method_of(request).parameters():
            message = f"`{node.name}` of `{request.name}` is a curve, and its compute is not given"
            helps = (f"write `{node.name}({request.name}, C={some_compute(self.axes)})`",)
            yield Diagnostic("SCL107", message, node.span, helps=helps)
        yield from self.wrong([*labels, *(n for n in named if n not in sizes)], request)
        for size in sizes:
            try:
                self.point(size)
            except Fault as fault:
                yield fault.diagnostic

    def _by_axes(
        self, request: FitRequest, curve: str, given: Sequence[ast.Define], missing: Sequence[str]
    ) -> str | None:
        """The help for a prediction asked at values of axes, `L(chinchilla, width=512, tokens=8M)`; None elsewhere."""
        axes = [n for n in given if n.name in self.axes and self.axes[n.name].role == "sweep"]
        told = {canonical(n.name): text(n.value) for n in axes if canonical(n.name) in map(canonical, missing)}
        rest = [n.name for n in axes if canonical(n.name) not in told]
        if not axes or (rest and "N" in told):
            return None
        at = ", ".join(f"{q}={told.get(canonical(q), '1M')}" for _, q in request.variables)
        also = f", where N is what `scalingdsl plan` lists for each {listing(rest)}" if rest else ""
        return f"write `{curve}({request.name}, {at})`{also}"

    def check(self, node: Any, request: Request | None = None) -> None:
        """`Fault` where a selector picks nothing; `request` is the fit or optimum whose panels are picked."""
        if not isinstance(node, ast.Define):
            self._label(node)
        elif node.name in self.axes and self.axes[node.name].role in REDUCED:
            message = f"`{node.name}` is {REDUCED[self.axes[node.name].role]}, so no cell is at one of its values"
            helps: tuple[str, ...] = (f"leave `{node.name}` out",)
            if self.axes[node.name].role == "replicate":
                values = ", ".join(short(p[0]) for p in self.axes[node.name].points if not isinstance(p[0], str))
                helps = (
                    f"numbers and laws of each are had with `panel {node.name} in {{{values}}}`",
                    f"or leave `{node.name}` out; how much seeds differ is `standard_error`, that of their mean",
                )
            raise Fault("SCL428", message, node.span, helps=helps)
        elif node.name in self.axes:
            self._member(node, self.axes[node.name])
        elif node.name in sizes() or node.name in self.columns:
            self._size(node, request)
        else:
            helps = () if self.columns else _one_value(node)
            helps = helps or nearest("an axis", node.name, [*self.axes, *sizes(), *self.columns])
            notes = (f"the axes are {listing(sorted(self.axes))}",) if self.axes else ()
            raise Fault("SCL428", f"`{node.name}` is no axis of this study", node.name_span, notes=notes, helps=helps)

    def point(self, node: ast.Define) -> None:
        """`Fault` where a size that a law or a curve is read at is none."""
        value = _number(node)
        if value <= 0:
            message = f"`{node.name}` is above 0, and this is {short(value)}"
            raise Fault("SCL208", message, node.value.span, helps=(f"write a size, such as `{node.name}=1M`",))

    def _label(self, node: Any) -> None:
        known = self.labels.axes
        if not isinstance(node, ast.Name) or not self.labels.may_be(node.id):
            notes = (f"the labels are {listing(sorted(known))}" if known else "this study has no labels",)
            if isinstance(node, ast.Name) and (several := _several(node.id)):
                raise Fault("SCL428", f"`{node.id}` selects nothing", node.span, notes=notes, helps=several)
            helps = self._axis_with(node)
            fixes: tuple[Fix, ...] = ()
            if isinstance(node, ast.Name):
                helps = _without_label(node.id, known) or nearest("a label", node.id, known)
                if label := self.labels.of_word(node.id):
                    helps = (f"write `{label}`, the label of what is made by `{node.id}`",)
                    fixes = (Fix((Edit(node.span, label),), "maybe-incorrect"),)
            elif isinstance(node, ast.Call):
                axes = [f"{own}={label}" for label in known for own in known[label] if _begins(label, node.name)]
                helps = _written(axes) or helps
            word = REGISTRY.get(node.name if isinstance(node, ast.Call) else getattr(node, "id", ""))
            if word is not None and word.kind in ("law", "optimum"):
                statement = "fit" if word.kind == "law" else "optimum"
                message = f"this study has no `{text(node)}`"
                if isinstance(node, ast.Call) and (apart := chosen_inside(node, self.axes, self.labels.axes)):
                    fix = Fix((Edit(node.span, apart),), "maybe-incorrect")
                    helps = (f"which panel is meant stands behind it: write `{apart}`",)
                    raise Fault("SCL428", message, node.span, helps=helps, fixes=(fix,))
                raise Fault("SCL428", message, node.span, helps=(f"add `{statement} {text(node)}`",))
            signed = [label for label in known if label == text(node).replace(" ", "")]
            if signed and not isinstance(node, ast.Name):  # `gpt2-xl` is a difference
                calls = [f'{own}="{signed[0]}"' for own in known[signed[0]]]
                helps = (f"write {listing(calls, last='or')}",)
            message = f"`{text(node)}` selects nothing"
            raise Fault("SCL428", message, node.span, notes=notes, helps=helps, fixes=fixes)
        if len(known.get(node.id, ())) > 1:
            calls = [f"{axis}={node.id}" for axis in known[node.id]]
            helps = (f"write {listing(calls, last='or')}",)
            raise Fault("SCL428", f"`{node.id}` is a label of several axes", node.span, helps=helps)

    def _axis_with(self, node: Any) -> tuple[str, ...]:
        """The help that names the axis which has a number for one of its values."""
        if not isinstance(node, ast.Number):
            return ()
        value = number(node.text).value
        found = [n for n, a in self.axes.items() if any(value in point for point in a.points)]
        return (f"write `{found[0]}={text(node)}`",) if found else ()

    def _size(self, node: ast.Define, request: Request | None) -> None:
        """A size that is no axis: a number in its own unit, of something that the fit holds fixed."""
        self.point(node)
        if isinstance(request, OptimumRequest) and node.name != "C":
            message = f"`{request.name}` is one for all sizes, so it has no value at one `{node.name}`"
            raise Fault(
                "SCL428",
                message,
                node.span,
                helps=(f"an optimum is read at a compute, such as `C={some_compute(self.axes)}`",),
            )
        if isinstance(request, FitRequest) and canonical(node.name) in {canonical(q) for _, q in request.variables}:
            message = f"`{request.name}` is a law in {node.name}, so its parameters are those of all {node.name}"
            helps = (f"leave `{text(node)}` out, or ask `loss({request.name}, ...)`",)
            raise Fault("SCL428", message, node.span, helps=helps)

    def _member(self, node: ast.Define, axis: PlanAxis) -> None:
        """An axis is selected at one of its points."""
        place = axis.names.index(node.name)
        points: list[Scalar] = list(dict.fromkeys(p[place] for p in axis.points))
        value = _selector(node).value
        if not isinstance(value, str):
            _number(node)
        if points and value not in points:
            raise _nowhere(node, value, points)


def chosen_inside(call: ast.Call, axes: Collection[str], labels: Collection[str]) -> str:
    """`surface(chinchilla, muon)` as `surface(chinchilla), muon`; empty where no selector stands inside."""
    chosen = [a for a in call.args if (a.name in axes if isinstance(a, ast.Define) else getattr(a, "id", "") in labels)]
    left = tuple(arg for arg in call.args if arg not in chosen)
    pieces = [replace(call, args=left) if left else ast.Name(call.name), *chosen]
    return ", ".join(text(piece).replace(" = ", "=") for piece in pieces) if chosen else ""


def some_compute(axes: Mapping[str, PlanAxis]) -> str:
    """A compute of a study, as claims write it: the middle of what it sweeps, where it sweeps any."""
    for name, axis in axes.items():
        place = axis.names.index(name)
        values = sorted(float(p[place]) for p in axis.points if not isinstance(p[place], str))
        if canonical(name) == "C" and values:
            return short_compute(values[len(values) // 2]).replace(" ", "")
    return "1PFLOP"


def _begins(label: str, word: str) -> bool:
    """True for a label that is a word with its parameters, `wsd(decay=0.2)`, by the word alone."""
    return bool(word) and label.startswith(f"{word}(")


def _written(ways: Sequence[str]) -> tuple[str, ...]:
    """The help for a value that is chosen by what its word is called with; () where there is none."""
    return (f"write {listing(ways, last='or')}",) if ways else ()


def _several(name: str) -> tuple[str, ...]:
    """The help for a value of a parameter that a study has one of: how both become labels."""
    if any(name.lower() in word.called for word in REGISTRY.values()):
        return ()  # it is a word of another kind elsewhere
    for part, kind in KINDS.items():
        for word in REGISTRY.values():
            for own, about in fields_of(word).items() if word.kind == kind else ():
                if name in about.choices and len(about.choices) < 4:
                    both = ", ".join(about.choices)
                    return (f"to compare values of `{own}`, write `{own} in {{{both}}}` after `{part}`",)
    return ()


def _one_value(node: ast.Define) -> tuple[str, ...]:
    """The help for a parameter that is no axis: how it becomes one."""
    if node.name in SETTINGS:
        return (f"it has one value here: to compare several, write `panel {node.name} in {{...}}` after `train`",)
    for part, kind in KINDS.items():
        if any(word.kind == kind and node.name in typed(word) for word in REGISTRY.values()):
            return (f"it has one value here: to compare several, write `{node.name} in {{...}}` after `{part}`",)
    return ()


def selectors_of(chosen: Iterable[Any]) -> tuple[Selector, ...]:
    """Selectors by name and value, labels first; `Fault` where a value is none."""
    return tuple(sorted((_selector(node) for node in chosen), key=lambda s: s.name or ""))


def _selector(node: Any) -> Selector:
    name, value = (node.name, node.value) if isinstance(node, ast.Define) else (None, node)
    match value:
        case ast.Name(label) | ast.String(label):
            found: Scalar = label
        case ast.Call(word) if word not in FUNCTIONS:
            found = text(value)
        case _:
            found = constant(value)
    return Selector(name, found, node.span, value.span)


def read_at(request: Request, name: str) -> frozenset[str]:
    """Names of the sizes that a number of a fit or optimum is read at."""
    if isinstance(request, OptimumRequest):
        return frozenset({"C"})
    return frozenset(sizes_of(request)) if name in PREDICTED else frozenset()


def sizes_of(request: FitRequest) -> dict[str, str]:
    """Names of a law's sizes, its own and the study's, to the quantity each stands for."""
    return {name: quantity for own, quantity in request.variables for name in (own, quantity)}


def _number(node: ast.Define) -> float:
    """A selector's number; `Fault` where it is in another unit."""
    value: float = constant(node.value)
    unit = number(node.value.text).unit if isinstance(node.value, ast.Number) else ""
    wanted = unit_of(node.name, None)
    if unit not in ("", wanted) and not (wanted is None and unit == "%"):
        example = EXAMPLES[wanted or ""]
        message = f"`{node.name}` wants {example}, and this is {NAMED[unit]}"
        raise Fault("SCL202", message, node.value.span, helps=("write the number without that unit",))
    return value


#: Words for the largest value of an axis, and for the least.
ENDS = {
    **dict.fromkeys(("max", "largest", "last", "final", "end", "all", "full", "longest", "widest"), True),
    **dict.fromkeys(("min", "smallest", "first", "least", "start", "shortest", "narrowest"), False),
}


#: A value this near to another is taken for it.
NEARLY = 0.1


def _nowhere(node: ast.Define, value: Scalar, points: list[Scalar]) -> Fault:
    at = value if isinstance(value, str) else short(value)
    near = [p for p in points if not isinstance(p, str) and not isinstance(value, str)]
    below = [p for p in near if p < float(value)]
    above = [p for p in near if p > float(value)]
    sides = [*([max(below)] if below else []), *([min(above)] if above else [])]
    best = [p for p in sides if abs(p - float(value)) <= NEARLY * abs(p)]
    shown = [f"`{node.name}={short(p)}`" for p in (best if len(best) == 1 else sides)]
    why = "are its neighbours" if len(shown) > 1 else "is nearest"
    helps: tuple[str, ...] = (f"write {listing(shown, last='or', mark='')}, which {why}",) if shown else ()
    numbers = [p for p in points if not isinstance(p, str)]
    scaled = [p for p in near if not isinstance(value, str) and p in {float(value) * m for m in (1e3, 1e6, 1e9)}]
    if scaled and not best:
        helps = (f"write `{node.name}={short(scaled[0])}`, with its magnitude",)
    if isinstance(value, str):
        word = value.partition("(")[0]
        helps = _written([f"{node.name}={p}" for p in points if isinstance(p, str) and _begins(p, word)])
    if str(value).lower() in ENDS and numbers:
        last = max(numbers) if ENDS[str(value).lower()] else min(numbers)
        helps = (f"write the number: `{node.name}={short(last)}`",)
    return Fault("SCL429", f"`{node.name}` is nowhere `{at}`", node.value.span, notes=(taken(points),), helps=helps)


def taken(values: Iterable[Scalar]) -> str:
    """The values that an axis or a size takes, in a message; of many, the first and the last."""
    shown = [v if isinstance(v, str) else short(v) for v in values]
    return f"it takes {listing(shown if len(shown) <= LISTED else [*shown[:4], '...', shown[-1]])}"


def left_out(
    selectors: Iterable[Selector], axes: Iterable[PlanAxis], points: Iterable[Iterable[tuple[str, object]]]
) -> tuple[str, ...]:
    """The help about a value of an axis that is selected, and that a condition leaves out of the points there are."""
    there: dict[str, dict[object, None]] = {}
    for name, value in (pair for point in points for pair in point):
        there.setdefault(name, {})[value] = None
    swept = [(name, {p[at] for p in axis.points}) for axis in axes for at, name in enumerate(axis.names)]
    for selector in selectors:
        for name, values in swept:
            kept = there.get(name, {})
            if selector.name in (None, name) and selector.value in values and kept and selector.value not in kept:
                own = selector.value if isinstance(selector.value, str) else short(selector.value)
                shown = listing([short(v) if isinstance(v, int | float) else str(v) for v in kept], last="or")
                own = own if selector.name is None else f"{selector.name}={own}"
                return (f"a condition behind `where` leaves `{own}` out: keep it there, or ask of {shown}",)
    return ()


def _without_label(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The help for alternatives listed without labels, `{adamw(lr=.02), muon(lr=.01)}`, which none can name."""
    calls = sorted(label for label in known if "(" in label)
    mine = [call for call in calls if call.split("(")[0] == name]
    if len(mine) == 1:
        return (f"give it a label where it is listed: `{name}: {mine[0]}`",)
    shown = ", ".join(f"{letter(i)}: {call}" for i, call in enumerate(calls))
    return (f"give each its label where it is listed, such as `{{{shown}}}`, `{name}` among them",) if calls else ()
