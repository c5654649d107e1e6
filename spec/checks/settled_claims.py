"""Rules about claims: none that the bounds of its quantity settle before anything is trained."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..claims.claim_conditions import Claim
from ..diagnostics.collect import Fault
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..requests.request_types import Requests, law_of, method_of
from ..syntax import ast
from ..syntax.visit import calls_in, names_in
from ..vocabulary.functions import REDUCTIONS
from ..vocabulary.quantities import QUANTITIES


def settled_claims(claims: Iterable[Claim], requests: Requests) -> Iterator[Diagnostic]:
    """A claim that is true or false whatever is found tests nothing: a warning."""
    rule = _Bounds(requests)
    for claim in claims:
        verdict = rule.settled(claim.test)
        if verdict is not None:
            word = "holds" if verdict else "fails"
            message = f"`{text(claim.test)}` {word} whatever is found"
            yield Diagnostic("SCL430", message, claim.span, severity="warning", helps=rule.open(claim.test))


@dataclass(frozen=True)
class _Bounds:
    """Conditions that the bounds of quantities settle."""

    requests: Requests

    def open(self, test: Any) -> tuple[str, ...]:
        """Between which numbers the first quantity of a settled claim lies, one of which would leave it open."""
        for node in (*calls_in(test), *names_in(test)):
            low, high = self.of(node)
            if low < high:
                least = 0.0 if low == sys.float_info.min else low
                between = f"above {least:g}" if high == math.inf else f"between {least:g} and {high:g}"
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
            case ast.Inside(value, ast.Range(start, stop)):
                return _all(self.order("<=", start, value), self.order("<=", value, stop))
            case ast.Chain(first, rest):
                lefts = (first, *(side for _, side in rest))
                return _all(*(self.order(op, left, right) for left, (op, right) in zip(lefts, rest, strict=False)))
        return None

    def order(self, op: str, left: Any, right: Any) -> bool | None:
        """The truth of a comparison by the bounds of its sides; None where it is open."""
        if op in (">", ">="):
            return self.order({">": "<", ">=": "<="}[op], right, left)
        if op not in ("<", "<="):
            return None
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
        if not isinstance(node, ast.Call | ast.Name):
            return -math.inf, math.inf
        name = node.name if isinstance(node, ast.Call) else node.id
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if first is not None and name in REDUCTIONS:
            return (0.0, math.inf) if name == "spread" else self.of(first)
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
        bounds = (-math.inf, math.inf, False) if known is None else (known.low, known.high, known.above)
        return next((p.bounds for p in params if p.name == name), bounds)


def _all(*verdicts: bool | None) -> bool | None:
    """The truth of a conjunction, where some of its parts may be open."""
    return False if False in verdicts else None if None in verdicts else True


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict
