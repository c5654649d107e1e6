"""The numbers of a claim: every quantity in an expression written out as a call, `beta(power(D), kappa=1)`.

A quantity is what, of which fit or optimum, where; which numbers need the results, and which are estimated with noise,
goes up with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..diagnostics.collect import Fault, Findings
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.study_plan import OptimumRequest
from ..requests.provides import Request
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import names_in
from ..vocabulary.functions import FUNCTIONS, REDUCTIONS
from ..vocabulary.quantities import QUANTITIES, run_quantities
from .resolve_names import Owners
from .selectors import Selectors


@dataclass(frozen=True)
class Side:
    """A part of a claim with its quantities written out."""

    node: Any
    #: Whether only the results give it.
    asks: bool = False
    #: Whether it is estimated with noise.
    noisy: bool = False


def joined(node: Any, *parts: Side) -> Side:
    """An expression of these parts."""
    return Side(node, any(p.asks for p in parts), any(p.noisy for p in parts))


def combined(node: Any, read: Callable[[Any], Side]) -> Side:
    """An operator or a group of one, its operands read in turn."""
    match node:
        case ast.Group((item,)):
            inner = read(item)
            return joined(replace(node, items=(inner.node,)), inner)
        case ast.Negate(operand) | ast.Not(operand):
            inner = read(operand)
            return joined(replace(node, operand=inner.node), inner)
    one, two = read(node.left), read(node.right)
    return joined(replace(node, left=one.node, right=two.node), one, two)


def found_out(node: Any, name: str) -> Side:
    """A quantity of this name, which only the results give."""
    return Side(node, asks=True, noisy=name not in QUANTITIES or QUANTITIES[name].noisy)


def constant_or_none(node: Any) -> float | None:
    """The value of an expression of numbers alone."""
    try:
        value: float = constant(node)
    except Fault:
        return None
    return value


@dataclass(frozen=True)
class Numbers:
    """Reads the numbers of one claim."""

    owners: Owners
    #: The file that the claim stands in.
    file: str
    findings: Findings
    selectors: Selectors = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "selectors", Selectors(self.owners.axes, self.owners.labels))

    def read(self, node: Any, labels: bool = False) -> Side:
        """An expression; with `labels`, a side of `==`, which may be one."""
        if isinstance(node, ast.Call | ast.Binary) and not any(names_in(node)):
            try:
                constant(node)
            except Fault as fault:
                if fault.diagnostic.code == "SCL204":  # anything else has a quantity in it
                    self.findings.add(fault.diagnostic)
                    return Side(node)
        match node:
            case ast.Name(id) if labels and id not in self.owners.axes and self.owners.labels.may_be(id):
                return Side(node)
            case ast.Name():
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.Binary() | ast.Negate() | ast.Group((_,)):
                if isinstance(node, ast.Binary) and node.op == "/" and constant_or_none(node.right) == 0:
                    self.findings.say("SCL204", f"`{text(node)}` divides by zero", node.span)
                return combined(node, self.read)
            case ast.Number():
                return Side(node)
            case ast.String() if labels:
                return Side(node)
        self.findings.say("SCL421", f"`{text(node)}` is no number", node.span)
        return Side(node)

    def _name(self, node: ast.Name) -> Side:
        owners = self.owners
        if node.id in owners.axes:
            return Side(node, asks=owners.tuned(node.id))
        if node.id in owners.measured:
            return found_out(node, node.id)
        found, said = owners.of_bare(node.id, node.span, self.file)
        self.findings.add(said)
        if len(found) == 1:
            if isinstance(found[0], OptimumRequest):
                self.findings.add(self.selectors.no_compute(node.id, found[0], [], node.span))
            call = ast.Call(node.id, (parse_value(found[0].name),), span=node.span, name_span=node.span)
            self.findings.add(owners.lacks(found[0], call))
            return found_out(call, node.id)
        if not found and node.id not in run_quantities() and node.id not in owners.known:
            self.findings.fail(owners.unknown(node.id, node.span))
        return found_out(node, node.id) if found else Side(node)

    def _call(self, node: ast.Call) -> Side:
        given = [a for a in node.args if not isinstance(a, ast.Define | ast.Axis | ast.Path)]
        named = [a for a in node.args if isinstance(a, ast.Define)]
        if len(given) + len(named) < len(node.args):
            self.findings.say("SCL422", f"`{node.name}` takes no sweep in a claim", node.span)
            return Side(node)
        reduces = (
            node.name in REDUCTIONS
            and given
            and (node.name not in FUNCTIONS or len(given) == 1 or all(self.owners.is_label(g) for g in given[1:]))
        )
        if reduces:
            self._select([*given[1:], *named])
            inner = self.read(given[0])
            return joined(replace(node, args=(inner.node, *given[1:], *named)), inner)
        if node.name in FUNCTIONS and not named:
            return self._function(node, given)
        if node.name == "asymmetry":
            return self._asymmetry(node, given, named)
        try:
            request = self.owners.named(given[0]) if given else None
        except Fault as fault:
            self.findings.add(fault.diagnostic)
            return Side(node)
        if request is not None:
            return self._of_request(request, node, given, named)
        return self._of_cells(node, given, named)

    def _function(self, node: ast.Call, given: list[Any]) -> Side:
        fewest, most = FUNCTIONS[node.name][1:]
        if not fewest <= len(given) <= most:
            self.findings.say("SCL205", f"`{node.name}` does not take {len(given)} values", node.span)
        parts = [self.read(g) for g in given]
        return joined(replace(node, args=tuple(p.node for p in parts)), *parts)

    def _of_request(self, request: Request, node: ast.Call, given: list[Any], named: list[ast.Define]) -> Side:
        """A number of a fit or optimum, where the selectors say, under the name it was asked for by."""
        self.findings.add(self.owners.lacks(request, node))
        for said in self.selectors.panels(request, node, given[1:], named):
            self.findings.add(said)
        return found_out(replace(node, args=(parse_value(request.name), *node.args[1:])), node.name)

    def _of_cells(self, node: ast.Call, given: list[Any], named: list[ast.Define]) -> Side:
        """A quantity of cells, or of the one fit that has it, at the cells selected."""
        owners = self.owners
        first = given[0] if given else None
        if node.name in owners.facts and len(given) == 1 and given[0] == ast.Name("data"):
            self._select(list(named))
            return found_out(node, node.name)
        if node.name in owners.measured:
            self._select([*given, *named])
            return found_out(node, node.name)
        if owners.tuned(node.name) or (node.name in run_quantities() and node.name not in owners.axes):
            self._select([*given, *named])
            return Side(node, asks=owners.tuned(node.name))
        if isinstance(first, ast.Call | ast.Name) and not owners.is_label(first) and not owners.is_axis(first):
            self.findings.fail(owners.no_such_fit(node, first))
            return Side(node)
        found, said = owners.of_bare(node.name, node.name_span, self.file)
        self.findings.add(said)
        if not found:
            self.findings.fail(owners.unknown(node.name, node.name_span))
        if len(found) != 1:
            return Side(node)
        whole = replace(node, args=(parse_value(found[0].name), *node.args))
        return self._of_request(found[0], whole, [None, *given], named)

    def _asymmetry(self, node: ast.Call, given: list[Any], named: list[ast.Define]) -> Side:
        """`asymmetry(loss, N, D)`: how much exchanging two sizes changes a measurement."""
        owners = self.owners
        if len(given) != 3 or not all(isinstance(g, ast.Name) for g in given):
            helps = ("write `asymmetry(loss, N, D)`",)
            message = "`asymmetry` takes a measurement and two quantities"
            self.findings.say("SCL205", message, node.span, helps=helps)
            return Side(node)
        if given[0].id not in owners.measured:
            self.findings.fail(owners.unknown(given[0].id, given[0].span))
        for size in given[1:]:
            if size.id not in run_quantities() and size.id not in owners.axes and size.id not in owners.known:
                self.findings.say("SCL401", f"`{size.id}` is no quantity of a run", size.span)
        self._select(list(named))
        return found_out(node, node.name)

    def _select(self, chosen: list[Any]) -> None:
        """Judge which cells are selected."""
        for said in self.selectors.wrong(chosen):
            self.findings.add(said)
