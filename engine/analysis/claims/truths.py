"""Truth of a claim's test in each panel: held, failed or open, by three-valued logic over one-sided comparisons.

A comparison is held where the estimate and at least 97.5 % of draws satisfy it, failed where neither the estimate nor
more than 2.5 % of draws do, else open. What is made of comparisons follows from what they are:

    a and b     failed where a part is, held by the joint share of draws         x in [a..b], a < x < b, x within d of t
    a or b      held where a part is, failed where all are                       abs(x) > d
    not a       failed where a is held, held where a is failed

so that a wide interval refutes no region. The largest of several values exceeds c where one of them does, and lies
below c where all do; the spread of several, where one pair of them, or every pair, is that far apart. Of many values
one lies far off by luck, so where one of many decides, be it a panel, a value or a pair, it has to lie beyond what
the largest of so many errors comes to in 97.5 % of draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scalingdsl.spec.claims.references import QuantityRef, Reduction
from scalingdsl.spec.expressions.evaluate import is_percentage
from scalingdsl.spec.syntax import ast
from scalingdsl.spec.syntax.visit import children

from ...fits.core.fit_result import Array
from ..analysis_result import Panel
from .claim_operands import Quantities
from .uncertain import OPERATIONS, Drawn, combine, drawn, meeting

#: Shares of draws at which a comparison is held or failed.
HELD, FAILED = 0.975, 0.025
#: Fewer draws than this share with a value, and nothing is decided.
ENOUGH = 0.5
#: Values at each end among which pairs for a spread are formed; pairs in between are nearer to each other.
ENDS = 30
#: Change of an extreme by which it is seen which way a comparison goes with it.
NUDGE = 1e-6
#: Shares of draws a standard error either side of the middle.
ONE_SIGMA = (0.1587, 0.8413)

Bools = NDArray[np.bool_]
Side = Callable[[], Any]


@dataclass(frozen=True, eq=False)
class Truth:
    """A test in each panel: its estimate, shape (panel,), and draws, (draw, panel), as 0, 1 or NaN; and whether it is
    held and failed, both of shape (2, panel): alone, and as one of many of which any decides.
    """

    panels: tuple[Panel, ...]
    value: Array
    draws: Array
    held: Bools
    failed: Bools

    def take(self, places: Sequence[int], panels: Sequence[Panel]) -> Truth:
        """Some of the panels, under new names."""
        at = np.asarray(places, dtype=np.int64)
        return Truth(tuple(panels), self.value[at], self.draws[:, at], self.held[:, at], self.failed[:, at])

    @property
    def shares(self) -> Array:
        """Share of draws that satisfy it, shape (panel,); NaN where it has no value in most."""
        known = np.isfinite(self.draws)
        enough = np.isfinite(self.value) & (np.mean(known, axis=0) >= ENOUGH)
        with np.errstate(invalid="ignore"):
            return np.where(enough, np.sum(np.nan_to_num(self.draws), axis=0) / np.sum(known, axis=0), np.nan)


def alone(panels: Sequence[Panel], value: Array, draws: Array, clear: tuple[Bools, Bools] | None = None) -> Truth:
    """A comparison; `clear` says where it is held, and failed, beyond luck among many."""
    nothing = np.zeros(len(panels), dtype=bool)
    bare = Truth(tuple(panels), value, draws, np.stack([nothing] * 2), np.stack([nothing] * 2))
    shares = bare.shares
    # Draws of a law's errors centre on what noise alone would leave where the law came out nearer than that.
    held, failed = (shares >= HELD) & (value != 0), (shares <= FAILED) & (value != 1)
    above, below = (held, failed) if clear is None else (held & clear[0], failed & clear[1])
    return replace(bare, held=np.stack([held, above]), failed=np.stack([failed, below]))


def both(one: Truth, two: Truth, word: str) -> Truth:
    """`and` or `or` of two tests where their panels meet."""
    met = list(meeting(one.panels, two.panels))
    panels = [panel for _, _, panel in met]
    a, b = one.take([i for i, _, _ in met], panels), two.take([j for _, j, _ in met], panels)
    n = max(len(a.draws), len(b.draws)) if 1 in (len(a.draws), len(b.draws)) else min(len(a.draws), len(b.draws))
    draws = [np.broadcast_to(part.draws[:n], (n, len(panels))) for part in (a, b)]
    return _joined(panels, word, np.stack([a.value, b.value]), np.stack(draws), (a.held, b.held), (a.failed, b.failed))


def _joined(
    panels: Sequence[Panel],
    word: str,
    value: Array,
    draws: Array,
    held: Sequence[Bools] | Bools,
    failed: Sequence[Bools] | Bools,
) -> Truth:
    """`and` or `or` of parts, stacked along the first axis."""
    least = OPERATIONS[word]
    whole = alone(panels, least.reduce(value, axis=0), least.reduce(draws, axis=0))  # type: ignore[attr-defined]
    if word == "and":
        return replace(whole, held=np.all(held, axis=0) & whole.held[:1], failed=np.any(failed, axis=0))
    return replace(whole, held=np.any(held, axis=0), failed=np.all(failed, axis=0))


def inverse(one: Truth) -> Truth:
    """`not` of a test."""
    return replace(one, value=1.0 - one.value, draws=1.0 - one.draws, held=one.failed, failed=one.held)


def clear_of_luck(margin: Drawn, families: Sequence[object]) -> tuple[Bools, Bools]:
    """True where a margin lies above 0, and below 0, by more than the largest error among its family comes to.

    Errors are those of the draws about the estimate, each in units of its own standard error, so that the distribution
    of the largest is read off the draws themselves, whatever their tails and their dependence (Romano and Wolf 2005).
    """
    above, below = (np.ones(len(margin.panels), dtype=bool) for _ in range(2))
    kinds: dict[object, list[int]] = {}
    for place, kind in enumerate(families):
        kinds.setdefault(kind, []).append(place)
    told = np.isfinite(margin.value) & (np.mean(np.isfinite(margin.draws), axis=0) >= ENOUGH)
    for family in kinds.values():
        places = [place for place in family if told[place]]
        value, draws = margin.value[places], margin.draws[:, places]
        draws = draws[np.all(np.isfinite(draws), axis=1)]
        if len(places) < 2 or len(draws) < 2:
            continue
        low, high = np.quantile(draws, ONE_SIGMA, axis=0)
        scale = np.where(high > low, (high - low) / 2, np.std(draws, axis=0))
        noisy = scale > 0
        if not np.any(noisy):
            continue
        errors = (draws[:, noisy] - value[noisy]) / scale[noisy]
        z = np.divide(value, scale, out=np.full(len(places), np.inf), where=noisy)
        above[places] = ~noisy | (z > np.quantile(np.max(errors, axis=1), HELD))
        below[places] = ~noisy | (-z > np.quantile(np.max(-errors, axis=1), HELD))
    return above, below


def least(parts: Drawn) -> float:
    """The lower end of the 95 % interval of the largest of several values; infinite where no draw has all of them."""
    low, high = np.nanquantile(parts.draws, ONE_SIGMA, axis=0)
    noisy = high > low
    exact = float(np.max(parts.value[~noisy], initial=-np.inf))
    if not np.any(noisy):
        return exact
    value, scale = parts.value[noisy], (high - low)[noisy] / 2
    errors = np.max((parts.draws[:, noisy] - value) / scale, axis=1)
    known = errors[np.isfinite(errors)]
    if not len(known):
        return np.inf
    beyond = float(np.quantile(known, HELD))
    return max(exact, float(np.max(value - beyond * scale)))


class Tests:
    """The tests of a claim, whose sides its quantities answer."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities

    def truth(self, test: Any) -> Truth:
        """The truth of a test.

        Raises:
            UnansweredError: A side of it has no value.
        """
        match test:
            case ast.Group((item,)):
                return self.truth(item)
            case ast.And(left, right):
                return both(self.truth(left), self.truth(right), "and")
            case ast.Or(left, right):
                return both(self.truth(left), self.truth(right), "or")
            case ast.Not(operand):
                return inverse(self.truth(operand))
            case ast.Inside(value, ast.Range(start, stop)):
                return self._steps((start, value, stop), ("<=", "<="))
            case ast.Chain(first, rest) if all(sign in ("<", "<=", ">", ">=") for sign, _ in rest):
                return self._steps((first, *(node for _, node in rest)), [sign for sign, _ in rest])
            case ast.Near(value, _, target):
                return both(self._nearer(value, target, test), self._nearer(target, value, test), "and")
        found = drawn(self.quantities.answer(test))
        return alone(found.panels, found.value, found.draws)

    def lower_end(self, node: Any) -> float | None:
        """The lower end of the interval of a magnitude, a spread or a largest value; None for anything else.

        Draws of these lie above them where they are near 0 or alike: noise makes a spread, and no draw is below 0.
        """
        if not isinstance(node, Reduction) or node.word not in ("spread", "max"):
            return None
        parts = self._parts(node, "\0")
        if parts is None or len(parts.draws) < 2 or not np.all(np.any(np.isfinite(parts.draws), axis=0)):
            return None
        end = least(parts)
        return max(end, 0.0) if node.word == "spread" else end

    def _steps(self, sides: Sequence[Any], signs: Sequence[str]) -> Truth:
        """A chain of comparisons."""
        steps = [
            self._compared(sign, self._side(one), self._side(two), (one, two))
            for sign, one, two in zip(signs, sides, sides[1:], strict=False)
        ]
        found = steps[0]
        for step in steps[1:]:
            found = both(found, step, "and")
        return found

    def _nearer(self, one: Any, two: Any, near: ast.Near) -> Truth:
        """The comparison that one exceeds the other by no more than the tolerance."""

        def difference() -> Any:
            return self.quantities.apply("-", self.quantities.answer(one), self.quantities.answer(two))

        def width() -> Any:
            tolerance = self.quantities.answer(near.tolerance)
            if not is_percentage(near.tolerance):
                return tolerance
            target = self.quantities.answer(near.target)
            return self.quantities.apply("*", tolerance, self.quantities.apply("abs", target))

        return self._compared("<=", difference, width, (one, two))

    def _side(self, node: Any) -> Side:
        return lambda: self.quantities.answer(node)

    # --- comparisons ----------------------------------------------------------------------------------------------

    def _compared(self, sign: str, left: Side, right: Side, trees: Sequence[Any]) -> Truth:
        """One comparison, with the extremes in it taken apart."""
        given: dict[Any, Drawn] = {}
        axes: list[tuple[str, str]] = []
        signs = []
        for place, node in enumerate(dict.fromkeys(node for tree in trees for node in extremes(tree))):
            axis = f"\0{place}"
            parts = self._parts(node, axis)
            rising = self._rising(node, sign, left, right) if parts is not None else None
            if parts is not None and rising is not None:
                given[node] = parts
                axes.append((axis, "or" if rising == (_word(node) != "min") else "and"))
                signs += [axis] if _word(node) == "abs" else []
        with self.quantities.supposing(given):
            found = self._atom(sign, left(), right(), signs)
        # All of the values for each of which there is another: what must hold of all stands outside.
        for axis, word in sorted(axes, key=lambda one: one[1] == "and"):
            found = _over(found, axis, word)
        return found

    def _atom(self, sign: str, left: Any, right: Any, apart: Sequence[str]) -> Truth:
        truth = drawn(combine(left, right, OPERATIONS[sign]))
        margin = combine(left, right, (lambda a, b: a - b) if sign[0] == ">" else (lambda a, b: b - a))
        families = [tuple(value for name, value in panel if name in apart) for panel in truth.panels]
        return alone(truth.panels, truth.value, truth.draws, clear_of_luck(margin, families))

    def _rising(self, node: Any, sign: str, left: Side, right: Side) -> bool | None:
        """True where a comparison becomes truer as an extreme in it grows; None where that is not one way."""
        now = drawn(self.quantities.answer(node))
        found = []
        for step in (0.0, NUDGE):
            value = now.value + step * np.maximum(1.0, np.abs(now.value))
            with self.quantities.supposing({node: Drawn(now.panels, value, value[None, :])}):
                one, two = drawn(left()), drawn(right())
                found.append(combine(one, two, np.subtract).value)
        change = found[1] - found[0] if sign[0] == ">" else found[0] - found[1]
        change = change[np.isfinite(change)]
        if not len(change) or (np.any(change > 0) and np.any(change < 0)) or not np.any(change):
            return None
        return bool(np.any(change > 0))

    def _parts(self, node: Any, axis: str) -> Drawn | None:
        """What an extreme is the largest or smallest of, told apart by a further axis; None where that is one value."""
        match node:
            case Reduction(word="spread"):
                return _pairs(self.quantities.parts(node), axis)
            case Reduction(word=word):
                parts = self.quantities.parts(node)
                signed = self._signed(node.quantity) if word == "max" and not node.selectors else None
                values = [parts] if signed is None else [signed, _negative(signed)]
                return _side_by_side([p.take(range(len(p.panels)), [()] * len(p.panels)) for p in values], axis)
            case ast.Call(name="max" | "min", args=args):
                values = [drawn(self.quantities.answer(a)) for a in args]
                everywhere = values[0]
                for other in values[1:]:
                    everywhere = combine(everywhere, other, lambda a, b: a + 0.0 * b)
                return _side_by_side([combine(everywhere, v, lambda a, b: b + 0.0 * a) for v in values], axis)
        signed = self._signed(node)
        return None if signed is None else _side_by_side([signed, _negative(signed)], axis)

    def _signed(self, node: Any) -> Drawn | None:
        """What a magnitude is the magnitude of; None for what is none."""
        if isinstance(node, ast.Call) and node.name == "abs" and len(node.args) == 1:
            return drawn(self.quantities.answer(node.args[0]))
        if isinstance(node, QuantityRef) and node.kind == "asymmetry":
            return self.quantities.signed_asymmetry(node)
        return None


def _word(node: Any) -> str:
    """Kind of an extreme: `max`, `min`, `spread`, `abs`."""
    return node.word if isinstance(node, Reduction) else node.name if isinstance(node, ast.Call) else "abs"


def extremes(tree: Any) -> Iterator[Any]:
    """The outermost extremes of an expression: reductions and functions that are the largest or least of several."""
    match tree:
        case Reduction(word=word):
            found = word in ("max", "min", "spread")
        case ast.Call(name=name):
            found = name in ("max", "min", "abs")
        case QuantityRef(kind=kind):
            found = kind == "asymmetry"
        case _:
            for part in children(tree):
                yield from extremes(part)
            return
    if found:
        yield tree
    elif isinstance(tree, ast.Call):
        for part in tree.args:
            yield from extremes(part)


def _negative(one: Drawn) -> Drawn:
    return Drawn(one.panels, -one.value, -one.draws)


def _side_by_side(values: Sequence[Drawn], axis: str) -> Drawn | None:
    """Several quantities as one, numbered along a further axis."""
    n = max(len(v.draws) for v in values)
    draws = [np.broadcast_to(v.draws, (n, len(v.panels))) for v in values if len(v.draws) in (1, n)]
    total = sum(len(v.panels) for v in values)
    if len(draws) < len(values) or total < 2:
        return None
    panels = [panel for v in values for panel in v.panels]
    numbered = _numbered(panels, axis)
    return Drawn(numbered, np.concatenate([v.value for v in values]), np.concatenate(draws, axis=1))


def _numbered(panels: Sequence[Panel], axis: str) -> tuple[Panel, ...]:
    """Panels with their count among equal ones along an axis."""
    seen: dict[Panel, int] = {}
    out = []
    for panel in panels:
        seen[panel] = seen.get(panel, -1) + 1
        out.append((*panel, (axis, seen[panel])))
    return tuple(out)


def _pairs(parts: Drawn, axis: str) -> Drawn | None:
    """Differences of all ordered pairs."""
    order = np.argsort(parts.value)
    ends = order if len(order) <= 2 * ENDS else np.concatenate([order[:ENDS], order[-ENDS:]])
    pairs = np.array(list(permutations(sorted(ends.tolist()), 2)), dtype=np.int64)
    if not len(pairs):
        return None
    one, two = pairs.T
    panels = tuple(((axis, place),) for place in range(len(pairs)))
    return Drawn(panels, parts.value[one] - parts.value[two], parts.draws[:, one] - parts.draws[:, two])


def _over(found: Truth, axis: str, word: str) -> Truth:
    """A test over all values along an axis: of which one suffices (`or`), or all are wanted (`and`)."""
    places: dict[Panel, list[int]] = {}
    for place, panel in enumerate(found.panels):
        places.setdefault(tuple(pair for pair in panel if pair[0] != axis), []).append(place)
    parts = []
    for own in places.values():
        held, failed = found.held[:, own].T[:, :, None], found.failed[:, own].T[:, :, None]
        # One of many decides only where it is clear of luck.
        if word == "or":
            held = np.repeat(held[:, 1:], 2, axis=1)
        else:
            failed = np.repeat(failed[:, 1:], 2, axis=1)
        parts.append(_joined([()], word, found.value[own][:, None], found.draws[:, own].T[:, :, None], held, failed))
    return Truth(
        tuple(places),
        np.concatenate([p.value for p in parts]) if parts else np.empty(0),
        np.concatenate([p.draws for p in parts], axis=1) if parts else np.empty((1, 0)),
        np.concatenate([p.held for p in parts], axis=1) if parts else np.zeros((2, 0), dtype=bool),
        np.concatenate([p.failed for p in parts], axis=1) if parts else np.zeros((2, 0), dtype=bool),
    )
