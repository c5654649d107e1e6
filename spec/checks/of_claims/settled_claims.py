"""Rules about claims: none that the bounds of its quantity settle before anything is trained."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import claimed, multiple, number_of
from ...claims.references import QuantityRef, references, written
from ...claims.selectors import labels_of
from ...diagnostics.suggest import listing
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.run_grid import PlanAxis
from ...plan.study_plan import FitRequest
from ...requests.request_types import Requests, free_parameters, law_of
from ...syntax import ast
from ...syntax.numbers import text_of
from ...syntax.parser import parse_value
from ...syntax.visit import calls_in, children, conjuncts, free_names, names_in, transform
from ...vocabulary.words.laws import EXPONENT_BOUND
from .claim_bounds import LOSS, PLACES, SHARES, Bounds, covering, goes_round, is_floor
from .claim_tolerances import tolerances

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
        axes: Those of the study; the best values of tuned ones are points of theirs.
        known: Quantities of cells and fits, and between what they lie; what is settled without it is not told again.
    """
    axes, claims = tuple(axes), tuple(claims)
    plain = bounds_of(requests, axes)
    rule = plain if known is None else replace(plain, known=known)
    for claim in claims:
        if known is not None and known.keys().isdisjoint(_names(claim.test)):
            continue
        verdict = rule.settled(claim.test)
        if verdict is not None and (known is None or plain.settled(claim.test) is None):
            false = (part for part in conjuncts(claim.test) if rule.settled(part) is False)
            yield _settled(claim, claim.test if verdict else next(false, claim.test), verdict, rule, axes, claims)
        for part in conjuncts(claim.test) if verdict is None and isinstance(claim.test, ast.And) else ():
            if rule.settled(part) and (known is None or plain.settled(part) is None):
                yield _settled(claim, part, True, rule, axes, claims)
        if known is None:
            for part in _parts(claim.test):
                yield from tolerances(claim, part, rule)
                yield from _one_sided(claim, part)
            yield from _held(claim, requests)
            yield from _by_form(claim, requests)


def bounds_of(requests: Requests, axes: Iterable[PlanAxis]) -> Bounds:
    """What is known of the quantities of a study before its cells are."""
    return Bounds(requests, {a.names[0]: a for a in axes if a.role == "tune" and len(a.names) == 1}, {})


def _one_sided(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`0.2 < alpha > 0.1`: both numbers bound it from below, so that one of them says nothing."""
    match node:
        case ast.Chain(ast.Number() as one, ((first, middle), (second, ast.Number() as two))):
            low, high = sorted((one, two), key=lambda end: number_of(end) or 0.0)
        case _:
            return
    if {first[0], second[0]} == {"<", ">"} and number_of(low) != number_of(high):
        message = f"`{text(node)}` bounds `{text(middle)}` {'below' if first[0] == '<' else 'above'} twice"
        op = "<=" if "=" in first + second else "<"
        helps = (f"for between write `{text(low)} {op} {text(middle)} {op} {text(high)}`",)
        place = node.span if node.span in claim.span else claim.span
        yield Diagnostic("SCL430", message, place, severity="warning", helps=helps)


def _names(test: Any) -> Iterator[str]:
    """Names of the quantities in a condition."""
    yield from (call.name for call in calls_in(test))
    yield from (name.id for name in names_in(test))


def _parts(test: Any) -> Iterator[Any]:
    """The conditions that a claim is made of, whatever joins them."""
    if isinstance(test, ast.Or | ast.And | ast.Not) or (isinstance(test, ast.Group) and len(test.items) == 1):
        for part in children(test):
            yield from _parts(part)
    else:
        yield test


def _settled(
    claim: Claim, part: Any, verdict: bool, rule: Bounds, axes: tuple[PlanAxis, ...], claims: Sequence[Claim]
) -> Diagnostic:
    """The finding about a claim, or a part of it, of all claims of the study."""
    span = part.span if part is not claim.test and part.span in claim.span else claim.span
    message = f"`{text(part)}` {'holds' if verdict else 'fails'} whatever is found"
    return Diagnostic("SCL430", message, span, severity="warning", helps=_open(part, rule, axes, claims))


def _open(test: Any, rule: Bounds, axes: tuple[PlanAxis, ...], claims: Sequence[Claim]) -> tuple[str, ...]:
    """How a settled claim is left open: between which numbers its first quantity lies, or what was meant by it."""
    if any(rule.sums_to_one(side) for side in children(test)):
        share = next(text(side) for side in calls_in(test))
        return (f"`b` is 1 less `a`, for C = 6 N D: claim one of them, such as `{share} in [0.4..0.6]`",)
    match test:
        case ast.Or(left, right) if covering(left, right, rule):
            one = claimed(left)
            if one is None or not one.quantity.endswith(" / "):
                return ("claim the one that is expected: one of them holds always",)
            return (f"write `{text(left)} and {text(right)}`, for every number satisfies one of them",)
        case ast.Chain(left, ((op, right),)) if is_floor(left, right) or is_floor(right, left):
            call = next((text(side) for side in calls_in(test) if side.name == LOSS), LOSS)
            near = (op in ("<", "<=")) == is_floor(right, left)
            said = "how near it comes" if near else "by how much"
            loss = right if is_floor(left, right) else left
            of_several = isinstance(loss, ast.Call) and loss.name in PLACES
            own = text(loss).replace(LOSS, "excess") if of_several else f"excess{call.removeprefix(LOSS)}"
            return (f"claim {said}, such as `{own} {'<' if near else '>'} 0.05`",)
        case ast.Chain(ast.Binary("-", floor, loss), ((op, width),)) if is_floor(floor, loss):
            return (f"a loss lies above the entropy rate: write `{text(loss)} - {text(floor)} {op} {text(width)}`",)
        case ast.Chain(left, ((_, right),)) | ast.Near(left, _, right):
            given = [side.args[0] for side in (left, right) if isinstance(side, ast.Call) and side.args]
            if len(given) > 1 and text(left) != text(right) and rule.same(left, right):
                both = listing(map(text, given))
                return (f"{both} are one law of the same cells: give one of them a condition, or another law",)
            (one, _), (two, _) = multiple(left), multiple(right)
            if one is not None and two is not None and text(one) == text(two):
                return (_itself(test, one, axes, claims),)
            at = number_of(right)
            if (
                at is not None
                and 2 <= at <= 100
                and rule.of(left)[1] == 1
                and isinstance(test, ast.Chain)
                and not rule.values(left)
            ):
                return (f"it is 1 at most: write `{text(left)} {test.rest[0][0]} {text_of(at)}%`",)
    if isinstance(test, ast.Chain) and goes_round(test):
        return (f"it ends with `{text(test.first)}`, where it began: name another quantity there",)
    if (turned := _with_the_sign(test, rule)) is not None:
        return (turned,)
    sides = [side for side in children(test) if isinstance(side, ast.Binary)]
    for node in (*sides, *calls_in(test), *names_in(test)):
        if values := rule.values(node):
            few = ", ".join(text_of(float(f"{v:.4g}")) for v in values[:8])
            one_of = f"`{text(node)}` is one of {few}{', ...' if len(values) > 8 else ''}"
            return (f"{one_of}: claim a range that some of them lie in, or tune on a finer grid",)
        low, high = rule.of(node)
        if -math.inf < low or high < math.inf:
            return (f"compare `{text(node)}` with a number {_between(low, high)}, which the results could miss",)
    return ()


def _with_the_sign(test: Any, rule: Bounds) -> str | None:
    """The help for an exponent below 0, `alpha in [-0.5..-0.3]`: the law has the minus."""
    match test:
        case ast.Chain(start, ((("<" | "<="), middle), (("<" | "<="), stop))):
            test = ast.Inside(middle, ast.Range(start, stop))
    one = claimed(test)
    if one is None or one.base is not None or one.high > 0 or one.high == -math.inf:
        return None
    asked = next((side for side in children(test) if isinstance(side, ast.Call | ast.Name)), None)
    if asked is None or rule.of(asked)[0] < 0 or rule.of(asked)[1] != EXPONENT_BOUND:
        return None
    low, high = text_of(-one.high), text_of(-one.low) if one.low > -math.inf else ""
    meant = f"{text(asked)} in [{low}..{high}]" if high else f"{text(asked)} > {low}"
    return f"exponents are above 0 where losses fall, for laws have the minus: write `{meant}`"


def _between(low: float, high: float) -> str:
    low = 0.0 if low == sys.float_info.min else low
    if high == math.inf:
        return f"above {low:.3g}"
    return f"below {high:.3g}" if low == -math.inf else f"between {low:.3g} and {high:.3g}"


def _itself(test: Any, one: Any, axes: tuple[PlanAxis, ...], claims: Sequence[Claim]) -> str:
    """The help for a quantity that is compared with itself: with it where another claim of the study compares two of
    its kind, else at two labels where it has none and there is one axis of them, else what its sides may differ in.
    """
    said = f"`{text(one)}` stands on both sides"
    if not isinstance(one, ast.Call):
        return f"{said}: compare it with another number"
    for left, right in (pair for claim in claims for part in _parts(claim.test) for pair in _pairs(part)):
        for here, there in ((left, right), (right, left)):
            if here in one.args:
                other = replace(one, args=tuple(there if a == here else a for a in one.args))
                return f"{said}: write `{_compared(test, *((one, other) if here == left else (other, one)))}`"
    every = labels_of(axes).axes
    inside = [name for name in free_names(one) if name in every]
    if len(inside) == 1 and not any(isinstance(a, ast.Name) and a.id == inside[0] for a in one.args):
        others = [label for label, where in every.items() if where == every[inside[0]] and label != inside[0]]
        turned = transform(one, lambda node: ast.Name(others[0]) if node == ast.Name(inside[0]) else node)
        return f"{said}: write `{_compared(test, one, turned)}`" if others else said
    chosen = {a.name for a in one.args if isinstance(a, ast.Define)}
    chosen |= {name for a in one.args if isinstance(a, ast.Name) for name in every.get(a.id, ())}
    labels = [label for label, where in every.items() if where == next(iter(every.values()))]
    if len(labels) > 1 and not chosen:
        sides = (replace(one, args=(*one.args, ast.Name(label))) for label in labels[:2])
        return f"{said}: write `{_compared(test, *sides)}`"
    ways = [name for axis in axes if len(axis.points) > 1 for name in axis.names if name in chosen]
    return f"{said}: compare it with another number" + (
        f", such as that at another {listing(ways, last='or')}" * bool(ways)
    )


def _pairs(test: Any) -> Iterator[tuple[Any, Any]]:
    """What the two sides of a comparison differ in, where that is one argument: `width=128` and `width=16`."""
    match test:
        case ast.Chain(ast.Call() as left, ((_, ast.Call() as right),)) | ast.Near(
            ast.Call() as left, _, ast.Call() as right
        ):
            pass
        case _:
            return
    here, there = ([a for a in one.args if a not in two.args] for one, two in ((left, right), (right, left)))
    alike = left.name == right.name and len(here) == len(there) == 1 and type(here[0]) is type(there[0])
    if alike and getattr(here[0], "name", "") == getattr(there[0], "name", ""):
        yield here[0], there[0]


def _compared(test: Any, left: Any, right: Any) -> str:
    """A comparison with other sides."""
    if isinstance(test, ast.Near):
        width = test.tolerance.text if isinstance(test.tolerance, ast.Number) else text(test.tolerance)
        return f"{text(left)} within {width} of {text(right)}"
    return f"{text(left)} {test.rest[0][0]} {text(right)}"


def _held(claim: Claim, requests: Requests) -> Iterator[Diagnostic]:
    """A claim about a parameter that its fit holds at a value: the results say nothing of it."""
    for part in _parts(claim.tree):
        refs = [ref for ref in references(part) if ref.asks]
        held = [ref for ref in refs if _value(ref)]
        if not held or any(ref.noisy for ref in refs if ref not in held):
            continue
        ref, request = held[0], held[0].request
        assert isinstance(request, FitRequest)
        own = text(written(ref))
        message = f"`{own}` is what the fit holds it at, {_value(ref)}, so that the results say nothing of it"
        fit = requests.fits[request.name]
        free = free_parameters(request)
        ways = [f"claim what is found, such as `{free[-1]}({request.name})`"] if free else []
        if fit.call is not None and text(fit.call) == request.name:
            less = replace(
                fit.call, args=tuple(a for a in fit.call.args if not (isinstance(a, ast.Define) and a.name == ref.name))
            )
            ways.insert(0, f"leave it to be found: write `fit {text(less)}`, and claim `{ref.name}({text(less)})`")
        place = part.span if part.span in claim.span else claim.span
        yield Diagnostic("SCL430", message, place, severity="warning", helps=(", or ".join(ways),) if ways else ())


def _by_form(claim: Claim, requests: Requests) -> Iterator[Diagnostic]:
    """A claim about how the best sizes of a law grow that has one exponent for both: half of compute goes to each."""
    for part in _parts(claim.tree):
        refs = [ref for ref in references(part) if ref.asks]
        halves = [ref for ref in refs if ref.name in SHARES and _of_one_exponent(ref.request, requests)]
        if not halves or len(halves) < len(refs):
            continue
        ref = halves[0]
        own, tied = text(written(ref)), next(_fits(ref.request, requests))
        message = f"`{own}` is 1/2 whatever is found: `{tied.name}` has one exponent for N and D"
        others = [o for o in requests.optima if not _of_one_exponent(requests.optima[o].request, requests)]
        of_two = [f for f, fit in requests.fits.items() if _exponents(fit.request) > 1]
        law = of_two[0] if of_two else "chinchilla"
        asked = others[0] if others else f"surface({law})"
        helps = [f"ask it where both have their own: write `{own.replace(text(_first(own)), asked)}`"]
        helps += [] if others or of_two else [f"and `fit {law}`"]
        helps += [] if others else [f"and `optimum {asked}`"]
        place = part.span if part.span in claim.span else claim.span
        yield Diagnostic("SCL430", message, place, severity="warning", helps=tuple(helps))


def _first(own: str) -> Any:
    """What a quantity is asked of."""
    node = parse_value(own)
    return node.args[0] if isinstance(node, ast.Call) and node.args else node


def _fits(request: Any, requests: Requests) -> Iterator[FitRequest]:
    """The fit that an optimum is of."""
    fit = requests.fits.get(getattr(request, "fit", None) or "")
    if fit is not None:
        yield fit.request


def _of_one_exponent(request: Any, requests: Requests) -> bool:
    """True for an optimum of a law that has one exponent for both sizes."""
    return any(_exponents(fit) == 1 for fit in _fits(request, requests))


def _exponents(fit: FitRequest) -> int:
    """How many exponents a law in N and D has; 0 for any other."""
    powers = [exponent for _, exponent in law_of(fit).summands().values()]
    return len({*powers}) if fit.quantities == ("N", "D") else 0


def _value(ref: QuantityRef) -> str:
    """The value that a fit holds a parameter at; empty for one that it finds."""
    fixed = dict(ref.request.fixed) if ref.kind == "fit" and isinstance(ref.request, FitRequest) else {}
    return fixed.get(ref.name, "")
