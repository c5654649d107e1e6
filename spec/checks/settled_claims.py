"""Rules about claims: none that the bounds of its quantity settle before anything is trained."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ..claims.claim_conditions import Claim
from ..diagnostics.collect import Fault
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.evaluate import is_percentage
from ..expressions.sweeps import constant
from ..plan.run_grid import PlanAxis
from ..requests.request_types import Requests, law_of, method_of
from ..syntax import ast
from ..syntax.numbers import number, text_of
from ..syntax.visit import as_call, calls_in, children, conjuncts, names_in
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.quantities import QUANTITIES
from ..vocabulary.words.laws import EXPONENT_BOUND

#: A tolerance of so many nats, or of an exponent as much, that hardly any result would miss.
WIDE = 1.0
#: What is measured of a model, and the least that it can be.
LOSS, FLOOR = "loss", "entropy_rate"
#: The exponents of the best N and D in C.
SHARES = {"a", "b"}
#: The mean exponent of a law, which falls.
SLOPE = "slope"
#: How far below the entropy rate a loss is measured by chance.
NOISE = 0.95


def settled_claims(
    claims: Iterable[Claim],
    requests: Requests,
    axes: Iterable[PlanAxis] = (),
    known: Mapping[str, tuple[float, float]] | None = None,
) -> Iterator[Diagnostic]:
    """A claim, or a part of one, that is true or false whatever is found tests nothing: a warning.

    Args:
        claims: Those of a study.
        requests: Its fits and optima.
        axes: Those that are tuned, whose best values are points of theirs.
        known: Quantities of cells and fits, and between what they lie; what is settled without it is not told again.
    """
    plain = _Bounds(requests, {a.names[0]: a for a in axes if a.role == "tune" and len(a.names) == 1}, {})
    rule = plain if known is None else replace(plain, known=known)
    for claim in claims:
        if known is not None and known.keys().isdisjoint(_names(claim.test)):
            continue
        verdict = rule.settled(claim.test)
        if verdict is not None and (known is None or plain.settled(claim.test) is None):
            yield _settled(claim, claim.test, verdict, rule)
        for part in conjuncts(claim.test) if verdict is None and isinstance(claim.test, ast.And) else ():
            if rule.settled(part) and (known is None or plain.settled(part) is None):
                yield _settled(claim, part, True, rule)
        if known is None:
            for part in _parts(claim.test):
                yield from _wide(claim, part, rule)
                yield from _misplaced(claim, part)
                yield from _finer(claim, part, rule)
                yield from _less(claim, part)
                yield from _share(claim, part, rule)


def _names(test: Any) -> Iterator[str]:
    """Names of the quantities in a condition."""
    yield from (call.name for call in calls_in(test))
    yield from (name.id for name in names_in(test))


def _settled(claim: Claim, part: Any, verdict: bool, rule: _Bounds) -> Diagnostic:
    """The finding about a claim, or a part of it."""
    span = part.span if part is not claim.test and part.span in claim.span else claim.span
    message = f"`{text(part)}` {'holds' if verdict else 'fails'} whatever is found"
    return Diagnostic("SCL430", message, span, severity="warning", helps=rule.open(part))


def _wide(claim: Claim, node: Any, rule: _Bounds) -> Iterator[Diagnostic]:
    """`E within 2 of entropy_rate`: a tolerance without `%` is in the quantity's own unit."""
    if not isinstance(node, ast.Near) or not isinstance(node.tolerance, ast.Number):
        return
    width, unit = number(node.tolerance.text)
    if unit and width >= 1 and rule.settled(node) is None:
        message = (
            f"`within {node.tolerance.text} of {text(node.target)}` reaches down to 0, so only its upper end tests"
        )
        place = node.tolerance.span if node.tolerance.span in claim.span else claim.span
        yield Diagnostic("SCL435", message, place, severity="warning", helps=("write a smaller share, such as `10%`",))
    low, high = rule.of(node.target)
    narrow = width < (low if low == high else WIDE)
    if unit or narrow or rule.of(node.value)[0] < 0 or rule.settled(node) is not None:
        return
    typed, span = node.tolerance.text, node.tolerance.span
    message = f"a tolerance of {typed} without `%` is absolute, so hardly any `{text(node.value)}` would miss it"
    helps = (f"write `within {typed}% of {text(node.target)}`, or a smaller tolerance",)
    inside = span in claim.span
    fixes = (Fix((Edit(span, f"{typed}%"),), "maybe-incorrect"),) if inside else ()
    place = span if inside else claim.span
    yield Diagnostic("SCL435", message, place, severity="warning", helps=helps, fixes=fixes)


def _misplaced(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`E within entropy_rate of 2%` has target and tolerance exchanged; `within 10% of 0` is a tolerance of nothing."""
    if not isinstance(node, ast.Near):
        return
    value = text(node.value)
    target, tolerance = (
        part.text if isinstance(part, ast.Number) else text(part) for part in (node.target, node.tolerance)
    )
    place = node.span if node.span in claim.span else claim.span
    if is_percentage(node.target) and not isinstance(node.tolerance, ast.Number):
        message = f"`{tolerance}` stands where the tolerance does, and {target} where the target does"
        helps = (f"write `{value} within {target} of {tolerance}`",)
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)
    elif is_percentage(node.tolerance) and isinstance(node.target, ast.Number) and not number(node.target.text).value:
        share = constant(node.tolerance)
        message = f"{tolerance} of 0 is 0, so that only 0 itself would hold"
        helps = (f"write an absolute tolerance, such as `within {share:g} of 0`",)
        if isinstance(node.value, ast.Binary) and node.value.op == "-":
            one, other = text(node.value.left), text(node.value.right)
            helps = (f"write `{one} within {tolerance} of {other}`, or an absolute tolerance: `within {share:g} of 0`",)
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)


def _less(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`alpha > beta +- 0.1`: the margin is taken away, and no claim is made of it."""
    for side in children(node):
        match side:
            case ast.Binary("+", middle, ast.Negate(ast.Number(width))):
                span = side.span if side.span in claim.span else claim.span
                message = f"`+-` takes {width} away: `{text(side)}` is one number"
                helps = (
                    f"say on which side, such as `{text(middle)} - {width}`, or how near: `within {width} of ...`",
                )
                yield Diagnostic("SCL435", message, span, severity="warning", helps=helps)


def _share(claim: Claim, node: Any, rule: _Bounds) -> Iterator[Diagnostic]:
    """`E - entropy_rate < 2%`: a difference has no whole that this were a share of, unless it is of shares."""
    match node:
        case ast.Chain(left, ((op, ast.Number(share) as right),)) if is_percentage(right):
            pass
        case _:
            return
    apart = isinstance(left, ast.Call) and left.name == "abs" and bool(left.args)
    inner = left.args[0] if isinstance(left, ast.Call) and apart else left
    if not (isinstance(inner, ast.Binary) and inner.op == "-") or rule.of(inner.left)[1] <= 1:
        return
    one, other = text(inner.left), text(inner.right)
    message = f"{share} of a difference is {number(share).value:g}, in the unit of `{one}`"
    near = f"{one} within {share} of {other}"
    beyond = f"not {near}" if apart else f"{one} {op} {1 + number(share).value:g}*{other}"
    meant = near if op in ("<", "<=") else beyond
    helps = (f"write `{meant}`, or the number itself, {number(share).value:g}",)
    place = right.span if right.span in claim.span else claim.span
    yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)


def _finer(claim: Claim, node: Any, rule: _Bounds) -> Iterator[Diagnostic]:
    """`lr(SP)/lr(muP) in [0.5..2]` on a grid of rates a factor of 3 apart: one step off fails it."""
    match node:
        case ast.Inside(ast.Binary("/", above, below), ast.Range(start, stop)):
            (low, _), (_, high) = rule.of(start), rule.of(stop)
        case ast.Near(ast.Binary("/", above, below), ast.Number(width), target) if is_percentage(node.tolerance):
            at, part = rule.of(target)[0], number(width).value
            low, high = at * (1 - part), at * (1 + part)
        case _:
            return
    one, two = rule.tuned(above), rule.tuned(below)
    if one is None or two is not one or not low <= 1 <= high:
        return
    points = sorted(float(p[0]) for p in one.points if not isinstance(p[0], str) and p[0] > 0)
    step = min((b / a for a, b in pairwise(points)), default=0.0)
    if step > high and 1 / step < low:
        apart = f"whose values are a factor of {step:.3g} apart"
        message = f"`{text(node)}` is finer than the grid of `{one.name}`, {apart}"
        notes = ("it holds only where both best values are the same point",)
        helps = (f"allow one step, such as `in [{1 / step * 0.9:.2g}..{step * 1.1:.2g}]`, or tune on a finer grid",)
        place = node.span if node.span in claim.span else claim.span
        yield Diagnostic("SCL436", message, place, severity="warning", notes=notes, helps=helps)


def _parts(test: Any) -> Iterator[Any]:
    """The conditions that a claim is made of, whatever joins them."""
    if isinstance(test, ast.Or | ast.And | ast.Not) or (isinstance(test, ast.Group) and len(test.items) == 1):
        for part in children(test):
            yield from _parts(part)
    else:
        yield test


@dataclass(frozen=True)
class _Bounds:
    """Conditions that the bounds of quantities settle."""

    requests: Requests
    #: Tuned axes by name.
    axes: Mapping[str, PlanAxis]
    #: Quantities of cells and fits, and between what they lie.
    known: Mapping[str, tuple[float, float]]

    def tuned(self, node: Any) -> PlanAxis | None:
        """The tuned axis whose best value a side is."""
        name = node.name if isinstance(node, ast.Call) else node.id if isinstance(node, ast.Name) else ""
        return self.axes.get(name)

    def open(self, test: Any) -> tuple[str, ...]:
        """Between which numbers the first quantity of a settled claim lies, one of which would leave it open."""
        if any(self.sums_to_one(side) for side in children(test)):
            share = next(text(side) for side in calls_in(test))
            return (f"`b` is 1 less `a`, for C = 6 N D: claim one of them, such as `{share} in [0.4..0.6]`",)
        match test:
            case ast.Chain(left, ((op, right),)) if _floor(left, right) or _floor(right, left):
                call = next((text(side) for side in calls_in(test) if side.name == LOSS), LOSS)
                near = (op in ("<", "<=")) == _floor(right, left)
                said = "how near it comes" if near else "by how much"
                return (f"claim {said}, such as `excess{call.removeprefix(LOSS)} {'<' if near else '>'} 0.05`",)
        match test:
            case ast.Chain(left, ((_, right),)):
                (one, _), (two, _) = _multiple(left), _multiple(right)
                if one is not None and two is not None and text(one) == text(two):
                    return (f"`{text(one)}` stands on both sides: compare it with another number",)
        for node in (*calls_in(test), *names_in(test)):
            if values := self.values(node):
                few = ", ".join(text_of(float(f"{v:.4g}")) for v in values[:8])
                one = f"`{text(node)}` is one of {few}{', ...' if len(values) > 8 else ''}"
                return (f"{one}: claim a range that some of them lie in, or tune on a finer grid",)
            low, high = self.of(node)
            if low < high:
                least = 0.0 if low == sys.float_info.min else low
                between = f"above {least:.3g}" if high == math.inf else f"between {least:.3g} and {high:.3g}"
                return (f"compare `{text(node)}` with a number {between}, which the results could miss",)
        return ()

    def settled(self, test: Any) -> bool | None:
        """The truth of a condition by the bounds of its quantities alone; None where it is open."""
        match test:
            case ast.And(left, right):
                return _all(self.settled(left), self.settled(right))
            case ast.Or(left, right):
                return _not(_all(_not(self.settled(left)), _not(self.settled(right))))
            case ast.Not(operand):
                return _not(self.settled(operand))
            case ast.Group(items) if len(items) == 1:
                return self.settled(items[0])
            case ast.Near(value, ast.Number(width), target) if is_percentage(test.tolerance) and self.tuned(value):
                at, part = self.of(target), abs(number(width).value)
                return self.among(value, at[0] * (1 - part), at[1] * (1 + part)) if at[0] == at[1] else None
            case ast.Near(value, ast.Number(tolerance), target) if self.sums_to_one(value):
                one, by = self.of(target)[0], float(number(tolerance).value)
                return abs(1 - one) <= by * (one if is_percentage(test.tolerance) else 1)
            case ast.Inside(value, ast.Range(start, stop)) if self.tuned(value):
                (low, same), (high, as_high) = self.of(start), self.of(stop)
                return self.among(value, low, high) if low == same and high == as_high else None
            case ast.Inside(value, ast.Range(start, stop)):
                return _all(self.order("<=", start, value), self.order("<=", value, stop))
            case ast.Chain(first, rest):
                lefts = (first, *(side for _, side in rest))
                return _all(*(self.order(op, left, right) for left, (op, right) in zip(lefts, rest, strict=False)))
        return None

    def sums_to_one(self, node: Any) -> bool:
        """True for `a + b` of one optimum: C = 6 N D, so that what N does not take of it is D's."""
        while isinstance(node, ast.Group) and len(node.items) == 1:
            node = node.items[0]
        sides = (node.left, node.right) if isinstance(node, ast.Binary) and node.op == "+" else ()
        asked_of = [side for side in sides if isinstance(side, ast.Call) and len(side.args) == 1]
        asked = {text(call.args[0]) for call in asked_of}
        return {call.name for call in asked_of} == SHARES and len(asked) == 1 and asked <= self.requests.optima.keys()

    def among(self, node: Any, low: float, high: float) -> bool | None:
        """The truth of a tuned axis's best value lying between two numbers, for it is one of the values tuned."""
        inside = [low <= value <= high for value in self.values(node)]
        return _all(*inside) if all(inside) or not any(inside) else None

    def values(self, node: Any) -> list[float]:
        """The values of the tuned axis that a side is the best of, rising."""
        axis = self.tuned(node)
        return sorted(float(p[0]) for p in axis.points if not isinstance(p[0], str)) if axis is not None else []

    def order(self, op: str, left: Any, right: Any) -> bool | None:
        """The truth of a comparison by the bounds of its sides; None where it is open."""
        if op in (">", ">="):
            return self.order({">": "<", ">=": "<="}[op], right, left)
        if op not in ("<", "<="):
            return None
        if _floor(left, right) or _floor(right, left):
            return _floor(left, right)
        if isinstance(left, ast.Call | ast.Name) and text(left) == text(right):
            return op == "<="
        (one, by_one), (two, by_two) = _multiple(left), _multiple(right)
        if one is not None and two is not None and text(one) == text(two) and self.of(one)[0] >= 0 and by_one != by_two:
            return by_one < by_two
        (a_low, a_high), (b_low, b_high) = self.of(left), self.of(right)
        if a_high < b_low or (op == "<=" and a_high == b_low):
            return True
        if a_low > b_high or (op == "<" and a_low == b_high):
            return False
        return None

    def of(self, node: Any) -> tuple[float, float]:
        """The least and greatest value a side can have."""
        try:
            value = float(constant(node))
            return value, value
        except Fault:
            pass
        if self.sums_to_one(node):
            return 1.0, 1.0
        if not isinstance(node, ast.Call | ast.Name):
            return -math.inf, math.inf
        name = node.name if isinstance(node, ast.Call) else node.id
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if first is not None and name in REDUCTIONS:
            return (0.0, math.inf) if name == "spread" else self.of(first)
        if (axis := self.tuned(node)) is not None:
            values = [float(p[0]) for p in axis.points if not isinstance(p[0], str)]
            return (min(values), max(values)) if values else (-math.inf, math.inf)
        of_fit = isinstance(first, ast.Call | ast.Name) and text(first) in self.requests.fits
        if name in self.known and (of_fit or first is None if QUANTITIES[name].of == "fit" else not of_fit):
            return self.known[name]
        low, high, above = self._declared(name, text(first) if isinstance(first, ast.Call | ast.Name) else "")
        # Above 0; a denormal would be 0 where training flushes them.
        return low + sys.float_info.min if above else low, high

    def _declared(self, name: str, request: str) -> tuple[float, float, bool]:
        """Least and greatest value of a quantity of this fit, optimum or none, and whether the least is left out."""
        if request in self.requests.fits:
            fit = self.requests.fits[request].request
            params = law_of(fit).params_in(tuple(quantity for _, quantity in fit.variables))
        elif request in self.requests.optima:
            params = method_of(self.requests.optima[request].request).params
        else:
            params = ()
        known = QUANTITIES.get(name)
        if name == SLOPE and any(p.kind == "exponent" for p in params):
            return 0.0, EXPONENT_BOUND, False
        bounds = (-math.inf, math.inf, False) if known is None else (known.low, known.high, known.above)
        return next((p.bounds for p in params if p.name == name), bounds)


def _multiple(node: Any) -> tuple[Any, float]:
    """A quantity and the number that a side is it times; None and 0 for another expression."""
    match node:
        case ast.Call() | ast.Name():
            return node, 1.0
        case ast.Group((inner,)):
            return _multiple(inner)
        case ast.Binary("/", inner, by):
            share = _constant(by)
            one, factor = _multiple(inner)
            return (one, factor / share) if share else (None, 0.0)
        case ast.Binary("*", first, second):
            for by, inner in ((first, second), (second, first)):
                if (times := _constant(by)) is not None:
                    one, factor = _multiple(inner)
                    return one, factor * times
    return None, 0.0


def _constant(node: Any) -> float | None:
    try:
        return float(constant(node))
    except Fault:
        return None


def _floor(floor: Any, loss: Any) -> bool:
    """True for an entropy rate and a loss of the same cells, which no model's lies below but for noise."""
    sides = [node if isinstance(node, ast.Call) else as_call(node) for node in (floor, loss)]
    if None in sides or [side.name for side in sides if side is not None] != [FLOOR, LOSS]:
        return False
    low, high = ([text(a) for a in side.args] for side in sides if side is not None)
    return set(low) <= set(high) and all(isinstance(a, ast.Define) for a in (sides[1].args if sides[1] else ()))


def _all(*verdicts: bool | None) -> bool | None:
    """The truth of a conjunction, where some of its parts may be open."""
    return False if False in verdicts else None if None in verdicts else True


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict
