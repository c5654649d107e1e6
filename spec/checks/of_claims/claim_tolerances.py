"""Rules about how near a claim wants numbers: tolerances and shares are of what they are meant of, and no finer than
what can be found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from ...claims.claim_conditions import Claim
from ...errors import Diagnostic, Edit, Fix
from ...expressions.canonical_tree import text
from ...expressions.evaluate import is_percentage
from ...expressions.sweeps import constant
from ...syntax import ast
from ...syntax.numbers import number
from ...syntax.visit import calls_in, children
from ...vocabulary.functions import FUNCTIONS, REDUCTIONS
from ...vocabulary.quantities import run_quantities, statistics
from .claim_bounds import APART, Bounds

#: Errors of the log loss, which are shares of the loss; and those that are not, with what they are.
OF_LOGS = ("rmse_log", "holdout")
ABSOLUTE = {
    "mse": "a squared error of the loss",
    "validation": "a squared error of the loss, on cells left out at random",
    "rmse": "an error of the loss in its own unit",
    "standard_error": "an error of the loss in its own unit",
    "excess": "a difference of losses in their own unit",
}
#: Shares of the scatter explained that are claimed of errors.
R_SQUARED = 0.8
#: A tolerance of so many nats, or of an exponent as much, that hardly any result would miss.
WIDE = 1.0


def tolerances(claim: Claim, node: Any, rule: Bounds) -> Iterator[Diagnostic]:
    """The findings about one condition of a claim."""
    yield from _wide(claim, node, rule)
    yield from _misplaced(claim, node)
    yield from _finer(claim, node, rule)
    yield from _narrow(claim, node)
    yield from _less(claim, node)
    yield from _share(claim, node, rule)
    yield from _whole(claim, node)
    yield from _bits(claim, node)


#: Losses, and what they are compared with, in nats.
NATS = ("E", "L", "loss", "excess", "entropy_rate")
#: Nats in a bit, and how far it is rounded.
BIT, ROUNDED = math.log(2), 3e-3


def _bits(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`E within 2% of entropy_rate/log(2)`: a loss in nats beside one in bits."""
    match node:
        case ast.Near(one, _, two) | ast.Chain(one, ((_, two),)):
            pass
        case _:
            return
    for here, there in ((one, two), (two, one)):
        # A factor near that of bits may be one of its own where it bounds a loss.
        if isinstance(node, ast.Chain) and isinstance(there, ast.Binary) and there.op == "*":
            continue
        if (inner := _of_bits(there)) is not None and _is_loss(inner) and _is_loss(here):
            message = f"`{text(there)}` is in bits, and `{text(here)}` in nats"
            place = node.span if node.span in claim.span else claim.span
            whole = text(node).replace(text(there), text(inner))
            yield Diagnostic("SCL435", message, place, severity="warning", helps=(f"write `{whole}`",))


def _of_bits(node: Any) -> Any:
    """What a number in bits is in nats; None for any other number."""
    match node:
        case ast.Group((inner,)):
            return _of_bits(inner)
        case ast.Binary("/", inner, ast.Call("log", (ast.Number("2"),))):
            return inner
        case ast.Binary("/", inner, ast.Number(by)) if abs(number(by).value / BIT - 1) < ROUNDED:
            return inner
        case ast.Binary("*", inner, ast.Number(by)) | ast.Binary("*", ast.Number(by), inner) if (
            abs(number(by).value * BIT - 1) < ROUNDED
        ):
            return inner
    return None


def _is_loss(node: Any) -> bool:
    """True for a loss, or several of one."""
    match node:
        case ast.Group((inner,)):
            return _is_loss(inner)
        case ast.Call(word, (inner, *_)) if word in REDUCTIONS:
            return _is_loss(inner)
        case ast.Binary("*" | "/", one, other):
            return (_is_loss(one) and isinstance(other, ast.Number)) or (
                isinstance(one, ast.Number) and _is_loss(other)
            )
        case ast.Call(name) | ast.Name(name):
            return name in NATS and not any(a.name == "loss" for call in calls_in(node) for a in call.named)
    return False


def _whole(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`holdout(chinchilla) < 5`, an error of 500 %; `validation(chinchilla) < 5%`, a share of nothing."""
    match node:
        case ast.Chain(ast.Call() | ast.Name() as left, ((("<" | "<=") as op, ast.Number(typed) as right),)):
            name, args = (left.name, left.args) if isinstance(left, ast.Call) else (left.id, ())
        case ast.Chain(ast.Call() as left, (((">" | ">="), ast.Number(typed)),)) if (
            left.name in {*OF_LOGS, *ABSOLUTE} & {*statistics()} and number(typed).value >= R_SQUARED
        ):
            message = f"`{text(left)}` is an error, near 0 where a law fits: none is a share explained, as R² is"
            helps = (f"write `{OF_LOGS[0]}({', '.join(map(text, left.args))}) < 5%`, relative to the loss",)
            yield Diagnostic(
                "SCL435", message, node.span if node.span in claim.span else claim.span, "warning", helps=helps
            )
            return
        case _:
            return
    value, unit = number(typed)
    place = right.span if right.span in claim.span else claim.span
    if name in OF_LOGS and unit != "%" and value >= 1:
        message = f"`{text(left)}` is an error of the log loss, a share of the loss: {typed} is {100 * value:g}%"
        helps = (f"write `{text(left)} {op} {typed}%`",)
        fixes = (Fix((Edit(right.span, f"{typed}%"),), "maybe-incorrect"),) if right.span in claim.span else ()
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps, fixes=fixes)
    elif name in ABSOLUTE and unit == "%":
        message = f"`{text(left)}` is {ABSOLUTE[name]}, and no share of it: {typed} is {value:g}"
        at = text(left).removeprefix(name)
        share = f"{OF_LOGS[0]}({text(args[0])})" if name in statistics() and args else f"{text(left)}/loss{at}"
        helps = (f"write `{share} {op} {typed}`, relative to the loss, or the number itself, {value:g}",)
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)
    elif name in ABSOLUTE and name in statistics() and value >= WIDE and args:
        message = f"`{text(left)}` is {ABSOLUTE[name]}, and hardly any fit would miss {typed}"
        helps = (f"write `{OF_LOGS[0]}({text(args[0])}) {op} {typed}%`, relative to the loss, or a smaller number",)
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)


def _wide(claim: Claim, node: Any, rule: Bounds) -> Iterator[Diagnostic]:
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
    narrow = width < (abs(low) if low == high and low else WIDE)
    sizes = {name for side in (node.value, node.target) for name in _asked(side)} & {*run_quantities()}
    if (
        unit
        or narrow
        or sizes
        or rule.tuned(node.value)
        or rule.of(node.value)[0] < 0
        or rule.settled(node) is not None
    ):
        return
    typed, span = node.tolerance.text, node.tolerance.span
    message = f"a tolerance of {typed} without `%` is absolute, so hardly any `{text(node.value)}` would miss it"
    helps = (f"write `within {typed}% of {text(node.target)}`, or a smaller tolerance",)
    inside = span in claim.span
    fixes = (Fix((Edit(span, f"{typed}%"),), "maybe-incorrect"),) if inside else ()
    if low == high == 0:
        helps, fixes = ("write a smaller tolerance, for a share of 0 is 0",), ()
    place = span if inside else claim.span
    yield Diagnostic("SCL435", message, place, severity="warning", helps=helps, fixes=fixes)


#: A share that no fit to losses of trained models tells.
NARROW = 1e-3


def _narrow(claim: Claim, node: Any) -> Iterator[Diagnostic]:
    """`alpha within .02% of .34`, where .02, or 2 %, is meant: no interval is as narrow."""
    match node:
        case ast.Near(ast.Call() | ast.Name() as value, ast.Number(typed), ast.Number() as target) if typed.endswith(
            "%"
        ):
            share, at = number(typed).value, number(target.text).value
        case _:
            return
    if 0 < share < NARROW:
        message = f"`within {typed} of {text(target)}` is within {share * abs(at):.2g}, finer than fits tell"
        bare = typed.removesuffix("%").strip()
        helps = (f"write `{text(value)} within {bare} of {text(target)}`, or a share such as `5%`",)
        place = node.span if node.span in claim.span else claim.span
        yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)


def _asked(node: Any) -> Iterator[str]:
    """The quantities that a side is made of, and not the laws and labels that they are asked of."""
    match node:
        case ast.Name(name):
            yield name
        case ast.Call(name, (inner, *_)) if name in REDUCTIONS or name in FUNCTIONS:
            yield from _asked(inner)
        case ast.Call(name):
            yield name
        case _:
            for part in children(node):
                yield from _asked(part)


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


def _share(claim: Claim, node: Any, rule: Bounds) -> Iterator[Diagnostic]:
    """`E - entropy_rate < 2%`, `spread(alpha) < 5%`: a difference has no whole that this were a share of, unless it is
    of shares or of ratios.
    """
    match node:
        case ast.Chain(left, ((op, ast.Number(share) as right),)) if is_percentage(right):
            pass
        case ast.Chain(ast.Binary("-", one, other), ((op, ast.Negate(ast.Number(share) as right)),)) if (
            is_percentage(right) and rule.of(one)[1] > 1 and not _ratio(one)
        ):
            message = f"{share} of a difference is {number(share).value:g}, in the unit of `{text(one)}`"
            helps = (f"write `{text(one)} {op} {1 - number(share).value:g}*{text(other)}`",)
            place = node.span if node.span in claim.span else claim.span
            yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)
            return
        case _:
            return
    apart = isinstance(left, ast.Call) and left.name == "abs" and bool(left.args)
    inner = left.args[0] if isinstance(left, ast.Call) and apart else left
    place = right.span if right.span in claim.span else claim.span
    value = f"{number(share).value:g}"
    match inner:
        case ast.Call(word, (of,)) if word == APART and rule.of(of)[1] > 1 and not _ratio(of):
            message = f"{share} of a difference is {value}, in the unit of `{text(of)}`"
            helps = (f"write `{text(inner)} {op} {share}*mean({text(of)})`, or the number itself, {value}",)
        case ast.Binary("-", one, other) if rule.of(one)[1] > 1 and not _ratio(one):
            message = f"{share} of a difference is {value}, in the unit of `{text(one)}`"
            near = f"{text(one)} within {share} of {text(other)}"
            beyond = f"not {near}" if apart else f"{text(one)} {op} {1 + number(share).value:g}*{text(other)}"
            helps = (f"write `{near if op in ('<', '<=') else beyond}`, or the number itself, {value}",)
        case _:
            return
    yield Diagnostic("SCL435", message, place, severity="warning", helps=helps)


def _ratio(node: Any) -> bool:
    """True for a ratio, the logarithm that turns a difference into one, and one number of several of them."""
    match node:
        case ast.Group((inner,)):
            return _ratio(inner)
        case ast.Call(word, (inner, *_)) if word in REDUCTIONS:
            return _ratio(inner)
    return (isinstance(node, ast.Binary) and node.op == "/") or (isinstance(node, ast.Call) and node.name == "log")


def _finer(claim: Claim, node: Any, rule: Bounds) -> Iterator[Diagnostic]:
    """`lr(SP)/lr(muP) in [0.5..2]` on a grid of rates a factor of 3 apart: one step off fails it."""
    match node:
        case ast.Inside(ast.Binary("/", above, below), ast.Range(start, stop)):
            (low, _), (_, high) = rule.of(start), rule.of(stop)
        case ast.Near(ast.Binary("/", above, below), ast.Number(width), target) if is_percentage(node.tolerance):
            at, part = rule.of(target)[0], number(width).value
            low, high = at * (1 - part), at * (1 + part)
        case ast.Near(above, ast.Number(width), below) if is_percentage(node.tolerance):
            low, high = 1 - number(width).value, 1 + number(width).value
        case _:
            return
    one, two = rule.tuned(above), rule.tuned(below)
    if one is None or two is not one or not low <= 1 <= high or rule.settled(node) is not None:
        return
    points = sorted(float(p[0]) for p in one.points if not isinstance(p[0], str) and p[0] > 0)
    step = min((b / a for a, b in pairwise(points)), default=0.0)
    if step > high and 1 / step < low:
        apart = f"whose values are a factor of {step:.3g} apart"
        message = f"`{text(node)}` is finer than the grid of `{one.name}`, {apart}"
        notes = ("it holds only where both best values are the same point",)
        allowed = f"in [{1 / step * 0.9:.2g}..{step * 1.1:.2g}]"
        allowed = f"{text(above)}/{text(below)} {allowed}" if not isinstance(node, ast.Inside) else allowed
        helps = (f"allow one step, such as `{allowed}`, or tune on a finer grid",)
        place = node.span if node.span in claim.span else claim.span
        yield Diagnostic("SCL436", message, place, severity="warning", notes=notes, helps=helps)
