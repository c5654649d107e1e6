"""Rules about claims that compare two fits or optima: what is compared is of the same cells and numbers, neither law is
a case of the other, and sizes are best at one compute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from ...claims.claim_conditions import Claim
from ...claims.claimed_ranges import number_of
from ...claims.references import QuantityRef, Reduction, references, selected, written
from ...errors import Diagnostic
from ...expressions.canonical_tree import text
from ...plan.study_plan import FitRequest, OptimumRequest
from ...requests.request_types import free_parameters, law_of
from ...syntax import ast
from ...syntax.visit import children
from ...vocabulary.base import REGISTRY
from ...vocabulary.quantities import statistics
from ...vocabulary.words.laws import Law
from .claim_bounds import PLACES

#: Errors on the cells that a law was fitted to, which more parameters make smaller; and the share that is explained,
#: which they make larger.
WITHIN, EXPLAINED = ("mse", "rmse", "rmse_log"), "r2"
#: The error that more parameters make no smaller by themselves.
BEYOND = "validation"
#: The objective that makes each of them least, whatever else is tried.
LEAST = {**dict.fromkeys(("mse", "rmse", EXPLAINED), "mse"), "rmse_log": "log-mse"}
#: From how many times as large an error is not about as small.
FAR_LARGER = 2.0
#: What errors are of, and those that are on cells left out.
KINDS = {
    **dict.fromkeys(("mse", "validation"), "of squares of the loss"),
    "rmse": "of the loss",
    **dict.fromkeys(("rmse_log", "holdout"), "of the log loss"),
}
OUTSIDE = ("validation", "holdout")
#: Those that have no unit, and so are of one size whatever was measured.
RELATIVE = ("rmse_log", "holdout", EXPLAINED)
#: Statistics that are no errors.
COUNTS = ("n",)


def compared_fits(claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """The findings about every comparison of two fits or optima."""
    claims = tuple(claims)
    said = {bound[:2] for claim in claims for part in comparisons(claim.tree) for bound in _bounds(part)}
    for claim in claims:
        for part in comparisons(claim.tree):
            place = part.span if part.span in claim.span else claim.span
            found = next(_of_errors(part, said), None) or next(_of_computes(part), None) or next(_of_shared(part), None)
            if found is not None:
                message, notes, helps = found
                yield Diagnostic("SCL451", message, place, severity="warning", notes=notes, helps=helps)


Said = tuple[str, tuple[str, ...], tuple[str, ...]]


class _Error(NamedTuple):
    """A statistic of a fit, with all that is selected of it, times a number; and what reduces it, if anything does."""

    ref: QuantityRef
    times: float = 1.0
    word: str = ""
    #: The statistic and its reduction as they are written, without the number.
    written: Any = None


def comparisons(tree: Any) -> Iterator[Any]:
    """The comparisons that a claim is made of."""
    if isinstance(tree, ast.Chain | ast.Near | ast.Inside):
        yield tree
    elif not isinstance(tree, QuantityRef | Reduction):
        for part in children(tree):
            yield from comparisons(part)


def _of_errors(part: Any, said: Collection[tuple[QuantityRef, QuantityRef]]) -> Iterator[Said]:
    """Errors of two fits: to other cells, of other numbers, or of a law and a case of it; `said` are those that claims
    bound by others.
    """
    sides = [part.first, *(side for _, side in part.rest)] if isinstance(part, ast.Chain) else []
    for (left, right), (sign, _) in zip(pairwise(sides), part.rest if sides else (), strict=True):
        one, two = _error(left), _error(right)
        if one is None or two is None:
            continue
        here, there = one.ref, two.ref
        a, b = here.request, there.request
        if not (isinstance(a, FitRequest) and isinstance(b, FitRequest)):
            continue
        if here.name != there.name:
            yield from _of_kinds(here, there)
            continue
        if a.name == b.name:
            continue
        if a.loss != b.loss:
            if here.name in RELATIVE:
                continue
            yield (
                f"`{a.name}` is fitted to `{a.loss}` and `{b.name}` to `{b.loss}`: their errors are of other numbers",
                (),
                ("fit both to one, as `loss=` says, and compare those",),
            )
        elif a.where != b.where:
            if (a.law, a.quantities) == (b.law, b.quantities):
                continue  # where one law is good, and where it is not
            yield (
                f"`{a.name}` and `{b.name}` are fitted to other cells: their errors are not of the same ones",
                tuple(f"`{r.name}` is fitted where {r.where}" for r in (a, b) if r.where),
                ("give both the same condition, or none",),
            )
        else:
            told = list(_nested(part, (left, one), (right, two), sign)) if here.name in LEAST else []
            yield from told or _worse(part, said)


def _of_kinds(here: QuantityRef, there: QuantityRef) -> Iterator[Said]:
    """Two statistics of different kinds: squares beside roots, cells left out beside those that were fitted."""
    if KINDS.get(here.name) == KINDS.get(there.name) and here.request == there.request:
        return  # how much worse a law is where it was not fitted
    of = [f"`{ref.name}` is {KINDS.get(ref.name, 'a share that is explained')}" for ref in (here, there)]
    if KINDS.get(here.name) == KINDS.get(there.name):
        of = [
            f"`{r.name}` is on cells {'left out' if r.name in OUTSIDE else 'that were fitted'}" for r in (here, there)
        ]
        if len({*(r.name in OUTSIDE for r in (here, there))}) == 1:
            return
    assert here.request is not None
    assert there.request is not None
    message = f"`{here.name}` and `{there.name}` are different errors, and not of one size"
    ways = (f"compare one of them: write `{here.name}({here.request.name}) < {here.name}({there.request.name})`",)
    yield message, tuple(of), ways if here.request != there.request else ()


def _error(side: Any) -> _Error | None:
    """The statistic of a fit that a side is, or is a number of times; a reduction of it is one too."""
    match side:
        case Reduction(quantity=QuantityRef()) | QuantityRef():
            ref, word = next(selected(side)), side.word if isinstance(side, Reduction) else ""
            known = ref.kind == "fit" and ref.name in statistics() and ref.name not in COUNTS
            return _Error(ref, word=word, written=written(side)) if known else None
        case ast.Group((inner,)):
            return _error(inner)
        case ast.Binary("*", first, second):
            for by, inner in ((first, second), (second, first)):
                if (times := _number(by)) is not None and (found := _error(inner)) is not None:
                    return found._replace(times=found.times * times)
        case ast.Binary("/", inner, by):
            share, found = _number(by), _error(inner)
            return found._replace(times=found.times / share) if share and found is not None else None
    return None


def _number(node: Any) -> float | None:
    return None if any(references(node)) else number_of(node)


def _nested(part: Any, one: tuple[Any, _Error], two: tuple[Any, _Error], sign: str) -> Iterator[Said]:
    """A law is never nearer to the cells that both are fitted to than one that it is a case of; `sign` stands between
    the two.
    """
    ways = [text(written(side)).replace(f"{one[1].ref.name}(", f"{BEYOND}(") for side, _ in (one, two)]
    (left, (here, by_here, word, _)), (right, (there, by_there, other, _)) = one, two
    a, b = here.request, there.request
    assert isinstance(a, FitRequest)
    assert isinstance(b, FitRequest)
    if word != other or word not in ("", *PLACES) or here.selectors != there.selectors:
        return
    if is_case(b, a) or (_but_for_objective(a, b) and _least(a, here.name)):
        (left, by_here, a), (right, by_there, b) = (right, by_there, b), (left, by_here, a)
    elif not (is_case(a, b) or (_but_for_objective(a, b) and _least(b, here.name))):
        return
    if _sought(a) != _sought(b) and not _least(b, here.name):
        return
    # What `a` leaves is at least what `b` does, and so is any larger multiple of it; what it explains is at most that.
    told = by_here >= by_there if here.name in WITHIN else by_here <= by_there
    if not told:
        return
    if _but_for_objective(a, b):
        message = f"`{b.name}` is what makes `{here.name}` {'most' if here.name == EXPLAINED else 'least'}"
        notes: tuple[str, ...] = (f"so `{text(written(part))}` tells nothing: another objective does worse there",)
        yield message, notes, ("compare what both find, such as an exponent, or errors on cells left out",)
        return
    message = f"`{a.name}` is a case of `{b.name}`, which comes at least as near to the cells that both are fitted to"
    notes = (f"so `{text(written(part))}` tells nothing: more parameters leave less by themselves",)
    signs = "<>" if (sign[0] != ">") == (here.name in WITHIN) else "><"
    stated, other = (f"{ways[0]} {s} {ways[1]}" for s in signs)
    helps = (f"compare errors on cells left out: write `{stated}` or `{other}`",)
    yield message, notes, helps


def _worse(part: Any, said: Collection[tuple[QuantityRef, QuantityRef]]) -> Iterator[Said]:
    """`mse(power(D)) < 3*mse(exponential(D))`, which a law with as many parameters satisfies though it is worse. Beside
    a bound the other way it says that both are about as good. Of one law with another objective, other sizes or shared
    parameters it may be what is meant.
    """
    for small, large, times, of, than in _bounds(part):
        a, b = small.request, large.request
        assert isinstance(a, FitRequest)
        assert isinstance(b, FitRequest)
        if times < FAR_LARGER or a.law == b.law or len(free_parameters(a)) < len(free_parameters(b)) or is_case(a, b):
            continue
        if (large, small) in said:
            continue
        message = (
            f"`{text(written(part))}` holds too where `{a.name}` is the worse of the two, by up to {times:g} times"
        )
        yield message, (), (f"to say that it is so many times better write `{times:g}*{of} < {than}`",)


def _bounds(part: Any) -> Iterator[tuple[QuantityRef, QuantityRef, float, str, str]]:
    """The error that is bounded, the one that bounds it and how many times, where a comparison bounds one by another,
    and how both are written.
    """
    sides = [part.first, part.rest[0][1]] if isinstance(part, ast.Chain) and len(part.rest) == 1 else []
    sign = part.rest[0][0] if sides else ""
    small, large = (_error(side) for side in (sides if sign in ("<", "<=") else sides[::-1])) if sides else (None, None)
    if sign in ("<", "<=", ">", ">=") and small is not None and large is not None and small.ref.name != EXPLAINED:
        yield small.ref, large.ref, large.times / small.times, text(small.written), text(large.written)


def _least(request: FitRequest, statistic: str) -> bool:
    """True where a fit makes a statistic the best that its law can, in every panel."""
    return (request.objective or law_of(request).objective) == LEAST[statistic] and not request.shared


def _but_for_objective(one: FitRequest, other: FitRequest) -> bool:
    """True for two fits of one law that make different errors least."""
    mine, yours = ((r.law, r.quantities, r.fixed, r.shared, r.group) for r in (one, other))
    return mine == yours and _sought(one) != _sought(other)


def _sought(request: FitRequest) -> tuple[Any, ...]:
    """What a fit makes least, and of which slices."""
    law = law_of(request)
    threshold = law.delta if request.delta is None else request.delta
    return request.objective or law.objective, threshold, request.group


def is_case(one: FitRequest, other: FitRequest) -> bool:
    """True where a fit is another one with some of its parameters at certain values."""
    if one.quantities != other.quantities or one.shared != other.shared:
        return False
    held, free = dict(one.fixed), dict(other.fixed)
    if one.law == other.law:
        return free.items() < held.items()
    return free.items() <= held.items() and one.law in set(_cases(law_of(other)))


def _cases(law: type[Law]) -> Iterator[str]:
    for word in law.cases:
        yield word
        known = REGISTRY[word]
        assert issubclass(known, Law)
        yield from _cases(known)


def _of_computes(part: Any) -> Iterator[Said]:
    """The best N and D of one optimum, one over the other, at different computes."""
    for node in _divisions(part):
        both = [ref for side in (node.left, node.right) for ref in references(side)]
        if len(both) != 2 or both[0].name == both[1].name or {ref.name for ref in both} != {"N", "D"}:
            continue
        one, two = both
        if isinstance(one.request, OptimumRequest) and one.request == two.request and one.at != two.at:
            same = text(written(one)).split("(", 1)[1]
            yield (
                f"`{one.name}` and `{two.name}` are taken at different computes, so that their ratio is of no model",
                (),
                (f"write `{one.name}({same}/{two.name}({same}`",),
            )


def _of_shared(part: Any) -> Iterator[Said]:
    """A parameter that panels share, compared between them."""
    refs = [ref for ref in selected(part) if ref.asks]
    for one, two in pairwise(refs):
        request = one.request
        if not isinstance(request, FitRequest) or one.selectors == two.selectors:
            continue
        if any(ref.request != request or ref.name not in request.shared for ref in refs):
            continue  # what else is compared may differ between panels
        if one.name == two.name:
            yield (
                f"`{one.name}` is one number in all panels of `{request.name}`, as `share=` says",
                (),
                (f"leave `{one.name}` out of `share=` where it may differ between panels",),
            )


def _divisions(node: Any) -> Iterator[ast.Binary]:
    if isinstance(node, ast.Binary) and node.op == "/":
        yield node
    if not isinstance(node, QuantityRef | Reduction):
        for part in children(node):
            yield from _divisions(part)
