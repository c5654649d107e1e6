"""What a lenient reading of a claim asks for, written as the language asks for it, in the names of the study."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..claims.resolve_names import ELSEWHERE_MEASURED, ELSEWHERE_REDUCED, EXPONENTS, JUDGED, OPTIMAL, PREDICTING, Owners
from ..claims.selectors import ENDS
from ..diagnostics.suggest import ELSEWHERE, edits, similar
from ..errors import SpecError
from ..plan.study_plan import FitRequest, OptimumRequest
from ..requests.provides import Request, counterpart, of_request
from ..requests.request_types import parameters
from ..syntax.numbers import number, short
from ..syntax.scanner import RESERVED
from ..vocabulary.base import REGISTRY
from ..vocabulary.functions import FUNCTIONS, FUNCTIONS_ELSEWHERE, REDUCTIONS
from ..vocabulary.quantities import QUANTITIES, canonical, run_quantities, statistics
from .claim_grammar import (
    At,
    Bare,
    Bars,
    Between,
    Bin,
    Call,
    Group,
    Heard,
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
)

#: Names of the places where results are kept elsewhere, which say nothing of what is asked.
_HELD = (
    "fit fits result results res params param parameters popt coef coefs coefficients estimates estimate value values "
    "self model_fit output outputs summary metrics metric df stats best_fit law laws fitted final study report item "
    "scaling run runs scalars get law_params exponents measured point x attrs theta data cell cells models model "
    "estimated true"
)
_HOLDERS = frozenset(_HELD.split())
#: Words for the best, and for what is best.
_BEST = frozenset(("best", "optimal", "opt", "optimum", "argmin", "argmax", "star", "tuned"))
#: Letters and words for how steep a law is, by the size it is in.
_SIZED = {"n": "N", "params": "N", "parameters": "N", "size": "N", "d": "D", "tokens": "D", "data": "D", "c": "C",
          "compute": "C", "flops": "C", "samples": "D"}  # fmt: skip
#: Parameters of papers' laws as they are called here.
_OF_PAPERS = {
    "nc": "N_c",
    "dc": "D_c",
    **dict.fromkeys(("l_inf", "linf", "l0", "e0", "c_inf", "floor", "irreducible", "intercept", "offset"), "E"),
}
#: What a claim may say of how near, where nothing was said: a share, and a number beside 0.
SHARE, WIDTH = "5%", "0.05"


@dataclass
class _Asked:
    """What one path says, sorted by what it is."""

    reductions: list[str] = field(default_factory=list)
    quantities: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    sized: list[str] = field(default_factory=list)
    best: bool = False
    judged: bool = False
    exponent: bool = False
    predicted: bool = False
    #: Whether places were chosen beside what is reduced, and not inside it.
    outside: bool = False


class Said:
    """Writes what was heard in the names of a study."""

    def __init__(self, owners: Owners, heard: Heard, predict: bool = False) -> None:
        self.owners = owners
        self.heard = heard
        #: Whether losses at sizes are those that a law predicts there.
        self.predict = predict
        #: Whether something stands in the text that was not said, or that may be another thing.
        self.guessed = False
        fits = [f.request for f in owners.requests.fits.values()]
        self.fits = {_plain(f.name): f for f in fits}
        self.optima = {_plain(o.request.name): o.request for o in owners.requests.optima.values()}

    # --- conditions ---------------------------------------------------------------------------------------------------

    def claim(self, heard: Sequence[Any]) -> str:
        """Conditions in a row as one claim."""
        found = [self.condition(one, whole=len(heard) == 1) for one in heard]
        return " and ".join(found)

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
            case Moves(value, axis, sign) if sign in ("==", "!="):
                return self._same_along(value, axis, sign)
            case Bare(value):
                return self._by_name(value)
        raise UnreadError("no condition")

    def _order(self, sides: Sequence[Any], signs: Sequence[str], merit: str) -> str:
        if merit and all(self._is_request(s) for s in sides):
            self.guessed = True
            said = [f"rmse_log({self._request(s).name})" for s in sides]
        else:
            said = [self.number(s, loss=True) for s in sides]
            if merit and not all(s.startswith(("loss", "mean(loss")) for s in said):
                raise UnreadError("what is better")
        text = said[0]
        for sign, side in zip(signs, said[1:], strict=True):
            text += f" {sign} {side}"
        if "judged" in self.heard.kinds and signs == (">",) and said[1] == "0":
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
        value, target = self.number(node.value, loss=True), self.number(node.target, loss=True)
        if node.ratio:
            factor = float(number(node.width.text).value)
            if factor <= 1:
                raise UnreadError("a factor")
            text = f"{_factor(value)}/{_factor(target)} in [{short(1 / factor)}..{short(factor)}]"
            return text if node.equal else f"not {text}"
        exact = not (self._noisy(value) or self._noisy(target))
        if exact and node.width is None:
            return f"{value} {'==' if node.equal else '!='} {target}"
        if node.width is None:
            self.guessed = True
            self.heard.add("how near")
        width = self.number(node.width) if node.width is not None else WIDTH if target == "0" else SHARE
        text = f"{value} within {width} of {target}"
        return text if node.equal else f"not {text}"

    def _scaling(self, node: Near) -> str | None:
        """`loss ~ N^-0.34`, `N_opt ~ C^0.5`: an exponent, near the one that is named; None where it is none."""
        match node.target:
            case Bin("^", Path((str(size),)), power):
                pass
            case Bin("*", _, Bin("^", Path((str(size),)), power)):
                pass
            case _:
                return None
        size = _SIZED.get(size.lower(), canonical(size))
        while isinstance(power, Neg | Group):
            power = power.value
        if not isinstance(power, Num) or size not in ("N", "D", "C") or not isinstance(node.value, Path):
            return None
        asked = self._sorted(node.value)
        if asked.best and asked.sized[:1] in (["N"], ["D"]) and size == "C" and self.optima:
            method = next(iter(self.optima.values()))
            name = f"{'a' if asked.sized[0] == 'N' else 'b'}({method.name})"
        elif asked.quantities in (["loss"], ["excess"], ["L"]) or (asked.predicted and not asked.quantities):
            quantities, request = self._exponent(_Asked(sized=[size]), asked.requests[0] if asked.requests else None)
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
                        width = _share(share)
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
        sides = [self.number(Path(("mean", Call((value, Sel(axis, Num(str(v)))))))) for v in (values[0], values[-1])]
        self.guessed = True
        self.heard.add("how near")
        return f"{'' if sign == '==' else 'not '}{sides[0]} within {SHARE} of {sides[1]}"

    def _at(self, condition: Any, where: Any) -> str:
        """A claim with what restricts it: places go into what it asks, conditions behind `where`."""
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

    # --- numbers ------------------------------------------------------------------------------------------------------

    def number(self, node: Any, loss: bool = False) -> str:
        """A number; with `loss`, labels and places alone are losses there."""
        if loss and self._is_request(node):
            self.guessed = True
            self.heard.add("merit")
            return f"mse({self._request(node).name})"
        match node:
            case Num(text):
                number(text)  # that it is one
                return text
            case Neg(value):
                return f"-{_factor(self.number(value))}"
            case Group(value):
                return f"({self.number(value)})"
            case Bars(value):
                return f"abs({self.number(value)})"
            case Bin(sign, left, right):
                one, two = (self.number(side, loss) for side in (left, right))
                return f"{one} {sign} {two}" if sign in "+-" else f"{one}{sign}{two}"
            case Text(text) if re.fullmatch(r"[A-Za-z_]\w*", text):
                return self._path(Path((text,)), loss)
            case Path():
                return self._path(node, loss)
        raise UnreadError("no number")

    def _path(self, path: Path, loss: bool) -> str:
        match path.atoms:
            case (str(name), Call(args)) if (made := self._function(name, args)) is not None:
                return made
            case (Call((inner,)), *rest) if rest and not isinstance(inner, Path):
                if (reduction := self._only_reduction(rest)) is not None:
                    return f"{reduction}({self.number(inner)})"
                raise UnreadError("a member of a sum")
            case (str(name), Call((inner, *chosen))) if self._reduction(name) and not isinstance(inner, Path | Sel):
                places = self._arguments(self._sorted(Path((Call(tuple(chosen)),))))
                return f"{self._reduction(name)}({', '.join((self.number(inner), *places))})"
        asked = self._sorted(path)
        match path.atoms:
            case (str(name), Call((_, _, *_))) if self._reduction(name):
                asked.outside = True
        return self._written(asked, loss)

    def _function(self, name: str, args: Sequence[Any]) -> str | None:
        """A function of numbers; None where it is none here."""
        if name in FUNCTIONS and not (self._reduction(name) and len(args) == 1):
            if any(isinstance(a, Sel) for a in args) or not args:
                return None
            if name in REDUCTIONS and any(self._is_label(a) for a in args):
                return None
            return f"{name}({', '.join(self.number(a) for a in args)})"
        if name.lower() in FUNCTIONS_ELSEWHERE and name not in REGISTRY and len(args) == 1 and name not in self.fits:
            inner = self.number(args[0])
            return FUNCTIONS_ELSEWHERE[name.lower()].format(inner, inner, inner)
        return None

    def _is_label(self, node: Any) -> bool:
        match node:
            case Path((str(name),)):
                return self.owners.labels.may_be(name) and name not in self.owners.axes
        return False

    @staticmethod
    def _reduction(name: str) -> str:
        low = name.lower()
        return low if low in REDUCTIONS else ELSEWHERE_REDUCED.get(low, "")

    def _only_reduction(self, atoms: Sequence[Any]) -> str | None:
        match atoms:
            case [str(name)] | [str(name), Call(())]:
                return self._reduction(name) or None
        return None

    # --- what a path says ---------------------------------------------------------------------------------------------

    def _sorted(self, path: Path) -> _Asked:
        asked = _Asked()
        self._sort(path.atoms, asked)
        return asked

    def _sort(self, atoms: Sequence[Any], asked: _Asked) -> None:
        i = 0
        while i < len(atoms):
            atom = atoms[i]
            after = atoms[i + 1] if i + 1 < len(atoms) else None
            if isinstance(atom, str):
                i += self._word(atom, after, asked)
            elif isinstance(atom, Call):
                for one in atom.args:
                    self._sort_argument(one, asked)
            else:
                raise UnreadError("no name")
            i += 1

    def _sort_argument(self, one: Any, asked: _Asked) -> None:
        match one:
            case Sel("axis" | "over" | "dim" | "ddof" | "key" | "by", _):
                return
            case Sel(name, value):
                asked.places.append((name, self._sel_value(name, value)))
            case Num(text):
                asked.numbers.append(text)
            case Text(text):
                self._word(text, None, asked)
            case Path((str(word),)) if word.lower() in ENDS and self._main_axis():
                asked.places.append((self._main_axis(), self._end(self._main_axis(), ENDS[word.lower()])))
                self.guessed = True
            case Path(atoms):
                self._sort(atoms, asked)
            case _:
                asked.values.append(self.number(one))

    def _word(self, word: str, after: Any, asked: _Asked) -> int:
        """Sort one word; the atoms behind it that it takes."""
        owners, low = self.owners, word.lower()
        if (request := self._named(word, after)) is not None:
            asked.requests.append(request)
            if isinstance(after, Call):
                sizes = [a for a in after.args if isinstance(a, Sel)]
                for one in sizes:
                    self._sort_argument(one, asked)
                if sizes or (after.args and all(isinstance(a, Num) for a in after.args)):
                    asked.predicted = True
                if all(isinstance(a, Num) for a in after.args):
                    asked.numbers += [a.text for a in after.args]
                elif not sizes and not self._of_law(word, after):
                    for one in after.args:
                        self._sort_argument(one, asked)
            return int(isinstance(after, Call))
        if word in REGISTRY and REGISTRY[word].kind in ("law", "optimum") and not self._quantity_of(word):
            raise UnreadError(f"no fit {word}")
        if word in owners.quantities() or owners.measures(word) or word in statistics():
            if word in owners.axes and asked.best and not owners.tuned(word):
                raise UnreadError(f"{word} is not tuned")
            asked.quantities.append(word)
        elif (self._reduction(word) or low in ENDS) and low not in _BEST:
            if not self._reduction(word):
                asked.places.append((self._main_axis(), str(self._end(self._main_axis(), ENDS[low]))))
                self.guessed = True
            else:
                if low not in REDUCTIONS:
                    self.guessed = self.guessed or ELSEWHERE_REDUCED[low] == "spread"
                asked.reductions.append(self._reduction(word))
        elif low in _BEST:
            asked.best = True
        elif owners.labels.may_be(word) and not owners.labels.open:
            asked.labels.append(word)
        elif word in run_quantities() or low in _SIZED:
            asked.sized.append(canonical(word) if word in run_quantities() else _SIZED[low])
        elif low in _HOLDERS:
            pass
        elif low in EXPONENTS:
            asked.exponent = True
        elif low in PREDICTING or word == "L":
            asked.predicted = True
        elif low in JUDGED or low in ("lower", "upper", "low", "high", "ci95", "lower_bound", "upper_bound", "hdi"):
            asked.judged = True
            self.heard.add("judged")
        elif low in OPTIMAL and self.optima:
            asked.best = True
            if "/" in OPTIMAL[low]:
                raise UnreadError("a ratio")
            asked.sized.append(OPTIMAL[low])
        elif low in _OF_PAPERS and self._gives(_OF_PAPERS[low]):
            asked.quantities.append(_OF_PAPERS[low])
        elif low in ELSEWHERE_MEASURED and re.fullmatch(r"\w+", ELSEWHERE_MEASURED[low]):
            asked.quantities.append(ELSEWHERE_MEASURED[low])
            self.guessed = True
        elif (law := _law_called(word)) and (request := self._named(law, after)) is not None:
            asked.requests.append(request)
        elif low != word and (same := self._same_letters(low)):
            return self._word(same, after, asked)
        elif "_" in word and self._parted(word, asked):
            pass
        elif (near := self._near_name(word)) is not None:
            self.guessed = True
            self.heard.add("misspelt")
            return self._word(near, after, asked)
        else:
            raise UnreadError(f"what {word} is")
        return 0

    def _quantity_of(self, word: str) -> bool:
        return word in self.owners.quantities() or word in self.owners.labels.axes

    def _parted(self, word: str, asked: _Asked) -> bool:
        """True for a name of several that are known, joined by `_`: `alpha_chinchilla`, `min_loss`, `best_lr`."""
        names = [p for p in word.split("_") if p]
        tried = _Asked(best=asked.best)
        guessed = self.guessed
        try:
            for one in names:
                if len(one) == 1 and one.islower() and one not in self.owners.quantities():
                    one = one.upper()
                self._word(one, None, tried)
        except UnreadError:
            self.guessed = guessed
            return False
        for name in ("reductions", "quantities", "requests", "labels", "places", "sized"):
            getattr(asked, name).extend(getattr(tried, name))
        asked.best |= tried.best
        asked.exponent |= tried.exponent
        asked.judged |= tried.judged
        self.heard.add("joined names")
        return True

    def _same_letters(self, low: str) -> str:
        """The name of the study that is this one but for small and capital letters."""
        every = {*self.owners.quantities(), *self.owners.labels.axes, *self.fits, *self.optima, *statistics()}
        found = [n for n in every if n.lower() == low]
        return found[0] if len(found) == 1 else ""

    def _near_name(self, word: str) -> str | None:
        if len(word) < 4:
            return None
        every = {*self.owners.quantities(), *self.owners.labels.axes, *self.fits, *self.optima, *statistics()}
        every |= {f.law for f in self.fits.values()} | {*REDUCTIONS}
        near = similar(word, every)
        return near if near and edits(word.lower(), near.lower()) <= (1 if len(near) < 6 else 2) else None

    def _named(self, word: str, after: Any) -> Request | None:
        """The fit or optimum that a word, with what stands in brackets behind it, names."""
        if isinstance(after, Call):
            inner = ", ".join(_shown(a) for a in after.args)
            whole = _plain(f"{word}({inner})")
            if whole in self.fits or whole in self.optima:
                return self.fits.get(whole) or self.optima[whole]
        if word in self.owners.quantities() and word not in self.fits:
            return None
        named: dict[str, Request] = {**self.fits, **self.optima}
        there = [r for n, r in named.items() if n == word or n.startswith(f"{word}(")]
        exact = [r for r in there if r.name == word]
        found = exact or there
        if isinstance(after, Call) and len(found) > 1:
            sizes = {_SIZED.get(_shown(a).lower(), _shown(a)) for a in after.args}
            found = [r for r in found if isinstance(r, FitRequest) and {canonical(q) for q in r.quantities} & sizes]
        return found[0] if len(found) == 1 else None

    def _of_law(self, word: str, call: Call) -> bool:
        """True where what stands in brackets behind a law are its variables."""
        return all(_SIZED.get(_shown(a).lower()) or _shown(a) in self.owners.axes for a in call.args)

    def _is_request(self, node: Any) -> bool:
        return self._request_or_none(node) is not None

    def _request(self, node: Any) -> Request:
        found = self._request_or_none(node)
        if found is None:
            raise UnreadError("no fit")
        return found

    def _request_or_none(self, node: Any) -> Request | None:
        match node:
            case Path((str(name),)):
                return self._named(name, None)
            case Path((str(name), Call() as call)) if call.args and self._of_law(name, call):
                return self._named(name, call)
        return None

    def _gives(self, quantity: str) -> bool:
        return quantity in self.owners.quantities()

    # --- written ------------------------------------------------------------------------------------------------------

    def _written(self, asked: _Asked, loss: bool) -> str:
        owners = self.owners
        if len(asked.requests) > 1 or asked.values:
            raise UnreadError("of several")
        quantities = list(dict.fromkeys(asked.quantities))
        request = asked.requests[0] if asked.requests else None
        tuned = [q for q in quantities if owners.tuned(q)]
        if (asked.best or len(quantities) > 1) and tuned:
            quantities = tuned[:1]
        if asked.best and asked.sized and not quantities:
            return self._optimal(asked, request)
        if len(quantities) > 1 and asked.requests and "loss" in quantities:
            quantities.remove("loss")
        if len(quantities) > 1:
            raise UnreadError("several quantities")
        if asked.exponent and not quantities:
            quantities, request = self._exponent(asked, request)
        if not quantities:
            if request is not None and (asked.predicted or asked.places or asked.numbers):
                return self._predicted(asked, request)
            if asked.predicted:
                return self._predicted(asked, self._surface())
            if len(asked.sized) == 1 and not (asked.labels or asked.places or asked.numbers or asked.reductions):
                return asked.sized[0]
            if not (loss and (asked.labels or asked.places or asked.numbers)):
                raise UnreadError("nothing asked")
            quantities = ["loss"]
            self.guessed = True
        quantity = quantities[0]
        if quantity in ("loss", "L") and (asked.predicted or request is not None) and request is None:
            request = self._surface() if asked.predicted else None
        if quantity in ("loss", "L") and isinstance(request, FitRequest):
            if not asked.places and not asked.numbers:  # the losses that it was fitted to
                request = None
            else:
                return self._predicted(asked, request)
        if self.predict and quantity == "loss" and request is None and {"N"} & {canonical(n) for n, _ in asked.places}:
            self.heard.add("predicted")
            self.guessed = True
            return self._predicted(asked, self._surface())
        request = self._owner(quantity, request, asked)
        if request is not None and quantity not in of_request(request):
            same = counterpart(quantity, request)
            if same is None:
                raise UnreadError("not given")
            quantity = same
        return self._reduced(quantity, request, asked)

    def _reduced(self, quantity: str, request: Request | None, asked: _Asked) -> str:
        places = self._arguments(asked)
        several = request is not None and sum(quantity in of_request(r) for r in self._every()) > 1
        named = several or places or asked.requests or quantity in statistics()
        inner = [request.name] if request is not None and named else []
        if len(asked.reductions) > 1:
            raise UnreadError("two reductions")
        outer = places if asked.outside else []
        given = [*inner, *(() if asked.outside else places)]
        text = f"{quantity}({', '.join(given)})" if given else quantity
        return f"{asked.reductions[0]}({', '.join((text, *outer))})" if asked.reductions else text

    def _every(self) -> Iterator[Request]:
        yield from self.fits.values()
        yield from self.optima.values()

    def _arguments(self, asked: _Asked) -> list[str]:
        """Labels and places, each axis once."""
        places: dict[str, str] = {}
        for name, value in asked.places:
            axis = self._axis(name)
            if places.setdefault(axis, value) != value:
                raise UnreadError("two places")
        for text in asked.numbers:
            typed = number(text).value
            found = [
                axis
                for axis, points in self.owners.axes.items()
                if axis not in places
                and points.role not in ("tune", "replicate", "median")
                and any(typed == p for point in points.points for p in point)
            ]
            if len(found) != 1:
                raise UnreadError("of no axis")
            places[found[0]] = text
        return [*dict.fromkeys(asked.labels), *(f"{name}={value}" for name, value in places.items())]

    def _predicted(self, asked: _Asked, request: Request | None) -> str:
        if request is None or asked.reductions or asked.quantities not in ([], ["loss"], ["L"]):
            raise UnreadError("no prediction")
        if isinstance(request, OptimumRequest):
            raise UnreadError("an optimum")
        sizes = {_SIZED.get(n.lower(), canonical(n)): v for n, v in asked.places}
        wanted = [canonical(q) for q in request.quantities]
        for q, text in zip([w for w in wanted if w not in sizes], asked.numbers, strict=False):
            sizes[q] = text
        if not {*wanted} <= sizes.keys():
            raise UnreadError("sizes")
        at = [f"{q}={sizes.pop(q)}" for q in wanted]
        rest = [f"{self._axis(n)}={v}" for n, v in sizes.items()]
        return f"L({', '.join((request.name, *asked.labels, *rest, *at))})"

    def _optimal(self, asked: _Asked, request: Request | None) -> str:
        """`N_opt(1e21)`, `optimal D at C=1e21`: a curve of an optimum."""
        if not isinstance(request, OptimumRequest):
            there = list(self.optima.values())
            if isinstance(request, FitRequest):
                there = [o for o in there if o.fit == request.name]
            if not there:
                raise UnreadError("which optimum")
            self.guessed = self.guessed or len(there) > 1
            request = there[0]
        at = next((v for n, v in asked.places if canonical(n) == "C"), asked.numbers[0] if asked.numbers else "")
        wanted = [s for s in asked.sized if s != "C"] or asked.sized
        if not at or len(wanted) != 1 or asked.reductions:
            raise UnreadError("at what compute")
        return f"{wanted[0]}({request.name}, C={at})"

    def _exponent(self, asked: _Asked, request: Request | None) -> tuple[list[str], Request | None]:
        """The exponent of a law: in the size that is named, or its only one."""
        there: list[Request] = [request] if request is not None else list(self.fits.values())
        wanted = asked.sized[:1]
        for one in there:
            if not isinstance(one, FitRequest):
                continue
            quantities = [canonical(q) for q in one.quantities]
            own = [p for p in parameters(one) if p in ("alpha", "beta", "gamma")]
            if wanted and len(quantities) == 1 and quantities[0] == wanted[0] and own:
                return own[:1], one
            if wanted and len(quantities) > 1 and wanted[0] in ("N", "D"):
                name = {"N": "alpha", "D": "beta"}[wanted[0]]
                return [name if name in own else own[0]] if own else [], one
            if not wanted and len(own) == 1 and len(there) == 1:
                return own, one
        raise UnreadError("which exponent")

    def _owner(self, quantity: str, request: Request | None, asked: _Asked) -> Request | None:
        """The fit or optimum that a quantity is of; None for one of cells, or where it goes without saying."""
        if self.owners.measures(quantity) and not (request is not None and quantity in of_request(request)):
            return None
        if quantity in self.owners.axes:
            return None
        if request is not None:
            return request
        giving: list[Request] = [r for r in self._every() if quantity in of_request(r)]
        sized = [s for s in asked.sized if s != quantity]
        if sized:
            fits = [r for r in self.fits.values() if [canonical(q) for q in r.quantities] == sized[:1]]
            if len(fits) == 1:
                return fits[0]
            joint: list[Request] = [r for r in giving if isinstance(r, FitRequest) and sized[0] in r.quantities]
            giving = joint or giving
        if len(giving) > 1:
            surfaces: list[Request] = [r for r in giving if isinstance(r, FitRequest) and len(r.quantities) > 1]
            giving = surfaces if len(surfaces) == 1 else giving
            self.guessed = True
        if len(giving) != 1:
            if quantity in run_quantities() or quantity in self.owners.known:
                return None
            raise UnreadError("of which fit")
        return giving[0]

    def _surface(self) -> Request | None:
        fits = [f for f in self.fits.values() if {"N", "D"} >= {*f.quantities} and len(f.quantities) == 2]
        return fits[0] if fits else None

    # --- places -------------------------------------------------------------------------------------------------------

    def _axis(self, name: str) -> str:
        """The axis or size that a place names."""
        if name in self.owners.axes or name in run_quantities():
            return name
        low = name.lower()
        for axis in self.owners.axes:
            if axis.lower() == low or axis == low.removesuffix("s"):
                return axis
        meant = ELSEWHERE.get(low, "")
        if meant in self.owners.axes:
            return meant
        if low in _SIZED:
            return _SIZED[low]
        if name in ("data", "models", "train"):
            return name
        near = similar(name, self.owners.axes)
        if near is None or len(name) < 4:
            raise UnreadError(f"no axis {name}")
        self.guessed = True
        return near

    def _sel_value(self, name: str, value: Any) -> str:
        try:
            axis = self._axis(name)
        except UnreadError:
            axis = name
        match value:
            case Path((str(word),)) if word.lower() in ENDS and axis in self.owners.axes and self._values(axis):
                return self._end(axis, ENDS[word.lower()])
        return self._value(value)

    def _place_value(self, name: str, value: Any) -> str:
        return self._sel_value(name, value)

    def _value(self, value: Any) -> str:
        """A value of an axis: a number, or a label in the letters of the study."""
        match value:
            case Path((str(word),)) | Text(word):
                known = self.owners.labels.axes
                same = [label for label in known if label.lower() == word.lower()]
                return word if word in known or not same else same[0]
            case Path((str(word), Call())):
                return f"{word}({', '.join(_shown(a) for a in value.atoms[1].args)})"
            case Num(text):
                return text
        return self.number(value)

    def _values(self, axis: str) -> list[float]:
        points = self.owners.axes[axis]
        place = points.names.index(axis)
        return sorted(float(p[place]) for p in points.points if not isinstance(p[place], str))

    def _end(self, axis: str, last: bool) -> str:
        values = self._values(axis) if axis else []
        if not values:
            raise UnreadError("no end")
        return short(values[-1] if last else values[0])

    def _main_axis(self) -> str:
        return next((a for a in self.owners.axes if a != "seed" and self._values(a) and not self.owners.tuned(a)), "")

    def _noisy(self, text: str) -> bool:
        """True for a number that is estimated."""
        for name in re.findall(r"[A-Za-z_]\w*(?=\(|\b)", re.sub(r"\w+=[^,()]+", "", text)):
            if name in REGISTRY or name in FUNCTIONS or name in RESERVED:
                continue
            known = QUANTITIES.get(canonical(name))
            if name in self.owners.axes or name in self.owners.labels.axes:
                continue
            if known is not None and (known.of == "run" or (not known.noisy)):
                continue
            return True
        return False


_RISES = ("increasing", "is_increasing", "rises", "increases", "nondecreasing", "grows")
_MONOTONE = (
    *("monotone", "monotonic", "decreasing", "is_decreasing", "is_monotonic", "falls", "decreases", "sorted"),
    *("monotonically_decreasing", "nonincreasing", "is_sorted", *_RISES),
)


def interval(low: str, high: str) -> str:
    """An interval whose dots are told from those of its ends."""
    return f"[{low}..{'0' if high.startswith('.') else ''}{high}]"


def _plain(name: str) -> str:
    return re.sub(r"\s", "", name)


def _law_called(word: str) -> str:
    """The law that others call so."""
    low = word.lower()
    if low in REGISTRY and REGISTRY[low].kind == "law":
        return low
    return next((t.called[low].split("(")[0] for t in REGISTRY.values() if t.kind == "law" and low in t.called), "")


def _shown(node: Any) -> str:
    """An argument as it is typed."""
    match node:
        case Num(text) | Text(text):
            return text
        case Sel(name, value):
            return f"{name}={_shown(value)}"
        case Path(atoms):
            found = ""
            for atom in atoms:
                found += atom if isinstance(atom, str) else f"({', '.join(_shown(a) for a in atom.args)})"
            return found
        case Neg(value):
            return f"-{_shown(value)}"
        case Bin(sign, left, right):
            return f"{_shown(left)}{sign}{_shown(right)}"
    return "?"


def _factor(text: str) -> str:
    """A text as a factor of a product."""
    return f"({text})" if re.search(r"\s[-+]\s", re.sub(r"\([^()]*\)", "", text)) else text


def _share(value: Any) -> Any:
    from .claim_grammar import percent

    return percent(value)


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


def unreadable(error: Exception) -> bool:
    """True for an error that says a claim was not understood."""
    return isinstance(error, UnreadError | SpecError)
