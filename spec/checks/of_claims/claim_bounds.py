"""Between what numbers the sides of a claim can lie, and the claims that this settles before anything is trained."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...claims.claimed_ranges import Claimed, claimed, multiple, number_of
from ...expressions.canonical_tree import text
from ...expressions.evaluate import is_percentage
from ...plan.run_grid import PlanAxis
from ...requests.request_types import Requests, law_of, method_of
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.visit import as_call
from ...vocabulary.functions import REDUCTIONS
from ...vocabulary.quantities import QUANTITIES
from ...vocabulary.words.laws import EXPONENT_BOUND

#: What is measured of a model, and the least that it can be.
LOSS, FLOOR = "loss", "entropy_rate"
#: How far apart two numbers are one that were typed differently.
SAME = 1e-9
#: The exponents of the best N and D in C.
SHARES = {"a", "b"}
#: The mean exponent of a law, which falls.
SLOPE = "slope"
#: The reduction that is of the distance between values.
APART = "spread"
ENDLESS = (-math.inf, math.inf)
#: How far apart several values lie that are found with noise: never at one point.
BETWEEN_SEVERAL = (sys.float_info.min, math.inf)
#: Functions that rise everywhere, as far as their argument goes down.
_RISING = {
    "exp": lambda x: math.exp(min(x, 700.0)) if x < math.inf else math.inf,
    "log": lambda x: math.log(x) if 0 < x < math.inf else math.inf if x > 0 else -math.inf,
    "sqrt": lambda x: math.sqrt(max(x, 0.0)) if x < math.inf else math.inf,
}

Range = tuple[float, float]


@dataclass(frozen=True)
class Bounds:
    """Conditions that the bounds of quantities settle."""

    requests: Requests
    #: Tuned axes by name.
    axes: Mapping[str, PlanAxis]
    #: Quantities of cells and fits, and between what they lie.
    known: Mapping[str, Range]

    def tuned(self, node: Any) -> PlanAxis | None:
        """The tuned axis whose best value a side is."""
        name = node.name if isinstance(node, ast.Call) else node.id if isinstance(node, ast.Name) else ""
        return self.axes.get(name)

    def settled(self, test: Any) -> bool | None:
        """The truth of a condition by the bounds of its quantities alone; None where it is open."""
        match test:
            case ast.And(left, right):
                return _all(self.settled(left), self.settled(right))
            case ast.Or(left, right):
                return covering(left, right, self) or _not(_all(_not(self.settled(left)), _not(self.settled(right))))
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
            case ast.Near(value, _, target) if not isinstance(value, ast.Number) and self.same(value, target):
                return True
            case ast.Near(value) if (wanted := claimed(test)) is not None and wanted.base is None:
                least, most = self.of(value)
                return False if wanted.high < least or wanted.low > most else None
            case ast.Inside(value, ast.Range(start, stop)) if self.tuned(value):
                (low, same), (high, as_high) = self.of(start), self.of(stop)
                return self.among(value, low, high) if low == same and high == as_high else None
            case ast.Inside(value, ast.Range(start, stop)):
                return _all(self.order("<=", start, value), self.order("<=", value, stop))
            case ast.Chain(first, rest):
                lefts = (first, *(side for _, side in rest))
                found = [self.order(op, left, right) for left, (op, right) in zip(lefts, rest, strict=False)]
                return False if goes_round(test) else _all(*found)
        return None

    def same(self, left: Any, right: Any) -> bool:
        """True for two sides that are one number, as of one fit by two names."""
        one, two = self._of_fit(left), self._of_fit(right)
        return text(left) == text(right) or (one is not None and one == two)

    def _of_fit(self, node: Any) -> tuple[Any, ...] | None:
        """What a number of a fit is: its name, the law as it is fitted, and at what it is asked; None for any other."""
        fit = self.requests.fits.get(text(node.args[0])) if isinstance(node, ast.Call) and node.args else None
        if fit is None:
            return None
        law = tuple(value for name, value in fit.request if name != "name")
        return node.name, law, tuple(text(arg) for arg in node.args[1:])

    def compares(self, part: Claimed) -> bool:
        """True for a condition on a quantity alone, or on its ratio to one that is never below 0."""
        return part.base is None or self.of(part.base)[0] >= 0

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

    def _equal(self, left: Any, right: Any) -> bool | None:
        """The truth of a tuned axis's best value being a number, which it can be where that is one of its values."""
        node, other = (left, right) if self.tuned(left) is not None else (right, left)
        at = number_of(other)
        if at is None or self.tuned(node) is None:
            return None
        return self.among(node, at - SAME * abs(at), at + SAME * abs(at))

    def values(self, node: Any) -> list[float]:
        """The values of the tuned axis that a side is the best of, rising."""
        axis = self.tuned(node)
        return sorted(float(p[0]) for p in axis.points if not isinstance(p[0], str)) if axis is not None else []

    def order(self, op: str, left: Any, right: Any) -> bool | None:
        """The truth of a comparison by the bounds of its sides; None where it is open."""
        if op in (">", ">="):
            return self.order({">": "<", ">=": "<="}[op], right, left)
        if op in ("==", "!="):
            equal = self._equal(left, right)
            return equal if op == "==" else _not(equal)
        if op not in ("<", "<="):
            return None
        if is_floor(left, right) or is_floor(right, left):
            return is_floor(left, right)
        if isinstance(left, ast.Call | ast.Name) and self.same(left, right):
            return op == "<="
        (one, by_one), (two, by_two) = multiple(left), multiple(right)
        if (placed := _placed(left, right)) is not None:
            return placed
        same = one is not None and two is not None and text(one) == text(two)
        if same and self.of(one)[0] >= 0 and by_one is not None and by_two is not None and by_one != by_two:
            return by_one < by_two
        (a_low, a_high), (b_low, b_high) = self.of(left), self.of(right)
        if a_high < b_low or (op == "<=" and a_high == b_low):
            return True
        if a_low > b_high or (op == "<" and a_low == b_high):
            return False
        return None

    def of(self, node: Any) -> Range:
        """The least and greatest value a side can have."""
        if (value := number_of(node)) is not None:
            return value, value
        if self.sums_to_one(node):
            return 1.0, 1.0
        match node:
            case ast.Group((inner,)):
                return self.of(inner)
            case ast.Negate(inner):
                low, high = self.of(inner)
                return -high, -low
            case ast.Binary("-", ast.Call("max", (one,)), ast.Call("min", (other,))) if text(one) == text(other):
                return BETWEEN_SEVERAL
            case ast.Binary("-", left, right) if is_floor(left, right):
                return -math.inf, 0.0
            case ast.Binary(op, left, right):
                return _combined(op, self.of(left), self.of(right))
            case ast.Call() | ast.Name():
                return self._of_call(node)
        return ENDLESS

    def _of_call(self, node: ast.Call | ast.Name) -> Range:
        name = node.name if isinstance(node, ast.Call) else node.id
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if first is not None and name in REDUCTIONS:
            return BETWEEN_SEVERAL if name == APART else self.of(first)
        if (axis := self.tuned(node)) is not None:
            values = [float(p[0]) for p in axis.points if not isinstance(p[0], str)]
            return (min(values), max(values)) if values else ENDLESS
        of_fit = isinstance(first, ast.Call | ast.Name) and text(first) in self.requests.fits
        if first is not None and not of_fit and len(node.args if isinstance(node, ast.Call) else ()) == 1:
            low, high = self.of(first)
            if name == "abs":
                return (0.0 if low <= 0 <= high else min(abs(low), abs(high)), max(abs(low), abs(high)))
            if name in _RISING:
                return _RISING[name](low), _RISING[name](high)
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
        bounds = (*ENDLESS, False) if known is None else (known.low, known.high, known.above)
        return next((p.bounds for p in params if p.name == name), bounds)


#: Where the numbers that reductions make of the same values stand among each other.
PLACES = {"min": 0, "mean": 1, "median": 1, "max": 2}


def _placed(left: Any, right: Any) -> bool | None:
    """True for `min(x) < max(x)`, False for the reverse; None for any other two sides."""
    if not (isinstance(left, ast.Call) and isinstance(right, ast.Call)):
        return None
    places = PLACES.get(left.name, -1), PLACES.get(right.name, -1)
    same = len(left.args) == 1 and [text(a) for a in left.args] == [text(a) for a in right.args]
    return places[0] < places[1] if same and min(places) >= 0 and places[0] != places[1] else None


def goes_round(test: ast.Chain) -> bool:
    """True for `a < b < a`: one way all along, and strictly, back to what it began with."""
    strict = {op for op, _ in test.rest} in ({"<"}, {">"})
    sides = (test.first, *(side for _, side in test.rest))
    found = [text(side) for side in sides if isinstance(side, ast.Call | ast.Name)]
    return strict and len({*found}) < len(found)


def covering(left: Any, right: Any, rule: Bounds) -> bool | None:
    """True for `x < 0.5 or x > 0.3`: every number satisfies one of them; None where some do not."""
    one, two = claimed(left), claimed(right)
    if one is None or two is None or one.quantity != two.quantity or not rule.compares(one):
        return None
    below, above = (one, two) if one.low == -math.inf else (two, one)
    every = above.low < below.high or (above.low == below.high and not (one.strict and two.strict))
    return True if below.low == -math.inf and above.high == math.inf and every else None


def _combined(op: str, one: Range, two: Range) -> Range:
    """The range of a sum, a difference, a product or a quotient of numbers of two ranges."""
    (a, b), (c, d) = one, two
    if op == "-":
        return _combined("+", one, (-d, -c))
    if op == "+":
        low, high = a + c, b + d
        return (-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high)
    if op == "/" and (c > 0 or (c == 0 and d > 0)):
        return _combined("*", one, (0.0 if d == math.inf else 1 / d, math.inf if c * sys.float_info.max < 1 else 1 / c))
    if op == "*":
        ends = [0.0 if 0 in (x, y) else x * y for x in one for y in two]
        return min(ends), max(ends)
    return ENDLESS


def is_floor(floor: Any, loss: Any) -> bool:
    """True for an entropy rate and a loss of the same cells, or several's, which none lies below but for noise."""
    if isinstance(loss, ast.Call) and loss.name in PLACES and len(loss.args) == 1:
        return text(floor) == FLOOR and text(loss.args[0]) == LOSS
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
