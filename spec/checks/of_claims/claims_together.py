"""Rules about claims together: none is made twice or rules another out, and a reduction is of several values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import Claimed, between, claimed, comparisons, excluded
from ...claims.references import QuantityRef, Reduction, references
from ...errors import Diagnostic, Label
from ...expressions.canonical_tree import text
from ...plan.study_plan import FitRequest
from ...source import Span
from ...syntax import ast
from ...syntax.visit import children, conjuncts
from .claim_bounds import APART, FLOOR, Bounds, goes_round

#: What is said of two claims that exclude each other.
EACH = "claim the one that is expected: each claim fails the study where it fails"


class _Part(NamedTuple):
    """One condition of a claim, and where it stands."""

    range: Claimed
    said: str
    where: str
    span: Span
    claim: Claim


def repeated_claims(claims: Sequence[Claim], rule: Bounds) -> Iterator[Diagnostic]:
    """Claims that say what another says, or what rules another out; `rule` has the bounds of their quantities."""
    seen: dict[tuple[str, str], Claim] = {}
    parts: list[_Part] = []
    for claim in claims:
        where = "" if claim.where is None else text(claim.where)
        first = seen.setdefault((text(claim.test), where), claim)
        if first is not claim:
            message = f"`{text(claim.test)}` is claimed twice, and counts twice among what held"
            labels = (Label(first.span, "first here"),)
            yield Diagnostic("SCL444", message, claim.span, "warning", labels, helps=("leave one of them out",))
            continue
        for node in _conditions(claim.test):
            if (wanted := claimed(node)) is None or not rule.compares(wanted):
                continue
            part = _Part(wanted, text(node), where, node.span if node.span in claim.span else claim.span, claim)
            own_first = sorted(parts, key=lambda p: p.claim is not claim)
            other = next((p for p in own_first if _exclude(p, part)), None)
            if other is None:
                parts.append(part)
                continue
            message = f"`{part.said}` and `{other.said}` cannot both hold"
            chained = other.span == part.span
            beside = () if chained else (Label(other.span, "the other claim"),)
            helps = _between(other.range, wanted, chained=chained) if other.claim is claim else (EACH,)
            yield Diagnostic("SCL444", message, part.span, "warning", beside, helps=helps)


def _exclude(one: _Part, two: _Part) -> bool:
    noisy = all(ref.noisy for part in (one, two) for ref in references(part.claim.tree))
    return one.where == two.where and excluded(one.range, two.range, noisy=noisy)


def _conditions(test: Any) -> Iterator[Any]:
    """The conditions that a claim joins by `and` or in one chain, without chains that end where they began."""
    for part in conjuncts(test):
        if not (isinstance(part, ast.Chain) and goes_round(part)):
            yield from comparisons(part)


def _between(one: Claimed, two: Claimed, *, chained: bool) -> tuple[str, ...]:
    """The help for two ends of one claim that are exchanged."""
    if meant := between(one, two):
        both = "" if chained else "; on either side of them, `or` joins the two"
        return (f"between the two is `{meant}`{both}",)
    if one.quantity == two.quantity and {one.low, two.low} & {one.high, two.high} and isinstance(one.node, ast.Chain):
        quantity, at = text(one.node.first), text(one.node.rest[0][1])
        return (f"no number lies on both sides: write `{quantity} within 5% of {at}` for one that is near",)
    return ("claim the one that is expected: a claim whose parts exclude each other never holds",)


def reductions_of_one(claims: Iterable[Claim], panels: Callable[[Any], int]) -> Iterator[Diagnostic]:
    """A spread of the numbers of one fit is 0, whatever is found; `panels` counts the values of a quantity."""
    for claim in claims:
        for found in _reductions(claim.tree):
            if found.word == APART and panels(found.quantity) == 1:
                inner = text(found.written.args[0])
                message = f"`{text(found.written)}` is 0 whatever is found: `{inner}` is one number here"
                notes: tuple[str, ...] = ("values of an axis that the law sees are fitted together, and make one fit",)
                helps = ("give each value a fit of its own with `panel`, as in `panel layers in {1, 2, 4}`",)
                if isinstance(found.quantity, QuantityRef) and found.quantity.name == FLOOR:
                    notes = (
                        "every cell is of one source: a `seed` behind `train` is that of models and of what is drawn",
                    )
                    helps = (
                        "for several graphs write `seed=graph_seed` in the parentheses of the graph, and "
                        "`graph_seed in {0, 1, 2}` behind `data`",
                    )
                elif isinstance(found.quantity, QuantityRef) and found.quantity.name in _shared(found.quantity):
                    notes = (f"`share` makes one `{found.quantity.name}` of those of all panels",)
                    helps = (f"leave `{found.quantity.name}` out of `share`, for one in every panel",)
                elif isinstance(found.quantity, QuantityRef) and found.quantity.kind == "measured":
                    notes = ("a cell has the mean over its seeds, whose scatter is `standard_error`",)
                    helps = (
                        f"write `{inner.replace(found.quantity.name, 'standard_error', 1)}`, or ask of several cells",
                    )
                span = found.span if found.span in claim.span else claim.span
                yield Diagnostic("SCL443", message, span, "warning", notes=notes, helps=helps)


def _shared(quantity: QuantityRef) -> tuple[str, ...]:
    """The parameters that all panels of its fit share."""
    return quantity.request.shared if isinstance(quantity.request, FitRequest) else ()


def of_table(quantity: Any) -> int:
    """The values that a quantity of a fit to a table without panels has: one, unless its slices are fits."""
    if not isinstance(quantity, QuantityRef) or quantity.request is None or quantity.selectors:
        return 0
    request = quantity.request
    return int(not isinstance(request, FitRequest) or (request.group is None and len(request.variables) > 1))


def _reductions(tree: Any) -> Iterator[Reduction]:
    if isinstance(tree, Reduction):
        yield tree
    elif isinstance(tree, ast.Node):
        for part in children(tree):
            yield from _reductions(part)
