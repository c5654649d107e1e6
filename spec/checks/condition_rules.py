"""Conditions on the grid: every name in them is something that a run has."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

from ..claims.selectors import ENDS
from ..diagnostics.suggest import UNSET, listing, similar
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.evaluate import Algebra
from ..expressions.units import mismatches
from ..plan.compile_expression import instead_of
from ..plan.run_grid import REDUCED, PlanAxis
from ..plan.run_quantities import DERIVATIONS
from ..resolve.components import Component
from ..resolve.lower import Lowered
from ..resolve.scope import known_names
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import is_number, number, short, text_of
from ..syntax.visit import calls_in, children, disjuncts, free_names, names_in
from ..vocabulary.base import PARTS, REGISTRY, Part
from ..vocabulary.functions import CELL_FUNCTIONS, FUNCTIONS
from ..vocabulary.parameters import fields_of
from ..vocabulary.quantities import QUANTITIES, measured, run_quantities
from ..vocabulary.settings import SETTINGS
from ..vocabulary.words.laws import is_parameter


def run_conditions(
    components: Mapping[Part, Component], lowered: Lowered, lets: Iterable[str], laws: Sequence[str] = ()
) -> Iterator[Diagnostic]:
    """Names of `where` behind a component, and of the expressions its arguments and definitions are.

    A let that is still named has led back to itself, which has been said. A measurement that is asked of is one of the
    study's `laws`, where they have no condition.
    """
    known = known_names(components, lowered) | {*DERIVATIONS, *PARTS, *lets}
    axes = {name: axis for axis in lowered.axes for name in axis.names}
    for component in components.values():
        if component.where is not None:
            named = labels(components, lowered)
            alone = [*labels_alone(component.where, axes, named - known)]
            yield from alone or (
                _behind(d, component.where, laws) for d in unknown_names(component.where, known, named)
            )
            yield from mismatches(component.where, None)
            yield from numbers_alone(component.where)
            yield from always_true(component.where, known)
        for define in component.defines:
            if isinstance(define.value, ast.Name) and define.value.id in REGISTRY:
                continue  # a word in the place of a number, which nothing uses
            yield from (_best_amount(define, d) for d in unknown_names(define.value, known, frozenset()))
        for alternative in component.alternatives:
            yield from _in_arguments(alternative.call, known)


def cell_conditions(
    conditions: Iterable[ast.Test], known: Iterable[str], labels: frozenset[str], axes: Iterable[PlanAxis] = ()
) -> Iterator[Diagnostic]:
    """Names of `where` behind fits, optima, claims and tables: what a cell has, its losses too, and ranks of it."""
    names = frozenset(known)
    axes = tuple(axes)
    reduced = {name: REDUCED[axis.role] for axis in axes if axis.role in REDUCED for name in axis.names}
    by_name = {name: axis for axis in axes for name in axis.names}
    for condition in conditions:
        for name in names_in(condition):
            if name.id in reduced:
                message = f"`{name.id}` is {reduced[name.id]}, so a cell has no value of it"
                helps: tuple[str, ...] = ("a condition behind `train` keeps part of the runs",)
                if reduced[name.id] == REDUCED["replicate"]:
                    helps = _of_one_replicate(by_name[name.id])
                yield Diagnostic("SCL103", message, name.span, helps=helps)
        ends = list(_ends_of_axes(condition, by_name))
        yield from ends or _one_of_several(condition)
        yield from unknown_names(condition, names | _named_ends(condition, by_name), labels, CELL_FUNCTIONS)
        yield from mismatches(condition, None)
        yield from labels_alone(condition, by_name, labels - names)
        yield from _texts_in_order(condition, names, labels - names)
        yield from _numbers_for_labels(condition, by_name)
        yield from always_true(condition, names)
        named = {n for n, axis in by_name.items() if any(isinstance(v, str | bool) for p in axis.points for v in p)}
        yield from numbers_alone(condition, frozenset({*run_quantities(), *by_name} - named))


def _one_of_several(condition: ast.Test) -> Iterator[Diagnostic]:
    """`where D == max(D)`: of one number, which a condition has of each cell, that is the number itself."""
    for call in calls_in(condition):
        if call.name in ("max", "min") and len(call.args) == 1 and isinstance(call.args[0], ast.Name):
            message = (
                f"`{text(call)}` is of one cell, whose `{text(call.args[0])}` it is: no condition is about all cells"
            )
            yield Diagnostic("SCL205", message, call.span, helps=("write the number in its place",))


def _of_one_replicate(axis: PlanAxis) -> tuple[str, ...]:
    """The helps for a condition on an axis that cells are averaged over: cells of its values apart, or their mean."""
    name = axis.names[0]
    mean = f"leave it out: the runs of a cell are one point of a fit, whatever their `{name}`"
    if len(axis.names) > 1 or len(axis.points) < 2 or axis.values:
        return (mean,)
    values = ", ".join(text_of(p[0]) if isinstance(p[0], int | float) else str(p[0]) for p in axis.points)
    apart = f"to keep the condition, sweep by `panel {name} in {{{values}}}`: each value is then fitted apart"
    return (apart, f"or {mean}")


def always_true(condition: Any, quantities: Container[str]) -> Iterator[Diagnostic]:
    """`width != 32 or width != 64`: whatever a value is, it is not one of them. Two quantities may be one number."""
    if isinstance(condition, ast.Or):
        unlike = [_unlike(part, quantities) for part in disjuncts(condition)]
        named = [found for found in unlike if found is not None]
        others = {text(other) for name, other in named if name == named[0][0]}
        if len(named) == len(unlike) == len(others):
            name = named[0][0]
            message = f"every value of `{name}` satisfies one side of the `or`"
            both = " and ".join(f"{name} != {text(other)}" for _, other in named)
            fixes = (Fix((Edit(condition.span, both),), "maybe-incorrect"),)
            helps = (f"to leave these out write `{both}`",)
            yield Diagnostic("SCL440", message, condition.span, severity="warning", helps=helps, fixes=fixes)
            return
    for part in children(condition) if isinstance(condition, ast.Or | ast.And | ast.Group) else ():
        yield from always_true(part, quantities)


def _unlike(test: Any, quantities: Container[str]) -> tuple[str, Any] | None:
    """The name and the value of `width != 32`, or of `not width == 32`; None of any other test, as with a quantity."""
    sign = "!="
    if isinstance(test, ast.Not):
        sign, (test, *_) = "==", disjuncts(test.operand)
    match test:
        case ast.Chain(ast.Name(name), ((op, (ast.Number() | ast.Name() | ast.String()) as other),)) if op == sign:
            return None if isinstance(other, ast.Name) and other.id in quantities else (name, other)
    return None


def labels_alone(condition: Any, axes: Mapping[str, PlanAxis], named: Collection[str]) -> Iterator[Diagnostic]:
    """`where muP`: a label by itself is true of every cell."""
    if isinstance(condition, ast.Name):
        label = condition.id
        if label not in named or label in ("true", "false"):
            return
        axis = next((name for name, axis in axes.items() if (label,) in axis.points), None)
        meant = f"{axis} == {label}"
        helps = (f"write `{meant}`",) if axis else ("leave it out: no axis has it beside another",)
        fixes = (Fix((Edit(condition.span, meant),), "maybe-incorrect"),) if axis else ()
        message = f"`{label}` alone is no condition, and holds of every cell"
        yield Diagnostic("SCL421", message, condition.span, helps=helps, fixes=fixes)
    elif isinstance(condition, ast.Or | ast.And | ast.Not | ast.Group):
        for part in children(condition):
            yield from labels_alone(part, axes, named)


def _texts_in_order(condition: Any, names: Collection[str], labels: Collection[str]) -> Iterator[Diagnostic]:
    """`"lr" < 0.03`, `param < muP`: texts and labels have no order, and a column stands without quotes."""
    if not isinstance(condition, ast.Chain):
        for part in children(condition) if isinstance(condition, ast.Node) else ():
            yield from _texts_in_order(part, names, labels)
        return
    sides = (condition.first, *(side for _, side in condition.rest))
    ordered = any(op not in ("==", "!=") for op, _ in condition.rest)
    numeric = any(isinstance(side, ast.Number) for side in sides)
    texts = [side for side in sides if isinstance(side, ast.String)]
    bare = [side for side in texts if side.value in names or is_number(side.value)]
    meant = reduce(lambda said, side: said.replace(text(side), side.value), bare, text(condition))
    for label in (side for side in sides if ordered and isinstance(side, ast.Name) and side.id in labels):
        own = next((other.id for other in sides if isinstance(other, ast.Name) and other.id in names), "name")
        ways = (f"ask for one, as in `{own} == {label.id}`",)
        yield Diagnostic("SCL421", f"`{label.id}` is a label, and has no order", label.span, helps=ways)
    for side in texts:
        value = side.value
        others = [other.id for other in sides if isinstance(other, ast.Name) and other.id in names]
        if not (ordered or numeric or (value in names and not others)):
            continue
        what = "is compared with a number" if numeric else "has no order" if ordered else "is compared with another"
        helps: tuple[str, ...] = ("compare a column with it, such as `name == " + text(side) + "`",)
        fixes: tuple[Fix, ...] = ()
        if side in bare:
            helps = (f"leave the quotes out: `{meant}`",)
            fixes = (Fix((Edit(side.span, value),), "maybe-incorrect"),)
        elif others:
            helps = (f"ask for one, as in `{others[0]} == {text(side)}`",)
        yield Diagnostic("SCL421", f'"{value}" is a text, and {what}', side.span, helps=helps, fixes=fixes)


def _numbers_for_labels(condition: Any, axes: Mapping[str, PlanAxis]) -> Iterator[Diagnostic]:
    """`decay < 0.05` where the values of `decay` have labels, by which its cells are known."""
    if not isinstance(condition, ast.Chain | ast.Inside | ast.Near):
        for part in children(condition):
            yield from _numbers_for_labels(part, axes)
        return
    name, *others = {*free_names(condition)} or {""}
    labelled = axes[name].values if name in axes and len(axes[name].values) == len(axes[name].points) else ()
    numbers = {label: number(typed).value for label, typed in labelled if is_number(typed)}
    if numbers and not others:
        kept = [label for label, value in numbers.items() if _holds(condition, value)]
        meant = f"{name} in {{{', '.join(kept)}}}" if len(kept) > 1 else f"{name} == {(kept or [*numbers])[0]}"
        helps = (f"write `{meant}`" if kept else f"compare it with one of them, such as `{meant}`",)
        fixes = (Fix((Edit(condition.span, meant),), "maybe-incorrect"),) if kept else ()
        message = f"`{name}` has labels here, and cells are known by these"
        yield Diagnostic("SCL421", message, condition.span, helps=helps, fixes=fixes)


def _holds(condition: Any, value: float) -> bool:
    """True where a condition on one number is satisfied by this one."""
    try:
        return bool(Algebra(lambda node: value, lambda call: ArithmeticError(call.name)).value(condition))
    except (ArithmeticError, TypeError):
        return False


def numbers_alone(condition: Any, numbers: frozenset[str] = frozenset(run_quantities())) -> Iterator[Diagnostic]:
    """`width == 256 or 128`, `... or tokens`, `where 95%`: a number that is compared with nothing is true of every
    cell.
    """
    if isinstance(condition, ast.Number | ast.Binary | ast.Negate) or (
        isinstance(condition, ast.Name) and condition.id in numbers
    ):
        message = f"`{text(condition)}` alone is no condition, and holds of every cell"
        compared = f"{condition.id} > ..." if isinstance(condition, ast.Name) else "width == 256"
        yield Diagnostic("SCL421", message, condition.span, helps=(f"compare it, such as `{compared}`",))
    elif isinstance(condition, ast.Or) and isinstance(condition.right, ast.Number):
        left: Any = condition
        values: list[ast.Number] = []
        while isinstance(left, ast.Or) and isinstance(left.right, ast.Number):
            values.insert(0, left.right)
            left = left.left
        yield from numbers_alone(left, numbers)
        yield _values_by_or(left, values, condition.span)
    elif isinstance(condition, ast.Or | ast.And | ast.Not | ast.Group):
        parts = [*children(condition)]
        for part in parts:
            listed = isinstance(condition, ast.Group) and len(parts) > 1
            if not listed or isinstance(part, ast.Or | ast.And | ast.Not | ast.Group):
                yield from numbers_alone(part, numbers)


def _values_by_or(left: Any, values: Sequence[ast.Number], whole: Span) -> Diagnostic:
    """`width == 256 or 128`."""
    message = f"`{values[0].text}` alone is no condition, and holds of every cell"
    helps: tuple[str, ...] = ("compare it, such as `width == 256`",)
    fixes: tuple[Fix, ...] = ()
    match left:
        case ast.Chain(compared, (("==", one),)):
            meant = f"{text(compared)} in {{{', '.join((text(one), *(v.text for v in values)))}}}"
            helps, fixes = (f"write `{meant}`",), (Fix((Edit(whole, meant),), "maybe-incorrect"),)
        case ast.Chain(compared, ((op, _),)):
            each = (f"{text(compared)} {op} {v.text}" for v in values)
            helps = (f"write `{' or '.join((text(left), *each))}`",)
    return Diagnostic("SCL421", message, values[0].span, helps=helps, fixes=fixes)


def _named_ends(condition: Any, axes: Mapping[str, PlanAxis]) -> frozenset[str]:
    return frozenset(word for _, word, _, _ in _compared_with_ends(condition, axes))


def _ends_of_axes(condition: Any, axes: Mapping[str, PlanAxis]) -> Iterator[Diagnostic]:
    """`width == max`: the greatest value of an axis is a number."""
    for op, word, node, values in _compared_with_ends(condition, axes):
        end = short(values[-1] if ENDS[word.lower()] else values[0])
        fixes = (Fix((Edit(node.span, end),), "maybe-incorrect"),)
        message = f"`{text(node)}` has no value here: the values of an axis are numbers"
        yield Diagnostic("SCL103", message, node.span, helps=(f"write the number: `{op} {end}`",), fixes=fixes)


def _compared_with_ends(
    condition: Any, axes: Mapping[str, PlanAxis]
) -> Iterator[tuple[str, str, ast.Name | ast.Call, list[float]]]:
    """Comparisons of an axis with a word for its last or its first value: the sign, the word and where it stands, the
    values in order.
    """
    match condition:
        case ast.Chain(ast.Name(own), ((op, (ast.Name(word) | ast.Call(word, (ast.Name(),))) as node),)) if (
            own in axes and word.lower() in ENDS
        ):
            place = axes[own].names.index(own)
            values = sorted(float(p[place]) for p in axes[own].points if not isinstance(p[place], str))
            if values and word not in axes:
                yield op, word, node, values
            return
    for part in children(condition):
        yield from _compared_with_ends(part, axes)


def labels(components: Mapping[Part, Component], lowered: Lowered) -> frozenset[str]:
    """Names that `==` may compare with: labels of axes and the choices of parameters."""
    found = {v for axis in lowered.axes for point in axis.points for v in point if isinstance(v, str)}
    for component in components.values():
        for alternative in component.alternatives:
            found.add(alternative.label)
            words = (REGISTRY[call.name] for call in calls_in(alternative.call) if call.name in REGISTRY)
            found |= {choice for word in words for field in fields_of(word).values() for choice in field.choices}
    return frozenset(found | {"true", "false"})


def _in_arguments(call: ast.Call, known: frozenset[str]) -> Iterator[Diagnostic]:
    """Names in the expressions of a word's arguments; a word's choices and nested words are judged elsewhere."""
    word = REGISTRY.get(call.name)
    if word is None:
        return
    fields = fields_of(word)
    for arg in call.named:
        if isinstance(arg.value, ast.Call) and arg.value.name in REGISTRY:
            yield from _in_arguments(arg.value, known)
        elif arg.name in SETTINGS or (arg.name in fields and fields[arg.name].shape in ("int", "float", "warmup")):
            yield from (_best_amount(arg, d) for d in unknown_names(arg.value, known, frozenset()))


def _best_amount(arg: ast.Define, said: Diagnostic) -> Diagnostic:
    """The finding about `tokens = optimal` with the rule that it names; any other as it is."""
    if arg.name not in ("tokens", "D") or not isinstance(arg.value, ast.Name) or arg.value.id.lower() not in FOUND:
        return said
    fixes = (Fix((Edit(arg.value.span, "20*N"),), "maybe-incorrect"),)
    helps = ("write `tokens = 20*N` for Hoffmann's rule", "what is best here, an `optimum` finds")
    return replace(said, helps=helps, fixes=fixes, notes=())


def _measured(name: ast.Name, condition: Any) -> Diagnostic:
    """A measurement in a condition on runs, or in a formula of what a run is given."""
    notes: tuple[str, ...] = ("a condition behind a component is judged before anything is trained",)
    helps = (f"put it behind the law: `fit ... where {text(condition)}`",)
    if not isinstance(condition, ast.Chain | ast.And | ast.Or | ast.Not | ast.Inside | ast.Near):
        notes = (
            "what a run is given is known before it: a number, or a formula of its sizes and its other parameters",
        )
        helps = ("write a number, or sweep it and keep the best: `tune lr in {.003, .01, .03}`",)
    return Diagnostic("SCL103", f"`{name.id}` is not known before training", name.span, notes=notes, helps=helps)


def _behind(said: Diagnostic, condition: ast.Test, laws: Sequence[str]) -> Diagnostic:
    """The finding about a measurement in a condition on runs, with the laws that it is to stand behind."""
    if not laws or not any("`fit ... where " in h for h in said.helps):
        return said
    fits = ", ".join(f"{law} where {text(condition)}" for law in laws)
    return replace(said, helps=(f"put it behind the law, and leave it out here: `fit {fits}`",))


#: Conditions, beside which anything else is a value.
_TESTS = (ast.Chain, ast.Inside, ast.Near, ast.And, ast.Or, ast.Not)
#: Letters of a name from which on one of the same letters in another order is it.
MIXED = 3
#: Names for a value that is to be looked for.
FOUND = (
    "best",
    "optimal",
    "optimum",
    "tuned",
    "search",
    "sweep",
    "max",
    "min",
    "find",
    "argmin",
    "finder",
    "lr_finder",
    "lr_find",
)

#: What gives the value below which a share of cells lies.
QUANTILES = ("quantile", "percentile", "nanquantile", "nanpercentile", "qtile", "decile", "percent_rank")
#: What asks whether a run came to its end.
ENDED = {
    *("isnan", "is_nan", "isfinite", "is_finite", "isinf", "isnull", "notnull", "notna", "isna", "nan", "inf"),
    *("diverged", "diverges", "converged", "finite", "failed", "crashed", "finished", "unstable", "stable"),
}


def _labels_in_signs(node: Any, labels: frozenset[str]) -> Iterator[tuple[ast.Binary, str]]:
    """Differences and quotients that are written as labels are, `gpt2-xl`, each with its label."""
    label = text(node).replace(" ", "") if isinstance(node, ast.Binary) else ""
    if label in labels:
        yield node, label
        return
    for part in children(node):
        yield from _labels_in_signs(part, labels)


def unknown_names(
    node: Any, known: Iterable[str], labels: frozenset[str], functions: Collection[str] = tuple(FUNCTIONS)
) -> Iterator[Diagnostic]:
    """Names that stand for nothing, with the nearest that does."""
    known = frozenset(known)
    differences = _labels_in_signs(node, labels)
    signed = {one.span: label for one, label in differences if any(n.id not in known for n in names_in(one))}
    for span, label in signed.items():
        quoted = Fix((Edit(span, f'"{label}"'),))
        message = f"a label with a sign in it stands in quotes: `{label}` is a difference"
        yield Diagnostic("SCL103", message, span, helps=(f'write `"{label}"`',), fixes=(quoted,))
    for name in names_in(node):
        if name.id in known or name.id in labels or any(name.span in span for span in signed):
            continue
        near = None if is_parameter(name.id) or name.id.lower() in FOUND else similar(name.id, [*known, *labels])
        turned = [k for k in known if len(k) > MIXED and sorted(k) == sorted(name.id)]
        near = turned[0] if len(turned) == 1 else near
        helps: tuple[str, ...] = (f"a name with a similar spelling exists: `{near}`",) if near else ()
        if near and not near.isidentifier():
            helps = (f'a label that is no name stands in quotes: `"{near}"`',)
        if not near and not (is_parameter(name.id) and isinstance(node, _TESTS)):
            helps = (f"give it a value, `{name.id} = ...`, or several, `{name.id} in {{...}}`",)
        if not helps and is_parameter(name.id):
            helps = (f"leave it out: a condition keeps runs or cells, and `{name.id}` is what is found of them",)
            if not re.search(r"\b(?:and|or|not)\b|>=? 0$", text(node)):
                helps = (f"{helps[0]}, which a claim asks about, `expect {text(node)}`",)
        if name.id in measured() and name.id not in known:
            yield _measured(name, node)
            continue
        quantity = next((q for q in QUANTITIES.values() if name.id.lower().replace("_", "") in q.headers), None)
        if quantity is not None and quantity.name in known:
            near, helps = None, (f"write `{quantity.name}`, the {quantity.meaning}",)
            if len(name.id) == 1 and name.id.islower():
                own = f"give it a value behind the head, `{name.id} = ...`"
                helps = (own, f"or write `{quantity.name}`, the {quantity.meaning}, if that is meant")
        if name.id in QUANTITIES and QUANTITIES[name.id].evaluated and isinstance(node, _TESTS):
            of = listing(n for n in measured() if QUANTITIES[n].fitted)
            near, helps = None, (f"leave it out: of what is measured, conditions on cells know {of} alone",)
        if name.id.lower() == "time" and "steps" in known:
            near, helps = None, ("write `steps`: how long a run trains is counted in them",)
        if name.id.lower() in ("random", "rand", "any"):
            helps = ("write a number, or several: `seed in {0, 1, 2}`",)
        if name.id.lower() in UNSET:
            helps = ("leave it out, for its default",)
        if name.id.lower() in ENDED and isinstance(node, ast.Node) and functions is not FUNCTIONS:
            helps = ("leave it out: a run that diverged has an infinite loss, and enters no fit",)
        if name.id.lower() in FOUND:
            helps = ("to have the best of several, tune it: `tune lr in {0.003, 0.01, 0.03}`",)
        usual = listing((*run_quantities(), "seed"))
        asked = ("numbers of a fit are asked for in claims, after `expect`",) if is_parameter(name.id) else ()
        notes = asked if near or asked else (f"names of a run are its axes, its parameters, and {usual}",)
        yield Diagnostic("SCL103", f"`{name.id}` has no value here", name.span, notes=notes, helps=helps)
    for call in calls_in(node):
        if call.name not in functions and call.name.lower() in ENDED:
            helps = ("leave it out: a run that diverged has an infinite loss, and enters no fit",)
            yield Diagnostic("SCL105", f"`{call.name}` is asked of no loss", call.name_span, helps=helps)
        elif call.name.lower() in QUANTILES and call.name not in functions:
            helps = ("leave some out by their place: `rank(-loss) > 3` leaves out the three of the highest loss",)
            yield Diagnostic("SCL105", f"no `{call.name}` of cells is worked out", call.name_span, helps=helps)
        elif call.name not in functions:
            message, notes = f"`{call.name}` is no function of numbers", (f"functions are {listing(functions)}",)
            more, fixes = instead_of(call)
            notes = () if fixes else notes
            yield Diagnostic("SCL105", message, call.name_span, notes=notes, helps=more, fixes=fixes)
