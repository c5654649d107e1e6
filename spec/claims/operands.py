"""The numbers of a claim: every quantity in an expression made a reference to what it is of, and where."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..diagnostics.collect import Fault, Findings
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.sweeps import constant
from ..plan.study_plan import OptimumRequest
from ..requests.provides import Request, of_request
from ..syntax import ast
from ..syntax.parser import parse_value
from ..syntax.visit import map_children, names_in
from ..vocabulary.functions import ASYMMETRY, FUNCTIONS, REDUCTIONS, SHARE
from ..vocabulary.quantities import QUANTITIES, canonical, run_quantities
from .references import Kind, QuantityRef, Reduction, Unresolved, written
from .resolve_names import Owners
from .selectors import Selectors, read_at, selectors_of


def constant_or_none(node: Any) -> float | None:
    """The value of an expression of numbers alone."""
    try:
        value: float = constant(node)
    except Fault:
        return None
    return value


@dataclass(frozen=True)
class Numbers:
    """Resolves the numbers of one claim."""

    owners: Owners
    #: The file that the claim stands in.
    file: str
    findings: Findings

    @property
    def selectors(self) -> Selectors:
        """The judge of what its quantities select."""
        return Selectors(self.owners.axes, self.owners.labels, self.owners.columns)

    def read(self, node: Any, labels: bool = False) -> Any:
        """An expression with references for leaves; with `labels`, a side of `==`, which may be one."""
        if isinstance(node, ast.Call | ast.Binary) and not any(names_in(node)):
            try:
                constant(node)
            except Fault as fault:
                if fault.diagnostic.code == "SCL204":  # anything else has a quantity in it
                    self.findings.report(fault.diagnostic)
                    return node
        match node:
            case ast.Name(id) if labels and id not in self.owners.axes and self.owners.labels.may_be(id):
                return node
            case ast.Name():
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.Binary() | ast.Negate() | ast.Group((_,)):
                if isinstance(node, ast.Binary) and node.op == "/" and constant_or_none(node.right) == 0:
                    self.findings.error(
                        "SCL204", f"`{text(node)}` divides by zero", node.span, helps=("divide by another number",)
                    )
                return map_children(node, self.read)
            case ast.Number():
                return node
            case ast.String() if labels:
                return node
        helps = ("a claim compares numbers: name what is asked for without quotes and braces",)
        self.findings.error("SCL421", f"`{text(node)}` is no number", node.span, helps=helps)
        return node

    def _name(self, node: ast.Name) -> Any:
        owners = self.owners
        if node.id in owners.axes or owners.tuned(node.id):
            return self._of_axis(node, ())
        if owners.measures(node.id):
            return self._measured(node, ())
        found, said = owners.of_bare(node.id, node.span, self.file)
        self.findings.report(said)
        if len(found) == 1:
            call = ast.Call(node.id, (parse_value(found[0].name),), span=node.span, name_span=node.span)
            return self._of_request(found[0], call, [], ())
        if found:
            return _unresolved(node, said)
        known = {*owners.known} - {*owners.called}
        if node.id not in run_quantities() and node.id not in known and node.id not in owners.axes:
            return self._unknown(node, owners.unknown(node.id, node.span))
        return self._quantity("size", node.id, node, ())

    def _call(self, node: ast.Call) -> Any:
        given = [a for a in node.args if not isinstance(a, ast.Binding)]
        named = node.named
        swept = [a.names[0] for a in node.args if isinstance(a, ast.Axis)]
        swept += [a.name for a in named if isinstance(a.value, ast.Set | ast.Range)]
        if swept:
            name = swept[0]
            helps = (f"ask it at one value, `{name}=...`, or of all that a condition leaves: `where {name} > ...`",)
            self.findings.error("SCL422", f"`{node.name}` takes no sweep in a claim", node.span, helps=helps)
            return node
        if self._reduces(node.name, given):
            return self._reduction(node, given, named)
        if node.name in FUNCTIONS and not named and not self._gives(given, node.name):
            fewest, most = FUNCTIONS[node.name].fewest, FUNCTIONS[node.name].most
            if not fewest <= len(node.args) <= most:
                count = str(fewest) if fewest == most else f"{fewest} or more"
                helps = (
                    f"it takes {count}"
                    + (f"; of a quantity's cells, write `mean({text(node.args[0])})`" if node.args else ""),
                )
                self.findings.error(
                    "SCL205", f"`{node.name}` does not take {len(node.args)} values", node.span, helps=helps
                )
            return map_children(node, self.read)
        if node.name == ASYMMETRY:
            return self._asymmetry(node, given, named)
        try:
            request = self.owners.named(given[0]) if given else None
        except Fault as fault:
            return self._unknown(node, fault.diagnostic)
        if request is not None:
            return self._of_request(request, node, given[1:], named)
        return self._of_cells(node, given, named)

    def _gives(self, given: Sequence[Any], name: str) -> bool:
        """True where a function is also a parameter of the fit it is asked of, as in `floor(sigmoid(D))`."""
        try:
            request = self.owners.named(given[0]) if given else None
        except Fault:
            return False
        return request is not None and name in of_request(request)

    def _reduces(self, name: str, given: Sequence[Any]) -> bool:
        """True for a call that makes one number of several panels, not of several numbers as `min` and `max` may."""
        if name not in REDUCTIONS or not given:
            return False
        return name not in FUNCTIONS or len(given) == 1 or all(self.owners.is_label(g) for g in given[1:])

    def _reduction(self, node: ast.Call, given: list[Any], named: tuple[ast.Define, ...]) -> Any:
        chosen = [*given[1:], *named]
        self._select(chosen)
        inner = self.read(given[0])
        whole = replace(node, args=(written(inner), *chosen))
        try:
            return Reduction(node.name, inner, whole, selectors_of(chosen), span=node.span)
        except Fault as fault:
            return _unresolved(node, fault.diagnostic)

    def _of_request(self, request: Request, node: ast.Call, labels: list[Any], named: tuple[ast.Define, ...]) -> Any:
        """A number of a fit or optimum, where the selectors say, under the name it was asked for by."""
        self.findings.report(_with_change(self.owners.lacks(request, node), node))
        for said in self.selectors.panels(request, node, labels, named):
            self.findings.report(said)
        whole = replace(node, args=(parse_value(request.name), *node.args[1:]))
        kind: Kind = "optimum" if isinstance(request, OptimumRequest) else "fit"
        return self._quantity(kind, node.name, whole, [*labels, *named], request, read_at(request, node.name))

    def _of_cells(self, node: ast.Call, given: list[Any], named: tuple[ast.Define, ...]) -> Any:
        """A quantity of cells, or of the one fit that has it, at the cells selected."""
        owners = self.owners
        first = given[0] if given else None
        if node.name in owners.facts and len(given) == 1 and given[0] == ast.Name("data"):
            self._select(list(named))
            return self._quantity("property", node.name, node, named)
        if node.name == SHARE and isinstance(first, ast.Name) and f"{SHARE}_{first.id}" in owners.facts:
            self._select([*given[1:], *named])
            return self._quantity("property", f"{SHARE}_{first.id}", node, [*given[1:], *named])
        if owners.measures(node.name):
            return self._measured(node, [*given, *named])
        if owners.tuned(node.name) or (node.name in run_quantities() and node.name not in owners.axes):
            return self._of_axis(node, [*given, *named])
        here = owners.is_label(first) or (isinstance(first, ast.Name) and first.id in owners.axes)
        if isinstance(first, ast.Call | ast.Name) and not here:
            return self._unknown(node, owners.no_such_fit(node, first))
        found, said = owners.of_bare(node.name, node.name_span, self.file)
        self.findings.report(said)
        if not found:
            return self._unknown(node, owners.unknown(node.name, node.name_span, [*given, *named]))
        if len(found) != 1:
            return _unresolved(node, said)
        whole = replace(node, args=(parse_value(found[0].name), *node.args))
        return self._of_request(found[0], whole, given, named)

    def _measured(self, node: ast.Name | ast.Call, chosen: list[Any] | tuple[()]) -> Any:
        """A loss of cells, or a number of their sources."""
        name = node.id if isinstance(node, ast.Name) else node.name
        if name not in self.owners.measured:
            name = canonical(name)
            node = replace(node, id=name) if isinstance(node, ast.Name) else replace(node, name=name)
        self._select(list(chosen))
        return self._quantity("measured" if QUANTITIES[name].fitted else "property", name, node, chosen)

    def _of_axis(self, node: ast.Name | ast.Call, chosen: list[Any] | tuple[()]) -> Any:
        """The value of an axis, the best of a tuned one, or a size of the cells selected."""
        name = node.id if isinstance(node, ast.Name) else node.name
        self._select(list(chosen))
        kind: Kind = "tuned" if self.owners.tuned(name) else "axis" if name in self.owners.axes else "size"
        return self._quantity(kind, name, node, chosen)

    def _asymmetry(self, node: ast.Call, given: list[Any], named: tuple[ast.Define, ...]) -> Any:
        """`asymmetry(loss, N, D)`: how much exchanging two sizes changes a measurement."""
        owners = self.owners
        if len(given) != 3 or not all(isinstance(g, ast.Name) for g in given):
            helps = ("write `asymmetry(loss, N, D)`",)
            message = "`asymmetry` takes a measurement and two quantities"
            return self._unknown(node, Diagnostic("SCL205", message, node.span, helps=helps))
        if given[0].id not in owners.measured:
            return self._unknown(node, owners.unknown(given[0].id, given[0].span))
        for size in given[1:]:
            if size.id not in run_quantities() and size.id not in owners.axes and size.id not in owners.known:
                self.findings.error(
                    "SCL401", f"`{size.id}` is no quantity of a run", size.span, helps=("write `N`, `D` or an axis",)
                )
        self._select(list(named))
        found = self._quantity("asymmetry", given[0].id, node, named)
        return replace(found, exchanged=tuple(g.id for g in given[1:])) if isinstance(found, QuantityRef) else found

    def _quantity(
        self,
        kind: Kind,
        name: str,
        node: ast.Name | ast.Call,
        chosen: Sequence[Any],
        request: Request | None = None,
        read: Container[str] = (),
    ) -> Any:
        """The reference; `read` are names of sizes that it is read at, where others select."""
        try:
            known = selectors_of(chosen)
        except Fault as fault:
            return _unresolved(node, fault.diagnostic)
        rest, at = (tuple(s for s in known if (s.name in read) is sized) for sized in (False, True))
        return QuantityRef(kind, name, node, request, rest, at, span=node.span)

    def _unknown(self, node: Any, said: Diagnostic | None) -> Unresolved:
        """Nothing that is known; nothing is said where another finding is the cause."""
        said = _with_change(said, node)
        self.findings.fail(said)
        return _unresolved(node, said)

    def _select(self, chosen: list[Any]) -> None:
        """Judge which cells are selected."""
        for said in self.selectors.wrong(chosen):
            self.findings.report(said)


_WRITE = re.compile(r"write `([^`]+)`(?! or `|: a fit)")


def _with_change(said: Diagnostic | None, node: Any) -> Diagnostic | None:
    """The finding about a quantity that is not there, with the change that its help comes to."""
    written_so = _WRITE.match(said.helps[0]) if said is not None and said.helps and not said.fixes else None
    if said is None or written_so is None or not said.code.startswith("SCL42") or node.span.end <= node.span.start:
        return said
    return replace(said, fixes=(Fix((Edit(node.span, written_so[1]),), "maybe-incorrect"),))


def _unresolved(node: Any, said: Diagnostic | None) -> Unresolved:
    reason = "" if said is None else ": ".join((said.message, *said.helps[:1]))
    return Unresolved(node, reason, span=node.span)
