"""What a lenient reading of a claim says, written as the language writes it, in the names of the study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from ..checks.of_claims.compared_fits import is_case
from ..plan.study_plan import FitRequest
from ..syntax.numbers import number, short
from ..vocabulary.quantities import canonical, run_quantities, statistics
from .asked_numbers import Numbers, factor
from .claim_nodes import (
    At,
    Bare,
    Bars,
    Between,
    Bin,
    Call,
    Group,
    Joined,
    Moves,
    Near,
    Neg,
    Not,
    Num,
    OneOf,
    Order,
    Path,
    Sel,
    Text,
    UnreadError,
    percent,
)
from .sorted_words import Asked
from .study_names import SIZED

#: What a claim may say of how near, where nothing was said: a share, and a number beside 0.
SHARE, WIDTH = "5%", "0.05"
_RISES = ("increasing", "is_increasing", "rises", "increases", "nondecreasing", "grows")
_MONOTONE = (
    *("monotone", "monotonic", "decreasing", "is_decreasing", "is_monotonic", "falls", "decreases", "sorted"),
    *("monotonically_decreasing", "nonincreasing", "is_sorted", *_RISES),
)


class Said(Numbers):
    """Writes what was heard in the names of a study."""

    def claim(self, heard: Sequence[Any]) -> str:
        """Conditions in a row as one claim."""
        found = " and ".join(self.condition(one, whole=len(heard) == 1) for one in heard)
        conditions = dict.fromkeys(self._cells(c) for c in self.kept)
        kept = [c for c in conditions if c not in self.conditions]
        if len(kept) < len(conditions):
            self.heard.add("of its condition")
        if len(kept) > 1 or (kept and " where " in found):
            raise UnreadError("conditions of several")
        return f"{found} where {kept[0]}" if kept else found

    def condition(self, node: Any, whole: bool = False, inner: bool = False) -> str:
        """A condition; `inner` for one that stands under another."""
        match node:
            case At(condition, where):
                if not whole:
                    raise UnreadError("where inside a claim")
                return self._at(condition, where)
            case Joined("implies", (first, then)):
                if not self._asks(first):
                    return f"{self.condition(then)} where {self._cells(first)}"
                said = self.condition(first)
                said = f"not ({said})" if " and " in said or " or " in said else f"not {said}"
                text = f"{said} or {self.condition(then)}"
                return f"({text})" if inner else text
            case Joined(how, conditions):
                text = f" {how} ".join(self.condition(c, inner=how == "and" or inner) for c in conditions)
                return f"({text})" if inner and how == "or" else text
            case Group(condition):
                return f"({self.condition(condition)})"
            case Not(Between() | OneOf() | Near() | Order() as one):
                return f"not {self.condition(one)}"
            case Not(condition):
                return f"not ({self.condition(condition)})"
            case Order(sides, signs, merit):
                return self._order(sides, signs, merit)
            case Between(value, low, high, inside):
                text = f"{self.number(value)} in {interval(self.number(low), self.number(high))}"
                return text if inside else f"not {text}"
            case OneOf(value, values, inside):
                return self._one_of(value, values, inside)
            case Near():
                return self._near(node)
            case Moves(Path((str(name),)), axis, sign) if sign in "<>":
                words = [Path((w,)) for w in (name, axis) if w]
                return self._monotone("rises" if sign == "<" else "falls", words)
            case Moves(value, axis, sign) if sign in "<>":
                return self._chain_along(value, axis, sign)
            case Moves(value, axis, sign) if sign in ("==", "!="):
                return self._same_along(value, axis, sign)
            case Bare(value):
                return self._by_name(value)
        raise UnreadError("no condition")

    def _order(self, sides: Sequence[Any], signs: Sequence[str], merit: str) -> str:
        if len(sides) > 1 and all(self._is_request(s) for s in sides):
            self.guessed = True
            self.heard.add("merit")
            fits = [r for s in sides if isinstance(r := self._request(s), FitRequest)]
            cases = any(is_case(*both) for one, two in combinations(fits, 2) for both in ((one, two), (two, one)))
            error = "validation" if cases else "rmse_log" if merit else "mse"
            said = [f"{error}({self._request(s).name})" for s in sides]
        else:
            said = [self.number(s, loss=True) for s in sides]
            if merit and not all(s.startswith(("loss", "mean(loss")) for s in said):
                raise UnreadError("what is better")
        text = said[0]
        for sign, side in zip(signs, said[1:], strict=True):
            text += f" {sign} {side}"
        threshold = "threshold" in self.heard.kinds and len(signs) == 1 and re.fullmatch(r"[\d.]+%?", said[1])
        if "judged" in self.heard.kinds and (threshold or (signs == (">",) and said[1] == "0")):
            self.guessed = True
            self.heard.add("least")
            text = f"{said[0]} > 0.1"
        return text

    def _one_of(self, value: Any, values: Sequence[Any], inside: bool) -> str:
        said = self.number(value)
        listed = [self.number(v) for v in values]
        if self._noisy(said) and len(listed) > 1:
            text = f"{said} in {interval(listed[0], listed[-1])}"
        else:
            text = f"{said} in {{{', '.join(listed)}}}"
        return text if inside else f"not {text}"

    def _near(self, node: Near) -> str:
        if (made := self._scaling(node)) is not None:
            return made
        if (made := self._least(node)) is not None:
            return made
        value, target = self.number(node.value, loss=True), self.number(node.target, loss=True)
        if node.ratio:
            by = float(number(node.width.text).value)
            if by <= 1:
                raise UnreadError("a factor")
            text = f"{factor(value)}/{factor(target)} in [{short(1 / by)}..{short(by)}]"
            return text if node.equal else f"not {text}"
        exact = not (self._noisy(value) or self._noisy(target))
        if exact and node.width is None:
            return f"{value} {'==' if node.equal else '!='} {target}"
        sure = "judged" in self.heard.kinds
        width = self.number(node.width) if node.width is not None else ""
        if not width or ("judged" in self.heard.kinds and not sure):  # so many standard errors
            self.guessed = True
            self.heard.add("how near")
            width = WIDTH if target == "0" else SHARE
        text = f"{value} within {width} of {target}"
        return text if node.equal else f"not {text}"

    def _least(self, node: Near) -> str | None:
        """`argmin(rmse) == chinchilla`: the number of one fit is below those of the others; None for another claim."""
        best = self._request_or_none(node.target)
        names = [n for n in _names(node.value) if n.isidentifier()]
        asked = [n for n in names if n in statistics()]
        if best is None or len(asked) > 1 or not {n.lower() for n in names} & {"argmin", "best", "min", "argmax"}:
            return None
        others = [r for r in self.fits.values() if r is not best]
        if not asked:
            others = [r for r in others if r.name in names]
            asked = ["validation"]
            self.guessed = True
        sign = ">" if "argmax" in names or asked[0] == "r2" else "<"
        self.heard.add("merit")
        return " and ".join(f"{asked[0]}({best.name}) {sign} {asked[0]}({r.name})" for r in others) or None

    def _scaling(self, node: Near) -> str | None:
        """`loss ~ N^-0.34`, `N_opt ~ C^0.5`: an exponent, near the one that is named; None where it is none."""
        match node.target:
            case Bin("^", Path((str(size),)), power):
                pass
            case Bin("*", _, Bin("^", Path((str(size),)), power)):
                pass
            case _:
                return None
        size = SIZED.get(size.lower(), canonical(size))
        while isinstance(power, Neg | Group):
            power = power.value
        if not isinstance(power, Num) or size not in ("N", "D", "C") or not isinstance(node.value, Path):
            return None
        asked = self._sorted(node.value)
        if asked.best and asked.sized[:1] in (["N"], ["D"]) and size == "C" and self.optima:
            method = next(iter(self.optima.values()))
            name = f"{'a' if asked.sized[0] == 'N' else 'b'}({method.name})"
        elif asked.quantities in (["loss"], ["excess"], ["L"]) or (asked.predicted and not asked.quantities):
            quantities, request = self._exponent(Asked(sized=[size]), asked.requests[0] if asked.requests else None)
            if not quantities or request is None:
                return None
            name = f"{quantities[0]}({request.name})"
        else:
            return None
        self.guessed = True
        self.heard.add("exponent")
        if node.width is None:
            self.heard.add("how near")
        width = SHARE if node.width is None else self.number(node.width)
        return f"{'' if node.equal else 'not '}{name} within {width} of {self.number(power)}"

    def _by_name(self, value: Any) -> str:
        """`isclose(alpha, .34, rtol=.1)`, `between(alpha, .3, .5)`, `decreasing(loss, width)`."""
        match value:
            case Path((*_, str(name), Call(args))):
                low = name.lower()
                given = [a for a in args if not isinstance(a, Sel)]
                named = {a.name.lower(): a.value for a in args if isinstance(a, Sel)}
                if low in ("isclose", "is_close", "close", "approx", "near", "almost_equal") and len(given) > 1:
                    self.heard.add("near")
                    width: Any = next((v for k, v in named.items() if "r" not in k[:1]), None)
                    if (share := next((v for k, v in named.items() if k.startswith("r")), None)) is not None:
                        width = percent(share)
                    return self._near(Near(given[0], given[1], width or (given[2] if len(given) > 2 else None)))
                if low in ("between", "isbetween", "is_between", "in_range", "inrange") and len(given) == 3:
                    return self.condition(Between(given[0], given[1], given[2]))
                if low in _MONOTONE:
                    return self._monotone(low, args)
        raise UnreadError("a value")

    def _monotone(self, name: str, args: Sequence[Any]) -> str:
        """A fall or a rise along an axis, at each of its values."""
        quantity, axis = "loss", ""
        for one in args:
            match one:
                case Path((str(word),)) if word in self.owners.axes:
                    axis = word
                case Path((str(word),)) if self.owners.measures(word):
                    quantity = word
                case Path((str(word),)) if canonical(word) == "N":
                    axis = next((a for a in self.owners.axes if a == "width"), "")
                case Path((str(word),)) if canonical(word) == "D":
                    axis = next((a for a in self.owners.axes if a in ("tokens", "steps", "samples")), "")
                case _:
                    raise UnreadError("what falls")
        self.guessed = self.guessed or not axis
        axis = axis or next((a for a in self.owners.axes if self.owners.axes[a].role == "sweep" and a != "seed"), "")
        values = self._values(axis) if axis else []
        if not 1 < len(values) <= 6:
            raise UnreadError("along what")
        sign = "<" if name in _RISES else ">"
        self.heard.add("monotone")
        return f" {sign} ".join(f"{quantity}({axis}={short(v)})" for v in values)

    def _chain_along(self, value: Any, axis: str, sign: str) -> str:
        """A number that falls or rises along an axis, where places are chosen besides."""
        name = self._end_axis(axis)
        values = self._values(name) if name in self.owners.axes else []
        if not 1 < len(values) <= 6 or not isinstance(value, Path):
            raise UnreadError("along what")
        each = (self.number(Path((*value.atoms, Call((Sel(name, Num(short(v))),))))) for v in values)
        return f" {sign} ".join(each)

    def _same_along(self, value: Any, axis: str, sign: str) -> str:
        """A number that is the same, or is not, at both ends of an axis."""
        axis = self._axis(axis)
        if axis not in self.owners.axes:
            raise UnreadError("no axis")
        points = self.owners.axes[axis]
        place = points.names.index(axis)
        values = [p[place] if isinstance(p[place], str) else short(float(p[place])) for p in points.points]
        if not len(values) > 1:
            raise UnreadError("one value")
        if isinstance(value, Path) and any(self.owners.tuned(a) for a in value.atoms if isinstance(a, str)):
            ends = (Path((*value.atoms, Call((Sel(axis, Num(str(v))),)))) for v in (values[0], values[-1]))
            return f" {sign} ".join(self.number(end) for end in ends)
        sides = [self.number(Path(("mean", Call((value, Sel(axis, Num(str(v)))))))) for v in (values[0], values[-1])]
        self.guessed = True
        self.heard.add("how near")
        return f"{'' if sign == '==' else 'not '}{sides[0]} within {SHARE} of {sides[1]}"

    def _at(self, condition: Any, where: Any) -> str:
        """A claim with what restricts it: places go into what it asks, conditions behind `where`."""
        if len(where) == 1 and isinstance(where[0], Order | Between) and self._asks(where[0]):
            self.heard.add("implies")
            return self.condition(Joined("implies", (where[0], condition)))
        places = [w for w in where if isinstance(w, Sel | Path)]
        rest = [w for w in where if not isinstance(w, Sel | Path)]
        if places:
            condition = _placed(condition, tuple(places))
        text = self.condition(condition)
        return text if not rest else f"{text} where {' and '.join(self._cells(r) for r in rest)}"

    def _cells(self, node: Any) -> str:
        """A condition on cells."""
        match node:
            case Sel(name, value):
                return f"{self._axis(name)} == {self._place_value(name, value)}"
            case Near(value, target, None, equal):
                return f"{self.number(value)} {'==' if equal else '!='} {self._value(target)}"
            case Order(sides, signs, _):
                first, *more = (self.number(s) for s in sides)
                return first + "".join(f" {sign} {side}" for sign, side in zip(signs, more, strict=True))
            case Between(value, low, high, inside):
                text = f"{self.number(value)} in {interval(self.number(low), self.number(high))}"
                return text if inside else f"not {text}"
            case OneOf(value, values, inside):
                text = f"{self.number(value)} in {{{', '.join(self._value(v) for v in values)}}}"
                return text if inside else f"not {text}"
            case Joined("or", conditions):
                return f"({' or '.join(self._cells(c) for c in conditions)})"
            case Joined("and", conditions):
                return " and ".join(self._cells(c) for c in conditions)
            case Not(condition):
                return f"not ({self._cells(condition)})"
        raise UnreadError("no condition on cells")

    def _asks(self, node: Any) -> bool:
        """True for a condition that asks of results, and is not about which cells."""
        return any(self._is_result(name) for name in _names(node))

    def _is_result(self, name: str) -> bool:
        known = self.owners.quantities() - set(self.owners.axes)
        return (name in known and name not in run_quantities()) or self.owners.tuned(name)


def interval(low: str, high: str) -> str:
    """An interval whose dots are told from those of its ends."""
    return f"[{low}..{'0' if high.startswith('.') else ''}{high}]"


def _names(node: Any) -> Iterator[str]:
    """Every word of a condition."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, tuple):
        for one in node:
            yield from _names(one)


def _placed(node: Any, places: tuple[Any, ...]) -> Any:
    """A condition whose quantities are asked at places besides."""
    match node:
        case Path(atoms):
            return Path((*atoms, Call(places)))
        case Num() | Text():
            return node
        case Sel(name, value):
            return Sel(name, value)
        case Order(sides, signs, merit):
            return Order(tuple(_placed(s, places) for s in sides), signs, merit)
        case Near(value, target, width, equal, ratio):
            return Near(
                _placed(value, places), target if _fixed(target) else _placed(target, places), width, equal, ratio
            )
        case Between(value, low, high, inside):
            return Between(_placed(value, places), low, high, inside)
        case OneOf(value, values, inside):
            return OneOf(_placed(value, places), values, inside)
        case Bin(sign, left, right):
            return Bin(sign, _placed(left, places), _placed(right, places))
        case Neg(value):
            return Neg(_placed(value, places))
        case Group(value):
            return Group(_placed(value, places))
        case Bars(value):
            return Bars(_placed(value, places))
        case Not(value):
            return Not(_placed(value, places))
        case Joined(how, conditions):
            return Joined(how, tuple(_placed(c, places) for c in conditions))
    return node


def _fixed(node: Any) -> bool:
    """True for what a source says and no cell chooses."""
    return isinstance(node, Path) and node.atoms == ("entropy_rate",)
