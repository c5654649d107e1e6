"""Claims: conditions of `expect` with every quantity written out, so that nothing is left to guess."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..diagnostics.collect import Fault, Findings, Report
from ..errors import Diagnostic, Edit, Fix
from ..expressions.canonical_tree import text
from ..expressions.units import mismatches
from ..plan.study_plan import ClaimText
from ..requests.request_types import free_parameters
from ..resolve.lets import Lets
from ..source import Span
from ..syntax import ast
from ..syntax.numbers import short
from ..syntax.visit import map_children
from ..vocabulary.functions import FUNCTIONS, REDUCTIONS
from .operands import Numbers, constant_or_none
from .references import asks, noisy, settled, written
from .resolve_names import Owners


@dataclass(frozen=True)
class Claim:
    """A claim with its quantities resolved, and where it stands."""

    text: ClaimText
    #: As the plan has it, with its places in the study, and with references for leaves.
    test: ast.Test
    tree: Any
    where: ast.Test | None
    span: Span


def read_claim(expect: ast.Expect, lets: Lets, owners: Owners, report: Report) -> Claim | None:
    """A claim with its quantities resolved, or None after reporting why not."""
    keep = frozenset(owners.labels.axes) | frozenset(owners.axes)
    test = lets.inline(expect.test, keep=keep, named=True)
    where = None if expect.where is None else lets.inline(expect.where, keep=keep)
    findings = Findings(report)
    found = Conditions(owners, expect.span.file, findings).condition(test)
    resolved = written(found)
    for d in (*mismatches(resolved, {*owners.axes, *owners.known}), *mismatches(where, None)):
        findings.report(d)
    if findings.errors:
        return None
    if not asks(found):
        notes = ("what the study itself sets, such as its sizes, is known before any run",)
        helps = ("claim what is measured or fitted, such as `loss < 2.5` or `alpha in [0.3..0.5]`",)
        message = f"`{text(test)}` asks nothing of the results"
        findings.error("SCL420", message, expect.test.span, notes=notes, helps=helps)
        return None
    plain = ClaimText(test=text(resolved), where=None if where is None else text(where))
    return Claim(plain, resolved, settled(found), where, expect.test.span)


class Conditions(Numbers):
    """Resolves the condition of one claim."""

    def condition(self, node: Any) -> Any:
        """A condition with references for leaves."""
        match node:
            case ast.Or() | ast.And() | ast.Not() | ast.Group((_,)):
                return map_children(node, self.condition)
            case ast.Chain():
                return self._chain(node)
            case ast.Inside():
                return self._inside(node)
            case ast.Near():
                return self._near(node)
        before = self.findings.errors
        if isinstance(node, ast.Call) and not _as_condition(node):
            self.read(node)
            if self.findings.errors > before:
                return node
        helps: tuple[str, ...] = (f"compare it, such as `{text(node)} > 0.3`, or `{text(node)} in [0.3..0.5]`",)
        if isinstance(node, ast.Call) and (said := _as_condition(node)):
            helps = (f"write `{said}`",)
        fit = self.owners.requests.fits.get(text(node))
        if fit is not None and (own := free_parameters(fit.request)):
            helps = (f"claim a number of it, such as `{own[-1]}({text(node)}) > 0.3`",)
        if isinstance(node, ast.String):
            helps = (f"leave the quotes out: `expect {node.value}`",)
        message = f"`{text(node)}` is a value, and a claim is something that can be true or false"
        self.findings.error("SCL421", message, node.span, helps=helps)
        return node

    def _asked(self, node: ast.Call) -> bool:
        """True for a function, a reduction, or a number of a fit that is named."""
        if node.name in FUNCTIONS or node.name in REDUCTIONS:
            return True
        try:
            return bool(node.args) and self.owners.named(node.args[0]) is not None
        except Fault:
            return True

    def _chain(self, node: ast.Chain) -> ast.Chain:
        """Comparisons; two sides are equal only where both are known exactly."""
        equal = any(op in ("==", "!=") for op, _ in node.rest)
        sides = [self.read(e, labels=equal) for e in (node.first, *(e for _, e in node.rest))]
        for (op, _), one, two in zip(node.rest, sides, sides[1:], strict=False):
            if op in ("==", "!=") and (noisy(one) or noisy(two)):
                self._never_equal(node, *((one, two) if noisy(one) else (two, one)))
        rest = tuple((op, side) for (op, _), side in zip(node.rest, sides[1:], strict=True))
        return replace(node, first=sides[0], rest=rest)

    def _inside(self, node: ast.Inside) -> ast.Inside:
        value = self.read(node.value)
        if noisy(value) and (isinstance(node.where, ast.Set) or _is_point(node.where)):
            self._never_equal(node, value)
        return replace(node, value=value, where=self._interval(node.where))

    def _near(self, node: ast.Near) -> ast.Near:
        value, target = self.read(node.value), self.read(node.target)
        width = constant_or_none(node.tolerance)
        if width is not None and (width < 0 or (width == 0 and (noisy(value) or noisy(target)))):
            message = f"nothing lies within {text(node.tolerance)} of a number"
            self.findings.error(
                "SCL423", message, node.tolerance.span, helps=("write a tolerance above 0, such as `5%`",)
            )
        return replace(node, value=value, tolerance=self.read(node.tolerance), target=target)

    def _never_equal(self, node: Any, side: Any, other: Any = None) -> None:
        plain = text(written(side))
        target = "..." if other is None else text(written(other))
        match other:
            case ast.Binary("+", middle, ast.Negate(width)):  # `== 0.4 +- 0.05`
                helps = (f"write `{plain} within {text(width)} of {text(written(middle))}`",)
                message = f"`{plain}` is estimated with noise: a claim says how near it is"
                self.findings.error("SCL431", message, node.span, helps=helps)
                return
        listed = node.where.entries if isinstance(node, ast.Inside) and isinstance(node.where, ast.Set) else ()
        ends = sorted(v for e in listed if (v := constant_or_none(e.value)) is not None)
        if len(ends) > 1 and len(ends) == len(listed):
            message = f"`{plain}` is estimated with noise, and is never one of several numbers exactly"
            helps = (f"write `{plain} in [{short(ends[0])}..{short(ends[-1])}]`, a range",)
            self.findings.error("SCL431", message, node.span, helps=helps)
            return
        if isinstance(other, ast.Number) and constant_or_none(other) == 0:
            message = f"`{plain}` is estimated with noise, and never equals a number exactly"
            helps = (f"say how near it is, such as `{plain} within 0.05 of 0`, or on which side: `{plain} > 0.05`",)
            self.findings.error("SCL431", message, node.span, helps=helps)
            return
        self.findings.error(
            "SCL431",
            f"`{plain}` is estimated with noise, and never equals a number exactly",
            node.span,
            helps=(
                f"say how near it is, such as `{plain} within 5% of {target}`, or on which side: `{plain} > {target}`",
            ),
        )

    def _interval(self, node: Any) -> Any:
        """After `in`: a closed interval or a list."""
        if isinstance(node, ast.Range):
            if node.grid is not None:
                plain = f"[{text(node.start)}..{text(node.stop)}]"
                self.findings.error(
                    "SCL422", "an interval has two ends and nothing more", node.span, helps=(f"write `{plain}`",)
                )
            low, high = constant_or_none(node.start), constant_or_none(node.stop)
            if low is not None and high is not None and low > high:
                self.findings.error(
                    "SCL423",
                    f"no number lies in an interval that falls from {short(low)} to {short(high)}",
                    node.span,
                    helps=(f"write `[{text(node.stop)}..{text(node.start)}]`",),
                )
            return map_children(node, self.read)
        if isinstance(node, ast.Set):
            return map_children(node, lambda entry: map_children(entry, self.read))
        message = f"after `in` stands an interval such as `[0.3..0.5]`, not `{text(node)}`"
        helps: tuple[str, ...] = ("write `in [0.3..0.5]`, or compare: `> 0.3`",)
        fixes: tuple[Fix, ...] = ()
        ends = (node.left, node.right) if isinstance(node, ast.Binary) and node.op == "-" else ()
        if len(ends) == 2 and all(isinstance(e, ast.Number) for e in ends):
            meant = f"[{text(ends[0])}..{text(ends[1])}]"
            helps, fixes = (f"write `{meant}`",), (Fix((Edit(node.span, meant),)),)
        if isinstance(node, ast.Group) and len(node.items) == 2:
            meant = f"[{text(node.items[0])}..{text(node.items[1])}]"
            helps, fixes = (f"write `{meant}`",), (Fix((Edit(node.span, meant),)),)
        self.findings.report(Diagnostic("SCL422", message, node.span, helps=helps, fixes=fixes))
        return node


#: Functions of other languages that say what a condition says here.
_BETWEEN = ("between", "isbetween", "is_between", "in_range", "inrange", "within_range")
_CLOSE = ("isclose", "is_close", "approx", "allclose", "close", "near", "almost_equal", "about", "approximately")
_ORDER = {"lt": "<", "less": "<", "gt": ">", "greater": ">", "le": "<=", "ge": ">="}


def _as_condition(node: ast.Call) -> str:
    """`between(alpha, 0.3, 0.5)`, `isclose(alpha, 0.5, rtol=0.1)` and `less(a, b)` as conditions; else empty."""
    given = [text(a) for a in node.args if not isinstance(a, ast.Define)]
    low = node.name.lower()
    if low in _BETWEEN and len(given) == 3:
        return f"{given[0]} in [{given[1]}..{given[2]}]"
    if low in _CLOSE and len(given) >= 2:
        near = next((constant_or_none(a.value) for a in node.named if a.name.startswith("r")), None)
        return f"{given[0]} within {5 if near is None else short(100 * near)}% of {given[1]}"
    return f"{given[0]} {_ORDER[low]} {given[1]}" if low in _ORDER and len(given) == 2 else ""


def _is_point(node: Any) -> bool:
    """True for an interval that is one number."""
    low = constant_or_none(node.start) if isinstance(node, ast.Range) else None
    return low is not None and low == constant_or_none(node.stop)
