"""Rules about laws written out: parameters that can be told apart, a floor where there is one, losses that fall.

A law is tried at sizes and parameters drawn once and for all. Parameters whose logarithms move its values in
proportion, at every size, cannot be told apart by any data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from ..claims.claim_conditions import Claim
from ..claims.claimed_ranges import number_of
from ..claims.references import references
from ..diagnostics.suggest import listing
from ..errors import Diagnostic
from ..expressions.canonical_tree import text
from ..plan.study_plan import FitRequest
from ..plan.survey import Cell
from ..requests.request_types import LocatedFit, Requests, free_parameters, law_of
from ..syntax import ast
from ..syntax.numbers import number
from ..syntax.parser import parse_value
from ..syntax.visit import calls_in, children, free_names, map_children
from ..vocabulary.base import REGISTRY
from ..vocabulary.parameters import typed
from ..vocabulary.quantities import QUANTITIES, run_quantities
from ..vocabulary.words.laws import Law

#: Sizes and draws of parameters at which a law is tried, and the step of the logarithm in a derivative.
SIZES, DRAWS, STEP = 24, 2, 1e-4
#: What is left of a column of derivatives, relative to its length, below which the others make it up.
NOTHING = 1e-6
#: Sizes that stand for no end.
ENDLESS = 1e40
#: Places far out on an axis: where the exponential is still a number, and beyond.
FAR = (300.0, ENDLESS)
#: The parameter of laws that is the loss of unlimited size and data.
FLOOR = "E"
#: What it is held at where the data are known: no number that is typed.
RATE_OF_DATA = "entropy_rate"
#: Measurements that fall as models grow.
FALLING = ("loss", "excess")


def told_apart(requests: Requests, claims: Iterable[Claim]) -> Iterator[Diagnostic]:
    """Parameters of a law written out that enter as one, with the claims on one of them that no run decides."""
    asked = [(claim, one) for claim in claims for one in references(claim.tree) if one.kind == "fit"]
    for fit in _own(requests):
        law = parse_value(fit.request.law)
        groups = together(law, free_parameters(fit.request), fit.request.quantities)
        if not groups:
            continue
        each = ", and ".join(listing(sorted(group, key=str.lower)) for group in groups)
        message = f"no data tell {each} apart: they enter `{text(law)}` as one"
        notes = ("many values of them fit alike, so none has an interval",)
        left = _less(law, groups)
        helps = _fewer(law, left, groups, fit)
        for claim, one in asked:
            group = next((g for g in groups if one.request == fit.request and one.name in g), set())
            if group and one.name not in set(free_names(left)) and helps[0].startswith("write"):
                others = sorted(group - {one.name}, key=str.lower)
                held = f"`law({text(law)}, {', '.join(f'{name}=...' for name in others)})`"
                leave = f"leave `expect {text(claim.test)}` out, for no run tells `{one.name}`"
                helps += (f"and {leave}; where {listing(others)} is known, hold it instead: {held}",)
        yield Diagnostic("SCL442", message, fit.span, "warning", notes=notes, helps=helps)


def floors_and_signs(requests: Requests, cells: Iterable[Cell]) -> Iterator[Diagnostic]:
    """A law written out that falls to nothing, though the entropy rate is known, or that rises with a size."""
    least = min((cell.source.least_entropy for cell in cells), default=0.0)
    for fit in _own(requests):
        law, request = parse_value(fit.request.law), fit.request
        if request.loss not in FALLING:
            continue
        draws = [_draw(law, request.quantities, seed, 1, _held(request)) for seed in range(DRAWS)]
        rising = _rising(law, [q for q in request.quantities if q in sizes()], draws)
        if rising and not _regression(law, request):
            yield _grows(fit, law, rising)
        elif request.loss == "loss" and least > 0 and RATE_OF_DATA not in set(free_names(law)):
            ends = [_at(law, {**names[0], **dict.fromkeys(request.quantities, ENDLESS)}) for names in draws]
            if all(end is not None and abs(end) < NOTHING for end in ends) and not beside_a_floor(fit, requests):
                message = f"`{text(law)}` falls to 0 as sizes grow, and no loss here lies below {least:.3g}"
                ways = (
                    f"write `E + {text(law)}`",
                    f"or fit the excess, whose floor is 0: `law({text(law)}, loss=excess)`",
                )
                yield Diagnostic("SCL439", message, fit.span, "warning", helps=ways)


def sizes() -> frozenset[str]:
    """What losses fall with: sizes of runs, and parameters of models. Of rates, batches and data nobody can say."""
    return frozenset(run_quantities()).union(*(typed(word) for word in REGISTRY.values() if word.kind == "family"))


def beside_a_floor(fit: LocatedFit, requests: Requests) -> bool:
    """True where another fit to the same numbers, in the same sizes, has a floor that one without is compared with."""
    own = fit.request
    return any(
        other != own
        and (other.loss, {*other.quantities}) == (own.loss, {*own.quantities})
        and (own.law not in REGISTRY or own.law == other.law)
        and (FLOOR in free_parameters(other) or dict(other.fixed).get(FLOOR) == RATE_OF_DATA)
        for other in (located.request for located in requests.fits.values() if not located.implied)
    )


def growing_losses(requests: Requests) -> Iterator[Diagnostic]:
    """A law written out, fitted to a table, whose loss could only grow: an exponent that is found lies above 0."""
    for fit in _own(requests):
        law, request = parse_value(fit.request.law), fit.request
        of_runs = [q for q in request.quantities if q in run_quantities()]
        draws = [_draw(law, request.quantities, seed, 1, _held(request)) for seed in range(DRAWS)]
        rising = _rising(law, of_runs, draws) if request.loss in FALLING else []
        found = set(free_parameters(request))
        if _regression(law, request):
            continue
        if rising and {*rising} <= _raised(law, found) and not _rising(_falling(law, {*rising}), rising, draws):
            yield _grows(fit, law, rising)
        elif rising == ["C"] and {"N", "D"} & {*request.quantities} and _factor(law, "C"):
            yield _grows(fit, law, rising)  # what `C` is in the formulas of papers


def laws_of_rising(requests: Requests) -> Iterator[Diagnostic]:
    """A law that only falls with its sizes, fitted to a score that rises with them."""
    for fit in requests.fits.values():
        request = fit.request
        measured = QUANTITIES.get(request.loss)
        if measured is None or not measured.rises or fit.implied or not _only_falls(fit):
            continue
        own = request.law if request.law not in REGISTRY else ""
        message = f"`{request.name}` is a law that falls, and `{request.loss}` rises as models learn"
        written = own or _written_out(law_of(request), request.quantities)
        options = "".join(f", {name}={value}" for name, value in request.fixed)
        helps: tuple[str, ...] = ()
        if written:
            helps = (f"write `law(1 - ({written}){options}, loss={request.loss})`, of what is wrong",)
        if not own and len(request.quantities) == 1:
            helps += (f"or write `sigmoid({request.quantities[0]}, loss={request.loss})`, between levels of its own",)
        yield Diagnostic("SCL441", message, fit.span, "warning", helps=helps)


def _only_falls(fit: LocatedFit) -> bool:
    request = fit.request
    if request.law in REGISTRY:
        law = law_of(request)
        return not (law.regression or law.score or law.theory)
    node: Any = parse_value(request.law)
    draws = [_draw(node, request.quantities, seed, 1, _held(request)) for seed in range(DRAWS)]
    return not _regression(node, request) and bool(_rising(ast.Negate(node), request.quantities, draws))


def _written_out(law: type[Law], quantities: Sequence[str]) -> str:
    """A law of one variable, or of N and D, as an expression in the quantities of a fit; "" for one that has none."""
    if not law.expression:
        return ""
    node: Any = parse_value(law.expression)
    own = dict(zip((p.name for p in law.params), (p.name for p in law.params_in(tuple(quantities))), strict=True))
    for old, new in (*own.items(), *zip(law.variables, quantities, strict=False)):
        node = renamed(node, old, new)
    return text(node)


def falling(requests: Requests) -> bool:
    """True where some fit is of a loss that surely falls with a size: no score, and no regression."""
    return any(_falls(fit) for fit in requests.fits.values() if fit.request.loss == "loss")


def _falls(fit: LocatedFit) -> bool:
    request = fit.request
    if request.law in REGISTRY:
        law = law_of(request)
        return not law.regression and not law.score
    node: Any = parse_value(request.law)
    if any(call.name == "exp" for call in calls_in(node)):
        return False  # it may be a logistic one
    draws = [_draw(node, request.quantities, seed, 1, _held(request))[0] for seed in range(DRAWS)]
    down = ast.Negate(node)
    return any(
        all((here := _at(down, names)) is not None and _rises(down, names, q, here) for names in draws)
        for q in request.quantities
    )


def levels_off_at_one(fit: LocatedFit) -> bool:
    """True for a law written out that ends at 1 whatever its parameters, and lies between 0 and 1 where they do."""
    request = fit.request
    if request.law in REGISTRY or len(request.quantities) != 1:
        return False
    law, (quantity,), held = parse_value(request.law), request.quantities, _held(request)
    found = {-1, 1}
    for seed in range(2 * DRAWS):
        drawn = _draw(law, request.quantities, seed, 1, held)[0]
        names = {name: value if name in held else value / 1.4 for name, value in drawn.items()}
        values = {at: _at(law, {**names, quantity: at}) for at in (0.0, 0.5, 1.0, 3.0, *FAR, *(-at for at in FAR))}
        known = {at: value for at, value in values.items() if value is not None}
        if not all(-NOTHING <= value <= 1 + NOTHING for value in known.values()):
            return False
        last = {side: [known[side * at] for at in FAR if side * at in known][-1:] for side in found}
        found = {side for side in found if last[side] and abs(last[side][0] - 1) < NOTHING}
    return bool(found)


def falls_in(fit: LocatedFit, quantity: str) -> bool:
    """True for a law that falls with a size all the way; one written out as a parabola has a least loss instead."""
    if fit.request.law in REGISTRY:
        return True
    law: Any = parse_value(fit.request.law)
    draws = [_draw(law, fit.request.quantities, seed, 1, _held(fit.request)) for seed in range(DRAWS)]
    return bool(_rising(ast.Negate(law), (quantity,), draws))


def _rising(law: Any, quantities: Iterable[str], draws: Any) -> list[str]:
    """The sizes that a law rises with at every draw, from far smaller ones on: a parabola has a least loss."""
    found = []
    for q in quantities:
        points = [*(names[0] for names in draws), *({**names[0], q: names[0][q] * 1e-3} for names in draws)]
        if all((low := _at(law, point)) is not None and _rises(law, point, q, low) for point in points):
            found.append(q)
    return found


def _regression(law: Any, request: FitRequest) -> bool:
    """True for a law that is a line in all of its parameters: such are of either sign."""
    here = _draw(law, request.quantities, 0, 1, _held(request))[0]
    free = free_parameters(request)
    there = {name: 0.7 + i for i, name in enumerate(free)}
    both = {name: here[name] + there[name] for name in free}
    ends = [_at(law, {**here, **names}) for names in ({}, there, both, dict.fromkeys(free, 0.0))]
    one, two, three, none = (math.nan if end is None else end for end in ends)
    return math.isclose(one + two, three + none, rel_tol=NOTHING)


def _raised(node: Any, found: set[str]) -> set[str]:
    """The names that are raised to a power which a fit finds."""
    own = (
        {node.left.id}
        if isinstance(node, ast.Binary)
        and node.op == "^"
        and isinstance(node.left, ast.Name)
        and found & set(free_names(node.right))
        else set()
    )
    return own.union(*(_raised(part, found) for part in children(node)))


def _factor(node: Any, name: str) -> bool:
    """True for a sum that has a name only as a factor of one of its terms, beside a power."""
    match node:
        case ast.Binary("+", left, right):
            return _factor(left, name) or _factor(right, name)
        case ast.Binary("*", ast.Name(one), other) | ast.Binary("*", other, ast.Name(one)):
            return one == name and name not in set(free_names(other))
        case ast.Binary("/", ast.Name(one), ast.Binary("^", _, _) as power):
            return one == name and name not in set(free_names(power))
    return False


def _grows(fit: LocatedFit, law: Any, rising: Sequence[str]) -> Diagnostic:
    meant = text(_falling(law, set(rising)))
    message = f"`{text(law)}` rises with {listing(rising)} wherever its parameters are above 0"
    notes: tuple[str, ...] = ("a fit looks for exponents between 0 and 8, so the loss could only grow",)
    helps: tuple[str, ...] = (f"write `{meant}`, whose exponents are above 0 where losses fall",)
    if meant == text(law):
        free = next(letter for letter in "BGHKPQRS" if letter not in set(free_names(law)))
        other = text(renamed(law, rising[0], free))
        notes, helps = (), (f"`{rising[0]}` is a size of every run: for a parameter write `{other}`",)
    return Diagnostic("SCL441", message, fit.span, "warning", notes=notes, helps=helps)


def together(law: Any, parameters: Sequence[str], variables: Iterable[str]) -> list[set[str]]:
    """Groups of parameters that no values of the law tell apart."""
    found = [_dependent(law, parameters, _draw(law, variables, seed, SIZES)) for seed in range(DRAWS)]
    return [group for group in found[0] if all(group in other for other in found)]


def _own(requests: Requests) -> Iterator[LocatedFit]:
    yield from (fit for fit in requests.fits.values() if fit.request.law not in REGISTRY and not fit.implied)


def _draw(
    law: Any, variables: Iterable[str], seed: int, sizes: int, held: Mapping[str, float] | None = None
) -> list[dict[str, float]]:
    """Values of every name at some sizes, the parameters the same at all of them, and those that are held at theirs."""
    random = Random(seed)
    variables = set(variables)
    fixed = {name: random.uniform(0.3, 1.3) for name in sorted(set(free_names(law)) - variables)}
    fixed |= held or {}
    return [{**fixed, **{v: math.exp(random.uniform(0.5, 4)) for v in sorted(variables)}} for _ in range(sizes)]


def _held(request: FitRequest) -> dict[str, float]:
    """The numbers that a fit holds parameters at."""
    found = {name: number_of(parse_value(value)) for name, value in request.fixed}
    return {name: value for name, value in found.items() if value is not None}


def _dependent(law: Any, parameters: Sequence[str], points: Sequence[Mapping[str, float]]) -> list[set[str]]:
    """The parameters of each relation between columns of the logarithmic Jacobian, by elimination."""
    rows: list[list[float]] = []
    for point in points:
        row = []
        for name in parameters:
            ends = [_at(law, {**point, name: point[name] * math.exp(sign * STEP)}) for sign in (1, -1)]
            if ends[0] is None or ends[1] is None:
                return []
            row.append((ends[0] - ends[1]) / (2 * STEP))
        rows.append(row)
    lengths = [math.sqrt(sum(row[j] ** 2 for row in rows)) for j in range(len(parameters))]
    if any(length == 0 for length in lengths):
        return []
    rows = [[x / length for x, length in zip(row, lengths, strict=True)] for row in rows]
    pivots: list[int] = []
    groups: list[set[str]] = []
    for j in range(len(parameters)):
        done = len(pivots)
        best = max(range(done, len(rows)), key=lambda i: abs(rows[i][j]), default=0)
        if done >= len(rows) or abs(rows[best][j]) < NOTHING:
            used = {parameters[p] for i, p in enumerate(pivots) if abs(rows[i][j]) > math.sqrt(NOTHING)}
            groups.append({parameters[j], *used})
            continue
        rows[done], rows[best] = rows[best], rows[done]
        rows[done] = [x / rows[done][j] for x in rows[done]]
        for i, row in enumerate(rows):
            if i != done:
                rows[i] = [x - row[j] * y for x, y in zip(row, rows[done], strict=True)]
        pivots.append(j)
    return groups


def _less(law: Any, groups: Sequence[set[str]]) -> Any:
    """The law without one parameter of each group, a factor of it: of what is raised to a power, before others."""
    left, scales = law, set(_of_bases(law))
    for group in groups:
        for name in sorted(group, key=lambda name: (name not in scales, name.lower())):
            less = _without(left, name)
            if name not in set(free_names(less)):
                left = less
                break
    return left


def _of_bases(node: Any) -> Iterator[str]:
    """The names that are multiplied with others in what is raised to a power."""
    if isinstance(node, ast.Binary) and node.op == "^":
        yield from free_names(node.left) if not isinstance(node.left, ast.Name) else ()
    for part in children(node):
        yield from _of_bases(part)


def _fewer(law: Any, left: Any, groups: Sequence[set[str]], fit: LocatedFit) -> tuple[str, ...]:
    """What is written for a law without one parameter of each group; to hold one of them, where nothing is left."""
    own = fit.request.name
    named = f"let {own} = {text(left)}" if own != text(law) else f"fit {text(left)}"
    if left != law and not together(
        left, tuple(n for n in free_parameters(fit.request) if n in set(free_names(left))), fit.request.quantities
    ):
        return (f"write `{named}`",)
    return (f"leave one of them out, or hold it: `law({text(law)}, {min(groups[0])}=1)`",)


def _without(node: Any, name: str) -> Any:
    """The expression without a factor or divisor; what it multiplies or divides stands."""
    match node:
        case ast.Binary("*", ast.Name(one), other) if one == name:
            return other
        case ast.Binary("*" | "/", other, ast.Name(one)) if one == name:
            return other
    return map_children(node, lambda part: _without(part, name))


def renamed(node: Any, old: str, new: str) -> Any:
    """The expression with one name for another."""
    if isinstance(node, ast.Name):
        return ast.Name(new) if node.id == old else node
    return map_children(node, lambda part: renamed(part, old, new))


def _falling(node: Any, variables: set[str]) -> Any:
    """The expression with powers of these names, and of products with them, turned round."""
    match node:
        case ast.Binary("^", left, right) if _grows_with(left, variables) and not isinstance(right, ast.Negate):
            return ast.Binary("^", left, ast.Negate(right))
    return map_children(node, lambda part: _falling(part, variables))


def _grows_with(base: Any, variables: set[str]) -> bool:
    """True for a size that is raised to a power, alone or times others: `N`, `N*D` and `N/N_c`, and not `N/D`."""
    match base:
        case ast.Name(name):
            return name in variables
        case ast.Group((inner,)):
            return _grows_with(inner, variables)
        case ast.Binary("*" | "/" as op, left, right):
            below = op == "/" and not sizes().isdisjoint(free_names(right))
            return not below and (_grows_with(left, variables) or _grows_with(right, variables))
    return False


def _rises(law: Any, point: Mapping[str, float], quantity: str, here: float) -> bool:
    more = _at(law, {**point, quantity: 2 * point[quantity]})
    most = _at(law, {**point, quantity: 1e3 * point[quantity]})
    return more is not None and most is not None and here < more < most


def _at(node: Any, names: Mapping[str, float]) -> float | None:
    """The value of an expression; None where it has none."""
    try:
        return _value(node, names)
    except (ArithmeticError, ValueError, TypeError):
        return None


_FUNCTIONS = {"log": math.log, "exp": math.exp, "sqrt": math.sqrt}


def _value(node: Any, names: Mapping[str, float]) -> float:
    match node:
        case ast.Number(digits):
            return float(number(digits).value)
        case ast.Name(name):
            return names[name]
        case ast.Negate(operand):
            return -_value(operand, names)
        case ast.Group((one,)):
            return _value(one, names)
        case ast.Call(name, (argument,)) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, names))
        case ast.Binary(sign, left, right):
            a, b = _value(left, names), _value(right, names)
            match sign:
                case "+":
                    return a + b
                case "-":
                    return a - b
                case "*":
                    return a * b
                case "/":
                    return a / b
            found = a**b
            if isinstance(found, float):
                return found
    raise TypeError
